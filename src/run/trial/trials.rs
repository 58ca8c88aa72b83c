use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::engine::{Engine, RunError, Setup, Stop, Work};
use super::super::{RunEvent, Seed};
use super::once::{Common, Trial};
use super::shrink::Shrunk;
use crate::adapter::{Description, Target};
use crate::contract::Contract;
use crate::contract::explore::Naming;
use crate::contract::rules::{Effect, Model, ModelError};
use crate::history::{Job, Purpose};
use crate::judge::{Coverage, DeviationUse, Judgement, Matrix, Settings, Signature};
use crate::protocol::{Capabilities, Capability, Promises, Verdict};
use crate::step::Sequence;
use crate::value::Record;

/// Trials that run side by side unless said otherwise.
const JOBS: usize = 32;
/// How long trials are begun, and how long each failure is made smaller, unless said otherwise.
const BUDGET: Duration = Duration::from_secs(30);
/// How many failures of different kinds are made smaller.
pub(crate) const SHRUNK: usize = 3;
/// What a history says of a failure that was made smaller.
pub(crate) const TOLD: &str = "told";
/// Why a failure is as long as it was found.
const STOPPED: &str = "it was not made smaller, since somebody stopped";
/// How many trials that decide nothing are told.
const UNDECIDED: usize = 5;

/// Runs sequences against a target and judges them.
#[derive(Debug)]
pub struct Trials<M> {
    setup: Setup,
    /// The job that they are a part of, where they are.
    within: Option<Engine>,
    contract: Arc<Contract>,
    model: Arc<M>,
    jobs: usize,
    shrinking: Duration,
}

/// What all trials came to.
#[derive(Clone, Debug, Default)]
pub struct TrialSummary {
    /// How many were run.
    pub trials: u64,
    /// How many of them passed.
    pub passed: u64,
    /// How many decide nothing.
    pub undecided: u64,
    /// Why the first of those don't.
    pub reasons: Vec<String>,
    /// The failures, one for each kind and message, as small as they could be made.
    pub failures: Vec<Shrunk>,
    /// How many trials failed.
    pub failed: u64,
    /// What was covered.
    pub coverage: Coverage,
    /// Which command's effect was seen where.
    pub matrix: Matrix,
    /// What nobody saw change, though a command sets it that was accepted and a query shows it that was read.
    pub unseen: Vec<Effect>,
    /// What became of declared departures.
    pub deviations: Vec<DeviationUse>,
    /// Where the rules contradict themselves.
    pub broken_rules: Vec<ModelError>,
    /// Whether somebody stopped it.
    pub interrupted: bool,
    /// Whether the time was up before the sequences were.
    pub out_of_time: bool,
    /// Why the history could not be written to its end, if it couldn't.
    pub unwritten: Option<String>,
    /// How long the trials took, without making failures smaller.
    pub took: Duration,
    /// The seed.
    pub seed: Seed,
}

