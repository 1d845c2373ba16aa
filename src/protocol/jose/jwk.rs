//! Public keys and sets of them (RFC 7517, RFC 7518 section 6): those of our own `/oidc/jwks` and
//! those that clients and upstream providers register or publish. Every [`Jwk`] is usable; other
//! keys were refused or, in a set, skipped.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Algorithm, JoseError, decode, encode};

/// A set with more keys is treated as an attack.
const MOST_KEYS: usize = 64;
/// How many keys one token is verified with.
const MOST_TRIED: usize = 8;

/// One public key for signatures, checked when it was parsed: P-256 (ES256) or RSA of 2048 to
/// 8192 bits (RS256).
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Members", into = "Members")]
pub struct Jwk {
    kid: Option<String>,
    material: Material,
    verifier: ParsedPublicKey,
}

impl Jwk {
    /// From the coordinates of a point on P-256, 32 bytes each (RFC 7518 section 6.2.1).
    pub(super) fn p256(x: &[u8], y: &[u8]) -> Result<Self, JoseError> {
        if x.len() != 32 || y.len() != 32 {
            return Err(JoseError::Key("P-256 coordinates take 32 bytes each"));
        }
        let point = [&[4], x, y].concat(); // SEC 1 section 2.3.3, uncompressed
        let verifier = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .map_err(|_| JoseError::Key("the point is not on P-256"))?;
        Ok(Self {
            kid: None,
            material: Material::P256 {
                x: encode(x),
                y: encode(y),
            },
            verifier,
        })
    }

    /// From modulus and exponent, big-endian without leading zeros (RFC 7518 section 6.3.1).
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, JoseError> {
        check_modulus(n)?;
        check_exponent(e)?;
        let verifier = RsaPublicKeyComponents { n, e }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .map_err(|_| JoseError::Key("not an RSA public key"))?;
        Ok(Self {
            kid: None,
            material: Material::Rsa {
                n: encode(n),
                e: encode(e),
            },
            verifier,
        })
    }

    /// The same key with a `kid`.
    #[must_use]
    pub fn named(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The only algorithm this key is used with.
    pub fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::P256 { .. } => Algorithm::Es256,
            Material::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// The key's thumbprint: SHA-256 over its required members in the order of their names (RFC
    /// 7638 section 3).
    pub fn thumbprint(&self) -> String {
        let members = match &self.material {
            Material::P256 { x, y } => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Material::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        encode(digest::digest(&digest::SHA256, members.as_bytes()))
    }

    /// Whether the signature over the message was made with this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify_sig(message, signature).is_ok()
    }
}

impl PartialEq for Jwk {
    fn eq(&self, other: &Self) -> bool {
        self.kid == other.kid && self.material == other.material
    }
}

impl Eq for Jwk {}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    P256 { x: String, y: String },
    Rsa { n: String, e: String },
}

fn check_modulus(n: &[u8]) -> Result<(), JoseError> {
    let first = *n
        .first()
        .ok_or(JoseError::Key("the RSA modulus is empty"))?;
    let bits = n.len() * 8 - first.leading_zeros() as usize;
    match (first, bits) {
        (0, _) => Err(JoseError::Key("the RSA modulus starts with zeros")),
        (_, ..2048) => Err(JoseError::Key("RSA keys take 2048 bits or more")),
        (_, 8193..) => Err(JoseError::Key("RSA keys take 8192 bits or fewer")),
        _ => Ok(()),
    }
}

/// Odd, at least 3 and at most 32 bits: a long exponent makes every verification slow.
fn check_exponent(e: &[u8]) -> Result<(), JoseError> {
    match e {
        [0, ..] | [] | [1] | [_, _, _, _, _, ..] => {
            Err(JoseError::Key("the RSA exponent is out of range"))
        }
        [.., last] if last % 2 == 0 => Err(JoseError::Key("the RSA exponent is even")),
        _ => Ok(()),
    }
}

/// A key as it is written (RFC 7517 section 4).
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Members {
    kty: String,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<String>,
    #[serde(skip_serializing)]
    key_ops: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    /// The private key of either type. It is read so that its publisher can be warned.
    #[serde(skip_serializing)]
    d: Option<IgnoredAny>,
}

impl Members {
    fn check_purpose(&self, algorithm: Algorithm) -> Result<(), JoseError> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return Err(JoseError::Key("its use is not \"sig\""));
        }
        let verifies = |ops: &Vec<String>| ops.iter().any(|op| op == "verify");
        if !self.key_ops.as_ref().is_none_or(verifies) {
            return Err(JoseError::Key("its key_ops do not contain \"verify\""));
        }
        let other = |alg: &str| alg != algorithm.as_str();
        if self.alg.as_deref().is_some_and(other) {
            return Err(JoseError::Key("its alg is another than ES256 or RS256"));
        }
        Ok(())
    }
}

