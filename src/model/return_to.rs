//! The destination of a sign-in, without secrets: the request that started it, without anything
//! about the user. It is sealed in the address of the sign-in, so that an attempt that has expired,
//! or that another browser started, can be restarted with the same destination.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{attempt::LocalPath, launch::Ask, pending::StoredRequest};

/// The request that required the sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "SealedReturnTo")]
pub enum ReturnTo {
    /// A link to a service or a record.
    Launch(Ask),
    /// A request of an application.
    Request(StoredRequest),
    /// A page of ours.
    Page(String),
}

/// The stored form. An address that was sealed before the protocols had a common table is valid for
/// a day after the upgrade.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SealedReturnTo {
    Launch(Ask),
    Request(StoredRequest),
    Page(String),
    Authorize(Value),
    Assert(Value),
    Cas(Value),
    Discourse(Value),
}

impl From<SealedReturnTo> for ReturnTo {
    fn from(sealed: SealedReturnTo) -> Self {
        let (protocol, request) = match sealed {
            SealedReturnTo::Launch(ask) => return Self::Launch(ask),
            SealedReturnTo::Request(stored) => return Self::Request(stored),
            SealedReturnTo::Page(path) => return Self::Page(path),
            SealedReturnTo::Authorize(request) => ("oidc", request),
            SealedReturnTo::Assert(request) => ("saml", request),
            SealedReturnTo::Cas(request) => ("cas", request),
            SealedReturnTo::Discourse(request) => ("discourse", request),
        };
        Self::Request(StoredRequest {
            protocol: protocol.to_owned(),
            request,
        })
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