impl<M: Model + Send + Sync + 'static> Trials<M> {
    /// Trials of `target` by a model of `contract`: 32 side by side, for 30 seconds, with a fresh seed.
    pub fn new(target: impl Target + 'static, contract: Arc<Contract>, model: Arc<M>) -> Self {
        let setup = Setup::of(Arc::new(target));
        Self {
            setup: Setup { seed: Some(Seed::fresh()), budget: Some(BUDGET), ..setup },
            within: None,
            contract,
            model,
            jobs: JOBS,
            shrinking: BUDGET,
        }
    }

    /// The same as part of a job that is under way, for as long as that has time.
    pub(crate) fn within(engine: &Engine, contract: Arc<Contract>, model: Arc<M>) -> Self {
        let setup = Setup::of(engine.target.clone());
        Self {
            setup: Setup { seed: Some(engine.seed), ..setup },
            within: Some(engine.clone()),
            contract,
            model,
            jobs: JOBS,
            shrinking: BUDGET,
        }
    }

    /// How many run side by side, at least one.
    #[must_use]
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs: jobs.max(1), ..self }
    }

    /// What worlds and ids are drawn from.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.setup.seed = Some(seed);
        self
    }

    /// For how long trials are begun.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.setup.budget = Some(budget);
        self
    }

    /// For how long each failure is made smaller, at most.
    #[must_use]
    pub fn shrinking(self, limit: Duration) -> Self {
        Self { shrinking: limit, ..self }
    }

    /// Writes the history of all trials to a file.
    #[must_use]
    pub fn history(mut self, path: impl Into<PathBuf>) -> Self {
        self.setup.history = Some(path.into());
        self
    }

    /// The means to stop the trials from outside.
    pub fn stop_handle(&self) -> Stop {
        self.setup.stop.clone()
    }

    /// What is known of the target.
    pub fn describe(&self) -> &Description {
        self.setup.target.describe()
    }

    /// Runs the sequences, until there are none left, one has failed, or the time is up; then makes what failed smaller.
    /// Must be called within a Tokio runtime with time enabled.
    ///
    /// # Errors
    /// When nothing can be run at all.
    pub async fn run(
        &self,
        sequences: impl Iterator<Item = Sequence>,
        mut on: impl FnMut(&RunEvent<'_>),
    ) -> Result<TrialSummary, RunError> {
        let seed = self.setup.seed.unwrap_or_else(Seed::fresh);
        let mut summary = TrialSummary { seed, ..TrialSummary::default() };
        let job = match &self.within {
            Some(engine) => Some((engine.clone(), None)),
            None => self.setup.begin(Work::by(Job::Generate, &self.contract)).await?,
        };
        on(&RunEvent::Started { target: self.describe(), cases: None, seed });
        let Some((engine, kept)) = job else {
            summary.interrupted = true;
            return Ok(summary);
        };
        let began = engine.clock.now();
        let common = Arc::new(Common {
            model: self.model.clone(),
            settings: self.settings(),
            naming: Naming::new(&self.contract),
            engine,
        });
        let failed = self.all(&common, sequences, &mut summary, &mut on).await;
        summary.unseen = unseen(&summary, &*self.model, &common.engine);
        summary.took = common.engine.clock.now().saturating_sub(began);
        if summary.interrupted {
            for trial in failed.into_values().take(SHRUNK) {
                let shrunk = Shrunk::not_at_all(trial, Some(STOPPED));
                common.engine.recorder.word(TOLD, &shrunk.to_record());
                summary.failures.push(shrunk);
            }
        } else {
            self.shrink(&common, failed, &mut summary, &mut on).await;
        }
        if let Some(kept) = kept {
            common.engine.recorder.end(&summary.to_record());
            summary.unwritten = kept.end(true).err().map(|error| error.to_string());
        }
        Ok(summary)
    }

    /// Runs all, and hands back the first failure of each kind.
    async fn all(
        &self,
        common: &Arc<Common<M>>,
        mut sequences: impl Iterator<Item = Sequence>,
        summary: &mut TrialSummary,
        on: &mut impl FnMut(&RunEvent<'_>),
    ) -> BTreeMap<Signature, Trial> {
        let mut stopped = common.engine.stop.listen();
        let mut running = JoinSet::new();
        let mut failed: BTreeMap<Signature, Trial> = BTreeMap::new();
        let (mut number, mut more) = (0_u64, true);
        loop {
            while more && running.len() < self.jobs {
                if common.engine.clock.now() >= common.engine.deadline {
                    summary.out_of_time = true;
                    more = false;
                    break;
                }
                let Some(sequence) = sequences.next() else {
                    more = false;
                    break;
                };
                let (common, seed) =
                    (common.clone(), common.engine.seed.of_scenario("trial", &number.to_string()));
                let job = number;
                running.spawn(async move { common.trial(sequence, (job, seed), Purpose::Subject).await });
                number += 1;
            }
            let ended = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => {
                    summary.interrupted = true;
                    break;
                }
                ended = running.join_next() => ended,
            };
            match ended {
                None => break,
                Some(Ok(Ok(trial))) => {
                    on(&RunEvent::Sequence(&trial));
                    // Those that run are let finish; no more are begun.
                    more &= trial.verdict() != Verdict::Fail;
                    summary.add(trial, &mut failed);
                }
                Some(Ok(Err(unreachable))) => summary.unable(unreachable.to_string()),
                Some(Err(_)) => {
                    summary
                        .unable("a trial broke down: a panic in Proofmark or in the target's adapter".into());
                }
            }
        }
        running.shutdown().await;
        failed
    }

    async fn shrink(
        &self,
        common: &Arc<Common<M>>,
        failed: BTreeMap<Signature, Trial>,
        summary: &mut TrialSummary,
        on: &mut impl FnMut(&RunEvent<'_>),
    ) {
        let mut stopped = common.engine.stop.listen();
        let mut first: Vec<Trial> = failed.into_values().collect();
        first.sort_by_key(|trial| trial.number);
        first.truncate(SHRUNK);
        for trial in first {
            on(&RunEvent::Shrinking(&trial));
            let shrunk = tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => {
                    summary.interrupted = true;
                    Shrunk::not_at_all(trial, Some(STOPPED))
                }
                shrunk = common.shrink(trial.clone(), self.shrinking) => shrunk,
            };
            on(&RunEvent::Shrunk(&shrunk));
            let theme = shrunk.theme();
            let same = |known: &Shrunk| known.theme() == theme;
            if !summary.failures.iter().any(same) {
                common.engine.recorder.word(TOLD, &shrunk.to_record());
                summary.failures.push(shrunk);
            }
        }
    }

    fn settings(&self) -> Settings {
        let target = &self.setup.target;
        let described = target.describe();
        settings(described.promises.clone(), described.capabilities, target.is_alone())
    }
}

