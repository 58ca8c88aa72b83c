use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::task::{Id, JoinSet};

use super::course::Course;
use super::engine::Engine;
use super::lane::Lane;
use super::{Finding, ScenarioResult, Seed};
use crate::history::{CaseEnd, Part, Purpose};
use crate::protocol::Verdict;
use crate::scenario::Plan;
use crate::text::Span;
use crate::value::{Name, Record, Value};

/// A scenario and the seed it is to run with.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) plan: Arc<Plan>,
    /// The run's seed, moved on by the repetition.
    pub(super) seed: Seed,
    /// Counts the run's jobs: two scenarios of one name draw different values.
    pub(super) number: u64,
}

/// A round that this machine kept from deciding is tried so often again.
const MOST_AGAIN: u64 = 3;

/// More jobs than a run has.
const TRIES_APART: u64 = 1 << 48;

/// What all jobs share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) engine: Engine,
    /// What is not claimed fails.
    pub(super) strict: bool,
}

/// Runs jobs side by side, at most so many at once.
pub(super) struct Jobs<I> {
    shared: Arc<Shared>,
    coming: I,
    /// Jobs whose turn has come, but whose lock another one holds.
    waiting: VecDeque<Job>,
    width: usize,
    running: JoinSet<ScenarioResult>,
    names: HashMap<Id, Job>,
}

impl<I: Iterator<Item = Job>> Jobs<I> {
    pub(super) fn new(shared: Arc<Shared>, coming: I, width: usize) -> Self {
        Self {
            shared,
            coming,
            waiting: VecDeque::new(),
            width: width.max(1),
            running: JoinSet::new(),
            names: HashMap::new(),
        }
    }

    /// The next scenario that is done; `None` when all are. Dropping this stops what still runs.
    pub(super) async fn next(&mut self) -> Option<ScenarioResult> {
        while self.running.len() < self.width {
            let Some(job) = self.ready() else { break };
            let task = self.running.spawn(scenario(self.shared.clone(), job.clone()));
            self.names.insert(task.id(), job);
        }
        // Where something waits, what holds its lock is running.
        match self.running.join_next_with_id().await? {
            Ok((id, result)) => {
                self.names.remove(&id);
                Some(result)
            }
            Err(error) => {
                let job = self.names.remove(&error.id())?;
                let what = "the scenario broke down: a panic in Proofmark or in the target's adapter";
                Some(unable(job, Finding::new(Verdict::Inconclusive, Span::default(), what)))
            }
        }
    }

    /// The next job whose locks nobody holds; those that wait come first, in their order.
    fn ready(&mut self) -> Option<Job> {
        if let Some(at) = self.waiting.iter().position(|job| self.is_free(job)) {
            return self.waiting.remove(at);
        }
        loop {
            let job = self.coming.next()?;
            if self.is_free(&job) {
                return Some(job);
            }
            self.waiting.push_back(job);
        }
    }

    fn is_free(&self, job: &Job) -> bool {
        let mut held = self.names.values().flat_map(|running| &running.plan.locks);
        job.plan.locks.is_empty() || !held.any(|lock| job.plan.locks.contains(lock))
    }
}

impl<I> Jobs<I> {
    /// Stops what still runs, and waits until it has let go of the recorder.
    pub(super) async fn end(mut self) {
        self.running.shutdown().await;
    }
}

/// All rounds of a scenario, up to the first that fails. Round `k`, counted from 0, runs with the seed moved on by `k`, as
/// a repetition does: the seed of a round makes it the first one.
async fn scenario(shared: Arc<Shared>, job: Job) -> ScenarioResult {
    let rounds = job.plan.rounds.max(1);
    let mut worst: Option<ScenarioResult> = None;
    for number in 0..rounds {
        let seed = Seed(job.seed.0.wrapping_add(number as u64));
        let mut result = undisturbed(&shared, &Job { seed, ..job.clone() }).await;
        if rounds > 1 {
            for finding in &mut result.findings {
                finding.message = format!("round {} of {rounds}: {}", number + 1, finding.message);
            }
        }
        // What is not claimed, or can't be reached, will not be in the next round either.
        let over = matches!(result.verdict, Verdict::Fail | Verdict::NotClaimed) || result.steps == 0;
        worst = Some(match worst {
            None => result,
            Some(worst) => worst.and(result),
        });
        if over {
            break;
        }
    }
    worst.unwrap_or_else(|| {
        unable(job, Finding::new(Verdict::Inconclusive, Span::default(), "it has no rounds"))
    })
}

