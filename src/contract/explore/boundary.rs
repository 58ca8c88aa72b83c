//! Values that sit on a rule's comparison: `amount > self.balance` is tried with the balance and its neighbours.

use std::sync::Arc;

use super::ahead::Filtered;
use super::comparison::{Comparison, comparisons};
use super::root::meeting;
use crate::contract::rules::{Interpreted, World};
use crate::contract::{FieldDef, Range, Type};
use crate::protocol::{Command, Query};
use crate::value::{Number, Record, Value};

/// How many values one comparison gives: members of a list may be many.
pub(super) const MANY: usize = 16;

/// A value for a field of a command, that puts it on a rule's comparison or beside it.
#[derive(Clone, PartialEq, Debug)]
pub struct Boundary {
    /// The field of the command.
    pub field: Arc<str>,
    /// What of it.
    pub part: Part,
    /// The value: a number of elements where the part is [`Part::Length`].
    pub value: Value,
    /// Whether it makes both sides equal; otherwise it is one unit less or more.
    pub exact: bool,
}

/// What of a field a rule compares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// All of it.
    Whole,
    /// This field of the record that it is, or of an element of the list.
    Element(Arc<str>),
    /// How many elements it has.
    Length,
}

/// The values of `command`'s fields that sit on a comparison: of its rejections in this world, and behind its effect of
/// invariants and of what queries and views show.
pub fn boundaries(model: &Interpreted, world: &World<Record>, command: &Command) -> Vec<Boundary> {
    proposed(&comparisons(model, &command.name), model, world, command)
}

/// The same, for those who have the comparisons at hand.
pub(super) fn proposed(
    comparisons: &[(Option<usize>, Comparison)],
    model: &Interpreted,
    world: &World<Record>,
    command: &Command,
) -> Vec<Boundary> {
    let mut found = Vec::new();
    for (_, comparison) in comparisons {
        comparison.propose(model, world, command, &mut found);
    }
    found
}

/// The values of a query's fields that sit on a comparison of its filter, in this world, and their neighbours.
pub fn asked(model: &Interpreted, world: &World<Record>, query: &Query) -> Vec<(Arc<str>, Value)> {
    let mut found = Vec::new();
    let Some(def) = model.contract().query(&query.name) else { return found };
    let filtered = Filtered::new(model, def);
    for field in def.fields.iter().filter(|field| filtered.speaks_of(&field.name)) {
        let Some(number) = query.fields.get(&field.name).and_then(Value::as_number) else { continue };
        let unit = unit_of(field, number);
        let places = unit.decimal().map_or(0, |unit| unit.scale());
        let with = |number: &Number| {
            let mut moved = query.clone();
            moved.fields.insert(field.name.clone(), Value::Number(number.clone()));
            moved
        };
        for value in meeting(number, places, |number| Some(filtered.apart(world, &with(number)))) {
            let near = [Some(value.clone()), value.sub(&unit).ok(), value.add(&unit).ok()];
            for value in near.into_iter().flatten().take(MANY) {
                found.push((field.name.clone(), Value::Number(value)));
            }
        }
    }
    found
}

/// One unit in the last place of what is written of the field, and of the value.
pub(crate) fn unit_of(field: &FieldDef, value: &Number) -> Number {
    let ty = match &field.ty {
        Type::Optional(inner) => inner,
        ty => ty,
    };
    let Type::Decimal(range) = ty else { return Number::from(1) };
    let ends = |range: &Range| [range.min.clone(), range.max.clone()];
    let written = ends(range).into_iter().chain(field.try_range.iter().flat_map(ends)).flatten();
    let places = written.chain([value.clone()]).filter_map(|number| Some(number.decimal()?.scale())).max();
    Number::from(rust_decimal::Decimal::new(1, places.unwrap_or(0)))
}
