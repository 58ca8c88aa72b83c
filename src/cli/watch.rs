use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::{Receiver, channel};

use super::args::{RunArgs, Selection};
use super::exit::{CliError, Exit};
use super::run::{Done, chosen, load, once};
use super::say;
use super::signal::Stops;
use crate::report::plural;
use crate::scenario::Plan;
use crate::suite::{Snapshot, Suite};
use crate::text::path_name;

/// Between two looks at the files. Short enough to feel like at once, long enough to cost nothing.
const LOOK: Duration = Duration::from_millis(50);

/// A file must look the same for so long before it is read: editors write in several goes.
const SETTLED: Duration = Duration::from_millis(20);

/// `proofmark run --watch`: runs everything once, then what a changed file touches, until Ctrl-C. The exit code is that
/// of the last run.
pub(super) async fn watch(args: &RunArgs) -> Result<Exit, CliError> {
    let mut interrupted = interrupts();
    // Looked at before it is read: what changes in between is then read twice rather than never.
    let mut seen = look(args, &Suite::default());
    let mut suite = load(&args.selection)?;
    seen = seen.with(look(args, &suite));
    let mut plans = selected(&args.selection, &suite);
    // What has changed since something was run: a mistake in one file must not hide what changed in another meanwhile.
    let mut touched = BTreeSet::new();
    let mut everything = true;
    loop {
        if plans.is_ok() {
            touched.clear();
        }
        everything &= plans.is_err();
        let done = match plans {
            Ok(plans) if plans.is_empty() => Exit::Passed.into(),
            Ok(plans) => once(args, &plans).await.unwrap_or_else(|error| Done::from(told_exit(&error))),
            Err(exit) => exit.into(),
        };
        if done.interrupted {
            return Ok(done.exit);
        }
        say("Watching for changes; Ctrl-C ends.");
        let changed = tokio::select! {
            _ = interrupted.wait_for(|interrupted| *interrupted) => return Ok(done.exit),
            changed = change(args, &suite, &seen) => changed,
        };
        let now = changed.changed_since(&seen);
        seen = changed;
        let names: Vec<_> = now.iter().map(path_name).collect();
        say(&format!("\nChanged: {}", names.join(", ")));
        touched.extend(now);
        // A place may be gone for a while; the files of before are watched on.
        match load(&args.selection) {
            Ok(loaded) => suite = loaded,
            Err(error) => {
                plans = Err(told_exit(&error));
                continue;
            }
        }
        seen = seen.with(look(args, &suite));
        plans = selected(&args.selection, &suite);
        // Another profile may change what every scenario meets.
        if !everything && !profile(args).is_some_and(|profile| touched.contains(profile)) {
            plans = plans.map(|plans| only(plans, &suite.touched(&touched)));
        }
    }
}

/// Whether there was a Ctrl-C or the like. Listened for all the time: one that comes between a run's end and the next wait counts, too.
fn interrupts() -> Receiver<bool> {
    let (told, interrupted) = channel(false);
    tokio::spawn(async move {
        if let Ok(mut stops) = Stops::listen() {
            stops.next().await;
            told.send_replace(true);
            // As long as somebody listens, the channel stays open.
            told.closed().await;
        }
    });
    interrupted
}

/// The chosen scenarios; or the exit code for what is wrong with the files, already told.
fn selected(selection: &Selection, suite: &Suite) -> Result<Vec<Arc<Plan>>, Exit> {
    chosen(selection, suite.clone()).unwrap_or_else(|error| Err(told_exit(&error)))
}

/// Those of the plans that a change touches.
fn only(mut plans: Vec<Arc<Plan>>, touched: &[Arc<Plan>]) -> Vec<Arc<Plan>> {
    plans.retain(|plan| touched.iter().any(|one| Arc::ptr_eq(one, plan)));
    match plans.len() {
        0 => say("No chosen scenario rests on it."),
        some => say(&format!("{} to run", plural(some, "scenario"))),
    }
    plans
}

/// Waits until the files are other than they were, and have stopped changing.
async fn change(args: &RunArgs, suite: &Suite, seen: &Snapshot) -> Snapshot {
    loop {
        tokio::time::sleep(LOOK).await;
        let mut now = look(args, suite);
        if now.changed_since(seen).is_empty() {
            continue;
        }
        loop {
            tokio::time::sleep(SETTLED).await;
            let later = look(args, suite);
            if later == now {
                return now;
            }
            now = later;
        }
    }
}

fn look(args: &RunArgs, suite: &Suite) -> Snapshot {
    Snapshot::take(&args.selection.places, suite.inputs().chain(profile(args)))
}

fn profile(args: &RunArgs) -> Option<&Path> {
    #[cfg(feature = "http")]
    return args.service.target.as_deref();
    #[cfg(not(feature = "http"))]
    return None;
}

/// What would end a single run, is told here and waits for the next change.
fn told_exit(error: &CliError) -> Exit {
    say(&format!("error: {error}"));
    error.exit()
}
