//! Attributes in ranges: Active Directory sends 1500 values of one at a time, under a name with the
//! range (MS-ADTS section 3.1.1.3.1.3.3). A client that looks for the plain name finds nothing and
//! would see a user without groups.

use std::collections::BTreeSet;

use ldap3::{Scope, SearchEntry};

use super::{
    Ldap,
    entry::{DirectoryEntry, texts},
    search::{LdapSearch, Most},
};
use crate::model::mapping::VALUES;

/// A piece of an attribute.
#[derive(Debug, PartialEq, Eq)]
struct RangePiece {
    values: Vec<String>,
    /// Where the next piece begins; `None` after the last one.
    next: Option<usize>,
}

impl Ldap {
    /// All values of an attribute, however many pieces they come in; `None` if there are more than
    /// `most`.
    pub(super) async fn all_values(
        &self,
        entry: &SearchEntry,
        name: &str,
        most: usize,
    ) -> Result<Option<Vec<String>>, String> {
        let mut values = texts(entry, name);
        let Some(mut piece) = piece(entry, name) else {
            return Ok(Some(values));
        };
        loop {
            values.append(&mut piece.values);
            let Some(next) = piece.next else {
                return Ok(Some(values));
            };
            if values.len() > most {
                return Ok(None);
            }
            piece = self.piece_from(&entry.dn, name, next).await?;
        }
    }

    /// Fetches the rest of every mapped attribute that came in ranges; returns our names of those
    /// with more values than are kept.
    pub(super) async fn fetch_pieces(
        &self,
        user: &mut DirectoryEntry,
    ) -> Result<BTreeSet<String>, String> {
        let mut missing = BTreeSet::new();
        let mail = self.config.mail_attribute.iter();
        let mail = mail.map(|theirs| (super::entry::MAIL, theirs));
        let mapped = self.config.attributes.iter();
        let mapped = mapped.map(|(ours, theirs)| (ours.as_str(), theirs));
        for (ours, theirs) in mapped.chain(mail) {
            if piece(user.entry(), theirs).is_none() {
                continue;
            }
            match self.all_values(user.entry(), theirs, VALUES).await? {
                Some(values) => user.complete(theirs, values),
                None => {
                    missing.insert(ours.to_owned());
                }
            }
        }
        Ok(missing)
    }

    async fn piece_from(&self, dn: &str, name: &str, start: usize) -> Result<RangePiece, String> {
        let wanted = format!("{name};range={start}-*");
        let query = LdapSearch {
            base: dn,
            scope: Scope::Base,
            filter: "(objectClass=*)".to_owned(),
            attributes: vec![&wanted],
            most: Most::AtOnce(1),
        };
        let found = self.servers.search(&query).await?;
        let entry = found.entries.first();
        let piece = entry.and_then(|entry| piece(entry, name));
        let goes_on = |piece: &RangePiece| piece.next.is_none_or(|next| next > start);
        piece
            .filter(goes_on)
            .ok_or_else(|| format!("the values of {name} after the first {start} are not shown"))
    }
}

/// The piece shown as `name;range=0-1499`, or `name;range=1500-*` for the last.
fn piece(entry: &SearchEntry, name: &str) -> Option<RangePiece> {
    let shown = entry.attrs.keys().find_map(|shown| {
        let (plain, option) = shown.split_once(';')?;
        let (kind, range) = option.split_once('=')?;
        let is_it = plain.eq_ignore_ascii_case(name) && kind.eq_ignore_ascii_case("range");
        is_it.then_some((shown, range))
    });
    let (shown, range) = shown?;
    let (_, last) = range.split_once('-')?;
    let next = match last {
        "*" => None,
        last => Some(last.parse::<usize>().ok()?.checked_add(1)?),
    };
    Some(RangePiece {
        values: texts(entry, shown),
        next,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_range_says_what_comes_next() {
        let shown = |name: &str| {
            let entry = SearchEntry {
                dn: String::new(),
                attrs: HashMap::from([(name.to_owned(), vec!["cn=a".to_owned()])]),
                bin_attrs: HashMap::new(),
            };
            piece(&entry, "memberOf").map(|piece| (piece.values.len(), piece.next))
        };
        assert_eq!(shown("memberOf;range=0-1499"), Some((1, Some(1500))));
        assert_eq!(shown("MemberOf;Range=1500-*"), Some((1, None)));
        for other in [
            "memberOf",
            "memberOf;lang-en",
            "member;range=0-1499",
            "memberOf;range=0",
            "memberOf;range=0-x",
            "memberOf;range=0-18446744073709551615",
        ] {
            assert_eq!(shown(other), None, "{other}");
        }
    }
}
