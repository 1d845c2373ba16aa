//! SQL lies in the store, is one text for both databases, and writes in transactions only.

use super::source::{self, File, files, folder};

#[test]
fn migrations_are_one_text_for_both_databases() {
    let mut files = folder("migrations");
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a migration");
        for (line, column) in source::columns(&text) {
            let kind = column.split_whitespace().nth(1).unwrap_or_default();
            let kind = kind.trim_end_matches(',');
            let portable = ["text", "bigint", "smallint", "bytea"].contains(&kind);
            assert!(portable, "{}:{line}: {column}", path.display());
        }
        let lower = text.to_lowercase();
        for word in [
            "autoincrement",
            "serial",
            "jsonb",
            "timestamp",
            "boolean",
            "varchar",
            "uuid",
            "without rowid",
            "pragma",
            "now()",
            "current_timestamp",
            "strict",
        ] {
            assert!(!lower.contains(word), "{}: {word}", path.display());
        }
    }
}

/// SQL belongs to the store, and the same text serves both databases.
#[test]
fn statements_are_one_text_for_both_databases() {
    for file in files() {
        let ours = file.path.starts_with("store/");
        let dialect = ["store/dialect.rs"].contains(&file.path.as_str());
        for (line, text) in file.product() {
            let lower = text.to_lowercase();
            for word in [
                "insert into ",
                "delete from ",
                " set consumed_at",
                "select * from",
            ] {
                assert!(ours || !lower.contains(word), "{}:{line}: SQL", file.path);
            }
            // A cast is in lower case; our own variants are not.
            for word in ["::text", "::bigint"] {
                let said = ours && !dialect && text.contains(word);
                assert!(!said, "{}:{line}: only PostgreSQL knows {word}", file.path);
            }
            for word in ["insert or ", " ilike ", "rowid", "skip locked"] {
                let said = ours && !dialect && lower.contains(word);
                assert!(
                    !said,
                    "{}:{line}: only one database knows {word}",
                    file.path
                );
            }
        }
    }
    let dialect = File::read("store/dialect.rs").text.lines().count();
    assert!(dialect < 180, "the dialect is few places: {dialect} lines");
}

/// A write outside a transaction is not known to be committed: only [`Tx`] writes, whose commit is
/// a statement of its own, or whose one statement is read to its end. Reads go to connections that
/// take nothing else.
#[test]
fn every_write_goes_through_a_transaction() {
    let files = files();
    let store = files.iter().filter(|file| file.path.starts_with("store/"));
    let mut statements = 0;
    for file in store {
        let lines = file.product();
        let writer: Vec<_> = lines
            .iter()
            .filter(|(_, text)| text.contains("self.write"))
            .map(|(_, text)| text.trim())
            .collect();
        let may: &[&str] = match file.path.as_str() {
            "store/mod.rs" => WRITER,
            // Refuses statements that write.
            "store/statement.rs" => &["&& let Some(writer) = self.write.acquire_to_read()"],
            _ => &[],
        };
        assert!(writer == may, "{} writes by itself: {writer:?}", file.path);
        // A method of `Store` reads; what changes a row is a method of `Tx`.
        let mut is_reader = false;
        for (line, text) in lines {
            if text.starts_with("impl ") {
                is_reader = text.starts_with("impl Store ");
            }
            let text = text.to_lowercase();
            statements += usize::from(is_reader && text.contains("select "));
            for word in ["insert into ", "delete from ", " set "] {
                let said = is_reader && text.contains(word);
                assert!(!said, "{}:{line}: {word}outside a transaction", file.path);
            }
        }
    }
    assert!(statements > 50, "the statements are written otherwise");
}

/// An event that was written otherwise would reach no subscriber.
#[test]
fn events_are_written_by_record_alone() {
    let mut written = Vec::new();
    for file in files() {
        assert!(!file.text.contains("insert_event"), "{}", file.path);
        for (_, text) in file.product() {
            let text = text.to_lowercase();
            if text.contains("insert into events") || text.contains("update events") {
                written.push(file.path.clone());
            }
        }
    }
    assert_eq!(written, ["store/event.rs"]);
    let store = File::read("store/event.rs").text;
    let (_, record) = store.split_once("pub async fn record(").expect("record");
    let (record, _) = record.split_once("\n    }\n").expect("its end");
    assert!(
        record.contains("insert into events"),
        "elsewhere in the file"
    );
}

/// Where `Store` names its writing connections.
const WRITER: &[&str] = &[
    "let mut connection = self.write.connector().open_for_migrations().await?;",
    "let open = OpenTransaction::begin(&self.write, self.dialect.begin()).await?;",
    "open: OpenTransaction::single(&self.write).await?,",
    "self.write.close().await;",
];
