use std::fmt;
use std::str::FromStr;

use super::procedure::experiments;
use crate::text::did_you_mean;

/// One case of an experiment: with the same seed it takes the same course. Written `retry/3`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CaseName {
    /// The experiment.
    pub experiment: &'static str,
    /// Which of its cases, counted from 0.
    pub number: u64,
}

/// Why a text is not the name of a case.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaseNameError {
    /// There is no experiment of that name.
    #[error("there is no experiment called \u{201c}{name}\u{201d}; {}", known(.name))]
    Unknown {
        /// What was written.
        name: String,
    },
    /// It is not written as one.
    #[error("a case is an experiment and a number, such as `retry/3`")]
    Malformed,
}

fn known(name: &str) -> String {
    match did_you_mean(name, experiments().map(|experiment| experiment.name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<&str> = experiments().map(|experiment| experiment.name).collect();
            format!("there are {}", names.join(", "))
        }
    }
}

impl CaseName {
    /// Such a case of an experiment; nothing where none is called so.
    pub(crate) fn of(experiment: &str, number: u64) -> Option<Self> {
        let experiment = experiments().find(|known| known.name == experiment)?;
        Some(Self { experiment: experiment.name, number })
    }
}

impl FromStr for CaseName {
    type Err = CaseNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, number) = text.rsplit_once('/').ok_or(CaseNameError::Malformed)?;
        let number = number.parse().map_err(|_| CaseNameError::Malformed)?;
        Self::of(name, number).ok_or_else(|| CaseNameError::Unknown { name: name.to_owned() })
    }
}

impl fmt::Display for CaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.experiment, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_read_as_it_is_written() {
        for experiment in experiments() {
            let name = CaseName { experiment: experiment.name, number: 17 };
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for text in ["retry", "retry/", "retry/x", "retry/-1", "/"] {
            assert_eq!(text.parse::<CaseName>(), Err(CaseNameError::Malformed), "{text}");
        }
        let near = "retri/1".parse::<CaseName>().expect_err("no such experiment").to_string();
        assert!(near.ends_with("did you mean `retry`?"), "{near}");
        let none = "zzzzzz/1".parse::<CaseName>().expect_err("no such experiment").to_string();
        assert!(none.contains("there are ") && none.contains("copies"), "{none}");
    }
}
