//! Codes of authenticator apps: RFC 6238 with SHA-1, six digits and thirty seconds.

use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::{
    clock::Time,
    error::{Error, Result},
};

/// 160 bits, as RFC 4226 section 4 recommends.
pub(super) const SECRET: usize = 20;
const DIGITS: u8 = 6;

/// The time step whose code this is: the current one, or its neighbour where clocks differ (RFC
/// 6238 section 5.2). The store ensures that a step is used once.
pub(super) fn step_of(secret: &[u8], code: &str, now: Time) -> Result<Option<i64>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let now = u64::try_from(now.secs()).unwrap_or(0);
    let step = app(secret, DIGITS)?.check(&code, now);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// The code an app shows at this time.
#[cfg(test)]
pub(super) fn code_at(secret: &[u8], digits: u8, secs: u64) -> String {
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
