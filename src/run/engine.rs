//! What every job stands on: the target, time, chance, the history, and the word to stop. It is set up here and nowhere else.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::pulse::Pulse;
use super::session::greet;
use super::{Clock, HistoryFile, Recorder, Salt, Seed, TokioClock};
use crate::adapter::{AnyTarget, Description, Unreachable};
use crate::contract::Contract;
use crate::history::{Header, HeldUp, Job, Spoken};
use crate::text::{Source, path_name};
use crate::value::Record;

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
    #[error(
        "the history can't be written to {}: {source}; `--history FILE` names another place",
        path_name(path)
    )]
    History {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// How a job is to be done, whichever it is.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) target: Arc<dyn AnyTarget>,
    /// Without one, each run draws its own.
    pub(crate) seed: Option<Seed>,
    /// From its beginning on; without one, there is no end.
    pub(crate) budget: Option<Duration>,
    /// Where the history is kept, whatever comes of it.
    pub(crate) history: Option<PathBuf>,
    /// Without one, Tokio's, started anew for each run.
    pub(crate) clock: Option<Arc<dyn Clock>>,
    pub(crate) stop: Stop,
}

/// What a job is about, as far as all of them have it.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(crate) job: Job,
    /// Each contract, and the first file that speaks it.
    pub(crate) speaks: Vec<(&'a str, String)>,
    /// The contracts as the history has them.
    pub(crate) contracts: Vec<Spoken>,
    /// The read models that may be looked at.
    pub(crate) models: Vec<Arc<str>>,
    /// What stands in the open, and so is no secret.
    pub(crate) open: Vec<&'a str>,
    /// What was selected and allowed.
    pub(crate) asked: Record,
    /// How many of the last operations are remembered.
    pub(crate) remembered: usize,
    /// Whether a history that nobody asked for is written, to be kept if something is found.
    pub(crate) always: bool,
}

/// What is done by when, with what, in a job that has begun.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    pub(crate) target: Arc<dyn AnyTarget>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seed: Seed,
    pub(crate) salt: Salt,
    pub(crate) stop: Stop,
    /// How much this machine was too busy for.
    pub(crate) pulse: Arc<Pulse>,
    /// When it began, on the clock.
    pub(crate) began: Duration,
    /// Until when something new may be begun, on the clock.
    pub(crate) deadline: Duration,
}

/// A history that is being written.
#[derive(Debug)]
pub(crate) struct Kept {
    file: HistoryFile,
    /// Whether somebody wants it, whatever is in it.
    asked: bool,
}

impl Setup {
    /// With a fresh seed for each run, without end, without a history.
    pub(crate) fn of(target: Arc<dyn AnyTarget>) -> Self {
        Self { target, seed: None, budget: None, history: None, clock: None, stop: Stop::new() }
    }

    /// Sees whether the target is there and speaks what it is to be asked, and begins the history. Nothing where somebody
    /// stopped before the target was there.
    ///
    /// # Errors
    /// When nothing can be done at all.
    pub(crate) async fn begin(&self, work: Work<'_>) -> Result<Option<(Engine, Option<Kept>)>, RunError> {
        for (contract, file) in &work.speaks {
            speaks(self.target.describe(), contract, file)?;
        }
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(TokioClock::start()));
        let mut stopped = self.stop.listen();
        tokio::select! {
            biased;
            greeted = greet(&*self.target, &*clock) => greeted?,
            _ = stopped.wait_for(|stopped| *stopped) => return Ok(None),
        }
        for text in &work.open {
            self.target.stands_open(text);
        }
        let (seed, salt) = (self.seed.unwrap_or_else(Seed::fresh), Salt::fresh());
        let remembered = work.remembered;
        let job = work.job;
        let (mut recorder, kept) = self.record(work, (seed, salt), &clock)?;
        if remembered > 0 {
            recorder = recorder.remembering(remembered);
        }
        let recorder = Arc::new(recorder);
        let pulse = match job {
            // A step of a scenario says itself when it looked too seldom.
            Job::Run => Pulse::still(&clock),
            Job::Generate | Job::Conform => Pulse::start(&clock, &recorder),
        };
        let began = clock.now();
        let engine = Engine {
            target: self.target.clone(),
            recorder,
            pulse: Arc::new(pulse),
            seed,
            salt,
            stop: self.stop.clone(),
            began,
            deadline: self.budget.map_or(Duration::MAX, |budget| began.saturating_add(budget)),
            clock,
        };
        Ok(Some((engine, kept)))
    }

    fn record(
        &self,
        work: Work<'_>,
        (seed, salt): (Seed, Salt),
        clock: &Arc<dyn Clock>,
    ) -> Result<(Recorder, Option<Kept>), RunError> {
        let passing = || {
            std::env::temp_dir().join(format!("proofmark-{}-{:08x}.jsonl", std::process::id(), salt.0 >> 32))
        };
        let Some(path) = self.history.clone().or_else(|| work.always.then(passing)) else {
            return Ok((Recorder::unwritten(clock.clone()), None));
        };
        let described = self.target.describe();
        let header = Header {
            contracts: work.contracts,
            models: work.models,
            capabilities: described.capabilities,
            alone: self.target.is_alone(),
            asked: work.asked,
            ..Header::new(work.job, seed.0, described.name.clone(), (*described.promises).clone())
        };
        match Recorder::begin(&path, &header, clock.clone()) {
            Ok((recorder, file)) => Ok((recorder, Some(Kept { file, asked: self.history.is_some() }))),
            Err(source) => Err(RunError::History { path, source }),
        }
    }
}

impl Engine {
    /// When this machine was held up, from `from` on, on the run's clock.
    pub(crate) fn held_since(&self, from: Duration) -> Vec<HeldUp> {
        self.pulse.held_since(from)
    }

    /// How much this machine was held up since the job began.
    pub(crate) fn late(&self) -> Duration {
        self.pulse.late()
    }
}

impl<'a> Work<'a> {
    /// What is judged by the rules of one contract.
    pub(crate) fn by(job: Job, contract: &'a Contract) -> Self {
        let text = contract.source().map(|source| (source.name().to_owned(), source.text().to_owned()));
        Self {
            job,
            speaks: vec![(contract.name(), format!("{}.contract", contract.name()))],
            contracts: vec![Spoken { name: contract.name().into(), text }],
            models: contract.queries().map(|query| query.name.clone()).collect(),
            open: contract.source().map(Source::text).into_iter().collect(),
            asked: Record::new(),
            remembered: 0,
            always: false,
        }
    }
}

impl Kept {
    /// Ends the history; removes it if nobody asked for it and nothing was found. Says where it is.
    ///
    /// # Errors
    /// When it could not be written to its end, or not be removed.
    pub(crate) fn end(self, found: bool) -> Result<Option<PathBuf>, RunError> {
        let path = self.file.path().to_owned();
        let failed = |source| RunError::History { path: path.clone(), source };
        self.file.finish().map_err(failed)?;
        if self.asked || found {
            return Ok(Some(path));
        }
        remove(&path).map_err(failed)?;
        Ok(None)
    }
}

/// Whether the target speaks the contract of that file.
fn speaks(target: &Description, contract: &str, file: &str) -> Result<(), RunError> {
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
