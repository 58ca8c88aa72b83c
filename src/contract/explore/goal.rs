//! What a search goes for, how far a state is from it, and what is worth trying on the way.

use std::sync::Arc;

use super::Subject;
use super::ahead::differences;
use super::comparison::{flat, numbers};
use super::distance::{UNMET, distance, of_steps};
use super::graph::{Fired, Graph};
use super::inputs::plainly;
use crate::contract::rules::{Interpreted, World};
use crate::language::syntax::{Expr, ExprKind};
use crate::protocol::Command;
use crate::value::{Number, Record, Value};

/// So far is a state that has nothing to compare.
const FAR: u64 = 1_000_000 * UNMET;

/// What a search goes for.
#[derive(Clone, Debug)]
pub(super) enum Goal {
    /// A command of that name that this decides about.
    Decides(Arc<str>, Fired),
    /// A state of an aggregate of that kind in which the two sides of a comparison that shows in a read model are so far apart.
    Apart(Arc<str>, Arc<Turning>, Number),
}

/// A comparison that decides what a read model shows.
#[derive(Debug)]
pub(super) struct Turning {
    /// The left side less the right one, for each element where it is about the elements of a list.
    apart: Expr,
    /// The numbers that stand in it.
    constants: Vec<Number>,
}

/// What is sought beyond a graph: what no transition in it shows, then where it changes what is shown.
pub(super) fn goals(model: &Interpreted, graph: &Graph) -> Vec<Goal> {
    let own = |kind: &str| graph.subjects.iter().any(|subject| *subject.kind == *kind);
    let lacking = graph.lacking(model).into_iter().map(|(command, fired)| Goal::Decides(command, fired));
    let shown = model.shown().filter(|shown| own(shown.aggregate)).flat_map(|shown| {
        let all = differences(shown.value).into_iter().filter_map(Turning::new).map(Arc::new);
        all.flat_map(|turning| {
            [0, -1, 1].map(|by| Goal::Apart(shown.aggregate.clone(), turning.clone(), Number::from(by)))
        })
    });
    lacking.chain(shown).collect()
}

impl Turning {
    /// Nothing where no number is written in it: what two states have in common is compared elsewhere.
    fn new(apart: Expr) -> Option<Self> {
        let mut constants = Vec::new();
        apart.walk(&mut |part| {
            if let ExprKind::Literal(Value::Number(number)) = &part.kind {
                constants.push(number.clone());
            }
        });
        (!constants.is_empty()).then_some(Self { apart, constants })
    }

    /// The numbers that stand in it, with their neighbours.
    fn near(&self) -> impl Iterator<Item = Number> {
        let one = Number::from(1);
        self.constants.iter().flat_map(move |number| {
            [Some(number.clone()), number.sub(&one).ok(), number.add(&one).ok()].into_iter().flatten()
        })
    }
}

impl Goal {
    /// What decides about the last command of a way there.
    pub(super) fn fired(&self) -> Fired {
        match self {
            Self::Decides(_, fired) => *fired,
            Self::Apart(..) => Fired::Accepted,
        }
    }

    /// Whether it is this command, about which this decides.
    pub(super) fn is(&self, sent: &Command, decided: Fired) -> bool {
        matches!(self, Self::Decides(command, fired) if *command == sent.name && *fired == decided)
    }

    /// Whether it is a state of this world.
    pub(super) fn is_in(&self, model: &Interpreted, world: &World<Record>) -> bool {
        matches!(self, Self::Apart(kind, turning, by) if nearest(model, world, (kind, turning, by)) == 0)
    }

    /// How far a world is from it, and how many commands were looked at to know: on these aggregates, with references to those.
    pub(super) fn far(
        &self,
        (model, graph): (&Interpreted, &Graph),
        world: &World<Record>,
        (on, subjects): (&[Subject], &[Subject]),
    ) -> (u64, usize) {
        match self {
            Self::Apart(kind, turning, by) => (nearest(model, world, (kind, turning, by)), 1),
            Self::Decides(command, fired) => {
                let kind = model.contract().command(command).map(|command| &command.aggregate);
                let own = on.iter().filter(|on| Some(&on.kind) == kind);
                let sent = own.flat_map(|on| plainly(model, &graph.naming, world, command, (on, subjects)));
                let far: Vec<u64> = sent.map(|sent| decided(model, world, &sent, *fired)).collect();
                (far.iter().min().copied().unwrap_or(FAR), far.len())
            }
        }
    }

    /// What of a world, besides its abstraction, tells it from others on the way: the numbers in it that are compared.
    pub(super) fn marks(&self, world: &World<Record>) -> String {
        let Self::Apart(_, turning, _) = self else { return String::new() };
        let near: Vec<Number> = turning.near().collect();
        let mut found = Vec::new();
        for entry in world.entries() {
            entry.state.iter().for_each(|(_, value)| collect(value, &near, &mut found));
        }
        found.join(" ")
    }

    /// What is worth trying besides `sent`: the same with the numbers that are compared.
    pub(super) fn more(&self, model: &Interpreted, sent: &Command) -> Vec<Command> {
        let (Self::Apart(_, turning, _), Some(def)) = (self, model.contract().command(&sent.name)) else {
            return Vec::new();
        };
        let places = numbers(&def.fields).into_iter();
        let moved = places.flat_map(|place| {
            let near = turning
                .near()
                .filter_map(move |number| place.boundary(Value::Number(number), true).put(sent));
            near.collect::<Vec<_>>()
        });
        moved.collect()
    }
}

/// How far the nearest of all elements, or aggregates, is from having its sides so far apart.
fn nearest(
    model: &Interpreted,
    world: &World<Record>,
    (kind, turning, by): (&Arc<str>, &Turning, &Number),
) -> u64 {
    let own = world.entries().iter().filter(|entry| entry.aggregate == *kind);
    let values = own.filter_map(|entry| {
        model.value_of(world, (kind, &entry.id), &[], &Record::new(), &turning.apart).ok()
    });
    let far = values.flat_map(flat).filter_map(|value| {
        let missing = value.as_number()?.decimal()?.checked_sub(by.decimal()?)?;
        Some(if missing.is_zero() { 0 } else { of_steps(missing.abs()) })
    });
    far.min().unwrap_or(FAR)
}

/// How far a command is from having this decide about it.
fn decided(model: &Interpreted, world: &World<Record>, sent: &Command, fired: Fired) -> u64 {
    let Some(rules) = model.rules(&sent.name) else { return FAR };
    let value = |expr: &Expr| model.value(world, sent, expr).ok();
    let in_the_way = |place: usize| match fired {
        Fired::Alone(rule) if rules.in_order.is_some() => place <= rule,
        _ => true,
    };
    let rejects = rules.rejects.iter().enumerate().filter(|(place, _)| in_the_way(*place));
    rejects.map(|(place, reject)| distance(&reject.when, fired == Fired::Alone(place), &value)).sum()
}

/// The numbers in a value that are among `near`.
fn collect(value: &Value, near: &[Number], found: &mut Vec<String>) {
    match value {
        Value::Number(number) if near.contains(number) => found.push(number.to_string()),
        Value::List(values) => values.iter().for_each(|value| collect(value, near, found)),
        Value::Record(record) => record.iter().for_each(|(_, value)| collect(value, near, found)),
        _ => {}
    }
}
