//! Names that stand for ids, and what each stands for.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::Subject;
use crate::contract::rules::{Interpreted, Law, lawful};
use crate::contract::{Contract, FieldDef, Type};
use crate::value::{Demand, Name, Need, Record, Value};

/// The number of an aggregate that nothing ever happens to.
const NOBODY: usize = 999;
/// How deep records are looked into for fields.
const DEEP: usize = 32;

/// What a name stands for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Named {
    /// An aggregate of this kind.
    Aggregate(Arc<str>),
    /// A value for fields of this name.
    Field(Arc<str>),
}

/// The names of one contract. Each kind of aggregate and each field has a stem of its own, that no digit ends; with a
/// number behind it, it is a name: `$order1`. So what a name stands for is always known, whatever the contract calls
/// its fields and kinds.
#[derive(Clone, Debug, Default)]
pub struct Naming {
    stems: HashMap<Named, Arc<str>>,
    named: HashMap<Arc<str>, Named>,
    /// The fields that refer to aggregates of a kind.
    references: HashMap<Arc<str>, Vec<Arc<str>>>,
    /// What the types of fields of these names ask of values that are made up for them.
    typed: HashMap<Arc<str>, Need>,
    /// What the target asks of values in fields of these names, beyond their types.
    demands: Arc<BTreeMap<Arc<str>, Demand>>,
}

impl Naming {
    /// The names of a model's contract, with what its target asks of values.
    pub fn of(model: &Interpreted) -> Self {
        Self { demands: model.demands().clone(), ..Self::new(model.contract()) }
    }

    /// The names of a contract.
    pub fn new(contract: &Contract) -> Self {
        let mut naming = Self::default();
        for aggregate in contract.aggregates() {
            naming.add(Named::Aggregate(aggregate.name.clone()), aggregate.name.to_lowercase());
        }
        let mut fields = Vec::new();
        let mut seen = HashSet::new();
        let commands = contract.commands().map(|command| &command.fields);
        for declared in commands.chain(contract.queries().map(|query| &query.fields)) {
            of_fields(declared, &mut fields, &mut seen, 0);
        }
        for (field, ty) in &fields {
            if let Type::Reference(kind) = ty {
                let known = naming.references.entry(kind.clone()).or_default();
                if !known.contains(field) {
                    known.push(field.clone());
                }
            }
            naming.is_of(field, ty);
        }
        for (field, _) in fields {
            let stem = field.to_string();
            naming.add(Named::Field(field), stem);
        }
        naming
    }

    /// A field of that name is of that type, perhaps among others.
    fn is_of(&mut self, field: &Arc<str>, ty: &Type) {
        let need = Need { demand: ty.demand().ok().flatten(), prose: ty.is_prose() };
        match self.typed.get_mut(field) {
            None => drop(self.typed.insert(field.clone(), need)),
            Some(known) => {
                known.prose &= need.prose;
                // Of demands that no value meets together, the first goes.
                known.demand = match (known.demand.take(), need.demand) {
                    (Some(one), Some(other)) => Some(one.and(&other).unwrap_or(one)),
                    (one, other) => one.or(other),
                };
            }
        }
    }

    /// What a value has to be that is drawn for fields of these names, which the target asks this of.
    pub(crate) fn need(&self, fields: &[Arc<str>], asked: Option<Demand>) -> Need {
        let typed = fields.iter().filter_map(|field| self.typed.get(field));
        let mut need = Need { demand: asked, prose: false };
        for (at, typed) in typed.enumerate() {
            need.prose = typed.prose && (at == 0 || need.prose);
            need.demand = match (need.demand.take(), &typed.demand) {
                (Some(one), Some(other)) => Some(one.and(other).unwrap_or(one)),
                (one, other) => one.or_else(|| other.clone()),
            };
        }
        need
    }

    fn add(&mut self, named: Named, mut stem: String) {
        if self.stems.contains_key(&named) {
            return;
        }
        while self.named.contains_key(&*stem) || stem.ends_with(|c: char| c.is_ascii_digit()) {
            stem.push('_');
        }
        let stem: Arc<str> = stem.into();
        self.stems.insert(named.clone(), stem.clone());
        self.named.insert(stem, named);
    }

    /// The aggregate of that kind with that number.
    pub fn subject(&self, kind: &str, number: usize) -> Subject {
        let id = self.value(Named::Aggregate(kind.into()), number);
        Subject { kind: kind.into(), number, id }
    }

