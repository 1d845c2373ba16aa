//! Search filters (RFC 4515) with placeholders for a login or a DN. Values are escaped as they are
//! inserted, in one pass: a value can become neither syntax nor another placeholder.

use ldap3::{ldap_escape, parse_filter};

/// A filter an admin wrote.
#[derive(Debug)]
pub struct LdapFilter(Vec<FilterPiece>);

#[derive(Debug)]
enum FilterPiece {
    Text(String),
    Login,
    Dn,
}

impl LdapFilter {
    /// The error is the rest of a sentence that begins with the setting's name.
    pub fn parse(text: &str, places: &[&str]) -> Result<Self, String> {
        let filter = Self(pieces(text, places)?);
        parse_filter(filter.fill("a", "cn=a"))
            .map_err(|()| format!("\"{text}\" is not a search filter"))?;
        Ok(filter)
    }

    pub fn fill(&self, login: &str, dn: &str) -> String {
        let text = self.0.iter().map(|piece| match piece {
            FilterPiece::Text(text) => text.into(),
            FilterPiece::Login => ldap_escape(login),
            FilterPiece::Dn => ldap_escape(dn),
        });
        text.collect()
    }

    /// The filter for all users, which only `check` needs.
    pub fn any(&self) -> String {
        let text = self.0.iter().map(|piece| match piece {
            FilterPiece::Text(text) => text.as_str(),
            FilterPiece::Login | FilterPiece::Dn => "*",
        });
        let filter: String = text.collect();
        match parse_filter(&filter) {
            Ok(_) => filter,
            Err(()) => "(objectClass=*)".to_owned(),
        }
    }

    pub fn has_login(&self) -> bool {
        self.0
            .iter()
            .any(|piece| matches!(piece, FilterPiece::Login))
    }

    pub fn has_dn(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, FilterPiece::Dn))
    }
}

fn pieces(text: &str, places: &[&str]) -> Result<Vec<FilterPiece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let place = after
            .split_once('}')
            .filter(|(place, _)| places.contains(place));
        let (place, after) = place
            .ok_or_else(|| format!("every \"{{\" must begin one of {{{}}}", places.join("}, {")))?;
        pieces.push(FilterPiece::Text(before.to_owned()));
        pieces.push(if place == "dn" {
            FilterPiece::Dn
        } else {
            FilterPiece::Login
        });
        rest = after;
    }
    pieces.push(FilterPiece::Text(rest.to_owned()));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_metacharacters_in_a_value_stay_a_value() {
        let filter = LdapFilter::parse("(uid={login})", &["login"]).unwrap();
        assert_eq!(filter.fill("ana", ""), "(uid=ana)");
        assert_eq!(filter.fill("*", ""), r"(uid=\2a)");
        assert_eq!(filter.fill(")(uid=*", ""), r"(uid=\29\28uid=\2a)");
        assert_eq!(
            filter.fill("ana)(|(uid=*", ""),
            r"(uid=ana\29\28|\28uid=\2a)"
        );
        assert_eq!(filter.fill("a\\2a\0", ""), r"(uid=a\5c2a\00)");
    }

    #[test]
    fn a_value_that_looks_like_a_place_is_not_filled() {
        let filter =
            LdapFilter::parse("(|(member={dn})(memberUid={login}))", &["login", "dn"]).unwrap();
        assert_eq!(
            filter.fill("{dn}", "cn={login}"),
            "(|(member=cn={login})(memberUid={dn}))"
        );
        assert_eq!(filter.any(), "(|(member=*)(memberUid=*))");
    }

    #[test]
    fn a_filter_that_is_none_is_refused_in_words() {
        let refused = |text| LdapFilter::parse(text, &["login"]).unwrap_err();
        assert_eq!(
            refused("(uid={login}"),
            "\"(uid={login}\" is not a search filter"
        );
        assert_eq!(
            refused("(uid={name})"),
            "every \"{\" must begin one of {login}"
        );
        assert_eq!(
            refused("(uid={login)"),
            "every \"{\" must begin one of {login}"
        );
        assert!(
            !LdapFilter::parse("(uid=x)", &["login"])
                .unwrap()
                .has_login()
        );
    }
}