/// One round, and once more where nothing but this machine kept it from deciding: that says nothing of the target, and what
/// held it up, such as another scenario's race, may be over. Each try is judged by itself, and a failure is none of those.
async fn undisturbed(shared: &Arc<Shared>, job: &Job) -> ScenarioResult {
    let mut result = round(shared.clone(), job.clone()).await;
    for again in 1..=MOST_AGAIN {
        let undecided = |finding: &Finding| finding.verdict >= Verdict::Inconclusive;
        let mut findings = result.findings.iter().filter(|finding| undecided(finding));
        if result.verdict != Verdict::Inconclusive || !findings.all(|finding| finding.ours) {
            break;
        }
        // The same course with values of its own: the target may remember those of the last try.
        let next =
            round(shared.clone(), Job { number: job.number + again * TRIES_APART, ..job.clone() }).await;
        result = ScenarioResult { steps: result.steps + next.steps, took: result.took + next.took, ..next };
    }
    result
}

/// One round of a scenario, in a world of its own.
async fn round(shared: Arc<Shared>, job: Job) -> ScenarioResult {
    let Shared { engine, strict } = &*shared;
    let Engine { target, recorder, clock, .. } = engine;
    let file = std::path::Path::new(job.plan.source.name());
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let seed = job.seed.of_scenario(&stem, &job.plan.name);
    let began = clock.now();
    let unspoken = job.plan.messages().find(|(message, _)| !target.knows(message)).map(|(message, span)| {
        let what = format!("the target has no {message}, which this scenario needs");
        let finding = Finding::new(if *strict { Verdict::Fail } else { Verdict::NotClaimed }, span, what);
        match target.to_know(message) {
            None => finding,
            addition => finding.to_add(addition).advise(
                "add how it is spoken to the profile, or `none = true` if the service has nothing like it",
            ),
        }
    });
    if let Some(finding) = unspoken {
        return unable(job, finding);
    }
    let case = recorder.case("scenario", Purpose::Subject, about(&job));
    let lane = match Lane::open(engine, seed, Part::of(case)).await {
        Ok(lane) => lane,
        Err(error) => return unreachable(job, error.to_string()),
    };
    let plan = job.plan.clone();
    let mut course = Course::begin(&plan, engine, lane);
    course.run().await;
    let mut findings = std::mem::take(&mut course.findings);
    if *strict {
        for finding in findings.iter_mut().filter(|finding| finding.verdict == Verdict::NotClaimed) {
            finding.verdict = Verdict::Fail;
        }
    }
    let verdict = findings.iter().map(|finding| finding.verdict).max().unwrap_or_default();
    let variables = course.names.into_variables();
    for (name, value) in &variables {
        course.lane.names(&Name::new(name.clone()), value);
    }
    course.lane.end(&CaseEnd { verdict: Some(verdict), trouble: None });
    ScenarioResult {
        plan: job.plan.clone(),
        seed: job.seed,
        verdict,
        findings,
        last_request: course.requested,
        sent: course.sent,
        seeded: course.seeded,
        variables,
        lags: course.lags,
        steps: course.steps,
        took: clock.now().saturating_sub(began),
    }
}

/// A scenario as the history has it.
fn about(job: &Job) -> Record {
    let Job { plan, seed, .. } = job;
    let fields = [
        ("name", Value::Text(plan.name.clone())),
        ("file", Value::from(plan.source.name())),
        ("line", Value::from(plan.line as u64)),
        ("seed", Value::from(seed.0)),
    ];
    fields.into_iter().map(|(name, value)| (Arc::from(name), value)).collect()
}

fn unreachable(job: Job, why: String) -> ScenarioResult {
    unable(job, Finding::new(Verdict::Inconclusive, Span::default(), why))
}

/// A scenario that could not be run.
fn unable(job: Job, finding: Finding) -> ScenarioResult {
    ScenarioResult {
        plan: job.plan,
        seed: job.seed,
        verdict: finding.verdict,
        findings: vec![finding],
        sent: Vec::new(),
        seeded: Vec::new(),
        last_request: None,
        variables: Vec::new(),
        lags: Vec::new(),
        steps: 0,
        took: std::time::Duration::ZERO,
    }
}
