//! A failure as a scenario: what was sent, and what should have been.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Trial;
use crate::contract::rules::{Law, lawful};
use crate::contract::{Contract, FieldDef, QueryDef, Type};
use crate::history::Act;
use crate::judge::{Mismatch, MismatchKind, Must};
use crate::protocol::{Answer, Command, Expected, Outcome, OutcomeKind, Seen, Told};
use crate::scenario::{Above, Became, Done, Failing, script};
use crate::step::{Step, Submit};
use crate::value::{Name, PathStep, Record, Value};

/// How long the words in a file's name are, in characters. Some systems take 255 bytes and no more.
const NAMED: usize = 120;

/// The scenario that shows `mismatch` again: exactly what was sent, with what the last step should have come to. `drawn` says which name a value
/// was drawn for.
pub(super) fn written(
    contract: &Contract,
    trial: &Trial,
    mismatch: &Mismatch,
    above: Above<'_>,
    drawn: &HashMap<Value, Name>,
) -> String {
    let mut done = done(trial, mismatch);
    let query = contract.query(&mismatch.message);
    let failing = failing(trial, mismatch, query);
    if let (Must::Outcome(allowed), Some(last)) = (&mismatch.must, done.last_mut()) {
        let codes: Vec<Arc<str>> = allowed.iter().flatten().cloned().collect();
        let accepted = allowed.iter().any(Option::is_none);
        last.became = if accepted || codes.is_empty() { Became::Accepted } else { Became::Rejected(codes) };
    }
    script(contract, above, (&trial.sequence.names, &done), &failing, &|value| drawn.get(value).cloned())
}

/// What was done up to the mismatch: commands that were never sent, since the target has no words for them or could not be reached, have no
/// part in it.
fn done(trial: &Trial, mismatch: &Mismatch) -> Vec<Done> {
    let last = trial.ran.steps[mismatch.operation];
    let mut done: Vec<Done> = Vec::new();
    let (mut sent, mut tellers): (Vec<Sent<'_>>, Vec<Teller<'_>>) = (Vec::new(), Vec::new());
    for (at, step) in trial.sequence.steps.iter().take(last + 1).enumerate() {
        let mut this = Done { step: step.clone(), became: Became::Anything, told_by: None, again: false };
        if let Step::Submit(submit) = step {
            let operation = trial.ran.steps.iter().position(|of| *of == at);
            let Some(Act::Submit { command, attempt, outcome }) =
                operation.map(|at| &trial.ran.operations[at].act)
            else {
                continue;
            };
            this.became = match outcome {
                Outcome::Accepted(_) => Became::Accepted,
                Outcome::Rejected(rejection) => Became::Rejected(rejection.code.iter().cloned().collect()),
                Outcome::Unknown(_) => Became::Anything,
                Outcome::NotSent(_) => continue,
            };
            this.again = *attempt > 0 && sent.last().is_some_and(|last| last.command == &**command);
            let first = sent.iter().find(|sent| *attempt > 0 && sent.command == &**command);
            this.told_by = match first {
                // A retry demands what it demanded the first time.
                Some(first) => first.told_by,
                None => told_by(submit, command, &tellers),
            };
            sent.push(Sent { command, told_by: this.told_by });
            if let Outcome::Accepted(receipt) = outcome
                && receipt.version.is_some()
            {
                tellers.push(Teller { at: done.len(), on: command.on.as_ref() });
            }
            // `repeat last` says it all.
            this.told_by = this.told_by.filter(|_| !this.again);
        }
        done.push(this);
    }
    done
}

/// A command that was sent, and the place of the step that told the version which it demanded.
struct Sent<'a> {
    command: &'a Command,
    told_by: Option<usize>,
}

/// The place of a step that told a version, and of which aggregate.
struct Teller<'a> {
    at: usize,
    on: Option<&'a Value>,
}

