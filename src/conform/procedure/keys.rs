//! Commands sent again under their key, under another one, with another body, and several at the same time.

use std::sync::Arc;

use super::choice::{at, change, changes, graph, refused, repeatable};
use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::contract::explore::Graph;
use crate::protocol::{Command, Outcome};

/// Experiments at the same time. Their races take turns.
const LANES: usize = 12;
/// Copies of one command in a race, two or three.
const COPIES: usize = 3;

const NOT_AGAIN: &str = "no command has an effect each time it is sent";

/// What is sent one by one. Somewhat more cases than clauses ask for at least, since some prove nothing.
pub(super) static ONE_BY_ONE: &[Experiment] = &[
    Experiment {
        name: "retry",
        cases: 24,
        lanes: LANES / 3,
        act: |case, number| Box::pin(retry(case, number)),
        controlled: true,
        ..PLAIN
    },
    Experiment {
        name: "other-body",
        cases: 18,
        lanes: LANES / 3,
        act: |case, number| Box::pin(other_body(case, number)),
        controlled: true,
        ..PLAIN
    },
    Experiment {
        name: "two-keys",
        cases: 18,
        lanes: LANES / 3,
        act: |case, number| Box::pin(two_keys(case, number)),
        controlled: true,
        ..PLAIN
    },
];

/// What is sent at the same time.
pub(super) static AT_ONCE: &[Experiment] = &[Experiment {
    name: "copies",
    cases: 48,
    lanes: LANES,
    act: |case, number| Box::pin(copies(case, number)),
    controlled: true,
    ..PLAIN
}];

/// Something to begin with: nothing at all, or an aggregate with so many commands behind it.
async fn begun<'l>(case: &mut Case<'l>, number: u64, least: u64) -> Option<&'l Graph> {
    let graph = graph(case.lab, number);
    let steps = number % 3 + least;
    let more = usize::try_from(steps.saturating_sub(1)).unwrap_or(0);
    (steps == 0 || case.set_up(graph, more).await).then_some(graph)
}

/// The command as it is sent, under the key of that name. A control has none: what is wrong without keys is no key's doing.
fn keyed(case: &mut Case<'_>, command: &Command, key: &str) -> Arc<Command> {
    let key = (!case.is_in_turn()).then(|| case.key(key));
    Arc::new(Command { key, ..case.bound(command) })
}

/// A command that is accepted, and one that is refused, each of them again.
async fn retry(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let Some(graph) = begun(case, number, 0).await else { return Ok(()) };
    if let Some((command, once)) = change(case, graph, number) {
        let sent = keyed(case, &command, "key1");
        if !matches!(case.submit(0, sent.clone(), 0).await, Outcome::Accepted(_)) {
            return Ok(());
        }
        case.world = once;
        // Whoever tries again at once meets another service than whoever comes back later.
        if number % 4 < 2 && !case.settle().await {
            return Ok(());
        }
        // A client that tries again has often lost its connection.
        let session = if number.is_multiple_of(2) { 0 } else { case.session().await? };
        case.submit(session, sent, 1).await;
        if !case.look().await {
            return Ok(());
        }
    }
    let Some(command) = refused(case, graph, number) else { return Ok(()) };
    let sent = keyed(case, &command, "key2");
    if matches!(case.submit(0, sent.clone(), 0).await, Outcome::Rejected(_)) {
        case.submit(0, sent, 1).await;
    }
    Ok(())
}

/// A command, and under its key the same with something else in it that would be accepted behind it.
async fn other_body(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let Some(graph) = begun(case, number, 0).await else { return Ok(()) };
    let all = changes(case, graph);
    let pairs: Vec<_> = all
        .iter()
        .flat_map(|(first, once)| {
            let like = all.iter().map(|(other, _)| other);
            let like = like.filter(|other| {
                other.name == first.name && other.on == first.on && other.fields != first.fields
            });
            like.take(4).map(move |other| (first.clone(), once.clone(), other.clone()))
        })
        .take(24)
        .collect();
    let Some((first, once, other)) = pairs.get(at(number.wrapping_mul(7), pairs.len())) else {
        return Ok(());
    };
    let sent = keyed(case, first, "key1");
    if !matches!(case.submit(0, sent, 0).await, Outcome::Accepted(_)) {
        return Ok(());
    }
    case.world = once.clone();
    if number.is_multiple_of(2) && !case.settle().await {
        return Ok(());
    }
    let altered = keyed(case, other, "key1");
    case.submit(0, altered, 0).await;
    case.look().await;
    Ok(())
}

/// Several copies of one command, let go together.
async fn copies(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let Some(graph) = begun(case, number, 1).await else { return Ok(()) };
    let count = COPIES - usize::from(number.is_multiple_of(2));
    let Some((command, worlds)) = repeatable(case, graph, count, number) else {
        case.gives_up(NOT_AGAIN);
        return Ok(());
    };
    let sent = keyed(case, &command, "key1");
    // What one of them alone brings is no copy's doing.
    let count = if case.is_in_turn() { 1 } else { count };
    case.burst(vec![sent; count]).await?;
    case.world = worlds[0].clone();
    case.look().await;
    Ok(())
}

/// One command under two keys.
async fn two_keys(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let Some(graph) = begun(case, number, 1).await else { return Ok(()) };
    let Some((command, worlds)) = repeatable(case, graph, 2, number) else {
        case.gives_up(NOT_AGAIN);
        return Ok(());
    };
    let first = keyed(case, &command, "key1");
    if !matches!(case.submit(0, first, 0).await, Outcome::Accepted(_)) {
        return Ok(());
    }
    case.world = worlds[0].clone();
    if number.is_multiple_of(2) && !case.settle().await {
        return Ok(());
    }
    let second = keyed(case, &command, "key2");
    case.submit(0, second, 0).await;
    case.world = worlds[1].clone();
    case.look().await;
    Ok(())
}
