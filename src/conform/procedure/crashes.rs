//! Crashes: the service is killed behind an answer, or while a command is under way, and started again.

use std::sync::Arc;
use std::time::Duration;

use super::choice::{change, graph};
use crate::adapter::{AnyWorld as _, ControlError, Unreachable};
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::conform::rest::is_answer;
use crate::protocol::{Capability, ClauseId, Command, Outcome, Query};
use crate::run::Pace;

/// So much longer than a read model's bound it is looked for: what starts again has more to do.
const PATIENCE: Duration = Duration::from_secs(2);
/// The points at which a command under way is hit, as parts of the time that one before it took.
const POINTS: u64 = 8;

// Cases come one by one, and these two procedures, too: what one kills is all that there is.

/// Killed behind an answer.
pub(super) static BEHIND: &[Experiment] = &[Experiment {
    name: "crash-behind",
    cases: 24,
    enough: &[(Unit::Commands, 16)],
    control: Control::Behind,
    act: |case, number| Box::pin(behind(case, number)),
    ..PLAIN
}];

/// Killed while a command is under way. Not each case hits one.
pub(super) static UNDER_WAY: &[Experiment] = &[Experiment {
    name: "crash-under-way",
    cases: 120,
    enough: &[(Unit::Retries, 20)],
    control: Control::Behind,
    act: |case, number| Box::pin(under_way(case, number)),
    ..PLAIN
}];

/// So often it is seen that what was acknowledged is lost.
const SEEN: u64 = 6;

const LOSES: &str = "a crash loses what was acknowledged before it (FT-2), so there is nothing to begin with";
const NOT_STARTED: &str = "the service could not be started again behind a crash";

/// Some commands, with nothing between them; behind the last answer, the crash.
async fn behind(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    if is_known_to_lose(case) {
        return Ok(());
    }
    let graph = graph(case.lab, number);
    if !case.set_up(graph, usize::try_from(number % 4).unwrap_or(0)).await {
        return Ok(());
    }
    if !case.is_in_turn() {
        let crashed = case.place.restart().await;
        if !started(case, crashed).await? {
            return Ok(());
        }
    }
    show(case).await;
    if case.is_in_turn() {
        // Whoever has lost nothing by a crash is judged at rest.
        case.look().await;
    }
    Ok(())
}

/// A command that is killed before it is answered, or a moment later; then the same again.
async fn under_way(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    if is_known_to_lose(case) {
        case.gives_up(LOSES);
        return Ok(());
    }
    if is_known_to_leave_halves(case) {
        return Ok(());
    }
    let graph = graph(case.lab, number);
    if !case.set_up(graph, usize::try_from(number % 3).unwrap_or(0)).await || !case.look().await {
        return Ok(());
    }
    let Some((command, behind)) = change(case, graph, number) else { return Ok(()) };
    let key = case.lab.claims(Capability::Idempotency).then(|| case.key("key1"));
    let sent = Arc::new(Command { key, ..case.bound(&command) });
    let took = case.operations.first().and_then(|first| Some(first.end?.at.saturating_sub(first.call.at)));
    let point = took.unwrap_or_default() * u32::try_from(number % POINTS).unwrap_or(0) / 6;
    if case.is_in_turn() {
        case.submit(0, sent.clone(), 0).await;
    } else {
        let (place, clock) = (case.place.clone(), case.lab.engine.clock.clone());
        let crash = async {
            clock.until(clock.now().saturating_add(point)).await;
            place.restart().await
        };
        let (_, crashed) = tokio::join!(case.submit(0, sent.clone(), 0), crash);
        if !started(case, crashed).await? {
            return Ok(());
        }
    }
    if !case.look().await || sent.key.is_none() {
        return Ok(());
    }
    let again = case.submit(0, sent, 1).await;
    if matches!(again, Outcome::Accepted(_)) {
        // It may never show: then the service doesn't say either that it has caught up.
        case.world = behind;
        show(case).await;
    }
    if again.is_known() {
        case.look().await;
    }
    Ok(())
}

/// Goes on with a connection of its own behind a crash. `false` where there is no service any more.
async fn started(case: &mut Case<'_>, crashed: Result<(), ControlError>) -> Result<bool, Unreachable> {
    if crashed.is_err() {
        case.gives_up(NOT_STARTED);
        return Ok(false);
    }
    case.reconnect(0).await?;
    Ok(true)
}

/// Whether it is known well enough that what was acknowledged is lost: each case that shows it waits for long.
fn is_known_to_lose(case: &Case<'_>) -> bool {
    case.lab.cases.is_empty() && case.lab.ledger.of(ClauseId::Ft2).broken >= SEEN
}

/// The same of what a crash leaves half done.
fn is_known_to_leave_halves(case: &Case<'_>) -> bool {
    case.lab.cases.is_empty() && case.lab.ledger.of(ClauseId::Ft4).broken >= SEEN
}

/// Asks each query until it shows what the rules say, or has had its time.
async fn show(case: &mut Case<'_>) {
    let lab = case.lab;
    let limit = lab.engine.target.describe().promises.longest_bound() + PATIENCE;
    let (began, late) = (lab.engine.clock.now(), lab.pulse.late());
    let mut pace = Pace::of_rounds();
    let mut waiting: Vec<Query> = case.reads();
    loop {
        let mut still = Vec::new();
        for query in waiting {
            let answer = case.ask(0, &query).await;
            if !is_answer(&answer) || !case.tells(&case.world, &query, &answer) {
                still.push(query);
            }
        }
        waiting = still;
        let deadline = began.saturating_add(limit) + lab.pulse.late().saturating_sub(late);
        let now = lab.engine.clock.now();
        let Some(next) = pace.next(now).filter(|_| now < deadline && !waiting.is_empty()) else { return };
        lab.engine.clock.until(deadline.min(next)).await;
    }
}
