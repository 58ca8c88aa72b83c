use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::engine::{RunError, Setup, Stop, Work};
use super::jobs::{Job, Jobs, Shared};
use super::summary::Tally;
use super::{Clock, Finding, RunEvent, ScenarioResult, Seed, Summary};
use crate::adapter::{Description, Target};
use crate::history::{self, Spoken};
use crate::scenario::Plan;
use crate::value::{Record, Value};

/// What a history says of a scenario that came to its verdict.
pub(crate) const RESULT: &str = "result";

/// Scenarios that run side by side unless said otherwise. They mostly wait, so this is not a matter of cores.
const JOBS: usize = 64;

/// Runs plans against a target.
#[derive(Clone, Debug)]
pub struct Runner {
    setup: Setup,
    jobs: usize,
    repeat: usize,
    strict: bool,
    fail_fast: bool,
}

impl Runner {
    /// A runner with 64 jobs, a fresh seed, one repetition, and a history that is kept only if something is found.
    pub fn new(target: impl Target + 'static) -> Self {
        Self { setup: Setup::of(Arc::new(target)), jobs: JOBS, repeat: 1, strict: false, fail_fast: false }
    }

    /// How many scenarios run side by side, at least one.
    #[must_use]
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs, ..self }
    }

    /// The seed; the same one gives the same course.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.setup.seed = Some(seed);
        self
    }

    /// How often each scenario runs. Repetition `k`, counted from 0, runs with the seed moved on by `k`.
    #[must_use]
    pub fn repeat(self, repeat: usize) -> Self {
        Self { repeat, ..self }
    }

    /// Whether what the target does not claim fails.
    #[must_use]
    pub fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// Whether the first failure ends the run.
    #[must_use]
    pub fn fail_fast(self, fail_fast: bool) -> Self {
        Self { fail_fast, ..self }
    }

    /// Keeps the history in a file, whatever the run comes to.
    #[must_use]
    pub fn history(mut self, path: impl Into<PathBuf>) -> Self {
        self.setup.history = Some(path.into());
        self
    }

    /// Where time comes from; without it from Tokio's clock, started anew for each run.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.setup.clock = Some(clock);
        self
    }

    /// The means to stop this runner's runs from outside.
    pub fn stop_handle(&self) -> Stop {
        self.setup.stop.clone()
    }

    /// What is known of the target.
    pub fn describe(&self) -> &Description {
        self.setup.target.describe()
    }

    /// Runs the plans and tells `on` what happens. Must be called within a Tokio runtime with time enabled.
    ///
    /// # Errors
    /// When nothing can be run at all. Whatever a scenario meets is in its result.
    pub async fn run(
        &self,
        plans: &[Arc<Plan>],
        mut on: impl FnMut(&RunEvent<'_>),
    ) -> Result<Summary, RunError> {
        if plans.is_empty() {
            return Err(RunError::Nothing);
        }
        let planned = plans.len().saturating_mul(self.repeat);
        let Some((engine, kept)) = self.setup.begin(self.work(plans)).await? else {
            let seed = self.setup.seed.unwrap_or_else(Seed::fresh);
            let summary = Summary { not_run: planned, interrupted: true, seed, ..Summary::default() };
            on(&RunEvent::Started { target: self.describe(), cases: Some(planned), seed });
            on(&RunEvent::Ended(&summary));
            return Ok(summary);
        };
        let (seed, recorder, clock) = (engine.seed, engine.recorder.clone(), engine.clock.clone());
        on(&RunEvent::Started { target: self.describe(), cases: Some(planned), seed });

        let repetitions = 0..self.repeat as u64;
        let jobs = repetitions.flat_map(|k| {
            let seed = Seed(seed.0.wrapping_add(k));
            plans.iter().map(move |plan| (plan.clone(), seed))
        });
        let jobs = jobs.zip(0..).map(|((plan, seed), number)| Job { plan, seed, number });
        let mut stopped = engine.stop.listen();
        let began = engine.began;
        let mut side_by_side = Jobs::new(Arc::new(Shared { engine, strict: self.strict }), jobs, self.jobs);
        let mut tally = Tally::default();
        let mut interrupted = false;
        loop {
            let result = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => {
                    interrupted = true;
                    break;
                }
                result = side_by_side.next() => result,
            };
            let Some(result) = result else { break };
            tally.add(&result);
            recorder.word(RESULT, &told(&result));
            on(&RunEvent::Scenario(&result));
            if self.fail_fast && tally.failed() {
                break;
            }
        }
        side_by_side.end().await;
        let took = clock.now().saturating_sub(began);
        let mut summary = Summary { interrupted, took, seed, ..tally.finish(planned) };
        recorder.end(&ended(&summary));
        match kept.map(|kept| kept.end(!summary.all_passed())).transpose() {
            Ok(history) => summary.history = history.flatten(),
            Err(error) => summary.unwritten = Some(error.to_string()),
        }
        on(&RunEvent::Ended(&summary));
        Ok(summary)
    }

    fn work<'a>(&self, plans: &'a [Arc<Plan>]) -> Work<'a> {
        let mut first: BTreeMap<&Arc<str>, &Plan> = BTreeMap::new();
        for plan in plans {
            first.entry(&plan.contract).or_insert(plan);
        }
        let models: BTreeSet<&str> = plans.iter().flat_map(|plan| plan.queries()).collect();
        // Those of a file stand together.
        let files = plans.chunk_by(|one, other| Arc::ptr_eq(&one.source, &other.source));
        let asked = [
            ("scenarios", Value::from(plans.len() as u64)),
            ("repeat", Value::from(self.repeat as u64)),
            ("strict", Value::from(self.strict)),
        ];
        Work {
            job: history::Job::Run,
            speaks: first.iter().map(|(name, plan)| (&***name, plan.source.name().to_owned())).collect(),
            contracts: first.keys().map(|name| Spoken { name: (*name).clone(), text: None }).collect(),
            models: models.into_iter().map(Arc::from).collect(),
            open: files.map(|plans| plans[0].source.text()).collect(),
            asked: Record::from(asked),
            remembered: 0,
            always: true,
        }
    }
}

/// What became of a scenario, as the history has it.
fn told(result: &ScenarioResult) -> Record {
    let ScenarioResult { plan, seed, verdict, findings, .. } = result;
    let finding = |finding: &Finding| {
        let line = plan.source.line(finding.span.start) as u64;
        let mut told =
            Record::from([("verdict", Value::from(finding.verdict.word())), ("line", line.into())]);
        told.insert("says", finding.message.as_str());
        if !finding.label.is_empty() {
            told.insert("label", finding.label.as_str());
        }
        Value::from(told)
    };
    Record::from([
        ("name", Value::Text(plan.name.clone())),
        ("file", Value::from(plan.source.name())),
        ("line", Value::from(plan.line as u64)),
        ("seed", Value::from(seed.0)),
        ("verdict", Value::from(verdict.word())),
        ("findings", findings.iter().map(finding).collect()),
    ])
}

/// What a run came to, as the end of the history has it.
fn ended(summary: &Summary) -> Record {
    let counts = [
        ("passed", summary.counts.passed),
        ("not_claimed", summary.counts.not_claimed),
        ("inconclusive", summary.counts.inconclusive),
        ("failed", summary.counts.failed),
        ("not_run", summary.not_run),
    ];
    let counts = counts.into_iter().map(|(name, count)| (Arc::from(name), Value::from(count as u64)));
    let mut told: Record = counts.collect();
    told.insert("interrupted", summary.interrupted);
    told
}
