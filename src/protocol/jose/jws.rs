//! Signed tokens in the compact form (RFC 7515 section 7.1), from other parties. Everything that
//! parsers might read differently is refused rather than repaired.

use std::fmt;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::{Algorithm, JoseError, Jwk, JwkSet, TokenKind, decode};

/// No legitimate token is longer; a longer one is not parsed.
pub(super) const LONGEST: usize = 16 * 1024;

/// The header of a verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub alg: Algorithm,
    pub kid: Option<String>,
    pub typ: Option<String>,
}

impl Header {
    /// Whether the token is of this type (`logout+jwt`, `at+jwt`), in either spelling (RFC 7515
    /// section 4.1.9, RFC 8725 section 3.11).
    pub fn is_typed(&self, kind: &str) -> bool {
        let Some(typ) = self.typ.as_deref() else {
            return false;
        };
        let short = match typ.split_once('/') {
            Some((family, rest)) if family.eq_ignore_ascii_case("application") => rest,
            _ => typ,
        };
        short.eq_ignore_ascii_case(kind)
    }
}

/// A token whose signature is valid. Its claims are still to be checked: [`super::Validation`].
#[derive(Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    pub header: Header,
    payload: Vec<u8>,
}

impl VerifiedToken {
    /// The signed bytes.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The claims in the caller's form.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, JoseError> {
        object(&self.payload).ok_or(JoseError::Claims)
    }

    fn of(self, kind: &TokenKind) -> Result<Self, JoseError> {
        kind.check(&self.header, &self.claims()?)?;
        Ok(self)
    }
}

impl fmt::Debug for VerifiedToken {
    /// Without the payload, which identifies a user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Reads a compact token of one kind: the algorithm one of `allowed`, the key one of `keys` that
/// fits it.
pub fn verify(
    compact: &str,
    keys: &JwkSet,
    allowed: &[Algorithm],
    kind: &TokenKind,
) -> Result<VerifiedToken, JoseError> {
    let parts = JwsParts::split(compact)?;
    let header = parts.header()?.accept(allowed)?;
    let signature = decode(parts.signature).ok_or(JoseError::Base64("signature"))?;
    let payload = decode(parts.payload).ok_or(JoseError::Base64("payload"))?;
    keys.candidates(header.alg, header.kid.as_deref())?
        .iter()
        .find(|key| key.verifies(parts.signed.as_bytes(), &signature))
        .ok_or(JoseError::Signature)?;
    VerifiedToken { header, payload }.of(kind)
}

/// Verifies a token with the public key in its own header (RFC 9449 section 4.3). That proves that
/// the sender holds the key, and nothing about the sender's identity.
pub fn verify_possession(
    compact: &str,
    allowed: &[Algorithm],
    kind: &TokenKind,
) -> Result<(VerifiedToken, Jwk), JoseError> {
    let parts = JwsParts::split(compact)?;
    let claimed = parts.header()?;
    let shown = claimed.jwk.clone().ok_or(JoseError::Missing("jwk"))?;
    if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
        .iter()
        .any(|private| shown.get(private).is_some())
    {
        return Err(JoseError::Key("it is a private one"));
    }
    let key: Jwk =
        serde_json::from_value(shown).map_err(|_| JoseError::Key("not a public key of ours"))?;
    let header = claimed.accept(allowed)?;
    if key.algorithm() != header.alg {
        return Err(JoseError::KeyMismatch);
    }
    let signature = decode(parts.signature).ok_or(JoseError::Base64("signature"))?;
    let payload = decode(parts.payload).ok_or(JoseError::Base64("payload"))?;
    if !key.verifies(parts.signed.as_bytes(), &signature) {
        return Err(JoseError::Signature);
    }
    Ok((VerifiedToken { header, payload }.of(kind)?, key))
}

struct JwsParts<'a> {
    /// Header and payload with the dot between them: the signed text.
    signed: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> JwsParts<'a> {
    fn split(compact: &'a str) -> Result<Self, JoseError> {
        if compact.len() > LONGEST {
            return Err(JoseError::TooLong);
        }
        let (signed, signature) = compact.rsplit_once('.').ok_or(JoseError::Shape)?;
        let (header, payload) = signed.split_once('.').ok_or(JoseError::Shape)?;
        if payload.contains('.') || [header, payload, signature].contains(&"") {
            return Err(JoseError::Shape);
        }
        Ok(Self {
            signed,
            header,
            payload,
            signature,
        })
    }

