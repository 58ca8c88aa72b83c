use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{GenerateArgs, Strategy};
use super::exit::{CliError, Exit};
use super::progress::Progress;
use super::run::{quoted, stop_on_signal};
use super::{files, say, stderr_colour, stdout_colour};
use crate::adapter::{Reference, Target};
use crate::contract::Contract;
use crate::contract::explore::{Bounds, Chart, explore};
use crate::contract::rules::Interpreted;
use crate::generate::{self, Charted, Cover, Random, Walks, Weave};
use crate::protocol::{Capability, Verdict};
use crate::report::{Reachable, Style, Terminal, generated, generated_failure};
use crate::run::{Runner, Seed, Shrunk, TrialEvent, TrialSummary, Trials, tell};
use crate::step::Sequence;
use crate::step::Source;
use crate::suite::{Place, Suite};
use crate::text::{self, render};

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
    if let Some(exit) = known_failures(args, target.clone(), &kept, &path).await? {
        return Ok(exit);
    }
    let seed = args.seed.map_or_else(Seed::fresh, Seed);
    let knows = {
        let target = target.clone();
        move |message: &str| target.knows(message)
    };
    let claims = target.describe().capabilities;
    let model = Arc::new(model.asking(target.describe().promises.demands.clone()));
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
    let summary = tokio::select! {
        // First, so that it listens before anything runs.
        biased;
        never = stop_on_signal(trials.stop_handle()) => match never {},
        summary = report(&trials, woven, args) => summary?,
    };
    let mut out = generated(&contract, &summary, &reachable, args.transitions);
    for shrunk in &summary.failures {
        out.push('\n');
        out.push_str(&failure(args, &contract, shrunk, &kept, seed)?);
    }
    print(out.trim_end())?;
    Ok(exit(&summary))
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

/// Tries what was found before. Where something of it fails still, nothing new is looked for.
async fn known_failures<T: Target + Clone + 'static>(
    args: &GenerateArgs,
    target: T,
    kept: &Path,
    contract: &Path,
) -> Result<Option<Exit>, CliError> {
    if !kept.is_dir() {
        return Ok(None);
    }
    let suite = Suite::load([Place::from(kept), Place::from(contract)])?;
    let plans = match suite.plans() {
        Ok([]) => return Ok(None),
        Ok(plans) => plans.to_vec(),
        Err(mistakes) => {
            say(mistakes.render(stderr_colour()).trim_end());
            return Ok(Some(Exit::Files));
        }
    };
    let options = options(args);
    let again = |result: &crate::run::ScenarioResult| {
        let place = result.plan.place();
        format!("proofmark run {} --seed {}{options}", quoted(&place), result.seed.0)
    };
    let style = Style { colour: stdout_colour(), lines: false };
    let mut terminal = Terminal::new(std::io::stdout(), style, again);
    let mut runner = Runner::new(target);
    if let Some(seed) = args.seed {
        runner = runner.seed(Seed(seed));
    }
    print(&format!("First what was found before, in {}:", kept.display()))?;
    let mut written = Ok(());
    let running = runner.run(&plans, |event| {
        if written.is_ok() {
            written = terminal.on(event);
        }
    });
    let summary = tokio::select! {
        biased;
        never = stop_on_signal(runner.stop_handle()) => match never {},
        summary = running => summary?,
    };
    written?;
    if summary.counts.failed > 0 {
        print("It fails still, so nothing new was looked for.")?;
        return Ok(Some(Exit::Failed));
    }
    if summary.interrupted {
        return Ok(Some(Exit::Inconclusive));
    }
    Ok(None)
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
            TrialEvent::Started { target, seed } => {
                written = print(&format!(
                    "up to {} sequences of at most {} commands against {} (seed {})",
                    args.cases, args.max_len, target.name, seed.0
                ));
                progress.begin(args.cases);
            }
            TrialEvent::Finished(trial) => {
                failed += usize::from(trial.verdict() == Verdict::Fail);
                progress.step(failed);
            }
            TrialEvent::Shrinking(trial) => {
                progress.end();
                let steps = trial.sequence.steps.len();
                say(&format!("Sequence {} failed. Making its {steps} steps fewer …", trial.number + 1));
            }
            TrialEvent::Shrunk(_) => {}
        })
        .await;
    progress.end();
    written?;
    Ok(summary?)
}

/// Tells a failure, and writes it down as a scenario.
fn failure(
    args: &GenerateArgs,
    contract: &Contract,
    shrunk: &Shrunk,
    kept: &Path,
    seed: Seed,
) -> Result<String, CliError> {
    let found = format!("Found by `proofmark generate --seed {}{}`:", seed.0, options(args));
    let Some(told) = tell(contract.name(), &shrunk.trial, &[found, String::new()]) else {
        return Ok(String::new());
    };
    let unwritten = |path: &Path, source| CliError::Write { path: path.to_owned(), source };
    std::fs::create_dir_all(kept).map_err(|source| unwritten(kept, source))?;
    let file = kept.join(format!("{}.scenario", told.file));
    files::replace(&file, &told.scenario).map_err(|source| unwritten(&file, source))?;
    let place = file.display().to_string();
    let repeat = match repeats(shrunk.failed) {
        1 => String::new(),
        repeats => format!(" --repeat {repeats} --fail-fast"),
    };
    let again = format!("proofmark run {}{repeat}{}", quoted(&place), options(args));
    Ok(generated_failure(shrunk, &told, &place, &again))
}

/// How often a scenario must be run so that what fails by chance is hardly missed.
fn repeats((failed, of): (usize, usize)) -> usize {
    match failed {
        0 => 100,
        failed if failed >= of => 1,
        // Missed with a chance of e^-4 at most.
        failed => (4 * of).div_ceil(failed),
    }
}

fn print(text: &str) -> Result<(), std::io::Error> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
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
