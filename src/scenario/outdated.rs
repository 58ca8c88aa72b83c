//! Whether a scenario expects what its contract rules out by now.

use std::fmt;
use std::sync::Arc;

use super::matcher::Mismatch;
use super::replay::{Looks, Replay, Want};
use crate::contract::BUILT_IN_REJECTIONS;
use crate::contract::rules::{Decision, Expected, Model, Row, Shown, World, told_row};
use crate::protocol::Query;
use crate::step::{Step, Submit};
use crate::text::Span;
use crate::value::{PathStep, Value};

/// So many worlds are kept; with more, nothing can be said.
const WORLDS: usize = 64;
/// How much of an answer is told, in characters.
const SHOWN: usize = 200;

/// An expectation that the contract rules out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outdated {
    /// Where it is written.
    pub span: Span,
    /// The command or query.
    pub message: Arc<str>,
    /// What is expected of it.
    pub expected: String,
    /// What it is by the contract.
    pub now: String,
}

impl fmt::Display for Outdated {
    /// `AddItem is to be accepted here, and by the contract it is rejected OrderNotPending`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is to be {} here, and by the contract it is {}", self.message, self.expected, self.now)
    }
}

/// The first expectation that the contract rules out, in whichever of the worlds that are possible by it. Where the rules leave open what is so,
/// nothing is ruled out.
pub fn outdated<M: Model>(replay: &Replay, model: &M) -> Option<Outdated> {
    let mut check = Check { model, worlds: vec![World::new()] };
    for (at, step) in replay.sequence.steps.iter().enumerate() {
        let found = match step {
            Step::Submit(submit) => {
                let retries = submit.is_keyed()
                    && replay.sequence.steps[..at].iter().any(|earlier| is_keyed_as(earlier, submit));
                check.command(submit, &replay.wants[at], retries)
            }
            Step::Ask(query) => match &replay.wants[at] {
                Want::Looks(looks) => check.query(query, looks),
                _ => Ok(None),
            },
            Step::Settle => Ok(None),
        };
        // What can't be worked out is ruled out by nobody.
        if let Some(found) = found.ok()? {
            return Some(found);
        }
        for (_, query, looks) in replay.watches.iter().filter(|(range, _, _)| range.contains(&at)) {
            if let Some(found) = check.watch(query, looks).ok()? {
                return Some(found);
            }
        }
    }
    None
}

/// The rules say no more.
struct Open;

type Checked = Result<Option<Outdated>, Open>;

struct Check<'a, M: Model> {
    model: &'a M,
    /// The worlds that are possible, given what is expected so far.
    worlds: Vec<World<M::State>>,
}

impl<M: Model> Check<'_, M> {
    fn command(&mut self, submit: &Submit, want: &Want, retries: bool) -> Checked {
        if retries {
            // It has no second effect; whether a refusal is remembered, each service decides.
            return Ok(None);
        }
        let (mut left, mut allowed) = (Vec::new(), Vec::<String>::new());
        for world in &self.worlds {
            for decision in self.model.decide(world, &submit.command).map_err(|_| Open)? {
                match decision {
                    Decision::Accepted(accepted) => {
                        if matches!(want, Want::Accepted(_) | Want::Nothing) {
                            if accepted.unspecified {
                                return Err(Open);
                            }
                            left.push(accepted.world);
                        }
                        allowed.push("accepted".into());
                    }
                    Decision::Rejected(code) => {
                        if is_wanted(&code, want) {
                            left.push(world.clone());
                        }
                        allowed.push(format!("rejected {code}"));
                    }
                }
            }
            if is_of_the_wire(submit, want) {
                left.push(world.clone());
            }
        }
        let mut known: Vec<World<M::State>> = Vec::new();
        for world in left {
            if !known.iter().any(|known| known.entries() == world.entries()) {
                known.push(world);
            }
        }
        if known.len() > WORLDS {
            return Err(Open);
        }
        if !known.is_empty() {
            self.worlds = known;
            return Ok(None);
        }
        allowed.sort();
        allowed.dedup();
        let (expected, span) = match want {
            Want::Rejected(codes, span) if codes.is_empty() => ("rejected".to_owned(), *span),
            Want::Rejected(codes, span) => (format!("rejected {}", codes.join(" | ")), *span),
            Want::Accepted(span) => ("accepted".to_owned(), *span),
            Want::Nothing | Want::Looks(_) => return Err(Open),
        };
        let message = submit.command.name.clone();
        Ok(Some(Outdated { span, message, expected, now: allowed.join(" or ") }))
    }

    fn query(&self, query: &Query, looks: &Looks) -> Checked {
        let mut first = None;
        for world in &self.worlds {
            let answer = self.model.answer(world, query).map_err(|_| Open)?;
            match looks.against(&answer) {
                Some(wrong) => drop(first.get_or_insert(wrong)),
                None => return Ok(None),
            }
        }
        Ok(first.map(|(expected, now)| Outdated {
            span: looks.span,
            message: query.name.clone(),
            expected,
            now,
        }))
    }

    /// What must never be shown is ruled out where it is shown for certain.
    fn watch(&self, query: &Query, looks: &Looks) -> Checked {
        for world in &self.worlds {
            let answer = self.model.answer(world, query).map_err(|_| Open)?;
            let Some(value) = certain(&answer) else { return Ok(None) };
            if !looks.matcher.as_ref().is_some_and(|matcher| matcher.matches(Some(&value))) {
                return Ok(None);
            }
        }
        let expected = looks.matcher.as_ref().map_or_else(String::new, |matcher| matcher.describe(SHOWN));
        Ok(Some(Outdated {
            span: looks.span,
            message: query.name.clone(),
            expected: format!("never {expected}"),
            now: "just that".into(),
        }))
    }
}

