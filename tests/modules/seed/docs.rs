//! The catalogues that the documents print load as they stand.

use support::server::TestServer;

/// The fenced blocks of a document that are whole catalogues: their first line says so.
fn catalogues(document: &str) -> Vec<String> {
    let fence = "```toml\n# catalogue.toml";
    let blocks = document.split(fence).skip(1);
    blocks
        .filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block.to_owned()))
        .collect()
}

#[tokio::test]
async fn the_catalogues_in_the_documents_load_as_they_stand() {
    for (name, document) in [
        ("README.md", include_str!("../../../README.md")),
        (
            "docs/catalogue.md",
            include_str!("../../../docs/catalogue.md"),
        ),
    ] {
        let examples = catalogues(document);
        assert!(!examples.is_empty(), "{name} prints no catalogue");
        for example in examples {
            let usher = TestServer::empty().await;
            let seeded = usher.app.seed(&example).await;
            assert!(seeded.is_ok(), "{name}: {:?}", seeded.err());
            for service in usher.app.administration().services() {
                assert!(service.unreachable.is_none(), "{name}: {}", service.slug);
                for instance in &service.instances {
                    assert!(instance.fault.is_none(), "{name}: {:?}", instance.fault);
                }
            }
        }
    }
}

/// What a heading is linked by: lower case, blanks as hyphens, without punctuation.
fn slug(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(document: &str) -> Vec<String> {
    let mut is_code = false;
    let mut found = Vec::new();
    for line in document.lines() {
        is_code ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#');
        if !is_code && heading.len() < line.len() {
            found.push(slug(heading));
        }
    }
    found
}

fn links(document: &str) -> Vec<&str> {
    let parts = document.split("](").skip(1);
    parts.filter_map(|rest| rest.split(')').next()).collect()
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let in_docs = |folder: &str| {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "md"))
    };
    let mut broken = Vec::new();
    for path in in_docs(".")
        .chain(in_docs("docs"))
        .chain(in_docs("docs/decisions"))
    {
        let text = std::fs::read_to_string(&path).expect("a document");
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().expect("a folder").join(file),
            };
            let is_there = target.exists();
            let has_anchor = anchor.is_empty()
                || std::fs::read_to_string(&target)
                    .is_ok_and(|text| anchors(&text).iter().any(|one| one == anchor));
            if !is_there || !has_anchor {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
