//! Codes of authenticator apps: RFC 6238 with SHA-1, six digits and thirty seconds.

use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::{
    Enrolled, Enrolment, FactorEditor, Factors,
    method::{FactorMethod, MethodSetup, MethodTexts, ProofInput},
    prove::{FactorTry, ProvedFactor},
    secret_purpose,
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::FactorId,
    kind::BoxFuture,
    model::{factor::FactorKind, session::Visitor},
    protocol::otpauth::{base32, key_uri},
    sign_in::SignInTrouble,
    store::StoredFactor,
};

/// The method's row.
pub(super) const METHOD: FactorMethod = FactorMethod {
    name: "app",
    logged_as: "totp",
    is_on: |_| true,
    prove,
    input: ProofInput::Digits("factor-code"),
    texts: MethodTexts {
        title: "factor-app",
        option: "factor-by-app",
        lead: "factor-lead-app",
        wrong: "factor-wrong-app",
    },
    setup: Some(MethodSetup {
        kind: NAME,
        about: "factor-app-about",
        icon: "mobile",
        by_form: true,
        when_off: None,
    }),
};

const NAME: &str = "totp";
const KIND: FactorKind = FactorKind::new(NAME);

/// 160 bits, as RFC 4226 section 4 recommends.
const SECRET: usize = 20;
const DIGITS: u8 = 6;

/// The time step whose code this is: the current one, or its neighbour where clocks differ (RFC
/// 6238 section 5.2). The store ensures that a step is used once.
fn step_of(secret: &[u8], code: &str, now: Time) -> Result<Option<i64>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let now = u64::try_from(now.secs()).unwrap_or(0);
    let step = app(secret, DIGITS)?.check(&code, now);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// The code an app shows at this time.
#[cfg(test)]
fn code_at(secret: &[u8], digits: u8, secs: u64) -> String {
    app(secret, digits).unwrap().generate(secs).to_string()
}

fn app(secret: &[u8], digits: u8) -> Result<Totp> {
    let secret: [u8; SECRET] = secret
        .try_into()
        .map_err(|_| Error::Internal("an authenticator's secret of another length".to_owned()))?;
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(digits)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::new_stack(secret))
        .build()
        .map_err(|error| Error::Internal(format!("an authenticator's secret: {error}")))
}

/// The secret of an app that is being set up.
pub struct NewApp {
    pub id: FactorId,
    /// For typing, base32.
    pub key: String,
    /// For scanning, as a QR code.
    pub uri: String,
}

fn prove<'a>(
    factors: &'a Factors,
    tried: FactorTry<'a>,
) -> BoxFuture<'a, Result<Result<ProvedFactor, SignInTrouble>>> {
    Box::pin(by_app(factors, tried))
}

async fn by_app(
    factors: &Factors,
    tried: FactorTry<'_>,
) -> Result<Result<ProvedFactor, SignInTrouble>> {
    let (sign_ins, code) = (&factors.sign_ins, &tried.response.code);
    let now = sign_ins.clock.now();
    for stored in sign_ins.store.factors(tried.user).await? {
        if stored.factor.kind != KIND {
            continue;
        }
        let purpose = secret_purpose(&stored.factor.id);
        let secret = sign_ins.seal.unseal(&purpose, &stored.sealed_secret)?;
        let Some(step) = step_of(&secret, code, now)? else {
            continue;
        };
        let mut tx = sign_ins.store.begin().await?;
        if tx.take_step(&stored.factor.id, step, now).await? {
            let methods = vec!["otp"];
            return Ok(Ok(ProvedFactor { tx, methods }));
        }
    }
    Ok(Err(SignInTrouble::Wrong))
}

