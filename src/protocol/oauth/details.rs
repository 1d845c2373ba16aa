//! Rich authorization requests (RFC 9396) of the one supported type: a client requests the context
//! it needs, and is sent the granted part. A context is never an authorisation to read a record: it
//! only names the user's destination.

use serde::{Deserialize, Serialize};

use super::OAuthError;

/// The type of our authorization details (RFC 9396 section 2.1).
pub const CONTEXT_DETAILS: &str = "urn:usher:context";
/// No client needs more at once.
const MOST: usize = 20;

/// One member of `authorization_details`, requested or granted. An omitted property allows any
/// value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    #[serde(rename = "type")]
    kind: DetailKind,
    /// Kinds of context, e.g. `customer`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datatypes: Vec<String>,
    /// Intents, e.g. `view`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// The key of one record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum DetailKind {
    #[serde(rename = "urn:usher:context")]
    Context,
}

impl Detail {
    /// The grant of a launch: its record, for its intent.
    pub fn granted(kind: &str, key: &str, intent: &str) -> Self {
        Self {
            kind: DetailKind::Context,
            datatypes: vec![kind.to_owned()],
            actions: vec![intent.to_owned()],
            identifier: Some(key.to_owned()),
        }
    }

    /// Whether this request includes that grant.
    pub fn covers(&self, granted: &Detail) -> bool {
        let within = |asked: &[String], given: &[String]| {
            asked.is_empty() || given.iter().all(|one| asked.contains(one))
        };
        within(&self.datatypes, &granted.datatypes)
            && within(&self.actions, &granted.actions)
            && (self.identifier.is_none() || self.identifier == granted.identifier)
    }
}

/// The parameter `authorization_details`: a JSON list. Unknown types and members are refused
/// (RFC 9396 section 5).
pub fn details(text: Option<&str>) -> Result<Vec<Detail>, OAuthError> {
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let wrong = |why: String| OAuthError::new("invalid_authorization_details", why);
    let asked: Vec<Detail> = serde_json::from_str(text)
        .map_err(|error| wrong(format!("authorization_details: {error}")))?;
    match asked.len() {
        0 => Err(wrong("authorization_details is empty".to_owned())),
        length if length > MOST => Err(wrong("authorization_details is too long".to_owned())),
        _ => Ok(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_types_and_members_are_refused() {
        for bad in [
            "{}",
            "[]",
            "[{}]",
            r#"[{"type": "payment_initiation"}]"#,
            r#"[{"type": "urn:usher:context", "locations": ["https://x.test"]}]"#,
            r#"[{"type": "urn:usher:context", "datatypes": "customer"}]"#,
        ] {
            let error = details(Some(bad)).unwrap_err();
            assert_eq!(error.code, "invalid_authorization_details", "{bad}");
        }
        assert_eq!(details(None).unwrap(), []);
    }

    #[test]
    fn what_is_left_out_is_any_and_what_is_said_must_fit() {
        let granted = Detail::granted("customer", "C-1042", "view");
        for (asked, fits) in [
            (r#"{}"#, true),
            (r#"{"datatypes": ["case", "customer"]}"#, true),
            (r#"{"datatypes": ["case"]}"#, false),
            (r#"{"actions": ["edit"]}"#, false),
            (r#"{"identifier": "C-1042", "actions": ["view"]}"#, true),
            (r#"{"identifier": "C-1"}"#, false),
        ] {
            let text = format!(
                r#"[{}]"#,
                asked.replacen('{', r#"{"type": "urn:usher:context","#, 1)
            );
            let text = text.replace(",}", "}");
            let asked = details(Some(&text)).unwrap();
            assert_eq!(asked[0].covers(&granted), fits, "{text}");
        }
    }
}
