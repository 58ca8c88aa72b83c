//! The commands that are tried in a state: made of the types, their ranges and what the rules compare.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::Naming;
use super::amount::{amount, moment};
use super::boundary::{Boundary, Part, proposed, unit_of};
use super::comparison::comparisons;
use super::near::near;
use crate::contract::rules::{Interpreted, World};
use crate::contract::{FieldDef, Range, Type};
use crate::protocol::{Command, Expected};
use crate::value::{Demand, Name, Number, Record, Value};

/// Up to this many combinations of values all are tried; above it, fields are varied one at a time.
const ALL: usize = 24;
/// Bases that are moved to the rules' comparisons: one for each reference and id, and no more than this.
const BASES: usize = 8;
/// Commands that are tried of one kind in one state.
const MOST: usize = 160;
/// How long a list is made to reach a rule's comparison.
const LONG: u64 = 12;

/// An aggregate that commands may be for: its kind and the name that stands for its id.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Subject {
    /// Its kind, such as `Order`.
    pub kind: Arc<str>,
    /// Its number among those of its kind, from 1.
    pub number: usize,
    /// Its name, such as `$order1`.
    pub id: Value,
}

/// The values of a field's type that are tried, the plainest first.
pub fn samples(naming: &Naming, field: &FieldDef, subjects: &[Subject]) -> Vec<Value> {
    of_type(naming, (&field.name, field.try_range.as_ref()), &field.ty, subjects)
}

fn of_type(
    naming: &Naming,
    (name, tried): (&str, Option<&Range>),
    ty: &Type,
    subjects: &[Subject],
) -> Vec<Value> {
    match ty {
        Type::Id | Type::Unknown => [1, 2].map(|number| naming.id(name, number)).into(),
        Type::Reference(kind) => {
            let of_kind = subjects.iter().filter(|subject| subject.kind == *kind);
            of_kind.map(|subject| subject.id.clone()).chain([naming.nobody(kind).id]).collect()
        }
        // What is drawn for the name is a text as the type has it.
        Type::Text { .. } => [1, 2].map(|number| naming.id(name, number)).into(),
        Type::Decimal(range) => {
            let demand = naming.demand(name);
            vec![amount(ty, tried, demand, 0).unwrap_or_else(|| plain(range, tried, demand))]
        }
        Type::Int(range) => vec![plain(range, tried, naming.demand(name))],
        Type::Bool => vec![true.into(), false.into()],
        Type::Instant => [0, 1].map(|number| moment(tried, number)).into(),
        Type::Enum(members) => members.iter().map(|member| Value::from(&**member)).collect(),
        Type::List(element) | Type::Bag(element) => {
            let elements = of_type(naming, (name, None), element, subjects);
            let mut lists: Vec<Value> =
                elements.first().map(|first| Value::List(vec![first.clone()])).into_iter().collect();
            lists.push(Value::List(Vec::new()));
            if let [first, second, ..] = &elements[..] {
                lists.push(Value::List(vec![first.clone(), second.clone()]));
            }
            lists
        }
        Type::Optional(inner) => {
            let mut values = of_type(naming, (name, tried), inner, subjects);
            values.push(Value::Null);
            values
        }
        Type::Record(record) => {
            let fields: Vec<_> =
                record.fields.iter().map(|field| (field, samples(naming, field, subjects))).collect();
            let plain = fields
                .iter()
                .filter_map(|(field, values)| Some((field.name.clone(), values.first()?.clone())));
            let plain: Record = plain.collect();
            // The second differs in its first id: what a rule looks for by an id is there or isn't. Other ids stay, so that the two
            // agree in them alone; what is no id differs as well.
            let is_id = |field: &FieldDef| matches!(field.ty, Type::Id | Type::Reference(_));
            let first = fields.iter().position(|(field, values)| is_id(field) && values.len() > 1);
            let other = first.map(|first| {
                let mut record = plain.clone();
                for (at, (field, values)) in fields.iter().enumerate() {
                    let number = amount(&field.ty, field.try_range.as_ref(), naming.demand(&field.name), 1);
                    let differs = at == first || matches!(field.ty, Type::Text { .. } | Type::Instant);
                    let second = values.get(1).filter(|_| differs).cloned();
                    if let Some(value) = second.or(number.filter(|_| matches!(field.ty, Type::Decimal(_)))) {
                        record.insert(field.name.clone(), value);
                    }
                }
                Value::Record(record)
            });
            [Value::Record(plain)].into_iter().chain(other).collect()
        }
    }
}

