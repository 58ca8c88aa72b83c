//! Short bursts of commands that overlap on one aggregate, settled; then decisions that show what the write side believes.

use std::sync::Arc;

use super::choice::at;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::conform::options::Sought;
use crate::contract::explore::{Graph, fire};
use crate::contract::rules::World;
use crate::generate::Pair;
use crate::protocol::{Command, Outcome};
use crate::value::Record;

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
        control: Control::Alone,
        needed: |lab, number| lab.in_turn(RIVALS, number).is_some(),
        act: |case, number| Box::pin(conflict(case, number)),
        ..PLAIN
    },
    Experiment {
        name: "sum",
        cases: BURSTS,
        lanes: LANES,
        control: Control::Alone,
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
    control: Control::Behind,
    act: |case, number| Box::pin(in_a_row(case, number)),
    ..PLAIN
}];

/// A pair of the kind that is sought where the case is.
fn pick(case: &Case<'_>, graph: &Graph, sought: Sought, number: u64) -> Option<Pair> {
    let options = case.options(graph);
    one_of(options.pairs(case.lab, (graph, &case.world), sought), number).cloned()
}

/// One of them: the kinds of pairs in turn, those on one aggregate first, and of each kind another one each time.
fn one_of(pairs: &[Pair], number: u64) -> Option<&Pair> {
    let mut kinds: Vec<(bool, &str, &str)> = pairs.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let round = number / u64::try_from(kinds.len()).ok().filter(|len| *len > 0)?;
    // Each round begins with another one: whoever does every other time something else does it to all of them.
    let chosen = kinds.get(at(number.wrapping_add(round), kinds.len()))?;
    let of_kind: Vec<&Pair> = pairs.iter().filter(|pair| kind(pair) == *chosen).collect();
    // Neighbours in the list are much alike.
    of_kind.get(at(round.wrapping_mul(7).wrapping_add(number), of_kind.len())).copied()
}

/// Whether a pair is of two aggregates, and what its commands are called.
fn kind(pair: &Pair) -> (bool, &str, &str) {
    (pair.first.on != pair.second.on, &pair.first.name, &pair.second.name)
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
    let before = case.world.clone();
    let accepted = commands.iter().zip(&outcomes).filter(|(_, out)| matches!(out, Outcome::Accepted(_)));
    let accepted: Vec<&Command> = accepted.map(|(command, _)| command).collect();
    // Some order in which this may have happened; the judge looks at all of them.
    for command in &accepted {
        case.follow(command);
    }
    // Before a read that is wrong it tells whether the write side is; behind it, the read has told alone.
    if number / 2 % 2 == 0
        && let Some(command) = telling(case, graph, number, &without_one(case, &before, &accepted))
    {
        case.send(0, &command).await;
    }
    if case.settle().await {
        trailing(case, graph, number).await;
        case.settle().await;
    }
    Ok(())
}

/// The worlds there would be if one of these had been lost.
fn without_one(case: &Case<'_>, before: &World<Record>, accepted: &[&Command]) -> Vec<World<Record>> {
    let without = |lost: usize| {
        let mut kept = accepted.iter().enumerate().filter(|(at, _)| *at != lost);
        kept.try_fold(before.clone(), |world, (_, command)| fire(case.model(), &world, command).ok()?.1)
    };
    (0..accepted.len()).filter_map(without).collect()
}

/// What is decided otherwise in one of these worlds than it must be now.
fn telling(case: &Case<'_>, graph: &Graph, number: u64, others: &[World<Record>]) -> Option<Command> {
    let options = case.options(graph);
    let accepted = options.accepted.iter().map(|(command, _)| (command, true));
    let all = accepted.chain(options.refused.iter().map(|command| (command, false)));
    let tells = |command: &Command, must: bool| {
        let other =
            |world| fire(case.model(), world, command).is_ok_and(|(_, behind)| behind.is_some() != must);
        case.lab.is_plain(command) && others.iter().any(other)
    };
    let all: Vec<&Command> =
        all.filter(|(command, must)| tells(command, *must)).map(|(one, _)| one).collect();
    all.get(at(number, all.len())).map(|command| (*command).clone())
}

/// Sends what shows whether the write side believes what the reads say: the first that must be accepted and the first that
/// must be refused, of several kinds.
pub(super) async fn trailing(case: &mut Case<'_>, graph: &Graph, number: u64) {
    for step in 0..if case.is_brief() { 0 } else { TRAILING } {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Expected;
    use crate::value::Value;

    #[test]
    fn kinds_of_pairs_take_turns() {
        let command = |name: &str, by: i64| Command {
            name: name.into(),
            on: Some(Value::from("a")),
            fields: Record::from([("by", Value::from(by))]),
            key: None,
            expected: Expected::Any,
            id: "c".into(),
        };
        let pair = |name: &str, by| Pair { first: command(name, by), second: command(name, by) };
        // One kind has most of the pairs.
        let mut pairs: Vec<Pair> = (0..20).map(|by| pair("Paint", by)).collect();
        pairs.extend([pair("Add", 1), pair("Add", 2), pair("Close", 0), pair("Empty", 0)]);
        let picked = |number| one_of(&pairs, number).expect("a pair").first.clone();
        let names =
            |numbers: std::ops::Range<u64>| numbers.map(|number| picked(number).name).collect::<Vec<_>>();
        let sorted = |mut names: Vec<Arc<str>>| {
            names.sort();
            names
        };
        assert_eq!(sorted(names(0..4)), sorted(names(4..8)));
        assert_eq!(sorted(names(0..4)).join(" "), "Add Close Empty Paint");
        let odd = (0..16).filter(|number| number % 2 == 1 && *picked(*number).name == *"Add");
        assert_eq!(odd.count(), 2);
        assert_eq!((0..40).filter(|number| *picked(*number).name == *"Paint").count(), 10);
        assert!(one_of(&[], 3).is_none());
    }
}
