use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use super::lanes::{Job, Lanes, Shared};
use super::session::greet;
use super::summary::Tally;
use super::{
    Clock, Finding, HistoryFile, Recorder, RunEvent, Salt, ScenarioResult, Seed, Summary, TokioClock,
};
use crate::adapter::{AnyTarget, Description, Target, Unreachable};
use crate::history::{self, Header, Spoken};
use crate::scenario::Plan;
use crate::value::{Record, Value};

/// What a history says of a scenario that came to its verdict.
pub(crate) const RESULT: &str = "result";

/// Scenarios that run side by side unless said otherwise. They mostly wait, so this is not a matter of cores.
const JOBS: usize = 64;

/// Runs plans against a target.
#[derive(Clone, Debug)]
pub struct Runner {
    target: Arc<dyn AnyTarget>,
    jobs: usize,
    seed: Option<Seed>,
    repeat: usize,
    strict: bool,
    fail_fast: bool,
    history: Option<PathBuf>,
    clock: Option<Arc<dyn Clock>>,
    stop: Stop,
}

/// Stops a run from outside: what is known by then is reported.
#[derive(Clone, Debug)]
pub struct Stop {
    stopped: Arc<watch::Sender<bool>>,
}

/// Why a run could not be done at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// There is nothing to run.
    #[error("there are no scenarios to run")]
    Nothing,
    /// The target can't be reached.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// Scenarios of another contract than the target's.
    #[error(
        "{target} speaks {speaks}, and {file} is written for {contract}: it can be linted, but not run against it"
    )]
    Foreign {
        /// The target's name.
        target: String,
        /// Its contract.
        speaks: String,
        /// The first file that doesn't fit.
        file: String,
        /// The contract that this file speaks.
        contract: String,
    },
    /// The history can't be written.
    #[error("the history can't be written to {}: {source}; `--history FILE` names another place", path.display())]
    History {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Runner {
    /// A runner with 64 jobs, a fresh seed, one repetition, and a history that is kept only if something is found.
    pub fn new(target: impl Target + 'static) -> Self {
        Self {
            target: Arc::new(target),
            jobs: JOBS,
            seed: None,
            repeat: 1,
            strict: false,
            fail_fast: false,
            history: None,
            clock: None,
            stop: Stop::new(),
        }
    }

    /// How many scenarios run side by side, at least one.
    #[must_use]
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs, ..self }
    }

    /// The seed; the same one gives the same course.
    #[must_use]
    pub fn seed(self, seed: Seed) -> Self {
        Self { seed: Some(seed), ..self }
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
    pub fn history(self, path: impl Into<PathBuf>) -> Self {
        Self { history: Some(path.into()), ..self }
    }

    /// Where time comes from; without it from Tokio's clock, started anew for each run.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// The means to stop this runner's runs from outside.
    pub fn stop_handle(&self) -> Stop {
        self.stop.clone()
    }

    /// What is known of the target.
    pub fn describe(&self) -> &Description {
        self.target.describe()
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
        self.fits(plans)?;
        let salt = Salt::fresh();
        let seed = self.seed.unwrap_or_else(Seed::fresh);
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(TokioClock::start()));
        let began = clock.now();
        let planned = plans.len().saturating_mul(self.repeat);
        let started = RunEvent::Started { target: self.target.describe(), scenarios: planned, seed };
        let mut stopped = self.stop.listen();
        tokio::select! {
            biased;
            greeted = greet(&*self.target, &*clock) => greeted?,
            _ = stopped.wait_for(|stopped| *stopped) => {
                let summary = Summary { not_run: planned, interrupted: true, seed, ..Summary::default() };
                on(&started);
                on(&RunEvent::Ended(&summary));
                return Ok(summary);
            }
        }
        // Those of a file stand together.
        for of_file in plans.chunk_by(|one, other| Arc::ptr_eq(&one.source, &other.source)) {
            self.target.stands_open(of_file[0].source.text());
        }
        let (recorder, file) = self.record(plans, seed, salt, &clock)?;
        on(&started);

        let repetitions = 0..self.repeat as u64;
        let jobs = repetitions.flat_map(|k| {
            let seed = Seed(seed.0.wrapping_add(k));
            plans.iter().map(move |plan| (plan.clone(), seed))
        });
        let jobs = jobs.zip(0..).map(|((plan, seed), number)| Job { plan, seed, number });
        let recorder = Arc::new(recorder);
        let shared = Shared {
            target: self.target.clone(),
            recorder: recorder.clone(),
            clock: clock.clone(),
            salt,
            strict: self.strict,
        };
        let mut lanes = Lanes::new(Arc::new(shared), jobs, self.jobs);
        let mut tally = Tally::default();
        let mut interrupted = false;
        loop {
            let result = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => {
                    interrupted = true;
                    break;
                }
                result = lanes.next() => result,
            };
            let Some(result) = result else { break };
            tally.add(&result);
            recorder.word(RESULT, &told(&result));
            on(&RunEvent::Finished(&result));
            if self.fail_fast && tally.failed() {
                break;
            }
        }
        lanes.end().await;
        let took = clock.now().saturating_sub(began);
        let mut summary = Summary { interrupted, took, seed, ..tally.finish(planned) };
        recorder.end(&ended(&summary));
        match self.keep(file, &summary) {
            Ok(history) => summary.history = history,
            Err(error) => summary.unwritten = Some(error.to_string()),
        }
        on(&RunEvent::Ended(&summary));
        Ok(summary)
    }

    /// Whether the target speaks what the scenarios speak.
    fn fits(&self, plans: &[Arc<Plan>]) -> Result<(), RunError> {
        let target = self.target.describe();
        plans.iter().try_for_each(|plan| speaks(target, &plan.contract, plan.source.name()))
    }

    fn record(
        &self,
        plans: &[Arc<Plan>],
        seed: Seed,
        salt: Salt,
        clock: &Arc<dyn Clock>,
    ) -> Result<(Recorder, HistoryFile), RunError> {
        let path = self.history.clone().unwrap_or_else(|| {
            std::env::temp_dir().join(format!("proofmark-{}-{:08x}.jsonl", std::process::id(), salt.0 >> 32))
        });
        let contracts: BTreeSet<&Arc<str>> = plans.iter().map(|plan| &plan.contract).collect();
        let models: BTreeSet<&str> = plans.iter().flat_map(|plan| plan.queries()).collect();
        let described = self.target.describe();
        let spoken = |name: &Arc<str>| Spoken { name: name.clone(), text: None };
        let asked = [
            ("scenarios", Value::from(plans.len() as u64)),
            ("repeat", Value::from(self.repeat as u64)),
            ("strict", Value::from(self.strict)),
        ];
        let header = Header {
            contracts: contracts.into_iter().map(spoken).collect(),
            models: models.into_iter().map(Arc::from).collect(),
            capabilities: described.capabilities,
            alone: self.target.is_alone(),
            asked: Record::from(asked),
            ..Header::new(history::Job::Run, seed.0, described.name.clone(), (*described.promises).clone())
        };
        Recorder::begin(&path, &header, clock.clone()).map_err(|source| RunError::History { path, source })
    }

    /// Ends the history, and removes it if nobody asked for it and there is nothing in it to look into.
    fn keep(&self, file: HistoryFile, summary: &Summary) -> Result<Option<PathBuf>, RunError> {
        let path = file.path().to_owned();
        let failed = |source| RunError::History { path: path.clone(), source };
        file.finish().map_err(failed)?;
        if self.history.is_some() || !summary.all_passed() {
            return Ok(Some(path));
        }
        remove(&path).map_err(failed)?;
        Ok(None)
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

/// Whether the target speaks the contract of that file.
pub(super) fn speaks(target: &Description, contract: &str, file: &str) -> Result<(), RunError> {
    match &target.speaks {
        Some(speaks) if **speaks != *contract => Err(RunError::Foreign {
            target: target.name.clone(),
            speaks: speaks.clone(),
            file: file.to_owned(),
            contract: contract.to_owned(),
        }),
        _ => Ok(()),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// Nobody has stopped yet.
    pub fn new() -> Self {
        Self { stopped: Arc::new(watch::Sender::new(false)) }
    }

    pub(crate) fn listen(&self) -> watch::Receiver<bool> {
        self.stopped.subscribe()
    }

    /// Whether somebody has.
    pub fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Stops the run.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }
}
