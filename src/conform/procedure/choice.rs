//! Which commands an experiment sends.

use std::collections::VecDeque;

use crate::conform::case::Case;
use crate::conform::lab::Lab;
pub(super) use crate::conform::options::Change;
use crate::contract::explore::{Graph, Subject, fire, inputs};
use crate::contract::rules::World;
use crate::protocol::Command;
use crate::value::Record;

/// Commands on the way to where something is as it is wanted, at most.
const WAY: usize = 3;

/// The graph of an experiment: all of them in turn.
pub(super) fn graph(lab: &Lab, number: u64) -> &Graph {
    &lab.graphs[at(number, lab.graphs.len())]
}

/// A place in a list of that length: all of them in turn.
pub(super) fn at(number: u64, len: usize) -> usize {
    usize::try_from(number).unwrap_or(0) % len.max(1)
}

/// What the rules accept now, and reads can show.
pub(super) fn changes(case: &Case<'_>, graph: &Graph) -> Vec<Change> {
    case.options(graph).visible(case.lab, &case.world).to_vec()
}

/// One of them: the kinds of commands in turn.
pub(super) fn change(case: &Case<'_>, graph: &Graph, number: u64) -> Option<Change> {
    in_turn(changes(case, graph), number)
}

/// One of several changes: the kinds of commands in turn.
pub(super) fn in_turn(mut changes: Vec<Change>, number: u64) -> Option<Change> {
    let mut kinds: Vec<usize> = Vec::new();
    for (place, (command, _)) in changes.iter().enumerate() {
        let same =
            |other: &usize| changes[*other].0.name == command.name && changes[*other].0.on == command.on;
        if !kinds.iter().any(same) {
            kinds.push(place);
        }
    }
    let place = *kinds.get(at(number, kinds.len()))?;
    Some(changes.swap_remove(place))
}

/// A command that can be sent again and again, with an effect each time: the worlds behind one, two and so on of them.
pub(super) fn repeatable(
    case: &Case<'_>,
    graph: &Graph,
    times: usize,
    number: u64,
) -> Option<(Command, Vec<World<Record>>)> {
    let repeated = changes(case, graph).into_iter().filter_map(|(command, once)| {
        let worlds = again(case, &command, once, times)?;
        Some((command, worlds))
    });
    let all: Vec<_> = repeated.take(8).collect();
    let place = at(number, all.len());
    all.into_iter().nth(place)
}

fn again(
    case: &Case<'_>,
    command: &Command,
    once: World<Record>,
    times: usize,
) -> Option<Vec<World<Record>>> {
    let mut worlds = vec![once];
    while worlds.len() < times {
        let last = worlds.last()?;
        let next = behind(case, last, command)?;
        let new =
            case.tells_apart(&next, &case.world) && worlds.iter().all(|world| case.tells_apart(&next, world));
        if !new {
            return None;
        }
        worlds.push(next);
    }
    Some(worlds)
}

/// The world behind a command that the rules accept in `world`.
pub(super) fn behind(case: &Case<'_>, world: &World<Record>, command: &Command) -> Option<World<Record>> {
    fire(case.model(), world, command).ok()?.1
}

/// A command that one rule alone refuses now.
pub(super) fn refused(case: &Case<'_>, graph: &Graph, number: u64) -> Option<Command> {
    let options = case.options(graph);
    let all = &options.refused_alone;
    all.get(at(number.wrapping_mul(5), all.len())).cloned()
}

/// A command that the rules accept now, and that is about this aggregate alone.
pub(super) fn own(case: &Case<'_>, subject: &Subject, turn: u64) -> Option<Command> {
    let fit = each_own(case, &case.world, subject);
    let place = at(turn, fit.len());
    fit.into_iter().nth(place).map(|(command, _)| command)
}

/// One command of each kind that the rules accept in `world`, and that is about this aggregate alone; with the world behind it.
pub(super) fn each_own(
    case: &Case<'_>,
    world: &World<Record>,
    subject: &Subject,
) -> Vec<(Command, World<Record>)> {
    let contract = &case.lab.contract;
    let deviations = &case.lab.engine.target.describe().promises.deviations;
    let commands = contract.commands().filter(|command| *command.aggregate == *subject.kind);
    let mut fit = Vec::new();
    for def in commands.filter(|command| case.lab.engine.target.knows(&command.name)) {
        if deviations.iter().any(|deviation| *deviation.command == *def.name) {
            continue;
        }
        let of_kind =
            inputs(case.model(), &case.lab.naming, world, &def.name, subject, std::slice::from_ref(subject));
        let changed = of_kind.into_iter().find_map(|command| {
            if case.model().leaves_open(world, &command) {
                return None;
            }
            let behind = behind(case, world, &command)?;
            is_alone(world, &behind, subject).then_some((command, behind))
        });
        fit.extend(changed);
    }
    fit
}

/// The shortest way to where a world is as it is `wanted`: commands about one aggregate alone.
pub(super) fn way<T>(
    case: &Case<'_>,
    world: &World<Record>,
    subject: &Subject,
    wanted: impl Fn(&World<Record>) -> Option<T>,
) -> Option<(Vec<Command>, World<Record>, T)> {
    let mut open = VecDeque::from([(Vec::new(), world.clone())]);
    while let Some((commands, world)) = open.pop_front() {
        for (command, behind) in each_own(case, &world, subject) {
            let commands: Vec<Command> = commands.iter().cloned().chain([command]).collect();
            if let Some(found) = wanted(&behind) {
                return Some((commands, behind, found));
            }
            if commands.len() < WAY {
                open.push_back((commands, behind));
            }
        }
    }
    None
}

/// Whether the aggregate is the only one that is another one behind.
fn is_alone(before: &World<Record>, behind: &World<Record>, subject: &Subject) -> bool {
    let changed =
        behind.entries().iter().filter(|entry| before.get(&entry.aggregate, &entry.id) != Some(*entry));
    let mut changed = changed.map(|entry| (&entry.aggregate, &entry.id)).peekable();
    changed.peek().is_some() && changed.all(|(kind, id)| *kind == subject.kind && *id == subject.id)
}