impl TryFrom<Members> for Jwk {
    type Error = JoseError;

    fn try_from(members: Members) -> Result<Self, JoseError> {
        if members.d.is_some() {
            return Err(PRIVATE);
        }
        let key = match (members.kty.as_str(), members.crv.as_deref()) {
            ("EC", Some("P-256")) => Self::p256(&bytes(&members.x)?, &bytes(&members.y)?)?,
            ("EC", _) => return Err(JoseError::Key("only the curve P-256 is known")),
            ("RSA", _) => Self::rsa(&bytes(&members.n)?, &bytes(&members.e)?)?,
            _ => return Err(JoseError::Key("only the types EC and RSA are known")),
        };
        members.check_purpose(key.algorithm())?;
        Ok(Self {
            kid: members.kid,
            ..key
        })
    }
}

impl From<Jwk> for Members {
    fn from(key: Jwk) -> Self {
        let mut members = Self {
            alg: Some(key.algorithm().as_str().to_owned()),
            usage: Some("sig".to_owned()),
            kid: key.kid,
            ..Self::default()
        };
        match key.material {
            Material::P256 { x, y } => {
                members.kty = "EC".to_owned();
                (members.crv, members.x, members.y) = (Some("P-256".to_owned()), Some(x), Some(y));
            }
            Material::Rsa { n, e } => {
                members.kty = "RSA".to_owned();
                (members.n, members.e) = (Some(n), Some(e));
            }
        }
        members
    }
}

const PRIVATE: JoseError =
    JoseError::Key("it contains the private key (d); publish the public members only");

fn bytes(member: &Option<String>) -> Result<Vec<u8>, JoseError> {
    let text = member
        .as_deref()
        .ok_or(JoseError::Key("a member is missing"))?;
    decode(text).ok_or(JoseError::Key("a member is not canonical base64url"))
}

/// Several keys of one party (RFC 7517 section 5). Keys that we cannot use — another type, curve,
/// purpose or size, a member missing — are skipped, as the section requires; a private key is
/// refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "JwkMembers")]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

impl JwkSet {
    pub fn new(keys: Vec<Jwk>) -> Self {
        Self { keys }
    }

    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The keys to verify a token with: those with its `kid`, or without one all that fit.
    pub(super) fn candidates(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<Vec<&Jwk>, JoseError> {
        let named: Vec<&Jwk> = self
            .keys
            .iter()
            .filter(|key| kid.is_none() || key.kid() == kid)
            .collect();
        let fits = |key: &&&Jwk| key.algorithm() == algorithm;
        let fitting: Vec<&Jwk> = named
            .iter()
            .filter(fits)
            .take(MOST_TRIED)
            .copied()
            .collect();
        match (named.is_empty() || kid.is_none(), fitting.is_empty()) {
            (_, false) => Ok(fitting),
            (true, true) => Err(JoseError::NoKey),
            (false, true) => Err(JoseError::KeyMismatch),
        }
    }
}

impl FromIterator<Jwk> for JwkSet {
    fn from_iter<T: IntoIterator<Item = Jwk>>(keys: T) -> Self {
        Self::new(keys.into_iter().collect())
    }
}

#[derive(Deserialize)]
struct JwkMembers {
    keys: Vec<Value>,
}

impl TryFrom<JwkMembers> for JwkSet {
    type Error = JoseError;

    fn try_from(written: JwkMembers) -> Result<Self, JoseError> {
        if written.keys.len() > MOST_KEYS {
            return Err(JoseError::Key("the set has more than 64 keys"));
        }
        if written.keys.iter().any(|key| key.get("d").is_some()) {
            return Err(PRIVATE);
        }
        let usable = |key| Jwk::deserialize(key).ok();
        Ok(written.keys.into_iter().filter_map(usable).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 7638 section 3.1.
    const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    /// RFC 7515 appendix A.3.1.
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn ec(extra: Value) -> Value {
        merged(json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y}), extra)
    }

    fn rsa(extra: Value) -> Value {
        merged(json!({"kty": "RSA", "n": N, "e": "AQAB"}), extra)
    }

    fn merged(mut key: Value, extra: Value) -> Value {
        let members = key.as_object_mut().unwrap();
        members.extend(extra.as_object().unwrap().clone());
        key
    }

    fn refusal(key: Value) -> String {
        Jwk::deserialize(key).unwrap_err().to_string()
    }