/// The least positive number of a range, or what of it is nearest to that.
fn plain(law: &Range, tried: Option<&Range>, demand: Option<&Demand>) -> Value {
    let mut number = match demand {
        Some(whole @ Demand::Whole { .. }) => Number::from(Decimal::from(whole.ends().0)),
        _ => Number::from(1),
    };
    for range in [Some(law), tried].into_iter().flatten() {
        if let Some(min) = range.min.as_ref().filter(|min| number < **min) {
            number = min.clone();
        }
        if let Some(max) = range.max.as_ref().filter(|max| number > **max) {
            number = max.clone();
        }
    }
    Value::Number(number)
}

impl Boundary {
    /// The command with the value in its place; nothing where there is no such place, or no such length.
    pub fn put(&self, command: &Command) -> Option<Command> {
        let mut moved = command.clone();
        let old = command.fields.get(&self.field);
        let value = match (&self.part, old) {
            (Part::Whole, _) => self.value.clone(),
            (Part::Element(name), Some(Value::List(elements))) => {
                let mut elements = elements.clone();
                let Some(Value::Record(record)) = elements.first_mut() else { return None };
                record.insert(&**name, self.value.clone());
                Value::List(elements)
            }
            (Part::Element(name), Some(Value::Record(record))) => {
                let mut record = record.clone();
                record.insert(&**name, self.value.clone());
                Value::Record(record)
            }
            (Part::Length, Some(Value::List(elements))) => {
                let length = self.value.as_number()?.to_u64().filter(|length| *length <= LONG)?;
                let mut elements = elements.clone();
                let last = elements.last().cloned();
                elements.truncate(usize::try_from(length).ok()?);
                while (elements.len() as u64) < length {
                    elements.push(last.clone()?);
                }
                Value::List(elements)
            }
            (Part::Length, Some(Value::Text(text))) => {
                let length = self.value.as_number()?.to_u64().filter(|length| *length <= LONG)?;
                let letter = text.chars().next().unwrap_or('a');
                Value::from(letter.to_string().repeat(usize::try_from(length).ok()?))
            }
            _ => return None,
        };
        moved.fields.insert(self.field.clone(), value);
        Some(moved)
    }
}

/// A command of that name with these fields.
pub fn command(name: impl Into<Arc<str>>, on: &Value, fields: Record) -> Command {
    Command {
        name: name.into(),
        on: Some(on.clone()),
        fields,
        key: None,
        expected: Expected::Any,
        id: Arc::default(),
    }
}

/// The commands of one name that are tried on one aggregate, in this world; never the same one twice.
pub fn inputs(
    model: &Interpreted,
    naming: &Naming,
    world: &World<Record>,
    name: &str,
    on: &Subject,
    subjects: &[Subject],
) -> Vec<Command> {
    let all = marked(model, naming, world, name, (on, subjects));
    all.into_iter().map(|(command, _)| command).collect()
}

/// Those of them that hold nothing but samples: no value that a rule compares it with.
pub(super) fn plainly(
    model: &Interpreted,
    naming: &Naming,
    world: &World<Record>,
    name: &str,
    (on, subjects): (&Subject, &[Subject]),
) -> Vec<Command> {
    let Some(def) = model.contract().command(name) else { return Vec::new() };
    if !model.can_be_sent(world, name, &on.id) {
        return Vec::new();
    }
    let given: Vec<&FieldDef> = def.fields.iter().filter(|field| !field.chosen).collect();
    let used = Used::in_world(world);
    let samples: Vec<Vec<Value>> = given
        .iter()
        .map(|field| used.and_one_more(naming, field, samples(naming, field, subjects)))
        .collect();
    let mut all: Vec<Command> =
        combined(&given, &samples).into_iter().map(|fields| command(&*def.name, &on.id, fields)).collect();
    all.retain(|command| naming.takes(&def.fields, &command.fields));
    all
}

