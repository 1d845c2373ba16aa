//! Searching, in pages where there may be much (RFC 2696): Active Directory sends at most 1000
//! entries at once, and reports that too late for a client that did not ask for pages.

use ldap3::{LdapResult, Scope, SearchEntry, SearchOptions, controls};

use super::{
    ber,
    server::{BoundSession, DirectoryServer},
    words::refusal,
};

const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";

/// A search to make.
pub struct LdapSearch<'a> {
    pub base: &'a str,
    pub scope: Scope,
    pub filter: String,
    pub attributes: Vec<&'a str>,
    pub most: Most,
}

/// How many entries to look at.
#[derive(Clone, Copy)]
pub enum Most {
    /// So few that one answer holds them; the request limits the directory to that many.
    AtOnce(i32),
    /// In pages, up to somewhat more than this.
    Paged(usize),
}

/// What a search found.
pub struct SearchResult {
    pub entries: Vec<SearchEntry>,
    /// Whether there was nothing beyond the limit.
    pub is_complete: bool,
}

/// One answer.
struct SearchPage {
    entries: Vec<SearchEntry>,
    is_cut_short: bool,
    /// The cookie for the next page.
    cookie: Option<Vec<u8>>,
}

impl DirectoryServer {
    pub async fn search(
        &self,
        session: &BoundSession,
        query: &LdapSearch<'_>,
    ) -> Result<SearchResult, String> {
        let mut cookie = Some(Vec::new());
        let mut entries = Vec::new();
        let mut is_cut_short = false;
        while let Some(next) = cookie.take() {
            let page = self.page(session, query, next).await?;
            entries.extend(page.entries);
            is_cut_short |= page.is_cut_short;
            cookie = page.cookie;
            if matches!(query.most, Most::Paged(most) if entries.len() > most) {
                break;
            }
        }
        if let Some(cookie) = &cookie {
            self.abandon(session, query, cookie).await?;
        }
        Ok(SearchResult {
            entries,
            is_complete: !is_cut_short && cookie.is_none(),
        })
    }

    async fn page(
        &self,
        session: &BoundSession,
        query: &LdapSearch<'_>,
        cookie: Vec<u8>,
    ) -> Result<SearchPage, String> {
        let size = match query.most {
            Most::AtOnce(_) => None,
            Most::Paged(_) => self.page_size,
        };
        let (entries, result) = self.ask(session, query, size, cookie).await?;
        // 4 is sizeLimitExceeded, with the entries up to there.
        if !matches!(result.rc, 0 | 4) {
            let why = refusal(&result);
            return Err(format!("cannot search \"{}\": {why}", query.base));
        }
        Ok(SearchPage {
            entries,
            is_cut_short: result.rc == 4,
            cookie: cookie_of(&result)?,
        })
    }

    /// Informs the directory that the rest is not needed: a page of none (RFC 2696 section 3).
    async fn abandon(
        &self,
        session: &BoundSession,
        query: &LdapSearch<'_>,
        cookie: &[u8],
    ) -> Result<(), String> {
        let asked = self.ask(session, query, Some(0), cookie.to_vec()).await;
        asked.map(|_| ())
    }

    async fn ask(
        &self,
        session: &BoundSession,
        query: &LdapSearch<'_>,
        page_size: Option<i32>,
        cookie: Vec<u8>,
    ) -> Result<(Vec<SearchEntry>, LdapResult), String> {
        let mut ldap = session.ldap.clone();
        if let Most::AtOnce(limit) = query.most {
            ldap.with_search_options(SearchOptions::new().sizelimit(limit));
        }
        let paged = page_size.map(|size| controls::PagedResults { size, cookie }.into());
        let asked: Vec<_> = paged.into_iter().chain(self.search_control()).collect();
        if !asked.is_empty() {
            ldap.with_controls(asked);
        }
        let search = ldap.search(query.base, query.scope, &query.filter, &query.attributes);
        let found = self.operation(search).await?;
        let entries = found.0.into_iter().map(SearchEntry::construct);
        Ok((entries.collect(), found.1))
    }
}

/// `SEQUENCE { size INTEGER, cookie OCTET STRING }`; an empty cookie is the end, as is an answer
/// without the control, by a directory that does not support pages and has sent everything.
fn cookie_of(result: &LdapResult) -> Result<Option<Vec<u8>>, String> {
    let mut answered = result.ctrls.iter().map(|control| &control.1);
    let Some(control) = answered.find(|control| control.ctype == PAGED_RESULTS) else {
        return Ok(None);
    };
    let parts = control.val.as_deref().and_then(ber::sequence);
    match parts.as_deref() {
        Some([size, cookie]) if size.tag == ber::INTEGER && cookie.tag == ber::OCTET_STRING => {
            Ok((!cookie.value.is_empty()).then(|| cookie.value.to_vec()))
        }
        _ => Err("its answer to a paged search cannot be read".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use ldap3::controls::{Control, RawControl};

    use super::*;

    fn answered(value: Option<&[u8]>) -> Result<Option<Vec<u8>>, String> {
        let control = RawControl {
            ctype: PAGED_RESULTS.to_owned(),
            crit: false,
            val: value.map(<[u8]>::to_vec),
        };
        cookie_of(&LdapResult {
            rc: 0,
            matched: String::new(),
            text: String::new(),
            refs: vec![],
            ctrls: vec![Control(None, control)],
        })
    }

    #[test]
    fn a_cookie_is_read_and_an_empty_one_is_the_end() {
        let more = answered(Some(b"\x30\x08\x02\x01\x00\x04\x03abc"));
        assert_eq!(more, Ok(Some(b"abc".to_vec())));
        assert_eq!(answered(Some(b"\x30\x05\x02\x01\x00\x04\x00")), Ok(None));
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_no_end() {
        for value in [
            None,
            Some(&b""[..]),
            Some(b"\x30\x00"),
            Some(b"\x30\x05\x04\x01\x00\x04\x00"),
            Some(b"\x30\x08\x02\x01\x00\x04\x04abc"),
        ] {
            assert!(answered(value).is_err(), "{value:x?}");
        }
    }
}
