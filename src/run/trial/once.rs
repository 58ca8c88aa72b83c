use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::Seed;
use super::super::engine::Engine;
use super::super::lane::{Lane, Late, Settled};
use crate::adapter::Unreachable;
use crate::contract::explore::Naming;
use crate::contract::rules::Model;
use crate::history::{Act, CaseEnd, Operation, Part, Purpose};
use crate::judge::{Judgement, Mismatch, Must, Settings, changed_in_sequence, judge};
use crate::protocol::{Answer, Command, Expected, Outcome, Query, Response, Seen, ShellLine, Verdict};
use crate::step::{Sequence, Step, Submit, Told};
use crate::value::{Name, Record, Value};

/// What the cases of trials are called in histories.
pub(crate) const EXPERIMENT: &str = "sequence";

/// What all trials share.
#[derive(Debug)]
pub(super) struct Common<M> {
    pub(super) engine: Engine,
    pub(super) model: Arc<M>,
    pub(super) settings: Settings,
    /// Which fields the values of a name are sent in.
    pub(super) naming: Naming,
}

/// A sequence that was run, and what that proves.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The sequence.
    pub sequence: Sequence,
    /// Its case in the history.
    pub case: u64,
    /// Which of the run's trials it was, counted from 0.
    pub number: u64,
    /// What its world was made from.
    pub seed: Seed,
    /// What came of it.
    pub ran: Ran,
    /// What it proves.
    pub judgement: Judgement,
    /// Where the first mismatch is a "no" without a name: what would give it one, in the form in which the target is told such things.
    pub addition: Option<String>,
}

/// What came of a sequence.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// What was done and seen.
    pub operations: Vec<Operation>,
    /// For each operation, the step it belongs to.
    pub steps: Vec<usize>,
    /// For each operation, the request as a command for a shell, where the target has one.
    pub requests: Vec<Option<ShellLine>>,
    /// The answers, by operation, that were a "no" which has no name in the contract.
    pub unnamed: HashMap<usize, Box<Response>>,
    /// What the names stood for.
    pub values: HashMap<Name, Value>,
    /// Why it could not be run to its end, if it couldn't.
    pub trouble: Option<String>,
    /// From its first to its last step.
    pub took: Duration,
}

impl Trial {
    /// Judges what came of a sequence. This is all that decides what a trial says, whether it is judged while it is run or
    /// later, from its history.
    pub(crate) fn judged<M: Model>(
        model: &M,
        settings: &Settings,
        (case, number, seed): (u64, u64, Seed),
        (sequence, mut ran): (Sequence, Ran),
    ) -> Self {
        ran.trouble = ran.trouble.or_else(|| unseen(&ran.operations));
        let mut settings = settings.clone();
        // It costs as much as all else, and the first trials show most of it.
        settings.matrix = number < 300 || number.is_multiple_of(8);
        settings.ours = ran.values.values().cloned().collect();
        let mut judgement = judge(model, &settings, &ran.operations);
        if judgement.mismatches.is_empty()
            && let Some(rules) = model.interpreted()
        {
            judgement.mismatches.extend(changed_in_sequence(rules, &settings, &ran.operations));
        }
        let commands = ran.operations.iter().filter(|o| matches!(o.act, Act::Submit { .. })).count();
        judgement.coverage.lengths.insert(commands, 1);
        Self { sequence, case, number, seed, ran, judgement, addition: None }
    }

    /// The worst of what was found, and of what kept it from being found.
    pub fn verdict(&self) -> Verdict {
        match (self.judgement.verdict(), &self.ran.trouble) {
            (Verdict::Pass, Some(_)) => Verdict::Inconclusive,
            (verdict, _) => verdict,
        }
    }
}

