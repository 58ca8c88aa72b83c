//! Commands sent again under their key, under another one, with another body, and several at the same time.

use std::sync::Arc;

use super::choice::{Change, at, behind, change, changes, graph, refused, repeatable};
use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::conform::options::Sought;
use crate::contract::explore::Graph;
use crate::protocol::{Command, Outcome};

/// Experiments at the same time. Their races take turns.
const LANES: usize = 12;
/// Copies of one command in a race, two or three.
const COPIES: usize = 3;

/// Kinds of commands that take turns, where none of them is seen in reads.
const KINDS: usize = 6;

const NOT_AGAIN: &str = "no command has an effect each time it is sent";

/// What is sent one by one. Somewhat more cases than clauses ask for at least, since some prove nothing.
pub(super) static ONE_BY_ONE: &[Experiment] = &[
    Experiment {
        name: "retry",
        cases: 24,
        lanes: LANES / 3,
        act: |case, number| Box::pin(retry(case, number)),
        control: Control::Behind,
        ..PLAIN
    },
    Experiment {
        name: "other-body",
        cases: 18,
        lanes: LANES / 3,
        act: |case, number| Box::pin(other_body(case, number)),
        control: Control::Behind,
        ..PLAIN
    },
    Experiment {
        name: "two-keys",
        cases: 18,
        lanes: LANES / 3,
        needed: |lab, number| twice(lab, number).is_some(),
        act: |case, number| Box::pin(two_keys(case, number)),
        control: Control::Behind,
        ..PLAIN
    },
];

/// What is sent at the same time.
pub(super) static AT_ONCE: &[Experiment] = &[Experiment {
    name: "copies",
    cases: 48,
    lanes: LANES,
    act: |case, number| Box::pin(copies(case, number)),
    control: Control::Alone,
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
    // Where no read tells what was done, answers may.
    let hidden = |case: &Case<'_>| {
        let command = case.next(graph, at(number, KINDS))?;
        let once = behind(case, &case.world, &command)?;
        Some((command, once))
    };
    if let Some((command, once)) = change(case, graph, number).or_else(|| hidden(case)) {
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

/// Several copies of one command, let go together: of one with an effect each time or, where there is none, of one that creates.
async fn copies(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let Some((graph, sought)) = lab.in_turn(&[Sought::Repeatable, Sought::Beginning], number) else {
        return Ok(());
    };
    if !case.goes(lab.way(graph, sought, (1 + at(number, 3), number))).await {
        return Ok(());
    }
    let count = COPIES - usize::from(number.is_multiple_of(2));
    let found = match sought {
        Sought::Repeatable => repeatable(case, graph, count, number),
        _ => beginning(case, graph, number).map(|(first, _)| (first.0, vec![first.1])),
    };
    let Some((command, worlds)) = found else {
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

/// Where one command has an effect under each of two keys: one that has an effect each time or, where there is none, one that creates under
/// an id of the target's own.
fn twice(lab: &Lab, number: u64) -> Option<(&Graph, Sought)> {
    let creates = !lab.engine.target.describe().promises.creations.is_empty();
    let sought = [Sought::Repeatable, Sought::Beginning];
    lab.in_turn(&sought[..=usize::from(creates)], number)
}

/// Two changes that begin aggregates, the second one in all that it carries as the first.
fn beginning(case: &Case<'_>, graph: &Graph, number: u64) -> Option<(Change, Change)> {
    let options = case.options(graph);
    let pairs = options.pairs(case.lab, (graph, &case.world), Sought::Beginning);
    let alike: Vec<_> = pairs.iter().filter(|pair| pair.first.name == pair.second.name).collect();
    let pair = alike.get(at(number, alike.len()))?;
    let first = pair.first.clone();
    let second = Command { on: pair.second.on.clone(), ..first.clone() };
    let once = behind(case, &case.world, &first)?;
    let twice = behind(case, &once, &second)?;
    Some(((first, once), (second, twice)))
}

/// One command under two keys.
async fn two_keys(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let Some((graph, sought)) = twice(lab, number) else { return Ok(()) };
    if !case.goes(lab.way(graph, sought, (1 + at(number, 3), number))).await {
        return Ok(());
    }
    let found = match sought {
        Sought::Repeatable => repeatable(case, graph, 2, number).and_then(|(command, worlds)| {
            let [once, twice] = <[_; 2]>::try_from(worlds).ok()?;
            Some(((command.clone(), once), (command, twice)))
        }),
        _ => beginning(case, graph, number),
    };
    let Some(((first, once), (second, twice))) = found else {
        case.gives_up(NOT_AGAIN);
        return Ok(());
    };
    let first = keyed(case, &first, "key1");
    if !matches!(case.submit(0, first, 0).await, Outcome::Accepted(_)) {
        return Ok(());
    }
    case.world = once;
    if number.is_multiple_of(2) && !case.settle().await {
        return Ok(());
    }
    let second = keyed(case, &second, "key2");
    case.submit(0, second, 0).await;
    case.world = twice;
    case.look().await;
    Ok(())
}