    fn header(&self) -> Result<ClaimedHeader, JoseError> {
        let bytes = decode(self.header).ok_or(JoseError::Base64("header"))?;
        object(&bytes).ok_or(JoseError::Header)
    }
}

/// The unverified header. Members that could name a key (`jwk`, `jku`, `x5c`, `x5u`) are absent on
/// purpose: no code reads them. A member given twice is an error.
#[derive(Deserialize)]
struct ClaimedHeader {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    /// Read by [`verify_possession`] alone.
    #[serde(default)]
    jwk: Option<serde_json::Value>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
}

impl ClaimedHeader {
    fn accept(self, allowed: &[Algorithm]) -> Result<Header, JoseError> {
        let alg = Algorithm::parse(&self.alg).ok_or_else(|| unknown(&self.alg))?;
        if !allowed.contains(&alg) {
            return Err(JoseError::NotAllowed(alg));
        }
        if self.b64 {
            return Err(JoseError::Unencoded);
        }
        if self.crit {
            return Err(JoseError::Critical);
        }
        Ok(Header {
            alg,
            kid: self.kid,
            typ: self.typ,
        })
    }
}

/// Algorithms of well-known attacks have their own names in the log.
fn unknown(alg: &str) -> JoseError {
    if alg.eq_ignore_ascii_case("none") {
        JoseError::Unsigned
    } else if alg.starts_with("HS") {
        JoseError::Symmetric
    } else {
        JoseError::UnknownAlgorithm
    }
}