impl<M: Model> Common<M> {
    /// Runs a sequence in a new world and judges it.
    pub(super) async fn trial(
        &self,
        sequence: Sequence,
        (number, seed): (u64, Seed),
        purpose: Purpose,
    ) -> Result<Trial, Unreachable> {
        let about = Record::from([("number", Value::from(number)), ("seed", Value::from(seed.0))]);
        let case = self.engine.recorder.case(EXPERIMENT, purpose, about);
        let lane = Lane::open(&self.engine, seed, Part::of(case)).await?;
        let began = self.engine.clock.now();
        let mut once = Once { common: self, lane, ran: Ran::default() };
        once.run(&sequence).await;
        let judged = |sequence, ran| {
            Trial::judged(&*self.model, &self.settings, (case, number, seed), (sequence, ran))
        };
        let mut trial = judged(sequence, once.ran());
        if !trial.judgement.parked.is_empty() {
            once.goes_on(trial.ran);
            once.look_again(&trial.sequence).await;
            trial = judged(trial.sequence, once.ran());
        }
        trial.ran.took = self.engine.clock.now().saturating_sub(began);
        once.lane.end(&CaseEnd { verdict: None, trouble: trial.ran.trouble.clone() });
        let mismatch = trial.judgement.mismatches.first();
        trial.addition = mismatch.and_then(|mismatch| self.to_name(&trial.ran, mismatch));
        Ok(trial)
    }

    /// What would give the refusal a name that is wrong for having none.
    fn to_name(&self, ran: &Ran, mismatch: &Mismatch) -> Option<String> {
        let Must::Outcome(allowed) = &mismatch.must else { return None };
        let answer = ran.unnamed.get(&mismatch.operation)?;
        let codes: Vec<&str> = allowed.iter().flatten().map(|code| &**code).collect();
        self.engine.target.to_name(&mismatch.message, answer, &codes)
    }
}

/// What was not seen of what was asked for: a query to which the last read brought no answer. What came before was no look at
/// where everything had come to.
fn unseen(operations: &[Operation]) -> Option<String> {
    let asked = operations.iter().filter_map(|operation| match &operation.act {
        Act::Ask { query, answer } => Some((query, answer)),
        _ => None,
    });
    let why = |answer: &Answer| match &answer.seen {
        Seen::Broken(unknown) => Some(unknown.detail.clone()),
        Seen::NotSent(refused) => Some(refused.clone()),
        Seen::Found(_) | Seen::Absent | Seen::Refused(_) => None,
    };
    let asked: Vec<_> = asked.map(|(query, answer)| (query, why(answer))).collect();
    let again = |at: usize| asked[at + 1..].iter().any(|(query, _)| *query == asked[at].0);
    let last = asked.iter().enumerate().filter(|(at, (_, why))| why.is_some() && !again(*at));
    let (query, why) = last.map(|(_, (query, why))| (query, why.as_deref().unwrap_or_default())).next()?;
    Some(if asked.iter().all(|(_, why)| why.is_some()) {
        format!("not one read was answered: {why}")
    } else {
        format!("the last read of {} was not answered: {why}", query.name)
    })
}

/// What is known of a command.
enum Came {
    /// What became of it.
    Known,
    /// That the target has no words for it: nothing was sent.
    Unsayable,
    /// Nothing.
    Lost,
}

/// A sequence on its way.
struct Once<'a, M> {
    common: &'a Common<M>,
    lane: Lane,
    /// What came of it, but for what the lane keeps.
    ran: Ran,
}

