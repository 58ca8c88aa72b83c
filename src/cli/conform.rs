use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::args::{Allowed, ConformArgs};
use super::exit::{CliError, Exit};
use super::generate::{ORDERS, read};
use super::progress::Progress;
use super::run::stop_on_signal;
use super::{reports, say, stdout_colour};
use crate::adapter::{Reference, Target};
use crate::clause;
use crate::conform::{Again, Baseline, ClauseResult, Conformance, Examiner, Selection};
use crate::protocol::Capability;
use crate::protocol::ClauseId;
use crate::report::{ConformanceRecord, conformance};
use crate::run::{RunEvent, Seed};
use crate::text::path_word;

/// `proofmark conform`: which promises does this service keep?
pub(super) fn conform(args: &ConformArgs) -> Result<Exit, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    reports::make_way(&args.report, args.history.as_deref())?;
    #[cfg(feature = "http")]
    {
        let contract = args.service.target.as_deref().map(crate::suite::ProfileFile::load);
        let contract = contract.and_then(|file| file.contract().map(Path::to_owned));
        match super::service::find(&args.service)? {
            Ok(Some(service)) => {
                // What we can start again, we have started.
                let ours = service.describe().capabilities.claims(Capability::Restart);
                let exit = runtime.block_on(against(args, service.clone(), contract, ours))?;
                return Ok(super::service::spoken(&service, exit));
            }
            Ok(None) => {}
            Err(exit) => return Ok(exit),
        }
    }
    let reference = Reference::new(args.system.sync()?);
    let reference = args.system.defect.iter().copied().fold(reference, Reference::with_defect);
    runtime.block_on(against(args, reference, None, true))
}

/// `ours`: whether the target is one that we started, so that it may come to harm.
async fn against(
    args: &ConformArgs,
    target: impl Target + 'static,
    spoken: Option<PathBuf>,
    ours: bool,
) -> Result<Exit, CliError> {
    let path = args.contract.clone().or(spoken).unwrap_or_else(|| ORDERS.into());
    let (contract, model) = match read(&path) {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    let baseline = match &args.baseline {
        Some(path) => known(path)?,
        None => Baseline::default(),
    };
    let selection = Selection {
        suites: args.suite.clone(),
        clauses: args.clause.clone(),
        destructive: ours || args.allow.contains(&Allowed::Destructive),
        cases: args.case.clone(),
    };
    let seed = args.seed.map_or_else(Seed::fresh, Seed);
    let mut examiner = Examiner::new(target, contract, model.into())
        .selection(selection)
        .baseline(baseline)
        .seed(seed)
        .budget(args.budget)
        .again(Again::Command(format!("proofmark conform{}", options(args))));
    if let Some(history) = &args.history {
        examiner = examiner.history(history);
    }
    if let Some(jobs) = args.jobs {
        examiner = examiner.jobs(jobs);
    }
    #[expect(clippy::disallowed_methods, reason = "a report says on which day it was made")]
    let now = SystemTime::now();
    // So a report of yesterday is never read as today's, and a place that can't be written is known at once.
    reports::write(&args.report, &ConformanceRecord::of(&examiner.before(now)))?;
    let found = tokio::select! {
        // First, so that it listens before anything runs.
        biased;
        never = stop_on_signal(examiner.stop_handle()) => match never {},
        found = watched(&examiner, now) => found?,
    };
    let record = ConformanceRecord::of(&found);
    let mut out = std::io::stdout().lock();
    write!(out, "{}", conformance(&record, stdout_colour()))?;
    out.flush()?;
    drop(out);
    #[cfg(feature = "http")]
    if args.service.is_of_folder() {
        super::last::keep(&record);
        if found.clauses.iter().any(|result| result.stand.verdict().is_open()) {
            say("`proofmark explain next` says what would let the open clauses be judged");
        }
    }
    let exit = exit(args, &found);
    match reports::write(&args.report, &record) {
        Ok(()) => Ok(exit),
        Err(error) if exit == Exit::Failed => {
            say(&format!("error: {error}"));
            Ok(exit)
        }
        Err(error) => Err(error),
    }
}

async fn watched(examiner: &Examiner, now: SystemTime) -> Result<Conformance, CliError> {
    let watched = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let progress = Progress::new(watched);
    let mut written = Ok(());
    let found = examiner
        .examine(now, |event| match event {
            RunEvent::Started { target, seed, .. } => {
                let line = format!("examining {} (seed {})", target.name, seed.0);
                written = writeln!(std::io::stdout(), "{line}\n");
            }
            RunEvent::Gathering { under_way, gathered, least } => {
                let told =
                    under_way.iter().map(|(name, clauses)| format!("{name} ({})", ClauseId::line(*clauses)));
                progress.at(*gathered, *least, told.collect::<Vec<_>>().join(", "));
            }
            RunEvent::Broken { clause, wrong } => progress.aside(|| {
                // Where nobody watches, the report is told soon enough.
                if watched {
                    say(&format!("{clause} {} broken: {wrong}", clause::of(*clause).level));
                }
            }),
            _ => {}
        })
        .await;
    progress.end();
    written?;
    Ok(found?)
}

/// Reads the known failures.
fn known(path: &Path) -> Result<Baseline, CliError> {
    let wrong = |why: String| CliError::Baseline { path: path.to_owned(), why };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    Baseline::read(&text).map_err(|error| wrong(error.to_string()))
}

fn exit(args: &ConformArgs, found: &Conformance) -> Exit {
    let tried = found.clauses.iter().any(|result| result.stand.verdict().is_kept());
    if found.clauses.iter().any(|result| result.fails(args.strict)) {
        Exit::Failed
    } else if found.interrupted || !tried || found.clauses.iter().any(ClauseResult::leaves_open) {
        Exit::Inconclusive
    } else {
        Exit::Passed
    }
}

/// The options that change its course, as they were typed.
fn options(args: &ConformArgs) -> String {
    let contract = args.contract.as_ref().map(|path| format!(" --contract {}", path_word(path)));
    #[cfg(feature = "http")]
    let service = super::service::typed(&args.service);
    #[cfg(not(feature = "http"))]
    let service = "";
    let allow = if args.allow.is_empty() { "" } else { " --allow destructive" };
    let jobs = args.jobs.map_or_else(String::new, |jobs| format!(" --jobs {jobs}"));
    format!("{}{}{service}{allow}{jobs}", contract.unwrap_or_default(), args.system.typed())
}
