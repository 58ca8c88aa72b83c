use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io::IsTerminal as _;
use std::sync::Arc;

use super::args::{RunArgs, Selection, SystemArgs};
use super::exit::{CliError, Exit};
use super::progress::Progress;
use super::signal::Stops;
use super::{reports, say, stderr_colour, stdout_colour};
use crate::adapter::Reference;
use crate::protocol::Verdict;
use crate::report::{Collector, Style, Terminal, plural};
use crate::run::{RunEvent, Runner, ScenarioResult, Seed, Stop, Summary};
use crate::scenario::Plan;
use crate::suite::Suite;
use crate::text::{path_name, word_of};

/// So many tags are listed where none of them was meant.
const MOST_TAGS: usize = 20;

/// `proofmark run`
pub(super) fn run(args: &RunArgs) -> Result<Exit, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    reports::make_way(&args.report, args.history.as_deref())?;
    if args.watch {
        return runtime.block_on(super::watch::watch(args));
    }
    let plans = match chosen(&args.selection, load(&args.selection)?)? {
        Ok(plans) => plans,
        Err(exit) => return Ok(exit),
    };
    Ok(runtime.block_on(once(args, &plans))?.exit)
}

/// What one run came to.
pub(super) struct Done {
    pub(super) exit: Exit,
    /// Whether Ctrl-C ended it.
    pub(super) interrupted: bool,
}

impl From<Exit> for Done {
    fn from(exit: Exit) -> Self {
        Self { exit, interrupted: false }
    }
}

/// Runs the plans, with all that is asked for beside.
pub(super) async fn once(args: &RunArgs, plans: &[Arc<Plan>]) -> Result<Done, CliError> {
    let built_in = target(&args.system)?;
    #[cfg(feature = "http")]
    let service = match super::service::find(&args.service)? {
        Ok(service) => service,
        Err(exit) => return Ok(exit.into()),
    };
    #[cfg(feature = "http")]
    let runner = match &service {
        Some(service) => Runner::new(service.clone()),
        None => Runner::new(built_in),
    };
    #[cfg(not(feature = "http"))]
    let runner = Runner::new(built_in);
    let runner = equipped(runner, args);
    let mut collector = Collector::new(plans, args.repeat, again(args));
    // Where a report can't be written, this says so before anything runs; where the run dies, this is what is left.
    reports::write(&args.report, collector.record())?;
    if plans.is_empty() {
        return Ok(Exit::Passed.into());
    }
    let summary = tokio::select! {
        // First, so that it listens before anything runs.
        biased;
        never = stop_on_signal(runner.stop_handle()) => match never {},
        summary = report(&runner, plans, args, &mut collector) => summary,
    };
    // However the run ended, what is known of it is written down.
    let written = reports::write(&args.report, collector.record());
    let summary = summary?;
    let interrupted = summary.interrupted;
    if let Err(error) = written {
        say(&format!("error: {error}"));
        let exit = if summary.counts.failed > 0 { Exit::Failed } else { error.exit() };
        return Ok(Done { exit, interrupted });
    }
    #[cfg(feature = "http")]
    if let Some(service) = &service {
        return Ok(Done { exit: super::service::exit(service, &summary), interrupted });
    }
    Ok(Done { exit: Exit::of(&summary), interrupted })
}

/// The runner with the options that were typed.
fn equipped(runner: Runner, args: &RunArgs) -> Runner {
    let mut runner = runner.repeat(args.repeat).strict(args.strict).fail_fast(args.fail_fast);
    if let Some(jobs) = args.jobs {
        runner = runner.jobs(jobs);
    }
    if let Some(seed) = args.seed {
        runner = runner.seed(Seed(seed));
    }
    if let Some(path) = &args.history {
        runner = runner.history(path);
    }
    runner
}

/// Ctrl-C, SIGTERM and SIGHUP end the run with what is known by then; a second one means now.
pub(super) async fn stop_on_signal(stop: Stop) -> Infallible {
    // Where nobody may listen, a signal ends it at once, as if there were none of this.
    let Ok(mut stops) = Stops::listen() else { return std::future::pending().await };
    stops.next().await;
    stop.stop();
    std::process::exit(stops.next().await)
}

/// The command that runs a scenario again.
fn again(args: &RunArgs) -> impl Fn(&ScenarioResult) -> String + use<> {
    let options = options(args);
    move |result| {
        let place = result.plan.place();
        format!("proofmark run {} --seed {}{options}", word_of(&place), result.seed.0)
    }
}

