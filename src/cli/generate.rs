use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{GenerateArgs, Strategy};
use super::exit::{CliError, Exit};
use super::kept::Kept;
use super::progress::Progress;
use super::run::stop_on_signal;
use super::{say, stderr_colour};
use crate::adapter::{Reference, Target};
use crate::contract::Contract;
use crate::contract::explore::{Bounds, Chart, explore};
use crate::contract::rules::Interpreted;
use crate::generate::{self, Charted, Cover, Random, Walks, Weave};
use crate::protocol::{Capability, Verdict};
use crate::report::{Reachable, generated, generated_failure, unwritten_failure};
use crate::run::{RunEvent, Seed, Shrunk, TrialSummary, Trials, tell};
use crate::step::Sequence;
use crate::step::Source;
use crate::text::{self, path_name, path_word, render, word_of};
use crate::value::inert_within;

/// The contract of the built-in order system.
pub(super) const ORDERS: &str = "scenarios/orders/orders.contract";
/// Where failures are kept, beside the contract.
const REGRESSIONS: &str = "proofmark-regressions";

/// `proofmark generate`
pub(super) fn run(args: &GenerateArgs) -> Result<Exit, CliError> {
    if !args.graph.is_empty() {
        return drawing(args);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    #[cfg(feature = "http")]
    {
        let contract = args.service.target.as_deref().map(crate::suite::ProfileFile::load);
        let contract = contract.and_then(|file| file.contract().map(Path::to_owned));
        match super::service::find(&args.service)? {
            Ok(Some(service)) => {
                let exit = runtime.block_on(against(args, service.clone(), contract))?;
                return Ok(super::service::spoken(&service, exit));
            }
            Ok(None) => {}
            Err(exit) => return Ok(exit),
        }
    }
    let reference = Reference::new(args.system.sync()?);
    let reference = args.system.defect.iter().copied().fold(reference, Reference::with_defect);
    runtime.block_on(against(args, reference, None))
}

/// Draws the states, and sends nothing.
fn drawing(args: &GenerateArgs) -> Result<Exit, CliError> {
    #[cfg(feature = "http")]
    if let (None, Some(profile)) = (&args.contract, &args.service.target) {
        let file = crate::suite::ProfileFile::load(profile);
        let Some(contract) = file.contract() else {
            say(file.mistakes().render(stderr_colour()).trim_end());
            return Ok(Exit::Files);
        };
        return super::drawing::draw(contract, &args.graph);
    }
    super::drawing::draw(&contract_of(args, None), &args.graph)
}

/// The contract that is asked for, or else the one that the target's profile names.
fn contract_of(args: &GenerateArgs, spoken: Option<PathBuf>) -> PathBuf {
    args.contract.clone().or(spoken).unwrap_or_else(|| ORDERS.into())
}

async fn against<T: Target + Clone + 'static>(
    args: &GenerateArgs,
    target: T,
    spoken: Option<PathBuf>,
) -> Result<Exit, CliError> {
    let path = contract_of(args, spoken);
    let (contract, model) = match read(&path) {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    let kept = args.regressions.clone().unwrap_or_else(|| path.with_file_name(REGRESSIONS));
    let mut before = Kept::read(&kept, &path, (&contract, &model));
    if let Some(exit) = before.run(target.clone(), &kept, (args.seed, &options(args))).await? {
        return Ok(exit);
    }
    let seed = args.seed.map_or_else(Seed::fresh, Seed);
    let knows = {
        let target = target.clone();
        move |message: &str| target.knows(message)
    };
    let claims = target.describe().capabilities;
    let model = Arc::new(model.fit_for(&target.describe().promises));
    let chart = Arc::new(Chart::new(explore(&model, Bounds::default())));
    let charted = Arc::new(Charted::new(model.clone(), chart.clone()));
    let mut trials = Trials::new(target, contract.clone(), charted).seed(seed).budget(args.budget);
    if let Some(jobs) = args.jobs {
        trials = trials.jobs(jobs);
    }
    if let Some(history) = &args.history {
        trials = trials.history(history);
    }
    let weave = Weave {
        contract: &contract,
        knows: &knows,
        keys: claims.claims(Capability::Idempotency),
        // A demand that is refused would lead a walk astray.
        versions: claims.claims(Capability::ExpectedVersion) && args.strategy == Strategy::Random,
    };
    for graph in chart.graphs() {
        print(&format!("the rules reach of {}", graph.in_words()))?;
        for broken in &graph.broken {
            print(&format!("warning: {broken} (`proofmark lint` tells the way there)"))?;
        }
    }
    let reachable = Reachable::of(&model, &chart);
    let mut source = source(args, model, seed);
    let sequences = std::iter::from_fn(|| source.next()).zip(0..);
    let woven =
        sequences.map(|(sequence, number): (_, u64)| weave.weave(&sequence, seed.0 ^ number.rotate_left(32)));
    let woven = std::mem::take(&mut before.judged_anew).into_iter().chain(woven);
    let summary = tokio::select! {
        // First, so that it listens before anything runs.
        biased;
        never = stop_on_signal(trials.stop_handle()) => match never {},
        summary = report(&trials, woven, args) => summary?,
    };
    let mut out = generated(&contract, &summary, &reachable, args.transitions);
    for shrunk in &summary.failures {
        out.push('\n');
        out.push_str(&failure(args, &contract, shrunk, (&before, &kept), seed));
    }
    print(out.trim_end())?;
    Ok(match exit(&summary) {
        Exit::Passed if before.undecided => Exit::Inconclusive,
        exit => exit,
    })
}

/// Where the sequences come from.
fn source(args: &GenerateArgs, model: Arc<Interpreted>, seed: Seed) -> Box<dyn Source> {
    let settings = generate::Settings { seed: seed.0, max_len: args.max_len, cases: args.cases };
    let cover = match args.strategy {
        Strategy::Random => return Box::new(Random::new(model, settings)),
        Strategy::States => Cover::States,
        Strategy::Transitions => Cover::Transitions,
    };
    Box::new(Walks::new(model, settings, cover, Bounds::default()))
}

/// The contract and its model; or the exit code for what is wrong with it, already told.
pub(super) fn read(path: &Path) -> Result<(Arc<Contract>, Interpreted), Exit> {
    let source = match text::Source::read(path) {
        Ok(source) => source,
        Err(unreadable) => {
            let mistakes = [unreadable.diagnostic];
            say(render([(&unreadable.source_text, &mistakes[..])], stderr_colour()).trim_end());
            return Err(Exit::Files);
        }
    };
    match Interpreted::read(&source) {
        Ok(model) => Ok((Arc::new(Contract::read(&source)), model)),
        Err(mistakes) => {
            say(render([(&source, &mistakes[..])], stderr_colour()).trim_end());
            Err(Exit::Files)
        }
    }
}

async fn report(
    trials: &Trials<Charted>,
    sequences: impl Iterator<Item = Sequence>,
    args: &GenerateArgs,
) -> Result<TrialSummary, CliError> {
    let progress = Progress::new(std::io::stdout().is_terminal() && std::io::stderr().is_terminal());
    let (mut failed, mut written) = (0, Ok(()));
    let summary = trials
        .run(sequences, |event| match event {
            RunEvent::Started { target, seed, .. } => {
                let mut told = format!(
                    "up to {} sequences of at most {} commands against {} (seed {})",
                    args.cases, args.max_len, target.name, seed.0
                );
                for remark in target.promises.tolerated() {
                    let _ = write!(told, "\nnote: {}", inert_within(&remark, 500));
                }
                written = print(&told);
                progress.begin(args.cases);
            }
            RunEvent::Sequence(trial) => {
                failed += usize::from(trial.verdict() == Verdict::Fail);
                progress.step(failed);
            }
            RunEvent::Shrinking(trial) => {
                progress.end();
                let steps = trial.sequence.steps.len();
                say(&format!("Sequence {} failed. Making its {steps} steps fewer …", trial.number + 1));
            }
            _ => {}
        })
        .await;
    progress.end();
    written?;
    Ok(summary?)
}

/// Tells a failure, and writes it down as a scenario. Where that can't be done, the failure is told all the same.
fn failure(
    args: &GenerateArgs,
    contract: &Contract,
    shrunk: &Shrunk,
    (before, kept): (&Kept, &Path),
    seed: Seed,
) -> String {
    let generate = again(args, seed);
    let Some(told) = tell(contract, shrunk, &[format!("Found by `{generate}`:"), String::new()]) else {
        return String::new();
    };
    match before.write(kept, &told, shrunk.rounds() > 1) {
        Ok(file) => {
            let place = path_name(&file);
            let again = format!("proofmark run {}{}", word_of(&place), options(args));
            generated_failure(shrunk, &told, &place, &again)
        }
        Err((file, error)) => {
            let why = format!("{}: {error}; `--regressions DIR` names another place", path_name(&file));
            unwritten_failure(shrunk, &told, &why, &generate)
        }
    }
}

pub(super) fn print(text: &str) -> Result<(), std::io::Error> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// The command that makes up the same sequences.
fn again(args: &GenerateArgs, seed: Seed) -> String {
    let mut typed = format!("proofmark generate --seed {}", seed.0);
    if let Some(contract) = &args.contract {
        let _ = write!(typed, " --contract {}", path_word(contract));
    }
    match args.strategy {
        Strategy::Random => {}
        Strategy::States => typed.push_str(" --strategy states"),
        Strategy::Transitions => typed.push_str(" --strategy transitions"),
    }
    for (name, given, usual) in [("cases", args.cases, 1000), ("max-len", args.max_len, 12)] {
        if given != usual {
            let _ = write!(typed, " --{name} {given}");
        }
    }
    typed + &options(args)
}

fn options(args: &GenerateArgs) -> String {
    #[cfg(feature = "http")]
    let service = super::service::typed(&args.service);
    #[cfg(not(feature = "http"))]
    let service = "";
    format!("{}{service}", args.system.typed())
}

fn exit(summary: &TrialSummary) -> Exit {
    match summary.verdict() {
        Verdict::Pass => Exit::Passed,
        Verdict::Fail => Exit::Failed,
        _ => Exit::Inconclusive,
    }
}
