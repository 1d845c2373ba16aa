//! The portal page of a signed-in user, with all tiles and their recent records.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use super::Stage;
use crate::{Result, catalogue, http::find, load::Work, measure::Measured, visit::Visitor};

/// As a reverse proxy that compresses by itself asks for it.
pub async fn plain(stage: &Stage<'_>) -> Result<Measured> {
    let mut works = Vec::new();
    for visitor in stage.visitors().await? {
        let mut work = Plain(visitor);
        let page = work.0.get("/").await?.expect(200, "portal page")?;
        check_whole(page.text()?)?;
        works.push(work);
    }
    stage.run(works).await
}

/// As a browser asks for it.
pub async fn packed(stage: &Stage<'_>) -> Result<Measured> {
    let mut works = Vec::new();
    for mut visitor in stage.visitors().await? {
        let page = visitor.get_packed("/").await?.expect(200, "portal page")?;
        let text = unpack(page.body)?;
        check_whole(&text)?;
        works.push(Packed {
            visitor,
            length: text.len(),
        });
    }
    stage.run(works).await
}

pub struct Plain(pub Visitor);

struct Packed {
    visitor: Visitor,
    /// Of the page once unpacked.
    length: usize,
}

impl Work for Plain {
    async fn once(&mut self) -> Result<()> {
        let page = self.0.get("/").await?.expect(200, "portal page")?.body;
        // Its recent records come last; to search all of it would cost more than it proves.
        let end = &page[page.len().saturating_sub(6_000)..];
        match find(end, b"class=\"record\"") {
            Some(_) => Ok(()),
            None => Err("a portal page without recent records".to_owned()),
        }
    }
}

impl Work for Packed {
    async fn once(&mut self) -> Result<()> {
        let page = self.visitor.get_packed("/").await?;
        let page = page.expect(200, "portal page")?;
        // RFC 1952: the magic number first, the length of what is packed last. The page says how
        // long ago records were opened, in more or fewer letters.
        let trailer = page.body.last_chunk::<4>().copied().unwrap_or_default();
        let length = u32::from_le_bytes(trailer) as usize;
        let fits = page.header("content-encoding") == Some("gzip")
            && page.body.starts_with(&[0x1f, 0x8b])
            && length.abs_diff(self.length) < 100;
        if fits {
            Ok(())
        } else {
            Err(format!(
                "not the packed page: {length} bytes of {}",
                self.length
            ))
        }
    }
}

fn check_whole(page: &str) -> Result<()> {
    let count = |part: &str| page.matches(part).count();
    let (tiles, groups, records) = (
        count(" data-tile "),
        count(" data-group"),
        count("class=\"record\""),
    );
    if (tiles, groups) == (catalogue::SERVICES, catalogue::SERVICES / 4) && records > 0 {
        Ok(())
    } else {
        Err(format!(
            "{tiles} tiles in {groups} categories, {records} recent records"
        ))
    }
}

/// A single page, by the machine's own `gzip`.
fn unpack(packed: &[u8]) -> Result<String> {
    let fault = |error: std::io::Error| format!("gzip: {error}");
    let mut gzip = Command::new("gzip")
        .arg("-dc")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(fault)?;
    if let Some(mut input) = gzip.stdin.take() {
        input.write_all(packed).map_err(fault)?;
    }
    let output = gzip.wait_with_output().map_err(fault)?;
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
