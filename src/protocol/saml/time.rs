//! Moments as SAML writes them: `xs:dateTime` in UTC (Core section 1.3.3) and `xs:duration`, from
//! and to seconds since 1970.

/// `2026-11-21T12:00:00Z`; fractions are dropped, a numeric offset is understood, and without a
/// zone it is UTC, as the standard has it.
pub fn parse(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once('T')?;
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (
        number(date.next()?, 4)?,
        number(date.next()?, 2)?,
        number(date.next()?, 2)?,
    );
    let at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(at);
    let clock = match clock.split_once('.') {
        Some((whole, fraction)) => {
            is_digits(fraction).then_some(())?;
            whole
        }
        None => clock,
    };
    let (hour, minute, second) = hms(clock)?;
    let is_real = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second.min(59);
    is_real.then_some(())?;
    Some(seconds - offset(zone)?)
}

/// The moment in UTC, to the second.
pub fn format(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

/// `P1D`, `PT6H`: how many seconds; a year has 365 days and a month 30. Negative ones are none.
pub fn duration(text: &str) -> Option<i64> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return None,
        None => (rest, ""),
    };
    if rest.is_empty() {
        return None;
    }
    let days = spans(date, &[('Y', 365), ('M', 30), ('W', 7), ('D', 1)])?;
    let seconds = spans(time, &[('H', 3600), ('M', 60), ('S', 1)])?;
    days.checked_mul(86_400)?.checked_add(seconds)
}

fn spans(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    for (unit, worth) in units {
        let Some((count, rest)) = text.split_once(*unit) else {
            continue;
        };
        let whole = count.split_once('.').map_or(count, |(whole, _)| whole);
        let count = is_digits(whole).then(|| whole.parse::<i64>().ok())??;
        sum = sum.checked_add(count.checked_mul(*worth)?)?;
        text = rest;
    }
    text.is_empty().then_some(sum)
}

fn hms(clock: &str) -> Option<(i64, i64, i64)> {
    let mut parts = clock.splitn(3, ':');
    let mut two = || number(parts.next()?, 2);
    Some((two()?, two()?, two()?))
}

fn offset(zone: &str) -> Option<i64> {
    let (sign, rest) = match zone.split_at_checked(1) {
        None => return Some(0),
        Some(("Z", "")) => return Some(0),
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        Some(_) => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    Some(sign * (number(hours, 2)? * 3600 + number(minutes, 2)? * 60))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && is_digits(text)).then(|| text.parse().ok())?
}

fn days_in(year: i64, month: i64) -> i64 {
    let next = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    days(next.0, next.1, 1) - days(year, month, 1)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar; years begin in March, so that the
/// leap day is their last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 {
        (year, month + 3)
    } else {
        (year + 1, month - 9)
    };
    (year + era * 400, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_with_fractions_and_offsets() {
        let noon = 1_795_262_400;
        for text in [
            "2026-11-21T12:00:00Z",
            "2026-11-21T12:00:00.123456Z",
            "2026-11-21T12:00:00",
            "2026-11-21T13:00:00+01:00",
            "2026-11-21T06:30:00-05:30",
        ] {
            assert_eq!(parse(text), Some(noon), "{text}");
        }
        assert_eq!(format(noon), "2026-11-21T12:00:00Z");
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "T",
            "2026-11-21",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T12:00:00.Z",
            "2026-11-21T12:00:00ZZ",
            "2026-11-21 12:00:00Z",
            "26-11-21T12:00:00Z",
            "2026-11-21T12:00:00+1",
            "99999-11-21T12:00:00Z",
            "2026-11-21T1é:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_written_as_it_is_read() {
        for day in -146_097..146_097 {
            assert_eq!(parse(&format(day * 86_400 + 1)), Some(day * 86_400 + 1));
        }
    }

    #[test]
    fn spans_are_added_up() {
        for (text, seconds) in [
            ("P1D", Some(86_400)),
            ("PT6H", Some(21_600)),
            ("P1Y2M3DT4H5M6.7S", Some(36_993_906)),
            ("PT0S", Some(0)),
            ("P", None),
            ("PT", None),
            ("1D", None),
            ("-P1D", None),
            ("P1H", None),
            ("PT99999999999999999999S", None),
        ] {
            assert_eq!(duration(text), seconds, "{text}");
        }
    }
}