/// How trials are judged, when they are run and later.
pub(crate) fn settings(promises: Arc<Promises>, capabilities: Capabilities, alone: bool) -> Settings {
    let keys = capabilities.claims(Capability::Idempotency);
    Settings { promises, keys, alone, ..Settings::default() }
}

/// What nobody saw change of what could be seen.
fn unseen(summary: &TrialSummary, model: &impl Model, engine: &Engine) -> Vec<Effect> {
    let promises = &engine.target.describe().promises;
    let accepted = |name: &str| summary.coverage.commands.get(name).is_some_and(|count| count.accepted > 0);
    let read = |name: &str| summary.coverage.queries.get(name).is_some_and(|count| count.reads() > 0);
    let left_out = |effect: &Effect| {
        promises.ignores.get(&effect.query).is_some_and(|ignored| ignored.contains(&effect.field))
    };
    let mut unseen = summary.matrix.unseen(model.effects());
    unseen.retain(|effect| accepted(&effect.command) && read(&effect.query) && !left_out(effect));
    unseen
}

impl TrialSummary {
    pub(crate) fn add(&mut self, trial: Trial, failed: &mut BTreeMap<Signature, Trial>) {
        self.trials += 1;
        match trial.verdict() {
            Verdict::Fail => self.failed += 1,
            Verdict::Pass => self.passed += 1,
            _ => {
                self.undecided += 1;
                let mut reasons: Vec<String> = trial.ran.trouble.iter().cloned().collect();
                reasons.extend(trial.judgement.undecided.iter().map(|undecided| undecided.why.clone()));
                for reason in reasons {
                    self.because(reason);
                }
            }
        }
        let Judgement { coverage, matrix, deviations, broken_rules, .. } = &trial.judgement;
        self.coverage.add(coverage);
        self.matrix.add(matrix);
        for (at, used) in deviations.iter().enumerate() {
            match self.deviations.get_mut(at) {
                Some(known) => known.add(used),
                None => self.deviations.push(used.clone()),
            }
        }
        for error in broken_rules {
            if !self.broken_rules.contains(error) {
                self.broken_rules.push(error.clone());
            }
        }
        let signature = trial.judgement.mismatches.first().map(crate::judge::Mismatch::signature);
        if let Some(signature) = signature {
            let earlier = failed.get(&signature).is_some_and(|known| known.number < trial.number);
            if !earlier {
                failed.insert(signature, trial);
            }
        }
    }

    /// What it came to, as the end of a history has it.
    fn to_record(&self) -> Record {
        let counts = [
            ("trials", self.trials),
            ("passed", self.passed),
            ("undecided", self.undecided),
            ("failed", self.failed),
        ];
        let mut told = Record::from([("verdict", self.verdict().word())]);
        for (name, count) in counts {
            told.insert(name, count);
        }
        told.insert("interrupted", self.interrupted);
        told.insert("out_of_time", self.out_of_time);
        told
    }

    pub(crate) fn unable(&mut self, why: String) {
        self.trials += 1;
        self.undecided += 1;
        self.because(why);
    }

    fn because(&mut self, reason: String) {
        if self.reasons.len() < UNDECIDED && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// The worst of all.
    pub fn verdict(&self) -> Verdict {
        if self.failed > 0 {
            Verdict::Fail
        } else if self.undecided > 0
            || self.trials == 0
            || self.interrupted
            || self.unwritten.is_some()
            || !self.broken_rules.is_empty()
        {
            Verdict::Inconclusive
        } else {
            Verdict::Pass
        }
    }
}
