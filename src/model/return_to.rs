//! The destination of a sign-in, without secrets: the request that started it, without anything
//! about the user. It is sealed in the address of the sign-in, so that an attempt that has expired,
//! or that another browser started, can be restarted with the same destination.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{attempt::LocalPath, launch::Ask, pending::StoredRequest};

/// The request that required the sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "SealedReturnTo")]
pub enum ReturnTo {
    /// A link to a service or a record.
    Launch(Ask),
    /// A request of an application.
    Request(StoredRequest),
    /// A page of ours.
    Page(String),
}

/// The stored form: one of these. An address that was sealed before the protocols had a common
/// table is valid for a day after the upgrade; it names the protocol in place of `request`.
#[derive(Deserialize)]
struct SealedReturnTo {
    launch: Option<Ask>,
    request: Option<StoredRequest>,
    page: Option<String>,
    #[serde(flatten)]
    old: BTreeMap<String, Value>,
}

impl TryFrom<SealedReturnTo> for ReturnTo {
    type Error = &'static str;

    fn try_from(sealed: SealedReturnTo) -> Result<Self, Self::Error> {
        let SealedReturnTo {
            launch,
            request,
            page,
            old,
        } = sealed;
        let known = launch
            .map(Self::Launch)
            .or(request.map(Self::Request))
            .or(page.map(Self::Page));
        let stored = |(name, request): (String, Value)| {
            let protocol = match name.as_str() {
                "authorize" => "oidc".to_owned(),
                "assert" => "saml".to_owned(),
                _ => name,
            };
            Self::Request(StoredRequest { protocol, request })
        };
        let found = known.or_else(|| old.into_iter().next().map(stored));
        found.ok_or("there is no destination")
    }
}

impl ReturnTo {
    /// A page of ours, unless it is the portal page, the default destination.
    pub fn page(path: &LocalPath) -> Option<Self> {
        let text = path.as_str();
        (*path != LocalPath::portal()).then(|| Self::Page(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_destination_reads_as_it_was_written() {
        let request = StoredRequest {
            protocol: "saml".to_owned(),
            request: json!({ "id": "_1" }),
        };
        for to in [
            ReturnTo::Page("/open".to_owned()),
            ReturnTo::Request(request),
        ] {
            let text = serde_json::to_string(&to).unwrap();
            assert_eq!(serde_json::from_str::<ReturnTo>(&text).unwrap(), to);
        }
    }

    #[test]
    fn a_destination_of_the_release_before_is_the_request_of_its_protocol() {
        for (name, protocol) in [
            ("authorize", "oidc"),
            ("assert", "saml"),
            ("cas", "cas"),
            ("discourse", "discourse"),
        ] {
            let old = json!({ name: { "service": "https://books.test/" } });
            let ReturnTo::Request(stored) = serde_json::from_value(old).unwrap() else {
                panic!("{name} is a request");
            };
            assert_eq!(stored.protocol, protocol);
            assert_eq!(stored.request["service"], "https://books.test/");
        }
    }
}
