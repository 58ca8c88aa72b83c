use std::sync::Arc;

use super::{Chance, Draw, Name, Sequence, Step};
use crate::contract::{CommandDef, Contract, FieldDef, Range, Type};
use crate::protocol::{Command, Expected};
use crate::value::{Number, Record, Value};

/// How many aggregates of a kind a sequence has at most, and how many different values an id has.
const FEW: usize = 2;
/// How many elements a list has at most.
const ELEMENTS: usize = 2;
/// Records in records end so deep.
const DEEPEST: usize = 4;

/// Sequences of random commands with random values of their types. It knows nothing of the rules.
#[derive(Clone, Debug)]
pub struct Plain<'a> {
    contract: &'a Contract,
    chance: Chance,
    longest: usize,
}

impl<'a> Plain<'a> {
    /// Sequences of at most `longest` commands of the contract; the same for the same seed.
    pub fn new(contract: &'a Contract, seed: u64, longest: usize) -> Self {
        Self { contract, chance: Chance(seed), longest: longest.max(1) }
    }

    fn command(&mut self, def: &CommandDef, sequence: &mut Sequence) -> Command {
        let on = self.aggregate(&def.aggregate, sequence);
        let fields = self.fields(&def.fields, sequence, 0);
        Command {
            name: (&*def.name).into(),
            on: Some(on),
            fields,
            key: None,
            expected: Expected::Any,
            id: Arc::from(""),
        }
    }

    fn fields(&mut self, defs: &[FieldDef], sequence: &mut Sequence, depth: usize) -> Record {
        let mut fields = Record::new();
        for def in defs.iter().filter(|def| !def.chosen) {
            if !def.is_required() && self.chance.below(2) == 0 {
                continue;
            }
            let value = self.value(&def.name, &def.ty, def.try_range.as_ref(), sequence, depth);
            fields.insert(&*def.name, value);
        }
        fields
    }

    fn value(
        &mut self,
        name: &str,
        ty: &Type,
        tried: Option<&Range>,
        sequence: &mut Sequence,
        depth: usize,
    ) -> Value {
        match ty {
            Type::Id => self.name(name, &Draw::Unique(name.into()), sequence),
            Type::Reference(aggregate) => self.aggregate(aggregate, sequence),
            Type::Text { length, alphabet } => {
                let first = alphabet.as_ref().and_then(|ranges| ranges.first()).map_or('a', |(from, _)| *from);
                let least = length.min.as_ref().and_then(Number::to_u64).unwrap_or(1).clamp(1, 64);
                Value::from(&*first.to_string().repeat(usize::try_from(least).unwrap_or(1)))
            }
            Type::Int(range) | Type::Decimal(range) => self.number(tried.unwrap_or(range)),
            Type::Bool => Value::Bool(self.chance.below(2) == 0),
            Type::Instant => "2026-01-01T00:00:00Z".into(),
            Type::Enum(members) if !members.is_empty() => (&*members[self.chance.below(members.len())]).into(),
            Type::List(element) | Type::Bag(element) if depth < DEEPEST => {
                // Mostly not empty: an empty one is often refused.
                let length = if self.chance.below(8) == 0 { 0 } else { 1 + self.chance.below(ELEMENTS) };
                Value::List((0..length).map(|_| self.value(name, element, None, sequence, depth + 1)).collect())
            }
            Type::Optional(inner) if self.chance.below(2) == 0 => self.value(name, inner, tried, sequence, depth),
            Type::Record(record) if depth < DEEPEST => {
                Value::Record(self.fields(&record.fields, sequence, depth + 1))
            }
            Type::List(_) | Type::Bag(_) => Value::List(Vec::new()),
            Type::Record(_) | Type::Optional(_) | Type::Enum(_) | Type::Unknown => Value::Null,
        }
    }

    /// An end of the range, or something small in it.
    fn number(&mut self, range: &Range) -> Value {
        let small = |number: usize| Number::from(rust_decimal::Decimal::from(number as u64));
        let inside = |number: &Number| {
            range.min.as_ref().is_none_or(|min| number >= min) && range.max.as_ref().is_none_or(|max| number <= max)
        };
        let ends = [range.min.clone(), range.max.clone()];
        let end = ends.into_iter().flatten().nth(self.chance.below(2)).filter(|_| self.chance.below(6) == 0);
        let number = end.or_else(|| Some(small(1 + self.chance.below(5))).filter(inside));
        Value::Number(number.or_else(|| range.min.clone()).unwrap_or_else(|| small(1)))
    }

    fn aggregate(&mut self, kind: &str, sequence: &mut Sequence) -> Value {
        self.name(&kind.to_lowercase(), &Draw::New(kind.into()), sequence)
    }

    /// One of a few names for such a thing, mostly the first.
    fn name(&mut self, prefix: &str, draw: &Draw, sequence: &mut Sequence) -> Value {
        let which = if self.chance.below(4) == 0 { FEW } else { 1 };
        let text: Arc<str> = format!("${prefix}{which}").into();
        if !sequence.names.iter().any(|name| name.text == text) {
            sequence.names.push(Name { text: text.clone(), draw: draw.clone() });
        }
        Value::Text(text)
    }
}

impl Iterator for Plain<'_> {
    type Item = Sequence;

    fn next(&mut self) -> Option<Sequence> {
        let commands: Vec<&CommandDef> = self.contract.commands().collect();
        if commands.is_empty() {
            return None;
        }
        let mut sequence = Sequence::default();
        let length = 1 + self.chance.below(self.longest);
        for at in 0..length {
            // The first command of a contract is often the one that makes something exist.
            let which = if at == 0 && self.chance.below(4) > 0 { 0 } else { self.chance.below(commands.len()) };
            let command = self.command(commands[which], &mut sequence);
            sequence.steps.push(Step::Submit(command));
        }
        Some(sequence)
    }
}