/// The same, those near a rule with several conditions marked with a number: the same one in each world for the same conditions. All
/// others have nought.
pub(super) fn marked(
    model: &Interpreted,
    naming: &Naming,
    world: &World<Record>,
    name: &str,
    (on, subjects): (&Subject, &[Subject]),
) -> Vec<(Command, usize)> {
    let Some(def) = model.contract().command(name) else { return Vec::new() };
    let mut all = plainly(model, naming, world, name, (on, subjects));
    let given: Vec<&FieldDef> = def.fields.iter().filter(|field| !field.chosen).collect();
    let comparisons = comparisons(model, name);
    // Of bases that differ only in what rules don't compare, the first few are enough.
    for base in all.clone().into_iter().take(BASES) {
        for boundary in proposed(&comparisons, model, world, &base) {
            if let Some(moved) = boundary.put(&base).filter(|moved| naming.takes(&def.fields, &moved.fields))
            {
                push(&mut all, moved);
            }
        }
        for (field, value) in given.iter().filter_map(|field| Some((field, base.fields.get(&field.name)?))) {
            for end in ends(field, value) {
                let mut moved = base.clone();
                moved.fields.insert(field.name.clone(), end);
                if naming.takes(&def.fields, &moved.fields) {
                    push(&mut all, moved);
                }
            }
        }
    }
    let mut marked: Vec<(Command, usize)> = all.into_iter().map(|command| (command, 0)).collect();
    let Some((base, _)) = marked.first().cloned() else { return marked };
    let mut mark = 0;
    for near in near(model, name) {
        for moved in near.propose(model, naming, (world, subjects), &base) {
            mark += 1;
            if naming.takes(&def.fields, &moved.fields) && marked.len() < MOST {
                marked.push((moved, mark));
            }
        }
    }
    marked
}

/// The names that a world has, each stem with the greatest number.
struct Used<'w>(HashMap<&'w str, usize>);

impl<'w> Used<'w> {
    fn in_world(world: &'w World<Record>) -> Self {
        let mut greatest: HashMap<&str, usize> = HashMap::new();
        for (_, value) in world.entries().iter().flat_map(|entry| entry.state.iter()) {
            value.each_name(&mut |name: &'w Name| {
                let number = name.as_str()[name.stem().len()..].parse().unwrap_or_default();
                let known = greatest.entry(name.stem()).or_default();
                *known = (*known).max(number);
            });
        }
        Self(greatest)
    }

    /// The samples of a field, with a name that the world doesn't have where it has all of them: a rule that no name may come twice is
    /// no end to what can be done.
    fn and_one_more(&self, naming: &Naming, field: &FieldDef, mut samples: Vec<Value>) -> Vec<Value> {
        if let (Type::Id, Some(name)) = (&field.ty, samples.first().and_then(Value::as_name))
            && let Some(greatest) = self.0.get(name.stem()).filter(|greatest| **greatest >= samples.len())
        {
            samples.push(naming.id(&field.name, greatest + 1));
        }
        samples
    }
}

fn push(all: &mut Vec<Command>, command: Command) {
    if all.len() < MOST && !all.contains(&command) {
        all.push(command);
    }
}

/// The ends of a number's law and of its `try`, and what lies just outside of the law.
pub fn ends(field: &FieldDef, value: &Value) -> Vec<Value> {
    let (Type::Int(law) | Type::Decimal(law), Value::Number(_)) = (&field.ty, value) else {
        return Vec::new();
    };
    let mut values = Vec::new();
    for (end, out) in [(&law.min, true), (&law.max, false)] {
        let Some(end) = end else { continue };
        values.push(end.clone());
        let unit = unit_of(field, end);
        values.extend(if out { end.sub(&unit) } else { end.add(&unit) });
    }
    values.extend(field.try_range.iter().flat_map(|range| [range.min.clone(), range.max.clone()]).flatten());
    values.into_iter().map(Value::Number).collect()
}

/// All combinations if they are few; otherwise the plainest, varied one field at a time.
fn combined(fields: &[&FieldDef], samples: &[Vec<Value>]) -> Vec<Record> {
    let count = samples.iter().fold(1_usize, |count, values| count.saturating_mul(values.len().max(1)));
    let mut all = vec![Record::new()];
    for (field, values) in fields.iter().zip(samples) {
        let taken = if count <= ALL { values.len() } else { 1 };
        let grown = values.iter().take(taken).flat_map(|value| {
            all.iter().map(|record: &Record| {
                let mut record = record.clone();
                record.insert(field.name.clone(), value.clone());
                record
            })
        });
        all = grown.collect();
    }
    if count > ALL {
        let Some(base) = all.first().cloned() else { return all };
        for (field, values) in fields.iter().zip(samples) {
            for value in values.iter().skip(1) {
                let mut record = base.clone();
                record.insert(field.name.clone(), value.clone());
                all.push(record);
            }
        }
    }
    all
}