impl<M: Model> Once<'_, M> {
    async fn run(&mut self, sequence: &Sequence) {
        for binding in &sequence.names {
            if let Err(too_few) = self.lane.draw(&binding.name, &binding.draw, &self.common.naming) {
                self.ran.trouble = Some(format!("{} could not be drawn: {too_few}", binding.name));
                return;
            }
        }
        let steps = sequence.bind(|name| self.lane.values().get(name).cloned());
        // Without an answer, what follows may hang as well: a target that is gone is not asked a hundred times.
        let (mut lost, mut answered) = (0, false);
        for (at, step) in steps.iter().enumerate() {
            self.lane.part = Part::of(self.lane.case()).step(at as u64);
            match step {
                Step::Submit(submit) => {
                    match self.submit(submit).await {
                        Came::Known => (lost, answered) = (0, true),
                        // It can't be said to a target that is there.
                        Came::Unsayable if answered => {}
                        Came::Unsayable | Came::Lost => lost += 1,
                    }
                    if lost == 3 {
                        self.ran.trouble =
                            Some("three commands in a row had no outcome that is known".into());
                        return;
                    }
                }
                Step::Ask(query) => drop(self.lane.ask(0, query).await),
                Step::Settle => {
                    let reads = steps[at + 1..].iter().map_while(|step| match step {
                        Step::Ask(query) => Some(query.clone()),
                        _ => None,
                    });
                    if let Err(late) = self.settle(&reads.collect::<Vec<_>>()).await {
                        self.ran.trouble = Some(late.to_string());
                        return;
                    }
                }
            }
        }
    }

    /// Waits until it is quiet, or these reads are as they must be at rest.
    async fn settle(&mut self, reads: &[Query]) -> Result<(), Late> {
        let common = self.common;
        let is_sound = |lane: &Lane| {
            let ours = lane.values().values().cloned().collect();
            let settings = Settings { ours, matrix: false, ..common.settings.clone() };
            judge(&*common.model, &settings, &lane.operations).verdict() == Verdict::Pass
        };
        if let Settled::Shown(_) = self.lane.settle(reads, is_sound, |_| ()).await? {
            self.lane.assume();
        }
        Ok(())
    }

    /// Reads once more what was read behind the last command, when all must have come there.
    async fn look_again(&mut self, sequence: &Sequence) {
        let steps = sequence.bind(|name| self.lane.values().get(name).cloned());
        let from = steps.iter().rposition(|step| !matches!(step, Step::Ask(_))).unwrap_or(0);
        let at = steps.len().saturating_sub(1);
        self.lane.part = Part::of(self.lane.case()).step(at as u64);
        if self.lane.quiet(None).await.is_err() {
            return;
        }
        for step in &steps[from..] {
            if let Step::Ask(query) = step {
                self.lane.ask(0, query).await;
            }
        }
    }

    /// What came of it up to now.
    fn ran(&mut self) -> Ran {
        let lane = &mut self.lane;
        Ran {
            operations: std::mem::take(&mut lane.operations),
            steps: lane.parts.iter().map(step_of).collect(),
            requests: std::mem::take(&mut lane.requests),
            values: lane.values().clone(),
            ..std::mem::take(&mut self.ran)
        }
    }

    /// It goes on from there.
    fn goes_on(&mut self, mut ran: Ran) {
        self.lane.operations = std::mem::take(&mut ran.operations);
        self.lane.requests = std::mem::take(&mut ran.requests);
        self.ran = ran;
    }

    /// Sends a command.
    async fn submit(&mut self, submit: &Submit) -> Came {
        let command = &*self.lane.as_sent(&submit.command);
        let again = self.lane.operations.iter().rev().find_map(|operation| match &operation.act {
            Act::Submit { command: known, attempt, .. }
                if command.key.is_some() && repeats(command, known) =>
            {
                Some((known.clone(), attempt + 1))
            }
            _ => None,
        });
        // A retry is the same to the letter, with the version that it demanded the first time.
        let (command, attempt) = again.unwrap_or_else(|| {
            let (id, expected) = (self.lane.command_id(), self.demanded(submit));
            (Arc::new(Command { expected, id, ..command.clone() }), 0)
        });
        self.lane.part.told = submit.demands;
        let sent = self.lane.submit(0, command, attempt).await;
        if let Some(answer) = sent.unnamed() {
            self.ran.unnamed.insert(self.lane.operations.len() - 1, Box::new(answer));
        }
        match &sent.outcome {
            Outcome::NotSent(_) if sent.trace.is_none() => Came::Unsayable,
            Outcome::Unknown(_) | Outcome::NotSent(_) => Came::Lost,
            Outcome::Accepted(_) | Outcome::Rejected(_) => Came::Known,
        }
    }

    /// The version that a command demands, with what the target told of its aggregate so far.
    fn demanded(&self, submit: &Submit) -> Expected {
        let Some(which) = submit.demands else { return submit.command.expected.clone() };
        let mut told = self.lane.operations.iter().filter_map(|operation| match &operation.act {
            Act::Submit { command: known, outcome: Outcome::Accepted(receipt), .. }
                if known.on == submit.command.on =>
            {
                receipt.version.clone()
            }
            _ => None,
        });
        let version = match which {
            Told::First => told.next(),
            Told::Last => told.next_back(),
        };
        version.map_or(Expected::Any, Expected::Exactly)
    }
}

/// The step that something was done for.
pub(crate) fn step_of(part: &Part) -> usize {
    part.step.and_then(|step| usize::try_from(step).ok()).unwrap_or_default()
}

/// Whether a command asks for what the earlier one asked for, with the same key.
fn repeats(command: &Command, earlier: &Command) -> bool {
    command.key == earlier.key
        && command.name == earlier.name
        && command.on == earlier.on
        && command.fields == earlier.fields
}
