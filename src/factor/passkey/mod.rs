//! Passkeys and security keys: Web Authentication Level 3, by webauthn-rs. The user is always
//! verified by the authenticator (a gesture, a PIN), so that each can be used both as a second
//! factor and to sign in without a password, at the same strength.

mod enrol;
mod prove;

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, DiscoverableKey, Passkey,
    PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Webauthn,
    WebauthnBuilder, WebauthnError,
};

use super::method::{FactorMethod, MethodSetup, MethodTexts, ProofInput};
use crate::{
    error::{Error, Result},
    id::UserId,
    model::{factor::FactorKind, user::User},
};

/// The method's row.
pub(super) const METHOD: FactorMethod = FactorMethod {
    name: "passkey",
    logged_as: "passkey",
    is_on: |factors| factors.passkeys.are_on(),
    prove: prove::prove,
    input: ProofInput::Authenticator,
    texts: MethodTexts {
        title: "factor-passkey",
        option: "factor-by-passkey",
        lead: "factor-lead-passkey",
        wrong: "factor-wrong-passkey",
    },
    setup: Some(MethodSetup {
        kind: NAME,
        about: "factor-passkey-about",
        icon: "key",
        by_form: false,
        when_off: Some("passkey-not-here"),
    }),
};

const NAME: &str = "webauthn";
const KIND: FactorKind = FactorKind::new(NAME);

/// The portal as authenticators know it. Its relying party id is the host of its address, which
/// must be a name: where users reach the portal by an IP address, there are no passkeys.
#[derive(Clone)]
pub struct Passkeys(Option<Arc<Webauthn>>);

/// Why an authenticator's response is not valid.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PasskeyFault {
    Wrong(String),
    /// Its counter went backwards: it may have been cloned (section 6.1.1).
    Cloned,
}

impl Passkeys {
    pub fn open(public_url: &str, name: &str) -> Result<Self> {
        let wrong = |error: WebauthnError| Error::Invalid(format!("passkeys: {error}"));
        let url = Url::parse(public_url)
            .map_err(|error| Error::Invalid(format!("server.public_url: {error}")))?;
        let Some(host) = url.domain() else {
            return Ok(Self(None));
        };
        let builder = WebauthnBuilder::new(host, &url).map_err(wrong)?;
        let webauthn = builder.rp_name(name).build().map_err(wrong)?;
        Ok(Self(Some(Arc::new(webauthn))))
    }

    /// Whether there are passkeys here.
    pub fn are_on(&self) -> bool {
        self.0.is_some()
    }

    fn there(&self) -> Result<&Webauthn> {
        self.0.as_deref().ok_or(Error::NotFound)
    }

    /// What a browser needs to create a new passkey, and what we need to verify it.
    pub(super) fn creation(
        &self,
        user: &User,
        known: &[String],
    ) -> Result<(Value, PasskeyRegistration)> {
        let known = known
            .iter()
            .filter_map(|id| URL_SAFE_NO_PAD.decode(id).ok())
            .collect();
        let (options, state) = self
            .there()?
            .start_passkey_registration(handle(&user.id)?, &user.login, &user.name, Some(known))
            .map_err(internal)?;
        let mut options = written(&options)?;
        // Where the authenticator can store it, the passkey can be found without a name.
        options["authenticatorSelection"]["residentKey"] = json!("preferred");
        Ok((options, state))
    }

    /// The new passkey, and its credential id.
    pub(super) fn created(
        &self,
        answer: &str,
        state: &PasskeyRegistration,
    ) -> Result<Result<(Passkey, String), PasskeyFault>> {
        let answer: RegisterPublicKeyCredential = match serde_json::from_str(answer) {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(PasskeyFault::Wrong(error.to_string()))),
        };
        let passkey = self.there()?.finish_passkey_registration(&answer, state);
        Ok(passkey.map_err(fault).map(|passkey| {
            let name = URL_SAFE_NO_PAD.encode(passkey.cred_id());
            (passkey, name)
        }))
    }

    /// What a browser needs to use one of these passkeys, or, without any, whichever it has.
    pub(super) fn request(
        &self,
        credentials: &[&str],
    ) -> Result<(Value, DiscoverableAuthentication)> {
        let (options, state) = self
            .there()?
            .start_discoverable_authentication()
            .map_err(internal)?;
        let mut options = written(&options)?;
        let named = |id: &&str| json!({ "type": "public-key", "id": id });
        options["allowCredentials"] = credentials.iter().map(named).collect();
        Ok((options, state))
    }

    /// Verifies a response against the passkey as it is stored now, in particular its counter.
    pub(super) fn verified(
        &self,
        answer: &PublicKeyCredential,
        state: DiscoverableAuthentication,
        passkey: &Passkey,
    ) -> Result<Result<AuthenticationResult, PasskeyFault>> {
        let key = DiscoverableKey::from(passkey);
        let verified = self
            .there()?
            .finish_discoverable_authentication_v2(answer, state, key);
        Ok(verified.map_err(fault))
    }
}