/// Present, whatever the value, `null` too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// From a JSON object and nothing else: serde would also fill a struct from an array.
fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let is_object = json.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(json).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::{Jwk, SigningKey, encode};
    use super::*;

    const BOTH: &[Algorithm] = &Algorithm::ALL;
    /// The vectors of RFC 7515 have no type.
    const ANY: TokenKind = TokenKind {
        typed: &["JWT"],
        untyped: true,
        has: &[],
        lacks: &[],
    };

    fn verify(
        text: &str,
        keys: &JwkSet,
        allowed: &[Algorithm],
    ) -> Result<VerifiedToken, JoseError> {
        super::verify(text, keys, allowed, &ANY)
    }
    /// RFC 7515 appendices A.2 and A.3: the same payload under both algorithms.
    const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const A2_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const A2_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const A3_SIGNATURE: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn key(members: Value) -> Jwk {
        Jwk::deserialize(members).unwrap()
    }

    fn a2_key() -> Jwk {
        key(json!({"kty": "RSA", "n": A2_N, "e": "AQAB"}))
    }

    fn a3_key() -> Jwk {
        key(json!({
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }))
    }

    fn a2() -> String {
        format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}.{A2_SIGNATURE}")
    }

    fn a3() -> String {
        format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}.{A3_SIGNATURE}")
    }

    fn set(keys: impl IntoIterator<Item = Jwk>) -> JwkSet {
        keys.into_iter().collect()
    }

    fn with_header(header: &Value) -> String {
        let header = encode(header.to_string());
        format!("{header}.{PAYLOAD}.{A3_SIGNATURE}")
    }

    fn refusal(token: &str) -> JoseError {
        verify(token, &set([a3_key(), a2_key()]), BOTH).unwrap_err()
    }

    #[test]
    fn the_vectors_of_rfc_7515_verify() {
        for (token, key) in [(a2(), a2_key()), (a3(), a3_key())] {
            let verified = verify(&token, &set([key]), BOTH).unwrap();
            let claims: Value = verified.claims().unwrap();
            assert_eq!(claims["iss"], "joe");
            assert_eq!(verified.payload(), decode(PAYLOAD).unwrap());
        }
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let (token, keys) = (a3(), set([a3_key(), a2_key()]));
        for position in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[position] = if changed[position] == b'A' {
                b'B'
            } else {
                b'A'
            };
            let changed = String::from_utf8(changed).unwrap();
            assert!(verify(&changed, &keys, BOTH).is_err(), "at {position}");
        }
    }

    #[test]
    fn a_signature_of_another_key_is_refused() {
        let (_, mine) = SigningKey::generate(Algorithm::Es256).unwrap();
        let (_, other) = SigningKey::generate(Algorithm::Es256).unwrap();
        let token = other.sign(None, &json!({})).unwrap();
        let public = |key: &SigningKey, kid: &str| key.public_jwk().clone().named(kid);
        let disguised = set([public(&mine, other.kid())]);
        assert_eq!(verify(&token, &disguised, BOTH), Err(JoseError::Signature));
        let unnamed = set([public(&mine, mine.kid())]);
        assert_eq!(verify(&token, &unnamed, BOTH), Err(JoseError::NoKey));
        let both = set([public(&mine, other.kid()), public(&other, other.kid())]);
        assert!(verify(&token, &both, BOTH).is_ok());
    }

    #[test]
    fn algorithms_are_never_confused() {
        for (alg, error) in [
            ("none", JoseError::Unsigned),
            ("nOnE", JoseError::Unsigned),
            ("HS256", JoseError::Symmetric),
            ("PS256", JoseError::UnknownAlgorithm),
            ("ES384", JoseError::UnknownAlgorithm),
            ("es256", JoseError::UnknownAlgorithm),
            ("", JoseError::UnknownAlgorithm),
            ("RS256", JoseError::Signature),
        ] {
            assert_eq!(refusal(&with_header(&json!({"alg": alg}))), error, "{alg}");
        }
        let only = verify(&a2(), &set([a2_key()]), &[Algorithm::Es256]);
        assert_eq!(only, Err(JoseError::NotAllowed(Algorithm::Rs256)));
        assert!(verify(&a3(), &set([a3_key()]), &[]).is_err());
    }

    #[test]
    fn a_key_of_the_wrong_type_is_not_tried() {
        let token = with_header(&json!({"alg": "ES256", "kid": "k"}));
        let wrong = set([a2_key().named("k")]);
        assert_eq!(verify(&token, &wrong, BOTH), Err(JoseError::KeyMismatch));
        assert_eq!(verify(&a3(), &set([a2_key()]), BOTH), Err(JoseError::NoKey));
    }

    #[test]
    fn a_key_inside_the_token_proves_nothing() {
        let (_, mine) = SigningKey::generate(Algorithm::Es256).unwrap();
        let header = json!({
            "alg": "ES256", "jwk": mine.public_jwk(),
            "jku": "https://evil.example/keys", "x5u": "https://evil.example/x", "x5c": ["MIIB"],
        });
        assert_eq!(refusal(&with_header(&header)), JoseError::Signature);
        let nothing = verify(&with_header(&header), &JwkSet::default(), BOTH);
        assert_eq!(nothing, Err(JoseError::NoKey));
    }

    #[test]
    fn extensions_are_refused() {
        for (header, error) in [
            (
                json!({"alg": "ES256", "crit": ["exp"]}),
                JoseError::Critical,
            ),
            (json!({"alg": "ES256", "crit": null}), JoseError::Critical),
            (json!({"alg": "ES256", "b64": false}), JoseError::Unencoded),
            (json!({"alg": "ES256", "b64": true}), JoseError::Unencoded),
        ] {
            assert_eq!(refusal(&with_header(&header)), error, "{header}");
        }
    }

    #[test]
    fn a_header_that_is_not_plain_is_refused() {
        for header in [
            "",
            "[]",
            r#"["ES256",null,null,false,false]"#,
            "{}",
            r#"{"alg":null}"#,
            r#"{"alg":"ES256","alg":"none"}"#,
            r#"{"alg":"ES256","kid":7}"#,
            r#"{"alg":"ES256"} x"#,
        ] {
            let token = format!("{}.{PAYLOAD}.{A3_SIGNATURE}", encode(header));
            let error = refusal(&token);
            let shape = if header.is_empty() {
                JoseError::Shape
            } else {
                JoseError::Header
            };
            assert_eq!(error, shape, "{header}");
        }
    }

    #[test]
    fn another_form_than_three_parts_is_refused() {
        for token in [
            String::new(),
            "...".to_owned(),
            "a.b".to_owned(),
            a3().replacen('.', "..", 1),
            format!("{}.", a3()),
            format!(".{}", a3()),
            format!("eyJhbGciOiJFUzI1NiJ9..{A3_SIGNATURE}"),
            format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}."),
            format!("{}.x.y", a3()),
        ] {
            assert_eq!(refusal(&token), JoseError::Shape, "{token}");
        }
    }

    #[test]
    fn a_second_text_for_the_same_token_is_refused() {
        for (token, part) in [
            (format!("{}==", a3()), "signature"),
            (a3().replace("NU1Q", "NU1R"), "signature"), // the last four bits are not there
            (a3().replacen(".eyJpc3", ".eyJpc3\n", 1), "payload"),
            (a3().replacen("J9.", "J9=.", 1), "header"),
            (a3().replacen("-Xx-", "+Xx+", 1), "signature"),
            (format!(" {}", a3()), "header"),
        ] {
            assert_eq!(refusal(&token), JoseError::Base64(part), "{token}");
        }
    }

    #[test]
    fn a_token_beyond_16_kib_is_not_read() {
        let token = format!("{}.a.b", "a".repeat(LONGEST));
        assert_eq!(refusal(&token), JoseError::TooLong);
    }

    #[test]
    fn a_der_signature_is_refused() {
        let raw = decode(A3_SIGNATURE).unwrap();
        let integer = |half: &[u8]| [&[2, 33, 0], half].concat();
        let body = [integer(&raw[..32]), integer(&raw[32..])].concat();
        let der = [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat();
        let token = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}.{}", encode(der));
        assert_eq!(refusal(&token), JoseError::Signature);
    }

    #[test]
    fn a_type_is_known_however_it_is_written() {
        let header = |typ: Option<&str>| Header {
            alg: Algorithm::Es256,
            kid: None,
            typ: typ.map(str::to_owned),
        };
        for typ in ["logout+jwt", "Logout+JWT", "application/logout+jwt"] {
            assert!(header(Some(typ)).is_typed("logout+jwt"), "{typ}");
        }
        for typ in [None, Some("JWT"), Some("text/logout+jwt"), Some("")] {
            assert!(!header(typ).is_typed("logout+jwt"), "{typ:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
            prop_assert!(verify(&text, &set([a3_key(), a2_key()]), BOTH).is_err());
        }

        #[test]
        fn arbitrary_parts_never_panic(
            header in prop::collection::vec(any::<u8>(), 0..60),
            payload in prop::collection::vec(any::<u8>(), 0..60),
            signature in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let token = [header, payload, signature].map(encode).join(".");
            prop_assert!(verify(&token, &set([a3_key()]), BOTH).is_err());
        }

        #[test]
        fn arbitrary_header_members_never_panic(
            member in "(alg|kid|typ|crit|b64)", value in "\\PC{0,20}",
            signature in prop::collection::vec(any::<u8>(), 0..80),
        ) {
            let header = encode(json!({"alg": "ES256", member: value}).to_string());
            let token = format!("{header}.{PAYLOAD}.{}", encode(signature));
            prop_assert!(verify(&token, &set([a3_key()]), BOTH).is_err());
        }
    }
}