impl Enrolment<'_> {
    /// Creates the secret of a new app. An earlier secret that was never confirmed is deleted.
    pub async fn begin_app(self, keeper: &FactorEditor, name: &str) -> Result<FactorId> {
        self.check_factor_limit(keeper).await?;
        let now = self.0.sign_ins.clock.now();
        let id = FactorId::new(now, &self.0.sign_ins.chance);
        let secret = self.0.sign_ins.chance.bytes::<{ SECRET }>();
        let stored = StoredFactor {
            sealed_secret: self.0.sign_ins.seal.seal(&secret_purpose(&id), &secret)?,
            credential: None,
            factor: self.new_factor(keeper, id.clone(), KIND, name),
        };
        let mut tx = self.0.sign_ins.store.begin().await?;
        tx.delete_unconfirmed_factors(&keeper.user.id).await?;
        tx.insert_factor(&stored).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The secret of an app that is being set up, for its owner, until it works.
    pub async fn new_app(
        self,
        keeper: &FactorEditor,
        id: &FactorId,
        portal: &str,
    ) -> Result<NewApp> {
        let stored = self.unconfirmed(keeper, id, &KIND).await?;
        let secret = self
            .0
            .sign_ins
            .seal
            .unseal(&secret_purpose(id), &stored.sealed_secret)?;
        Ok(NewApp {
            id: id.clone(),
            key: base32(&secret),
            uri: key_uri(portal, &keeper.user.login, &secret),
        })
    }

    /// The app shows the right code: it is active from now on.
    pub async fn confirm_app(
        self,
        keeper: &FactorEditor,
        visitor: &Visitor,
        id: &FactorId,
        code: &str,
    ) -> Result<Enrolled> {
        let stored = self.unconfirmed(keeper, id, &KIND).await?;
        let name = Some(format!("factor {}", keeper.user.id));
        let ticket = match self.0.sign_ins.reserve_as(name, visitor).await? {
            Ok(ticket) => ticket,
            Err(wait) => return Ok(Enrolled::again(SignInTrouble::Throttled(wait.span))),
        };
        let now = self.0.sign_ins.clock.now();
        let purpose = secret_purpose(id);
        let secret = self
            .0
            .sign_ins
            .seal
            .unseal(&purpose, &stored.sealed_secret)?;
        let Some(step) = step_of(&secret, code, now)? else {
            return Ok(Enrolled::again(SignInTrouble::Wrong));
        };
        let mut tx = self.0.sign_ins.store.begin().await?;
        if !tx.confirm_factor(id, step, now).await? {
            return Err(Error::NotFound);
        }
        let enrolled = self
            .enrolled(tx, keeper, visitor, (&METHOD, id), vec!["otp"])
            .await?;
        self.0.sign_ins.release(&ticket, true).await?;
        Ok(enrolled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_6238_appendix_b() {
        for (secs, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code_at(KEY, 8, secs), code, "at {secs}");
            // Codes of six digits are the last six of the RFC's.
            let now = Time::from_secs(i64::try_from(secs).unwrap());
            let step = step_of(KEY, &code[2..], now).unwrap();
            assert_eq!(step, Some(now.secs() / 30), "at {secs}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_the_ones_beside_it() {
        let code = code_at(KEY, DIGITS, 900);
        for (secs, good) in [
            (869, false),
            (870, true),
            (900, true),
            (959, true),
            (960, false),
        ] {
            let step = step_of(KEY, &code, Time::from_secs(secs)).unwrap();
            assert_eq!(step, good.then_some(30), "at {secs}");
        }
    }

    #[test]
    fn codes_are_accepted_with_the_blanks_that_apps_show() {
        let code = code_at(KEY, DIGITS, 900);
        let typed = format!(" {} {}\t", &code[..3], &code[3..]);
        assert_eq!(
            step_of(KEY, &typed, Time::from_secs(900)).unwrap(),
            Some(30)
        );
    }

    #[test]
    fn text_that_is_no_code_is_refused() {
        let code = code_at(KEY, DIGITS, 900);
        let (shorter, longer) = (&code[1..], format!("{code}0"));
        let signed = format!("+{shorter}");
        let wide: String = code
            .chars()
            .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
            .collect();
        for bad in ["", " ", shorter, &longer, &signed, &wide, "\0", "000000\0"] {
            let step = step_of(KEY, bad, Time::from_secs(900)).unwrap();
            assert_eq!(step, None, "{bad:?}");
        }
    }
}
