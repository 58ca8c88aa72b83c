//! Sequences that were made up, judged again.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::Rules;
use super::words::{count, text};
use crate::conform::SequenceBench;
use crate::contract::Contract;
use crate::contract::explore::{Bounds, Chart, Naming, explore};
use crate::contract::rules::Interpreted;
use crate::generate::{Charted, drawn};
use crate::history::{Act, Course, Header, Operation, Part, Purpose, Role};
use crate::judge::{Settings, Signature};
use crate::protocol::{ClauseId, Command, Expected, Query, Verdict};
use crate::run::{EXPERIMENT, Ran, SHRUNK, Seed, Shrunk, TOLD, Trial, TrialSummary, settings, step_of};
use crate::step::{Binding, Draw, Sequence, Step, Submit};
use crate::value::{Name, Record, Value};

/// Sequences that were made up, judged again: what they came to is what the run said, as long as the contract is the same.
#[derive(Debug)]
pub struct Sequences {
    /// The contract that they are judged by.
    pub contract: Arc<Contract>,
    /// The same as a model.
    pub model: Arc<Interpreted>,
    /// What its rules reach.
    pub chart: Arc<Chart>,
    /// What all came to.
    pub summary: TrialSummary,
    judged: Charted,
    naming: Naming,
    settings: Settings,
    /// The first failure of each kind.
    failed: BTreeMap<Signature, Trial>,
    /// Those that were made from another, as long as nobody knows which of them is told: at most one is, of each.
    smaller: HashMap<u64, Trial>,
    /// Whether those that failed so far have been told: the next ones are of another source.
    are_told: bool,
    cut_off: u64,
    /// From the first call to the last return.
    span: Option<(Duration, Duration)>,
}

/// Whether a case is such a sequence.
pub(super) fn is_one(course: &Course) -> bool {
    *course.case.experiment == *EXPERIMENT
}

impl Sequences {
    pub(super) fn new(rules: Rules, header: &Header) -> Self {
        let Rules { contract, model } = rules;
        let chart = Arc::new(Chart::new(explore(&model, Bounds::default())));
        Self {
            judged: Charted::new(model.clone(), chart.clone()),
            naming: Naming::new(&contract),
            settings: settings(Arc::new(header.promises.clone()), header.capabilities, header.alone),
            summary: TrialSummary { seed: Seed(header.seed), ..TrialSummary::default() },
            contract,
            model,
            chart,
            failed: BTreeMap::new(),
            smaller: HashMap::new(),
            are_told: false,
            cut_off: 0,
            span: None,
        }
    }

    /// Judges a case.
    pub(super) fn take(&mut self, course: Course) {
        let Some(end) = course.end.clone() else {
            self.cut_off += u64::from(course.case.purpose == Purpose::Subject);
            return;
        };
        let (case, purpose) = (course.case.number, course.case.purpose);
        let number = count(&course.case.about, "number");
        let seed = Seed(count(&course.case.about, "seed"));
        let sequence = sequence(&self.naming, &course);
        let ran = Ran {
            values: course.names.iter().cloned().collect(),
            steps: course.parts.iter().map(step_of).collect(),
            requests: course.requests,
            operations: course.operations,
            trouble: end.trouble,
            ..Ran::default()
        };
        let trial = Trial::judged(&self.judged, &self.settings, (case, number, seed), (sequence, ran));
        match purpose {
            Purpose::Subject => {
                if std::mem::take(&mut self.are_told) {
                    self.failed.clear();
                    self.smaller.clear();
                }
                self.spans(&trial.ran.operations);
                self.summary.add(trial, &mut self.failed);
            }
            // Of those that were tried on the way, only one that fails can be told.
            Purpose::Smaller { .. } if trial.verdict() == Verdict::Fail => {
                self.smaller.insert(case, trial);
            }
            Purpose::Smaller { .. } | Purpose::Control { .. } | Purpose::Twin { .. } => {}
        }
    }

    fn spans(&mut self, operations: &[Operation]) {
        for operation in operations {
            let (from, to) = (operation.call.at, operation.end.map_or(operation.call.at, |end| end.at));
            let (first, last) = self.span.unwrap_or((from, to));
            self.span = Some((first.min(from), last.max(to)));
        }
    }

    pub(super) fn word(&mut self, what: &str, data: &Record) {
        if what == TOLD {
            let shrunk = self.shrunk(data);
            self.summary.failures.extend(shrunk);
            self.are_told = true;
        }
    }

