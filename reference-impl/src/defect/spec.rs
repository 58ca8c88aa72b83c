//! Defects as they are asked for: `NAME` or `NAME:RATE`.

use std::fmt;
use std::str::FromStr;

use super::{Defect, Rate, registry};

/// A defect that is to be switched on, and how often it is to strike.
#[derive(Debug, Clone, Copy)]
pub struct DefectSpec {
    /// Which.
    pub defect: &'static Defect,
    /// How often.
    pub rate: Rate,
}

/// Why a text names no defect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefectError {
    /// There is none of that name.
    #[error("there is no defect `{name}`; there are {}", known.join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// The rate is none.
    #[error(
        "`{rate}` is no rate for the defect `{name}`: a rate is 1/N, or a decimal above 0 and up to 1 \
         with at most nine places (known defects: {})", known.join(", ")
    )]
    BadRate {
        /// The defect.
        name: &'static str,
        /// The rate asked for.
        rate: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
}

impl FromStr for DefectSpec {
    type Err = DefectError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = || registry().iter().map(|defect| defect.name).collect();
        let (name, rate) = match text.split_once(':') {
            Some((name, rate)) => (name, Some(rate)),
            None => (text, None),
        };
        let defect = registry()
            .iter()
            .find(|defect| defect.name == name)
            .ok_or_else(|| DefectError::Unknown { name: name.to_owned(), known: known() })?;
        let rate = match rate {
            None => defect.default_rate,
            Some(rate) => Rate::parse(rate).ok_or_else(|| DefectError::BadRate {
                name: defect.name,
                rate: rate.to_owned(),
                known: known(),
            })?,
        };
        Ok(Self { defect, rate })
    }
}

impl fmt::Display for DefectSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.defect.name, self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_is_a_name_and_perhaps_a_rate() {
        let cases = [
            ("drop-event", "drop-event:1/10"),
            ("drop-event:0.5", "drop-event:0.5"),
            ("ignore-key", "ignore-key:1"),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<DefectSpec>().map(|spec| spec.to_string()).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn an_unknown_name_or_a_bad_rate_lists_what_there_is() {
        for text in ["drop-evnt", "", "drop-event:0", "drop-event:", "drop-event:1/0"] {
            let message = text.parse::<DefectSpec>().expect_err(text).to_string();
            for defect in registry() {
                assert!(message.contains(defect.name), "{message}");
            }
        }
    }

    #[test]
    fn every_defect_is_documented_and_unique() {
        for (index, defect) in registry().iter().enumerate() {
            assert!(!defect.summary.is_empty() && !defect.breaks.is_empty(), "{}", defect.name);
            assert!(registry()[..index].iter().all(|other| other.name != defect.name), "{}", defect.name);
        }
    }
}