async fn report<A: Fn(&ScenarioResult) -> String>(
    runner: &Runner,
    plans: &[Arc<Plan>],
    args: &RunArgs,
    collector: &mut Collector<A>,
) -> Result<Summary, CliError> {
    let on_terminal = std::io::stdout().is_terminal();
    let progress = Progress::new(on_terminal && std::io::stderr().is_terminal());
    let style = Style { colour: stdout_colour(), lines: !on_terminal };
    let mut terminal = Terminal::new(std::io::stdout(), style, again(args));
    let mut written = Ok(());
    let mut failed = 0;
    let summary = runner
        .run(plans, |event| {
            match event {
                RunEvent::Started { cases, .. } => progress.begin(cases.unwrap_or_default()),
                RunEvent::Scenario(result) => {
                    failed += usize::from(result.verdict == Verdict::Fail);
                    progress.step(failed);
                }
                RunEvent::Ended(_) => progress.end(),
                _ => {}
            }
            collector.on(event);
            if written.is_ok() {
                written = progress.aside(|| terminal.on(event));
            }
            if written.is_err() {
                runner.stop_handle().stop();
            }
        })
        .await;
    progress.end();
    // Who has read enough of the output still gets the exit code.
    match written {
        Ok(()) => Ok(summary?),
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        Err(_) => {
            let mut summary = summary?;
            // Nobody has read where the history is, so nobody would ever look into it or remove it.
            if args.history.is_none()
                && let Some(unnamed) = summary.history.take()
            {
                std::fs::remove_file(unnamed)?;
            }
            Ok(summary)
        }
    }
}

/// What is at the places.
pub(super) fn load(selection: &Selection) -> Result<Suite, CliError> {
    Ok(Suite::load(selection.places.iter().cloned())?)
}

/// The scenarios chosen; or what is wrong with the files, already told.
pub(super) fn chosen(
    selection: &Selection,
    mut suite: Suite,
) -> Result<Result<Vec<Arc<Plan>>, Exit>, CliError> {
    let mistakes = suite.mistakes();
    if mistakes.errors() + mistakes.warnings() > 0 {
        say(mistakes.render(stderr_colour()).trim_end());
    }
    if mistakes.errors() > 0 {
        super::explain::hint(mistakes);
        return Ok(Err(Exit::Files));
    }
    if let [missed, ..] = suite.missed() {
        let file = path_name(&missed.path);
        return Err(CliError::Nothing(format!(
            "there is no scenario at {missed}; `proofmark list scenarios {file}` has the places"
        )));
    }
    let all = suite.plans().unwrap_or_default();
    let (found, tags) =
        (all.len(), all.iter().flat_map(|plan| plan.tags.iter().cloned()).collect::<BTreeSet<_>>());
    if let Some(tags) = &selection.tag {
        suite = suite.tagged(tags);
    }
    let before = suite.plans().map_or(0, <[_]>::len);
    if let Some(shard) = selection.shard.filter(|_| before > 0) {
        suite = suite.sharded(shard);
        if suite.plans().is_ok_and(<[_]>::is_empty) {
            say(&format!(
                "Shard {shard} has none of the {before} selected scenarios: nothing is left to do."
            ));
            return Ok(Ok(Vec::new()));
        }
    }
    match suite.plans() {
        Ok([]) if found > 0 => Err(CliError::Nothing(format!(
            "none of {} has such tags{}",
            plural(found, "scenario"),
            known_tags(&tags)
        ))),
        Ok([]) => Err(CliError::Nothing("there are no scenarios there".into())),
        Ok(plans) => Ok(Ok(plans.to_vec())),
        Err(_) => Ok(Err(Exit::Files)),
    }
}

/// Which tags there are, where there are so few that somebody reads them.
fn known_tags(tags: &BTreeSet<Arc<str>>) -> String {
    let names: Vec<_> = tags.iter().take(MOST_TAGS).map(|tag| format!("@{tag}")).collect();
    match tags.len() {
        0 => "; none of them has any".into(),
        1..=MOST_TAGS => format!("; there are {}", names.join(", ")),
        more => format!("; there are {} and {} more", names.join(", "), more - MOST_TAGS),
    }
}

fn target(args: &SystemArgs) -> Result<Reference, CliError> {
    let reference = Reference::new(args.sync()?);
    Ok(args.defect.iter().copied().fold(reference, Reference::with_defect))
}

/// The options that change a scenario's course, as they were typed.
fn options(args: &RunArgs) -> String {
    let strict = if args.strict { " --strict" } else { "" };
    #[cfg(feature = "http")]
    let service = super::service::typed(&args.service);
    #[cfg(not(feature = "http"))]
    let service = "";
    format!("{}{service}{strict}", args.system.typed())
}