    pub(super) fn end(&mut self, data: &Record) {
        self.summary.out_of_time = data.get("out_of_time").and_then(Value::as_bool).unwrap_or_default();
    }

    /// All has been read.
    pub(super) fn conclude(mut self, ended: bool, interrupted: bool) -> Self {
        self.summary.interrupted = interrupted;
        self.summary.took = self.span.map_or(Duration::ZERO, |(first, last)| last.saturating_sub(first));
        // Where somebody stopped it, those that were under way were given up.
        for _ in 0..if interrupted { 0 } else { self.cut_off } {
            let why = if ended {
                "a trial broke down: a panic in Proofmark or in the target's adapter"
            } else {
                "the history ends before the sequence does"
            };
            self.summary.unable(why.into());
        }
        let known =
            |failures: &[Shrunk], trial: &Trial| failures.iter().any(|shrunk| shrunk.of == trial.case);
        let mut rest: Vec<Trial> = std::mem::take(&mut self.failed).into_values().collect();
        rest.sort_by_key(|trial| trial.number);
        // What was made smaller and told under another name is told once.
        if !ended || self.summary.failures.is_empty() {
            for trial in rest.into_iter().take(SHRUNK) {
                if !known(&self.summary.failures, &trial) {
                    let why = (!ended).then_some("it was not made smaller: the history ends before that");
                    self.summary.failures.push(Shrunk::not_at_all(trial, why));
                }
            }
        }
        self.smaller.clear();
        self
    }

    /// A failure as the run told it; nothing where it is none by the rules that it is judged by now.
    fn shrunk(&mut self, told: &Record) -> Option<Shrunk> {
        let (case, of) = (count(told, "case"), count(told, "of"));
        let size = |name| usize::try_from(count(told, name)).unwrap_or(usize::MAX);
        let own = || self.failed.values().find(|trial| trial.case == case).cloned();
        let trial = self.smaller.remove(&case).or_else(own)?;
        let unfinished = text(told, "unfinished").map(Cow::Owned);
        let failed = (size("failed"), size("tries"));
        Some(Shrunk { trial, of, before: size("before"), candidates: size("candidates"), failed, unfinished })
    }

    /// Leaves out failures that break none of these clauses.
    pub(super) fn only(&mut self, clauses: &[ClauseId]) {
        let mut failures = std::mem::take(&mut self.summary.failures);
        failures.retain(|shrunk| self.clauses(shrunk).iter().any(|id| clauses.contains(id)));
        self.summary.failures = failures;
        if self.summary.failures.is_empty() {
            // What failed is about other clauses, and leaves these open.
            self.summary.undecided += std::mem::take(&mut self.summary.failed);
        }
    }

    /// The clauses that a failure breaks.
    pub fn clauses(&self, shrunk: &Shrunk) -> Vec<ClauseId> {
        self.bench().clauses(shrunk)
    }

    /// What they are judged by.
    pub(super) fn bench(&self) -> SequenceBench<'_> {
        SequenceBench { contract: &self.contract, model: &self.model, settings: &self.settings }
    }

    /// The worst of all.
    pub fn verdict(&self) -> Verdict {
        self.summary.verdict()
    }
}

/// The steps that a case went, with names where it has values of its own.
fn sequence(naming: &Naming, course: &Course) -> Sequence {
    let names = course.names.iter().map(|(name, _)| {
        let draw = drawn(naming, name).unwrap_or_else(|| Draw::Unique(name.stem().into()));
        Binding { name: name.clone(), draw }
    });
    let values: HashMap<&Value, &Name> = course.names.iter().map(|(name, value)| (value, name)).collect();
    let by_value = Named { values };
    let mut steps: Vec<Step> = Vec::new();
    for (operation, part) in course.operations.iter().zip(&course.parts) {
        let at = step_of(part);
        // A step of which nothing is there is one that waited.
        while steps.len() <= at {
            steps.push(Step::Settle);
        }
        match &operation.act {
            Act::Submit { command, .. } => steps[at] = Step::Submit(by_value.submit(command, part)),
            Act::Ask { query, .. } if part.role == Role::Act => steps[at] = Step::Ask(by_value.query(query)),
            Act::Ask { .. } | Act::Quiet(_) => {}
        }
    }
    Sequence { names: names.collect(), steps }
}

/// What values stand for.
struct Named<'a> {
    values: HashMap<&'a Value, &'a Name>,
}