/// Which step told the version that a command demanded. One that should have demanded a version and was told none demanded nothing.
fn told_by(submit: &Submit, sent: &Command, tellers: &[Teller<'_>]) -> Option<usize> {
    let which = submit.demands.filter(|_| sent.expected != Expected::Any)?;
    let mut tellers = tellers.iter().filter(|teller| teller.on == sent.on.as_ref());
    let teller = match which {
        Told::First => tellers.next(),
        Told::Last => tellers.next_back(),
    };
    teller.map(|teller| teller.at)
}

fn failing(trial: &Trial, mismatch: &Mismatch, query: Option<&QueryDef>) -> Failing {
    let seen = match &trial.ran.operations[mismatch.operation].act {
        Act::Ask { answer: Answer { seen: Seen::Found(value), .. }, .. } => Some(value),
        _ => None,
    };
    if mismatch.kind == MismatchKind::Chosen {
        return chosen(mismatch, seen);
    }
    let shows = query.and_then(|query| query.shows.as_deref()).unwrap_or_default();
    // Where an outcome is unknown, or a read model may lag, more than one answer would have been right: what was seen is none of them.
    let is_unknown = |act: &Act| matches!(act, Act::Submit { outcome: Outcome::Unknown(_), .. });
    let several = mismatch.kind == MismatchKind::Unexplained
        || mismatch.allowed.len() > 1
        || trial.ran.operations[..mismatch.operation].iter().any(|operation| is_unknown(&operation.act));
    match (&mismatch.must, seen) {
        (Must::Outcome(_), _) => Failing::Command,
        (Must::Shows(must), Some(Value::Record(seen))) if several => {
            never(seen, must, shows).unwrap_or_else(|| of_their_types(differing(must, mismatch)))
        }
        (Must::Rows { .. }, Some(Value::List(seen)))
            if several && chosen_in_rows(mismatch, shows).is_none() =>
        {
            let rows =
                seen.iter().filter_map(Value::as_record).map(|row| Value::Record(declared(row, shows)));
            Failing::NeverRows(rows.collect())
        }
        (Must::Shows(must), _) => Failing::Fields(differing(must, mismatch)),
        (Must::Absent, _) => Failing::Absent,
        (Must::Row(row), _) => Failing::Contains(row.clone()),
        (Must::Total(total), _) => Failing::Total(*total),
        (Must::Rows { rows, unordered, count }, _) => match chosen_in_rows(mismatch, shows) {
            Some(field) => Failing::Each(field),
            None if rows.len() != *count => Failing::Count(*count),
            None if *unordered => Failing::Unordered(rows.clone()),
            None => Failing::Rows(rows.clone()),
        },
        (Must::NoRow(_) | Must::Else, seen) => {
            match (mismatch.differences.first().and_then(|first| first.actual.as_ref()), seen) {
                (Some(Value::Record(row)), Some(Value::List(_))) => match mistyped(row, shows) {
                    Some(field) => Failing::Each(field),
                    None => Failing::NeverContains(Value::Record(declared(row, shows))),
                },
                (_, Some(Value::Record(seen))) => match mistyped(seen, shows) {
                    Some(field) => Failing::Fields(vec![(field, None)]),
                    None => Failing::Never(declared(seen, shows)),
                },
                _ => Failing::Absent,
            }
        }
    }
}

/// That it is there: a run of the scenario sees by itself that it is another one than before.
fn chosen(mismatch: &Mismatch, seen: Option<&Value>) -> Failing {
    let field = mismatch.differences.iter().find_map(|difference| match difference.path.steps().last() {
        Some(PathStep::Field(name)) => Some(name.clone()),
        Some(PathStep::Index(_)) | None => None,
    });
    match (seen, field) {
        (Some(Value::List(_)), Some(field)) => Failing::Each(field),
        (_, field) => Failing::Fields(field.into_iter().map(|field| (field, None)).collect()),
    }
}

/// The fields of `must` that differ, with those whose value the service chooses; all of them where the whole does.
fn differing(must: &Value, mismatch: &Mismatch) -> Vec<(Arc<str>, Option<Value>)> {
    let mut fields: Vec<(Arc<str>, Option<Value>)> = Vec::new();
    for difference in &mismatch.differences {
        let Some(PathStep::Field(name)) = difference.path.steps().first() else { continue };
        if !fields.iter().any(|(known, _)| known == name) {
            fields.push((name.clone(), must.get(name).cloned()));
        }
    }
    if fields.is_empty()
        && let Some(record) = must.as_record()
    {
        fields = record.fields().iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
    }
    fields
}

/// The field of rows that is wrong though the service chooses it.
fn chosen_in_rows(mismatch: &Mismatch, shows: &[FieldDef]) -> Option<Arc<str>> {
    let [first, ..] = &*mismatch.differences else { return None };
    match first.path.steps() {
        [PathStep::Index(_), PathStep::Field(name), ..] => {
            shows.iter().find(|field| field.chosen && field.name == *name).map(|field| field.name.clone())
        }
        _ => None,
    }
}

/// That what was seen is seen at no time: the fields that the contract speaks of. Not where a field that is missing, or has a value of another
/// type, is what is wrong: no scenario may name that.
fn never(seen: &Record, must: &Value, shows: &[FieldDef]) -> Option<Failing> {
    let fields = seen.fields().iter().filter(|(name, _)| must.get(name).is_some());
    let record = declared(&fields.cloned().collect(), shows);
    let tells = record.iter().any(|(name, value)| must.get(name) != Some(value));
    tells.then_some(Failing::Never(record))
}

/// That these fields are there, with whatever values of their types.
fn of_their_types(fields: Vec<(Arc<str>, Option<Value>)>) -> Failing {
    Failing::Fields(fields.into_iter().map(|(name, _)| (name, None)).collect())
}

/// The first field that has a value of another type than it is declared with.
fn mistyped(record: &Record, shows: &[FieldDef]) -> Option<Arc<str>> {
    let wrong = |field: &&FieldDef| record.get(&field.name).is_some_and(|value| !is_of(value, &field.ty));
    shows.iter().find(wrong).map(|field| field.name.clone())
}

/// The fields that the contract declares, with values of their types that are not the service's choice.
fn declared(record: &Record, shows: &[FieldDef]) -> Record {
    let takes = |name: &str, value: &Value| {
        let field = shows.iter().find(|field| *field.name == *name);
        field.is_some_and(|field| !field.chosen && is_of(value, &field.ty))
    };
    record.fields().iter().filter(|(name, value)| takes(name, value)).cloned().collect()
}

/// Whether lint lets a value of that type be compared with this.
fn is_of(value: &Value, ty: &Type) -> bool {
    !matches!(lawful(ty, value), Law::Unlawful(_))
}

/// What is broken, as far as that can be told from one failure: what two findings of one cause have in common, and two of different causes have not.
pub(super) struct Cause {
    /// In words that a file may be called by.
    words: Vec<String>,
}

/// The cause of a trial's failure.
pub(super) fn cause(contract: &Contract, trial: &Trial, mismatch: &Mismatch) -> Cause {
    let mut words = vec![contract.name().to_owned(), mismatch.message.to_string()];
    match (&mismatch.must, &mismatch.outcome) {
        (Must::Outcome(allowed), outcome) => {
            words.push(match outcome {
                Some(OutcomeKind::Accepted) => "accepted".into(),
                Some(OutcomeKind::Rejected(Some(code))) => code.to_string(),
                Some(OutcomeKind::Rejected(None)) => "rejected".into(),
                Some(OutcomeKind::Unknown(_) | OutcomeKind::NotSent) | None => "unknown".into(),
            });
            words.push("not".into());
            let allowed: BTreeSet<&str> =
                allowed.iter().map(|code| code.as_deref().unwrap_or("accepted")).collect();
            words.extend(allowed.into_iter().map(str::to_owned));
        }
        (must, _) => {
            words.push(mismatch.kind.words().into());
            words.extend(wrong(must, mismatch));
        }
    }
    let retried = |act: &Act| matches!(act, Act::Submit { attempt: 1.., .. });
    if trial.ran.operations.iter().any(|operation| retried(&operation.act)) {
        words.push("retried".into());
    }
    let commands: BTreeSet<Arc<str>> = done(trial, mismatch)
        .into_iter()
        .filter_map(|done| match done.step {
            Step::Submit(submit) => Some(submit.command.name).filter(|name| *name != mismatch.message),
            _ => None,
        })
        .collect();
    if !commands.is_empty() {
        words.push("after".into());
        words.extend(commands.iter().map(ToString::to_string));
    }
    Cause { words }
}

/// What of an answer is wrong: fields, in whichever row.
fn wrong(must: &Must, mismatch: &Mismatch) -> BTreeSet<String> {
    let field = |step: &PathStep| match step {
        PathStep::Field(name) => Some(name.to_string()),
        PathStep::Index(_) => None,
    };
    let fields: BTreeSet<String> = mismatch
        .differences
        .iter()
        .filter_map(|difference| difference.path.steps().iter().find_map(field))
        .collect();
    if !fields.is_empty() {
        return fields;
    }
    let whole = match must {
        Must::Absent => "there",
        Must::Shows(_) => "absent",
        Must::Rows { .. } | Must::Row(_) => "rows",
        Must::Total(_) => "total",
        Must::Outcome(_) | Must::NoRow(_) | Must::Else => "row",
    };
    BTreeSet::from([whole.to_owned()])
}

impl Cause {
    /// A name for its file, without an ending: words to read, and a number that tells apart what the words do not.
    pub(super) fn file(&self) -> String {
        let mut name = String::new();
        for c in self.words.join("-").chars().map(|c| c.to_ascii_lowercase()) {
            let plain = if c.is_ascii_alphanumeric() { c } else { '-' };
            if plain != '-' || !name.ends_with('-') {
                name.push(plain);
            }
        }
        name.truncate(NAMED);
        // FNV-1a: the same in every version and on every machine.
        let number = self.words.join("\0").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{}-{:08x}", name.trim_matches('-'), number >> 32)
    }
}
