//! A failure in sentences, and as a scenario.

use std::collections::HashMap;

use super::written::{cause, written};
use super::{Shrunk, Trial};
use crate::contract::Contract;
use crate::history::Act;
use crate::judge::{Mismatch, MismatchKind, Must};
use crate::protocol::{Answer, Query, Seen};
use crate::scenario::Above;
use crate::step::{Sequence, Step, asked, literal, step_in_words};
use crate::value::{Name, Value};

/// How much of an answer a line shows, in characters.
const SHOWN: usize = 400;

/// A failure in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// What is broken, in a few words.
    pub headline: String,
    /// What was done and seen, step by step; the last line is the one that is wrong.
    pub steps: Vec<String>,
    /// What should have been, and where the answer differs, field by field.
    pub should: Vec<String>,
    /// The same as a scenario.
    pub scenario: String,
    /// A name for its file, without an ending: one for each cause, as far as causes can be told apart, and the same whenever it is found.
    pub file: String,
    /// The request that shows it, as a command for a shell, where the target has one.
    pub request: Option<String>,
    /// What would give a refusal the name that it lacks, in the form in which the target is told such things.
    pub addition: Option<String>,
}

/// Tells the first failure of a trial that was made smaller. The scenario speaks `contract` and has `comment` at its top, and so many rounds that a
/// failure that comes by chance is hardly missed.
pub fn tell(contract: &Contract, shrunk: &Shrunk, comment: &[String]) -> Option<Told> {
    let trial = &shrunk.trial;
    let mismatch = trial.judgement.mismatches.first()?;
    let names = Names(trial.ran.values.iter().map(|(name, value)| (value.clone(), name.clone())).collect());
    let last = *trial.ran.steps.get(mismatch.operation)?;
    let mut sequence = trial.sequence.clone();
    sequence.steps.truncate(last + 1);
    let headline = headline(&sequence, mismatch);
    let steps = lines(&sequence, (trial, mismatch), &names);
    let should = should(mismatch, &names);
    let mut above = comment.to_vec();
    above.extend((1..).zip(&steps).map(|(number, line)| format!("  {number}. {line}")));
    above.extend(should.iter().map(|line| format!("  {line}")));
    let above = Above { title: &headline, comment: &above, rounds: shrunk.rounds() };
    let scenario = written(contract, trial, mismatch, above, &names.0);
    let file = cause(contract, trial, mismatch).file();
    let request = trial.ran.requests.get(mismatch.operation).and_then(Option::as_ref);
    let request = request.map(ToString::to_string);
    Some(Told { headline, steps, should, scenario, file, request, addition: trial.addition.clone() })
}

/// The names that values stand for.
struct Names(HashMap<Value, Name>);

impl Names {
    fn named(&self, value: &Value) -> Value {
        value.replaced(&|part| self.0.get(part).cloned().map(Value::Name))
    }

    /// A text of the target's own, with names where it speaks of their values.
    fn within(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (value, name)| match value {
            Value::Text(value) => text.replace(&**value, &name.to_string()),
            _ => text,
        })
    }

    fn told(&self, value: &Value) -> String {
        let told = literal(&self.named(value));
        match told.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &told[..end]),
            None => told,
        }
    }
}

/// `AddItem is accepted where it must not be`, or which query is wrong behind which commands.
fn headline(sequence: &Sequence, mismatch: &Mismatch) -> String {
    let mut commands: Vec<&str> = Vec::new();
    for step in &sequence.steps {
        if let Step::Submit(submit) = step
            && commands.last() != Some(&&*submit.command.name)
        {
            commands.push(&submit.command.name);
        }
    }
    match mismatch.kind {
        MismatchKind::Outcome => format!("{} is {}", mismatch.message, mismatch.allowed.join(" or ")),
        MismatchKind::Unexplained => {
            format!("{} shows only what was so, after {}", mismatch.message, commands.join(", "))
        }
        MismatchKind::Immediate => {
            format!("{} shows at once what {} did", mismatch.message, commands.join(", "))
        }
        MismatchKind::Settled => format!("{} shows what {} did", mismatch.message, commands.join(", ")),
        MismatchKind::Chosen => {
            format!(
                "{} keeps showing what the service chose, after {}",
                mismatch.message,
                commands.join(", ")
            )
        }
    }
}

