//! Short bursts of commands that overlap on one aggregate, settled; then decisions that show what the write side believes.

use std::sync::Arc;

use super::choice::at;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::conform::options::Sought;
use crate::contract::explore::Graph;
use crate::generate::Pair;
use crate::protocol::{Command, Outcome};

/// Cases of each kind of burst; some may not overlap.
const BURSTS: u64 = 90;
/// Experiments at the same time. Their races take turns.
const LANES: usize = 6;
/// What races on one aggregate. Where nothing forbids anything, the later one of two decides.
const RIVALS: &[Sought] = &[Sought::Conflicting, Sought::Overwriting];
/// Decisions behind a burst.
const TRAILING: usize = 3;

/// Commands that are accepted alone and not together, and commands that add up; at the same time.
pub(super) static AT_ONCE: &[Experiment] = &[
    Experiment {
        name: "conflict",
        cases: BURSTS,
        lanes: LANES,
        controlled: true,
        needed: |lab, number| lab.in_turn(RIVALS, number).is_some(),
        act: |case, number| Box::pin(conflict(case, number)),
        ..PLAIN
    },
    Experiment {
        name: "sum",
        cases: BURSTS,
        lanes: LANES,
        controlled: true,
        act: |case, number| Box::pin(sum(case, number)),
        ..PLAIN
    },
];

/// Commands with nothing between them. Not in every state is there such a pair.
pub(super) static IN_A_ROW: &[Experiment] = &[Experiment {
    name: "in-a-row",
    cases: 128,
    lanes: 2 * LANES,
    enough: &[(Unit::Pairs, 32)],
    controlled: true,
    act: |case, number| Box::pin(in_a_row(case, number)),
    ..PLAIN
}];

/// A pair of the kind that is sought where the case is.
fn pick(case: &Case<'_>, graph: &Graph, sought: Sought, number: u64) -> Option<Pair> {
    let options = case.options(graph);
    let pairs = options.pairs(case.lab, (graph, &case.world), sought);
    let len = u64::try_from(pairs.len()).ok().filter(|len| *len > 0)?;
    // Neighbours in the list are much alike.
    pairs.get(usize::try_from(number.wrapping_mul(7) % len).ok()?).cloned()
}

async fn conflict(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let Some((graph, sought)) = lab.in_turn(RIVALS, number) else {
        return Ok(());
    };
    // The very first event is raced for as well.
    let length = if number % 4 == 3 { 0 } else { 1 + at(number, 3) };
    if !case.goes(lab.way(graph, sought, (length, number))).await {
        return Ok(());
    }
    let Some(pair) = pick(case, graph, sought, number) else { return Ok(()) };
    burst(case, (graph, number), vec![pair.first, pair.second]).await
}

async fn sum(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    // Where nothing adds up, aggregates do.
    let lab = case.lab;
    let Some((graph, sought)) = lab.in_turn(&[Sought::Commuting, Sought::Beginning], number) else {
        return Ok(());
    };
    if !case.goes(lab.way(graph, sought, (1 + at(number, 3), number))).await {
        return Ok(());
    }
    let Some(pair) = pick(case, graph, sought, number) else { return Ok(()) };
    let mut commands = vec![pair.first, pair.second];
    // What creates under an id of the target's own would create another one.
    let creations = &lab.engine.target.describe().promises.creations;
    if number % 2 == 1 && !commands.iter().any(|command| creations.contains(&command.name)) {
        commands.extend(commands.clone());
    }
    burst(case, (graph, number), commands).await
}

async fn burst(
    case: &mut Case<'_>,
    (graph, number): (&Graph, u64),
    commands: Vec<Command>,
) -> Result<(), Unreachable> {
    let bound: Vec<_> = commands.iter().map(|command| Arc::new(case.bound(command))).collect();
    let (outcomes, _) = case.burst(bound).await?;
    // Some order in which this may have happened; the judge looks at all of them.
    for (command, outcome) in commands.iter().zip(&outcomes) {
        if matches!(outcome, Outcome::Accepted(_)) {
            case.follow(command);
        }
    }
    if case.settle().await {
        trailing(case, graph, number).await;
        case.settle().await;
    }
    Ok(())
}

/// Sends what shows whether the write side believes what the reads say: the first that must be accepted and the first that
/// must be refused, of several kinds.
pub(super) async fn trailing(case: &mut Case<'_>, graph: &Graph, number: u64) {
    for step in 0..TRAILING {
        let options = case.options(graph);
        let at = usize::try_from(number).unwrap_or(0).wrapping_mul(5) + step;
        let command = if step % 2 == 1 {
            options.refused.get(at % options.refused.len().max(1))
        } else {
            options.accepted.get(at % options.accepted.len().max(1)).map(|(command, _)| command)
        };
        if let Some(command) = command {
            case.send(0, command).await;
        }
    }
}

/// Two commands, of which the first forbids the second, with nothing between them.
async fn in_a_row(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let Some((graph, sought)) = lab.in_turn(&[Sought::Conflicting], number) else { return Ok(()) };
    // Each behind a rest: what stands before the pair is not what is tried.
    for command in lab.way(graph, sought, (1 + at(number, 2), number)) {
        if !case.goes(std::slice::from_ref(command)).await || !case.settle().await {
            return Ok(());
        }
    }
    let Some(pair) = pick(case, graph, sought, number) else { return Ok(()) };
    if !matches!(case.send(0, &pair.first).await, Outcome::Accepted(_)) {
        return Ok(());
    }
    // What is decided so behind a rest as well has nothing to do with the hurry.
    if case.is_in_turn() && !case.calm().await {
        return Ok(());
    }
    case.send(0, &pair.second).await;
    Ok(())
}
