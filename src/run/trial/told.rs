//! A failure in sentences, and as a scenario.

use std::collections::HashMap;
use std::sync::Arc;

use super::Trial;
use crate::history::Act;
use crate::judge::{Mismatch, MismatchKind, Must};
use crate::protocol::{Answer, Outcome, Seen};
use crate::scenario::{Became, Failing, script};
use crate::step::{Sequence, Step, literal, step_in_words};
use crate::value::{Name, PathStep, Value};

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
    /// A name for its file, without an ending.
    pub file: String,
    /// The request that shows it, as a command for a shell, where the target has one.
    pub request: Option<String>,
    /// What would give a refusal the name that it lacks, in the form in which the target is told such things.
    pub addition: Option<String>,
}

/// Tells the first failure of a trial. The scenario speaks `contract` and has `comment` at its top.
pub fn tell(contract: &str, trial: &Trial, comment: &[String]) -> Option<Told> {
    let mismatch = trial.judgement.mismatches.first()?;
    let names = Names(trial.ran.values.iter().map(|(name, value)| (value.clone(), name.clone())).collect());
    let last = *trial.ran.steps.get(mismatch.operation)?;
    let mut sequence = trial.sequence.clone();
    sequence.steps.truncate(last + 1);
    let headline = headline(&sequence, mismatch);
    let steps = lines(&sequence, trial, &names);
    let should = should(mismatch, &names);
    let (became, failing) = (became(trial, mismatch, last), failing(trial, mismatch, &names));
    let mut above = comment.to_vec();
    above.extend((1..).zip(&steps).map(|(number, line)| format!("  {number}. {line}")));
    above.extend(should.iter().map(|line| format!("  {line}")));
    let scenario = script((contract, &headline, &above), &sequence, &became, &failing);
    let words = format!("{} {}", mismatch.message, mismatch.kind.words());
    let file = words.to_lowercase().replace(' ', "-");
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
    }
}

fn lines(sequence: &Sequence, trial: &Trial, names: &Names) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, step) in sequence.steps.iter().enumerate() {
        // The last of a step: waiting for quiet may have taken several reads.
        let last = trial.ran.steps.iter().rposition(|of| *of == at);
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
        Must::Shows(_) | Must::Total(_) | Must::Else => {
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

/// What each step comes to: for all but the last, what it came to.
fn became(trial: &Trial, mismatch: &Mismatch, last: usize) -> Vec<Became> {
    let mut became = vec![Became::Unsaid; last + 1];
    for (operation, step) in trial.ran.operations.iter().zip(&trial.ran.steps) {
        let (Act::Submit { outcome, .. }, Some(place)) = (&operation.act, became.get_mut(*step)) else {
            continue;
        };
        *place = match outcome {
            Outcome::Accepted(_) => Became::Accepted,
            Outcome::Rejected(rejection) => Became::Rejected(rejection.code.iter().cloned().collect()),
            Outcome::Unknown(_) | Outcome::NotSent(_) => Became::Unsaid,
        };
    }
    if let Must::Outcome(allowed) = &mismatch.must {
        let codes: Vec<Arc<str>> = allowed.iter().flatten().cloned().collect();
        let accepted = allowed.iter().any(Option::is_none);
        became[last] = if accepted || codes.is_empty() { Became::Accepted } else { Became::Rejected(codes) };
    }
    became
}

fn failing(trial: &Trial, mismatch: &Mismatch, names: &Names) -> Failing {
    let seen = match &trial.ran.operations[mismatch.operation].act {
        Act::Ask { answer: Answer { seen: Seen::Found(value), .. }, .. } => Some(value),
        _ => None,
    };
    match (&mismatch.must, seen) {
        (Must::Outcome(_), _) => Failing::Command,
        (Must::Shows(must), Some(seen)) if mismatch.kind == MismatchKind::Unexplained => {
            Failing::Never(names.named(&like(seen, must)))
        }
        (Must::Shows(must), _) => Failing::Shows(names.named(&differing(must, mismatch))),
        (Must::Absent, _) => Failing::Absent,
        (Must::Row(row), _) => Failing::Contains(names.named(row)),
        (Must::Total(total), _) => Failing::Total(*total),
        (Must::Rows { rows, unordered, count }, _) => {
            let rows: Vec<Value> = rows.iter().map(|row| names.named(row)).collect();
            match (unordered, rows.len() == *count) {
                (_, false) => Failing::Count(*count),
                (true, true) => Failing::Unordered(rows),
                (false, true) => Failing::Shows(Value::List(rows)),
            }
        }
        (Must::Else, seen) => {
            match (mismatch.differences.first().and_then(|first| first.actual.as_ref()), seen) {
                (Some(row), Some(Value::List(_))) => Failing::NeverContains(names.named(row)),
                (_, Some(seen)) => Failing::Never(names.named(seen)),
                (_, None) => Failing::Absent,
            }
        }
    }
}

/// The fields of `must` that differ; all of them where the whole does.
fn differing(must: &Value, mismatch: &Mismatch) -> Value {
    let Some(record) = must.as_record() else { return must.clone() };
    let roots: Vec<&str> = mismatch
        .differences
        .iter()
        .filter_map(|difference| match difference.path.steps().first() {
            Some(PathStep::Field(name)) => Some(&**name),
            _ => None,
        })
        .collect();
    if roots.is_empty() {
        return must.clone();
    }
    let fields = record.iter().filter(|(name, _)| roots.contains(name));
    Value::Record(fields.map(|(name, value)| (name, value.clone())).collect())
}

/// The fields of `seen` that `must` has, too: what the service chose by itself is left out.
fn like(seen: &Value, must: &Value) -> Value {
    match (seen, must) {
        (Value::Record(seen), Value::Record(must)) => {
            let fields = seen.iter().filter(|(name, _)| must.contains(name));
            Value::Record(fields.map(|(name, value)| (name, value.clone())).collect())
        }
        _ => seen.clone(),
    }
}
