//! What the values of options are read with: each says what is needed where a value is none.

use std::time::Duration;

use crate::adapter::{DefectError, DefectSpec};
use crate::text::did_you_mean;

#[cfg(feature = "http")]
pub(super) fn tenant(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, variable)) if !name.is_empty() && !variable.is_empty() => {
            Ok((name.to_owned(), variable.to_owned()))
        }
        _ => Err("a name and an environment variable are needed: acme=ACME_TOKEN".into()),
    }
}

#[cfg(feature = "http")]
pub(super) fn contract_name(text: &str) -> Result<String, String> {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) && plain && text.len() <= 40 {
        Ok(text.to_owned())
    } else {
        Err("a name is a letter, then up to 39 letters, digits and `_`".into())
    }
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

pub(super) fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a whole number of at least 1 is needed".into()),
        Ok(number) => Ok(number),
    }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let millis_each = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err("a whole number and a unit are needed: 50ms, 2s, 1m".into()),
    };
    let number: u64 = digits.parse().map_err(|_| "a whole number and a unit are needed: 50ms, 2s, 1m")?;
    let millis = number.checked_mul(millis_each).filter(|millis| *millis <= 86_400_000);
    millis.map(Duration::from_millis).ok_or_else(|| "that is more than a day".into())
}

pub(super) fn defect(text: &str) -> Result<DefectSpec, String> {
    text.parse().map_err(|error: DefectError| match &error {
        DefectError::Unknown { name, known } => match did_you_mean(name, known.iter().copied()) {
            Some(near) => format!("there is no defect `{name}`: did you mean `{near}`?"),
            None => format!("there is no defect `{name}`: `proofmark list defects` has the names"),
        },
        DefectError::BadRate { .. } => error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "5", "ms", "5h", "-5ms", "99999999999999999999s", "999999m"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_defect_that_is_none_is_told_what_comes_near() {
        assert_eq!(defect("drop-event:1/3").map(|spec| spec.to_string()), Ok("drop-event:1/3".into()));
        let told = |text| defect(text).expect_err("no defect");
        assert_eq!(told("drop-evnt"), "there is no defect `drop-evnt`: did you mean `drop-event`?");
        assert_eq!(told("x"), "there is no defect `x`: `proofmark list defects` has the names");
        assert!(told("drop-event:2").starts_with("`2` is no rate for the defect `drop-event`"));
    }
}
