//! Waiting until the target is quiet.

use std::time::Duration;

use super::super::clock::{OPERATION, within};
use super::once::Once;
use crate::contract::rules::Model;
use crate::history::{Act, Operation, Quiet, Role, Stamp};
use crate::judge::judge;
use crate::protocol::{Capability, Query, Verdict};

/// A target that says itself when it is caught up has at least so long for it.
const AT_LEAST: Duration = Duration::from_secs(5);
/// Between two rounds of reads, at first.
const PAUSE: Duration = Duration::from_millis(5);
/// And at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Waits until it is quiet: the target says so, or `reads` show what they must, or all bounds have passed.
///
/// # Errors
/// A sentence, when the target did not catch up in time by its own word.
pub(super) async fn settle<M: Model>(
    once: &mut Once<'_, M>,
    at: usize,
    reads: &[&Query],
) -> Result<(), String> {
    let common = once.common;
    let target = common.engine.target.describe();
    let bound = target.promises.longest_bound();
    if target.capabilities.claims(Capability::Wait) {
        let limit = bound.max(AT_LEAST);
        // The adapter has its own deadline; ours only keeps a broken one from hanging.
        let caught_up = within(&*common.engine.clock, limit + OPERATION, once.world.caught_up(limit)).await;
        if caught_up != Some(true) {
            return Err(format!("the read models were not caught up within {limit:?}"));
        }
        quiet(once, at, Quiet::Proved);
        return Ok(());
    }
    let commands = once.ran.operations.iter().filter(|operation| matches!(operation.act, Act::Submit { .. }));
    let last = commands.filter_map(|operation| operation.end).map(|end| end.at).max();
    let deadline = last.map_or(common.engine.clock.now(), |last| last.saturating_add(bound));
    let (mut pause, mut seen) = (PAUSE, false);
    while !reads.is_empty() && common.engine.clock.now() < deadline {
        if all_there(once, at, reads).await {
            seen = true;
            break;
        }
        common.engine.clock.until(deadline.min(common.engine.clock.now() + pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    if reads.is_empty() {
        common.engine.clock.until(deadline).await;
    }
    quiet(once, at, if seen { Quiet::Assumed } else { Quiet::Proved });
    Ok(())
}

/// Looks once more, when every bound has passed, at what is wrong only if the target was quiet where that was assumed.
pub(super) async fn look_again<M: Model>(once: &mut Once<'_, M>, at: usize, reads: &[&Query]) {
    let bound = once.common.engine.target.describe().promises.longest_bound();
    let last = once.ran.operations.iter().filter(|operation| matches!(operation.act, Act::Submit { .. }));
    let last = last.filter_map(|operation| operation.end).map(|end| end.at).max();
    if let Some(last) = last {
        once.common.engine.clock.until(last.saturating_add(bound)).await;
    }
    quiet(once, at, Quiet::Proved);
    for query in reads {
        once.ask(at, query).await;
    }
}

/// Reads everything; whether it is as it must be at rest.
async fn all_there<M: Model>(once: &mut Once<'_, M>, at: usize, reads: &[&Query]) -> bool {
    let before = once.ran.operations.len();
    once.session.part.role = Role::Poll;
    for query in reads {
        once.ask(at, query).await;
    }
    once.session.part.role = Role::Act;
    let mut settings = once.common.settings.clone();
    settings.ours = once.ran.values.values().cloned().collect();
    settings.matrix = false;
    let mut operations = once.ran.operations.clone();
    if let Some(first) = operations.get(before).map(|operation| operation.call) {
        // As if it had been quiet before them.
        operations.insert(
            before,
            Operation { client: 0, call: first, end: Some(first), act: Act::Quiet(Quiet::Assumed) },
        );
    }
    judge(&*once.common.model, &settings, &operations).verdict() == Verdict::Pass
}

fn quiet<M: Model>(once: &mut Once<'_, M>, at: usize, quiet: Quiet) {
    let stamp: Stamp = once.common.engine.recorder.quiet(once.session.part, quiet);
    let client = once.session.client();
    once.keep(at, Operation { client, call: stamp, end: Some(stamp), act: Act::Quiet(quiet) }, None);
}
