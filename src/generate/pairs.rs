//! Pairs of commands that are worth sending at the same time.

use crate::contract::explore::{Fired, Graph, fire};
use crate::contract::rules::{Interpreted, World};
use crate::protocol::Command;
use crate::value::Record;

/// Commands that are held against each other: beyond it the pairs would be too many to try.
const MOST: usize = 48;

/// Two commands, each of which the rules accept in the same world.
#[derive(Clone, PartialEq, Debug)]
pub struct Pair {
    /// The one.
    pub first: Command,
    /// The other; may be the same.
    pub second: Command,
}

/// Pairs that are accepted alone, but not both: whichever comes first, the other one is refused. A service that
/// decides about both in the state before accepts too much.
pub fn conflicting_pairs(model: &Interpreted, world: &World<Record>, graph: &Graph) -> Vec<Pair> {
    conflicting_among(model, &accepted(model, world, graph))
}

/// The same among these commands, each with the world behind it.
pub fn conflicting_among(model: &Interpreted, accepted: &[(Command, World<Record>)]) -> Vec<Pair> {
    pairs(accepted, |after, first, second| {
        let refused = |sent: &Command, world| {
            can_be_sent(model, world, sent)
                && matches!(fire(model, world, sent), Ok((fired, _)) if fired != Fired::Accepted)
        };
        refused(second, after[0]) && refused(first, after[1])
    })
}

/// Pairs that are both accepted in either order, with the same state behind them, which neither alone leads to: a
/// service that loses one of two effects shows it.
pub fn commuting_pairs(model: &Interpreted, world: &World<Record>, graph: &Graph) -> Vec<Pair> {
    commuting_among(model, &accepted(model, world, graph))
}

/// The same among these commands, each with the world behind it.
pub fn commuting_among(model: &Interpreted, accepted: &[(Command, World<Record>)]) -> Vec<Pair> {
    pairs(accepted, |after, first, second| {
        let both = |sent: &Command, world| {
            can_be_sent(model, world, sent).then(|| fire(model, world, sent).ok()?.1).flatten()
        };
        match (both(second, after[0]), both(first, after[1])) {
            // Versions count events; what is compared is the states.
            (Some(one), Some(other)) => same(&one, &other) && !same(&one, after[0]) && !same(&one, after[1]),
            _ => false,
        }
    })
}

/// Pairs on one aggregate that are both accepted in either order, where the later one decides what is there: the state behind them is
/// another one in the other order. A service that takes them both for the first one shows what neither order leads to.
pub fn overwriting_among(model: &Interpreted, accepted: &[(Command, World<Record>)]) -> Vec<Pair> {
    pairs(accepted, |after, first, second| {
        let then = |sent: &Command, world| {
            can_be_sent(model, world, sent).then(|| fire(model, world, sent).ok()?.1).flatten()
        };
        first.on == second.on
            && match (then(second, after[0]), then(first, after[1])) {
                (Some(one), Some(other)) => !same(&one, &other),
                _ => false,
            }
    })
}

fn can_be_sent(model: &Interpreted, world: &World<Record>, sent: &Command) -> bool {
    sent.on.as_ref().is_none_or(|on| model.can_be_sent(world, &sent.name, on))
}

fn accepted(model: &Interpreted, world: &World<Record>, graph: &Graph) -> Vec<(Command, World<Record>)> {
    let accepted = graph.commands(model, world).into_iter().filter_map(|sent| {
        let (_, behind) = fire(model, world, &sent).ok()?;
        Some((sent, behind?))
    });
    accepted.take(MOST).collect()
}

fn pairs(
    accepted: &[(Command, World<Record>)],
    fits: impl Fn([&World<Record>; 2], &Command, &Command) -> bool,
) -> Vec<Pair> {
    let accepted = &accepted[..accepted.len().min(MOST)];
    let mut found = Vec::new();
    for (at, (first, after_first)) in accepted.iter().enumerate() {
        for (second, after_second) in &accepted[at..] {
            if fits([after_first, after_second], first, second) {
                found.push(Pair { first: first.clone(), second: second.clone() });
            }
        }
    }
    found
}

fn same(one: &World<Record>, other: &World<Record>) -> bool {
    one.entries().len() == other.entries().len()
        && one.entries().iter().all(|entry| {
            other.get(&entry.aggregate, &entry.id).is_some_and(|other| other.state == entry.state)
        })
}