    #[test]
    fn the_thumbprint_of_rfc_7638_is_computed() {
        let key = Jwk::deserialize(rsa(json!({"alg": "RS256", "kid": "2011-04-29"}))).unwrap();
        assert_eq!(
            key.thumbprint(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
        assert_eq!(key.kid(), Some("2011-04-29"));
    }

    #[test]
    fn a_key_survives_being_written_and_read() {
        for key in [ec(json!({"kid": "a"})), rsa(json!({}))] {
            let key = Jwk::deserialize(key).unwrap();
            let text = serde_json::to_value(&key).unwrap();
            assert_eq!(text["use"], "sig");
            assert_eq!(text["alg"], key.algorithm().as_str());
            assert_eq!(Jwk::deserialize(text).unwrap(), key);
        }
    }

    #[test]
    fn a_key_that_is_not_for_signatures_is_refused_by_name() {
        for (key, reason) in [
            (ec(json!({"use": "enc"})), "use"),
            (ec(json!({"key_ops": ["sign"]})), "key_ops"),
            (ec(json!({"alg": "ES384"})), "alg"),
            (ec(json!({"alg": "RS256"})), "alg"),
            (rsa(json!({"alg": "PS256"})), "alg"),
            (rsa(json!({"alg": "HS256"})), "alg"),
            (ec(json!({"crv": "secp256k1"})), "P-256"),
            (json!({"kty": "oct", "k": "c2VjcmV0"}), "types"),
            (json!({"kty": "OKP", "crv": "Ed25519", "x": X}), "types"),
            (json!({}), "types"),
        ] {
            assert!(refusal(key.clone()).contains(reason), "{key}");
        }
        assert!(Jwk::deserialize(ec(json!({"key_ops": ["verify"]}))).is_ok());
    }

    #[test]
    fn a_private_key_is_refused_even_in_a_set() {
        let key = ec(json!({"d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}));
        assert!(refusal(key.clone()).contains("private"));
        let set = JwkSet::deserialize(json!({"keys": [ec(json!({})), key]}));
        assert!(set.unwrap_err().to_string().contains("private"));
    }

    #[test]
    fn a_malformed_key_is_refused_by_name() {
        let short = encode([0xff; 128]);
        let zeros = format!("AAAA{N}");
        for (key, reason) in [
            (rsa(json!({"n": short})), "2048"),
            (rsa(json!({"n": encode([0xff; 1025])})), "8192"),
            (rsa(json!({"n": zeros})), "zeros"),
            (rsa(json!({"n": ""})), "empty"),
            (rsa(json!({"e": "AQ"})), "exponent"),
            (rsa(json!({"e": "AQAA"})), "even"),
            (rsa(json!({"e": "AQAAAAAB"})), "exponent"),
            (rsa(json!({"e": "AQAB="})), "canonical"),
            (rsa(json!({"n": null})), "missing"),
            (ec(json!({"y": X})), "not on P-256"),
            (ec(json!({"x": "AA"})), "32 bytes"),
        ] {
            assert!(refusal(key.clone()).contains(reason), "{key}");
        }
    }

    #[test]
    fn a_set_passes_over_what_it_does_not_know() {
        let set = json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": X}, {"kty": "EC", "crv": "P-384"},
            ec(json!({"use": "enc"})), ec(json!({"kid": 7})), "text", null,
            ec(json!({"kid": "good"})),
        ]});
        let set = JwkSet::deserialize(set).unwrap();
        assert_eq!(set.keys().len(), 1);
        assert_eq!(set.keys()[0].kid(), Some("good"));
    }

    #[test]
    fn a_set_of_thousands_is_refused() {
        let keys = vec![json!({}); MOST_KEYS + 1];
        assert!(JwkSet::deserialize(json!({"keys": keys})).is_err());
    }

    #[test]
    fn only_keys_with_the_tokens_kid_are_tried() {
        let key = |extra| Jwk::deserialize(ec(extra)).unwrap();
        let set = JwkSet::new(vec![
            key(json!({"kid": "a"})),
            key(json!({"kid": "b"})),
            key(json!({"kid": "b"})),
            key(json!({})),
            Jwk::deserialize(rsa(json!({"kid": "r"}))).unwrap(),
        ]);
        let tried = |kid| set.candidates(Algorithm::Es256, kid).map(|keys| keys.len());
        assert_eq!(tried(Some("a")), Ok(1));
        assert_eq!(tried(Some("b")), Ok(2));
        assert_eq!(tried(None), Ok(4));
        assert_eq!(tried(Some("c")), Err(JoseError::NoKey));
        assert_eq!(tried(Some("r")), Err(JoseError::KeyMismatch));
    }

    #[test]
    fn the_number_of_keys_tried_is_bounded() {
        let key = Jwk::deserialize(ec(json!({}))).unwrap();
        let set = JwkSet::new(vec![key; 50]);
        let tried = set.candidates(Algorithm::Es256, None).unwrap();
        assert_eq!(tried.len(), MOST_TRIED);
    }
}
