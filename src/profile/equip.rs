use std::collections::BTreeMap;
use std::fmt;

use super::Profile;
use crate::text::{Code, Diagnostic};

/// Shorter secrets can't be kept out of what is printed without garbling it.
const SHORTEST_SECRET: usize = 4;

/// Looks up a variable of the environment.
pub type Outward<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a profile's placeholders `${env:…}` and `${secret:…}` stand for. Shows no value.
#[derive(Clone, Default)]
pub struct Equipment {
    values: BTreeMap<String, String>,
    secrets: Vec<String>,
}

impl fmt::Debug for Equipment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Equipment").field("variables", &self.values.keys()).finish_non_exhaustive()
    }
}

impl Equipment {
    pub(crate) fn get(&self, variable: &str) -> Option<&str> {
        self.values.get(variable).map(String::as_str)
    }

    /// The values that must not be shown.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(String::as_str)
    }
}

impl Profile {
    /// Looks up all that the profile takes from the environment. With `base_given`, what only `[base]` needs is not
    /// looked up.
    ///
    /// # Errors
    /// With a diagnostic for each variable that is not there, or is a secret too short to be kept.
    pub fn equip(&self, base_given: bool, look_up: Outward<'_>) -> Result<Equipment, Vec<Diagnostic>> {
        let mut equipment = Equipment::default();
        let mut mistakes = Vec::new();
        for outside in self.outside.iter().filter(|outside| !(base_given && outside.for_base)) {
            let variable = &outside.variable;
            let mistake = |what: String| Diagnostic::error(Code::UNSET_VARIABLE, outside.span, what);
            match look_up(variable).filter(|value| !value.is_empty()) {
                None => {
                    let what = format!("the environment variable {variable} is not set, or is empty");
                    mistakes.push(mistake(what));
                }
                Some(value) if outside.secret && value.chars().count() < SHORTEST_SECRET => {
                    let what =
                        format!("the secret in {variable} has fewer than {SHORTEST_SECRET} characters");
                    mistakes.push(
                        mistake(what).advise("such a text can't be kept out of reports: take a longer one"),
                    );
                }
                Some(value) => {
                    if outside.secret && !equipment.secrets.contains(&value) {
                        equipment.secrets.push(value.clone());
                    }
                    equipment.values.insert(variable.clone(), value);
                }
            }
        }
        if mistakes.is_empty() { Ok(equipment) } else { Err(mistakes) }
    }
}