    /// An aggregate of that kind that nothing ever happens to.
    pub fn nobody(&self, kind: &str) -> Subject {
        self.subject(kind, NOBODY)
    }

    /// A value for fields of that name.
    pub fn id(&self, field: &str, number: usize) -> Value {
        self.value(Named::Field(field.into()), number)
    }

    fn value(&self, named: Named, number: usize) -> Value {
        let known = self.stems.get(&named).cloned();
        let (Named::Aggregate(plain) | Named::Field(plain)) = named;
        let stem = known.unwrap_or(plain);
        Value::Name(Name::new(format!("{stem}{number}")))
    }

    /// The fields that refer to aggregates of a kind.
    pub fn references(&self, kind: &str) -> &[Arc<str>] {
        self.references.get(kind).map_or(&[], Vec::as_slice)
    }

    /// What the target asks of values in fields of that name.
    pub(crate) fn demand(&self, field: &str) -> Option<&Demand> {
        self.demands.get(field)
    }

    /// Whether the target can take what a message has in its fields, or has to refuse it by the contract, too.
    pub(crate) fn takes(&self, declared: &[FieldDef], given: &Record) -> bool {
        let takes =
            |field: &FieldDef| given.get(&field.name).is_none_or(|value| self.takes_value(field, value));
        self.demands.is_empty() || declared.iter().all(takes)
    }

    /// The same of one field.
    pub(crate) fn takes_value(&self, field: &FieldDef, value: &Value) -> bool {
        self.takes_of(&field.name, &field.ty, value)
    }

    fn takes_of(&self, field: &str, ty: &Type, value: &Value) -> bool {
        match (ty, value) {
            (_, Value::Null) => true,
            (Type::Optional(inner), _) => self.takes_of(field, inner, value),
            (Type::List(inner) | Type::Bag(inner), Value::List(values)) => {
                values.iter().all(|value| self.takes_of(field, inner, value))
            }
            (Type::Record(record), Value::Record(given)) => self.takes(&record.fields, given),
            _ => {
                let meets = self.demand(field).is_none_or(|demand| demand.is_met_by(value));
                meets || matches!(lawful(ty, value), Law::Unlawful(_))
            }
        }
    }

    /// What a name stands for; nothing if it is none of these.
    pub fn named(&self, name: &Name) -> Option<&Named> {
        self.named.get(name.stem()).filter(|_| name.stem().len() < name.as_str().len())
    }
}

/// The names of fields and of those in records inside of them, each with the type of what is in it, however it is wrapped.
fn of_fields<'a>(
    fields: &'a [FieldDef],
    found: &mut Vec<(Arc<str>, &'a Type)>,
    seen: &mut HashSet<(&'a str, *const Type)>,
    depth: usize,
) {
    for field in fields {
        let mut ty = &field.ty;
        while let Type::Optional(inner) | Type::List(inner) | Type::Bag(inner) = ty {
            ty = inner;
        }
        if seen.insert((&field.name, std::ptr::from_ref(ty))) {
            found.push((field.name.clone(), ty));
        }
        if let (Type::Record(record), true) = (ty, depth < DEEP) {
            of_fields(&record.fields, found, seen, depth + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::parse_contract;
    use crate::text::Source;

    #[test]
    fn what_a_name_stands_for_is_never_in_doubt() {
        let text = "contract c\ntype Line { line2: id, Order: id }\naggregate Order\n  command A { order: id, order_: id, line: id, line2: id, lines: [Line] }\naggregate order\n  command B\naggregate Order1\n  command C\n";
        let contract = Contract::resolve(&parse_contract(&Source::new("c.contract", text)).tree).contract;
        let naming = Naming::new(&contract);
        let mut all = HashSet::new();
        for number in [1, 2, 12, 21] {
            for kind in ["Order", "order", "Order1"] {
                let id = naming.subject(kind, number).id;
                assert_eq!(naming.named(id.as_name().unwrap()), Some(&Named::Aggregate(kind.into())), "{id}");
                assert!(all.insert(id));
            }
            for field in ["order", "order_", "line", "line2", "lines", "Order"] {
                let id = naming.id(field, number);
                assert_eq!(naming.named(id.as_name().unwrap()), Some(&Named::Field(field.into())), "{id}");
                assert!(all.insert(id));
            }
        }
        assert_eq!(naming.id("line", 1), Name::new("line1").into());
        for text in ["5", "", "order", "nobody1"] {
            assert_eq!(naming.named(&Name::new(text)), None, "{text}");
        }
    }
}
