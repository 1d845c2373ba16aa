//! What users carry: an authenticator app (RFC 6238) and a passkey (Web Authentication Level 3,
//! attestation "none"), both written from the standards and sharing no code with the portal.

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use usher::{chance::Chance, clock::Time};

/// An app that holds one key.
pub struct App {
    key: hmac::Key,
}

impl App {
    /// The key as a user types it: base32 (RFC 4648), with blanks.
    pub fn typed(key: &str) -> Self {
        let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
        for symbol in key.chars().filter(|c| !c.is_whitespace()) {
            let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(symbol);
            bits = bits << 5 | u32::try_from(value.expect("base32")).expect("small");
            held += 5;
            if held >= 8 {
                held -= 8;
                bytes.push(u8::try_from(bits >> held & 255).expect("a byte"));
            }
        }
        assert_eq!(bytes.len(), 20, "160 bits");
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes),
        }
    }

    /// The six digits it shows.
    pub fn shows(&self, now: Time) -> String {
        let step = u64::try_from(now.secs() / 30).expect("after 1970");
        let tag = hmac::sign(&self.key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let word = u32::from_be_bytes(tag[at..at + 4].try_into().expect("four bytes"));
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }
}

/// A passkey, and the browser that uses it.
pub struct Passkey {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    user: Vec<u8>,
    pub counter: u32,
    /// The page it thinks it is on.
    pub origin: String,
    /// What it hashes as the relying party.
    pub host: String,
    /// It verified the user by a finger or a PIN.
    pub verifies: bool,
    /// It can be copied to other devices.
    pub synced: bool,
}

const PRESENT: u8 = 1;
const VERIFIED: u8 = 4;
const COPIABLE: u8 = 8;
const ATTESTED: u8 = 64;

impl Default for Passkey {
    fn default() -> Self {
        Self {
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"),
            id: Chance::system().bytes::<32>().to_vec(),
            user: Vec::new(),
            counter: 0,
            origin: "https://usher.test".to_owned(),
            host: "usher.test".to_owned(),
            verifies: true,
            synced: false,
        }
    }
}

impl Passkey {
    /// One that exists: its key (PKCS #8), its id and the handle of its user.
    pub fn of(key: &[u8], id: &[u8], user: &[u8]) -> Self {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key);
        Self {
            pair: pair.expect("a key"),
            id: id.to_vec(),
            user: user.to_vec(),
            ..Self::default()
        }
    }

    /// `navigator.credentials.create`.
    pub fn create(&mut self, options: &Value) -> String {
        let user = options["user"]["id"].as_str().expect("a handle");
        self.user = URL_SAFE_NO_PAD.decode(user).expect("base64url");
        let mut data = self.data(ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        // {"fmt": "none", "attStmt": {}, "authData": …} in CBOR.
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).expect("short").to_be_bytes());
        object.extend(data);
        let client = self.client_data("webauthn.create", options);
        self.credential(json!({
            "attestationObject": URL_SAFE_NO_PAD.encode(object),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
        }))
    }

    /// `navigator.credentials.get`. A key that counts has counted once more.
    pub fn get(&mut self, options: &Value) -> String {
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.data(0);
        let client = self.client_data("webauthn.get", options);
        let signed = [&data[..], digest(&SHA256, &client).as_ref()].concat();
        let random = aws_lc_rs::rand::SystemRandom::new();
        let signature = self.pair.sign(&random, &signed).expect("a signature");
        self.credential(json!({
            "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
            "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
            "userHandle": URL_SAFE_NO_PAD.encode(&self.user),
        }))
    }

    /// The user handle that it reports.
    pub fn claim(&mut self, other: &Passkey) {
        self.user.clone_from(&other.user);
    }

    fn credential(&self, response: Value) -> String {
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut flags = PRESENT | more;
        if self.verifies {
            flags |= VERIFIED;
        }
        if self.synced {
            flags |= COPIABLE;
        }
        let mut data = digest(&SHA256, self.host.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// An ES256 key (RFC 9053): {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
    fn cose(&self) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        [
            &b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..],
            x,
            b"\x22\x58\x20",
            y,
        ]
        .concat()
    }
}