/// A response as the browser sent it, with the names of the passkey and of its owner.
pub(super) struct CredentialNames {
    pub answer: PublicKeyCredential,
    pub credential: String,
    /// `None` where the authenticator did not report it: it need not when the request named the
    /// key.
    pub owner: Option<UserId>,
}

pub(super) fn said(answer: &str) -> Option<CredentialNames> {
    let answer: PublicKeyCredential = serde_json::from_str(answer).ok()?;
    let owner = match answer.get_user_unique_id() {
        Some(handle) => Some(owner(handle)?),
        None => None,
    };
    Some(CredentialNames {
        credential: URL_SAFE_NO_PAD.encode(answer.get_credential_id()),
        owner,
        answer,
    })
}

/// RFC 8176: a key that can be copied to other devices is kept in software, as far as we can see;
/// and the user was present.
pub(super) fn methods(used: &AuthenticationResult) -> Vec<&'static str> {
    let key = if used.backup_eligible() { "swk" } else { "hwk" };
    vec![key, "user"]
}

/// How authenticators name a user: the bytes of our own id, which reveal nothing about them.
fn handle(user: &UserId) -> Result<Uuid> {
    let (_, uuid) = user.as_str().split_at(PREFIX.len());
    Uuid::try_parse(uuid).map_err(|_| Error::Internal("a user's id is no UUID".to_owned()))
}

fn owner(handle: &[u8]) -> Option<UserId> {
    let uuid = Uuid::from_slice(handle).ok()?;
    UserId::parse(&format!("{PREFIX}{}", uuid.simple()))
}

const PREFIX: &str = "usr_";

/// The `publicKey` member alone; the page decides how it is requested.
fn written(options: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(options)
        .map(|mut value| value["publicKey"].take())
        .map_err(|error| Error::Internal(format!("passkey options: {error}")))
}

fn fault(error: WebauthnError) -> PasskeyFault {
    match error {
        WebauthnError::CredentialPossibleCompromise => PasskeyFault::Cloned,
        other => PasskeyFault::Wrong(other.to_string()),
    }
}

fn internal(error: WebauthnError) -> Error {
    Error::Internal(format!("passkeys: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chance::Chance, clock::Time};

    #[test]
    fn an_address_without_a_name_has_no_passkeys() {
        for (url, on) in [
            ("https://usher.example", true),
            ("https://usher.example:8443", true),
            ("http://localhost:7000", true),
            ("http://127.0.0.1:7000", false),
            ("http://[::1]:7000", false),
        ] {
            let passkeys = Passkeys::open(url, "Usher").unwrap();
            assert_eq!(passkeys.are_on(), on, "{url}");
        }
    }

    #[test]
    fn a_user_is_found_again_by_the_handle() {
        let user = UserId::new(Time::from_secs(1_795_000_000), &Chance::seeded(1));
        let bytes = handle(&user).unwrap();
        assert_eq!(owner(bytes.as_bytes()), Some(user));
        assert_eq!(owner(b"short"), None);
    }

    #[test]
    fn a_new_passkey_verifies_its_user_and_can_be_found_without_a_name() {
        let passkeys = Passkeys::open("https://usher.example", "Acme").unwrap();
        let user = User {
            id: UserId::new(Time::from_secs(1), &Chance::seeded(1)),
            login: "ana".into(),
            name: "Ana Almeida".into(),
            attributes: Default::default(),
            username: "ana".into(),
            mail_verified_at: None,
            disabled_at: None,
            admin_at: None,
        };
        let (options, _) = passkeys.creation(&user, &["AQID".into()]).unwrap();
        assert_eq!(
            options["rp"],
            json!({ "id": "usher.example", "name": "Acme" })
        );
        assert_eq!(options["excludeCredentials"][0]["id"], "AQID");
        let selection = &options["authenticatorSelection"];
        assert_eq!(selection["userVerification"], "required");
        assert_eq!(selection["residentKey"], "preferred");
        let (options, _) = passkeys.request(&["AQID"]).unwrap();
        assert_eq!(options["userVerification"], "required");
        assert_eq!(options["allowCredentials"][0]["id"], "AQID");
    }
}