fn lines(sequence: &Sequence, (trial, mismatch): (&Trial, &Mismatch), names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, step) in sequence.steps.iter().enumerate() {
        // The last of a step: waiting for quiet may have taken several reads. One that was wrong is told instead.
        let last = trial.ran.steps.iter().rposition(|of| *of == at);
        let wrong = trial.ran.operations.get(mismatch.operation).map(|operation| &operation.act);
        if let Some(Act::Ask { query, answer }) = wrong
            && trial.ran.steps.get(mismatch.operation) == Some(&at)
            && last != Some(mismatch.operation)
        {
            let fields = query.fields.iter().map(|(name, value)| (name, names.named(value))).collect();
            let query =
                Query { on: query.on.as_ref().map(|on| names.named(on)), fields, ..(**query).clone() };
            lines.push(format!("{} → {}", asked(&query), answer_in_words(answer, names)));
            continue;
        }
        let became =
            match last.and_then(|last| trial.ran.operations.get(last)).map(|operation| &operation.act) {
                Some(Act::Submit { outcome, .. }) => format!(" → {}", names.within(&outcome.to_string())),
                Some(Act::Ask { answer, .. }) => format!(" → {}", answer_in_words(answer, names)),
                Some(Act::Quiet(_)) | None => String::new(),
            };
        lines.push(format!("{}{became}", step_in_words(step)));
    }
    lines
}

fn answer_in_words(answer: &Answer, names: &Names) -> String {
    match &answer.seen {
        Seen::Found(value) => names.told(value),
        Seen::Absent => "absent".into(),
        Seen::Refused(rejection) => format!("refused: {}", names.told(&rejection.to_value())),
        Seen::Broken(unknown) => unknown.detail.clone(),
        Seen::NotSent(why) => format!("not sent: {why}"),
    }
}

/// What should have been.
fn should(mismatch: &Mismatch, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    match &mismatch.must {
        Must::Outcome(_) => lines.push(format!("it should have been: {}", mismatch.allowed.join(", or "))),
        Must::Absent => lines.push("it should have been: absent".into()),
        Must::Shows(value) if mismatch.differences.iter().any(|difference| difference.path.is_root()) => {
            lines.push(format!("it should have shown: {}", names.told(value)));
        }
        Must::Rows { rows, unordered, .. } => {
            let order = if *unordered { ", in any order" } else { "" };
            lines.push(format!("it should have shown{order}: {}", names.told(&Value::List(rows.clone()))));
        }
        Must::Row(row) => lines.push(format!("it should have had a row that shows: {}", names.told(row))),
        Must::NoRow(_) if !mismatch.nearly().is_empty() => {
            for difference in mismatch.nearly().into_iter().take(8) {
                let told = |value: &Option<Value>| {
                    value.as_ref().map_or_else(|| "nothing".into(), |v| names.told(v))
                };
                let (expected, actual) = (told(&difference.expected), told(&difference.actual));
                let path = &difference.path;
                lines.push(format!(
                    "there was no such row at any time: in the nearest, `{path}` is {expected}, not {actual}"
                ));
            }
        }
        Must::Shows(_) | Must::Total(_) | Must::NoRow(_) | Must::Else => {
            for difference in mismatch.differences.iter().take(8) {
                let told = |value: &Option<Value>| {
                    value.as_ref().map_or_else(|| "nothing".into(), |v| names.told(v))
                };
                let (expected, actual) = (told(&difference.expected), told(&difference.actual));
                lines.push(if difference.path.is_root() {
                    format!("it should have shown {expected}, not {actual}")
                } else {
                    format!("`{}` should have been {expected}, not {actual}", difference.path)
                });
            }
        }
    }
    lines
}