impl Named<'_> {
    fn value(&self, value: &Value) -> Value {
        value.replaced(&|part| self.values.get(part).map(|name| Value::Name((*name).clone())))
    }

    fn fields(&self, fields: &Record) -> Record {
        fields.fields().iter().map(|(name, value)| (name.clone(), self.value(value))).collect()
    }

    fn submit(&self, command: &Command, part: &Part) -> Submit {
        let key = command.key.clone().map(Value::Text);
        let key = key.and_then(|key| self.values.get(&key).map(|name| (*name).clone()));
        Submit {
            command: Command {
                on: command.on.as_ref().map(|on| self.value(on)),
                fields: self.fields(&command.fields),
                key: command.key.clone().filter(|_| key.is_none()),
                expected: if part.told.is_some() { Expected::Any } else { command.expected.clone() },
                ..command.clone()
            },
            key,
            demands: part.told,
        }
    }

    fn query(&self, query: &Query) -> Query {
        Query {
            on: query.on.as_ref().map(|on| self.value(on)),
            fields: self.fields(&query.fields),
            ..query.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Case, Quiet, Stamp};
    use crate::protocol::{Answer, Outcome, Receipt, Seen, Told, Version};
    use crate::text::Source;

    fn operation(index: u64, act: Act) -> Operation {
        let stamp = |index| Stamp { index, at: Duration::ZERO };
        Operation { client: 0, call: stamp(index), end: Some(stamp(index + 1)), act }
    }

    fn command(on: Value, key: Option<&str>, expected: Expected) -> Command {
        let fields = Record::from([("note", Value::from("o-1 and more")), ("of", on.clone())]);
        let key = key.map(Arc::from);
        Command { name: "Put".into(), on: Some(on), fields, key, expected, id: "c-1".into() }
    }

    /// A case is told as the sequence that it was: with the names that were drawn, and with the words of its steps.
    #[test]
    fn steps_have_names_again_where_a_case_has_their_values() {
        let naming = Naming::new(&Contract::read(&Source::new("c.contract", "contract c\n")));
        let names = [("thing1", "o-1"), ("key1", "k-1")].map(|(name, value)| (Name::new(name), value.into()));
        let sent = command("o-1".into(), Some("k-1"), Expected::Exactly(Version::Number(3)));
        let submit = |command: &Command| Act::Submit {
            command: Arc::new(command.clone()),
            attempt: 0,
            outcome: Outcome::Accepted(Receipt::default()),
        };
        let query = Query { name: "Look".into(), on: Some("o-1".into()), fields: Record::new() };
        let ask = || Act::Ask { query: Arc::new(query.clone()), answer: Answer::new(Seen::Absent) };
        let part = |step| Part::of(0).step(step);
        let all = [
            (submit(&sent), Part { told: Some(Told::Last), ..part(0) }),
            (ask(), part(1).role(Role::Poll)),
            (Act::Quiet(Quiet::Proved), part(1)),
            (ask(), part(2)),
            (submit(&command("o-1".into(), Some("other"), Expected::Exactly(Version::Number(3)))), part(3)),
        ];
        let (acts, parts): (Vec<Act>, Vec<Part>) = all.into_iter().unzip();
        let course = Course {
            case: Case {
                number: 0,
                experiment: EXPERIMENT.into(),
                purpose: Purpose::Subject,
                about: Record::new(),
            },
            names: names.into(),
            heads: vec![None; acts.len()],
            requests: vec![None; acts.len()],
            operations: (0..).zip(acts).map(|(index, act)| operation(index * 2, act)).collect(),
            parts,
            deeds: Vec::new(),
            held: Vec::new(),
            actors: BTreeMap::new(),
            end: None,
        };
        let thing = || Value::Name(Name::new("thing1"));
        let steps = [
            Step::Submit(Submit {
                command: command(thing(), None, Expected::Any),
                key: Some(Name::new("key1")),
                demands: Some(Told::Last),
            }),
            Step::Settle,
            Step::Ask(Query { on: Some(thing()), ..query }),
            Step::Submit(command(thing(), Some("other"), Expected::Exactly(Version::Number(3))).into()),
        ];
        let sequence = sequence(&naming, &course);
        assert_eq!(sequence.steps, steps);
        let drawn: Vec<_> = sequence.names.iter().map(|binding| binding.name.to_string()).collect();
        assert_eq!(drawn, ["$thing1", "$key1"]);
    }
}
