//! What a job said of itself, as its history has it.

use crate::conform::ClauseVerdict;
use crate::protocol::{ClauseId, Verdict};
use crate::run::RESULT;
use crate::value::{Record, Value};

/// What a run said of a scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct ScenarioWord {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Where it begins there.
    pub line: u64,
    /// The seed with which it takes the same course again.
    pub seed: String,
    /// What came of it.
    pub verdict: Verdict,
    /// All but passes.
    pub findings: Vec<FindingWord>,
}

/// What a run found in a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindingWord {
    /// How bad it is.
    pub verdict: Verdict,
    /// The line of the step.
    pub line: u64,
    /// What happened, as a sentence without a full stop.
    pub says: String,
    /// More of it; may be empty.
    pub label: String,
}

/// What an examination said of a clause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClauseWord {
    /// The clause.
    pub id: ClauseId,
    /// How it stands, in the word of reports.
    pub stands: String,
    /// What that means for the whole.
    pub weighs: Verdict,
    /// Why it stands so, where there is more to say.
    pub why: Option<String>,
    /// How it was broken: a sentence each.
    pub wrong: Vec<String>,
}

impl ScenarioWord {
    pub(super) fn of(what: &str, data: &Record) -> Option<Self> {
        let finding = |value: &Value| {
            let data = value.as_record()?;
            Some(FindingWord {
                verdict: verdict(data, "verdict")?,
                line: count(data, "line"),
                says: text(data, "says")?,
                label: text(data, "label").unwrap_or_default(),
            })
        };
        if what != RESULT {
            return None;
        }
        let findings = data.get("findings").and_then(Value::as_list).unwrap_or_default();
        Some(Self {
            name: text(data, "name")?,
            file: text(data, "file")?,
            line: count(data, "line"),
            seed: data.get("seed").map(Value::to_json)?,
            verdict: verdict(data, "verdict")?,
            findings: findings.iter().filter_map(finding).collect(),
        })
    }
}

impl ClauseWord {
    /// Whether it was seen broken, known or not.
    pub(super) fn is_broken(&self) -> bool {
        !self.wrong.is_empty()
    }

    /// Whether nobody tried it.
    pub(super) fn was_not_tried(&self) -> bool {
        let untried = [
            ClauseVerdict::NotClaimed,
            ClauseVerdict::NotBinding,
            ClauseVerdict::NotYet,
            ClauseVerdict::NotSelected,
            ClauseVerdict::NotAllowed,
        ];
        untried.iter().any(|verdict| verdict.word() == self.stands)
    }

    pub(super) fn of(what: &str, data: &Record) -> Option<Self> {
        if what != "clause" {
            return None;
        }
        let wrong = data.get("wrong").and_then(Value::as_list).unwrap_or_default();
        Some(Self {
            id: text(data, "id")?.parse().ok()?,
            stands: text(data, "verdict")?,
            weighs: verdict(data, "weighs")?,
            why: text(data, "why"),
            wrong: wrong.iter().filter_map(Value::as_text).map(str::to_owned).collect(),
        })
    }
}

/// A whole number; 0 where there is none.
pub(super) fn count(data: &Record, name: &str) -> u64 {
    data.get(name).and_then(Value::as_number).and_then(crate::value::Number::to_u64).unwrap_or_default()
}

pub(super) fn text(data: &Record, name: &str) -> Option<String> {
    data.get(name)?.as_text().map(str::to_owned)
}

fn verdict(data: &Record, name: &str) -> Option<Verdict> {
    Verdict::of_word(data.get(name)?.as_text()?)
}