fn is_keyed_as(earlier: &Step, submit: &Submit) -> bool {
    match earlier {
        Step::Submit(earlier) => (&earlier.key, &earlier.command.key) == (&submit.key, &submit.command.key),
        _ => false,
    }
}

fn is_wanted(code: &Arc<str>, want: &Want) -> bool {
    match want {
        Want::Nothing => true,
        Want::Rejected(codes, _) => codes.is_empty() || codes.contains(code),
        Want::Accepted(_) | Want::Looks(_) => false,
    }
}

/// Whether it may be refused for what no rule speaks of: its version, its key, who sends it.
fn is_of_the_wire(submit: &Submit, want: &Want) -> bool {
    let demands = submit.is_demanding();
    match want {
        Want::Rejected(codes, _) => {
            let built_in = |code: &Arc<str>| **code != *"Malformed" && BUILT_IN_REJECTIONS.contains(&&**code);
            (codes.is_empty() && demands) || codes.iter().any(built_in)
        }
        _ => false,
    }
}

/// The answer as a value, where the rules leave nothing of it to the service.
fn certain(answer: &Expected) -> Option<Value> {
    let whole = |row: &Row| row.iter().all(|(_, shown)| matches!(shown, Shown::Is(_)));
    match answer {
        Expected::Shows(row) if whole(row) => Some(told_row(row)),
        Expected::Rows(rows) if !rows.unordered && rows.rows.iter().all(whole) => {
            Some(Value::List(rows.rows.iter().map(told_row).collect()))
        }
        _ => None,
    }
}

impl Looks {
    /// What is expected and what is so by the contract, where the two differ whatever the service chooses.
    fn against(&self, answer: &Expected) -> Option<(String, String)> {
        let said =
            || self.matcher.as_ref().map_or_else(|| "absent".into(), |matcher| matcher.describe(SHOWN));
        match (answer, &self.matcher) {
            (Expected::Anything | Expected::Malformed, _) | (Expected::Absent, None) => None,
            (Expected::Absent, Some(_)) => Some((said(), "absent".into())),
            (_, None) => Some((said(), answer.in_words(SHOWN))),
            (Expected::Rows(rows), Some(matcher)) if self.total => {
                let total = Value::from(rows.total? as u64);
                (!matcher.matches(Some(&total))).then(|| (said(), total.brief(SHOWN)))
            }
            (Expected::Rows(rows), Some(matcher)) => {
                let value = Value::List(rows.rows.iter().map(told_row).collect());
                let open = rows.unordered
                    || rows.count != rows.rows.len()
                    || rows.rows.iter().flatten().any(|(_, shown)| !matches!(shown, Shown::Is(_)));
                (!open && !matcher.matches(Some(&value))).then(|| (said(), value.brief(SHOWN)))
            }
            (Expected::Shows(row), Some(matcher)) => {
                let value = told_row(row);
                let wrong = matcher.judge(Some(&value)).into_iter().find(|wrong| !is_chosen(wrong, row))?;
                Some(in_words(&wrong))
            }
        }
    }
}

/// Whether a difference is about what the service chooses, or puts in an order of its own.
fn is_chosen(wrong: &Mismatch, row: &Row) -> bool {
    match wrong.path.steps().first() {
        Some(PathStep::Field(name)) => {
            // What the contract does not speak of, nothing rules out.
            row.iter()
                .find(|(known, _)| known == name)
                .is_none_or(|(_, shown)| !matches!(shown, Shown::Is(_)))
        }
        _ => false,
    }
}

fn in_words(wrong: &Mismatch) -> (String, String) {
    if wrong.path.is_root() {
        return (wrong.expected.clone(), wrong.actual.clone());
    }
    (format!("shown with {} {}", wrong.path, wrong.expected), wrong.actual.clone())
}
