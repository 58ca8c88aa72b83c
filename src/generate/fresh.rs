//! Values of their own for each command: the same text, moment or amount twice would hide which of the two is shown.

use crate::contract::explore::{AMOUNTS, Naming, amount, moment};
use crate::contract::{FieldDef, Range, Type};
use crate::protocol::Command;
use crate::value::{Record, Value};

/// Texts below this number are samples.
const FIRST_TEXT: usize = 3;
/// Moments below this number are samples.
const FIRST_MOMENT: u32 = 2;

/// What one sequence has used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fresh {
    texts: usize,
    moments: u32,
    amounts: u32,
}

/// Which values of a command are to be its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Renewed {
    /// Texts, moments and amounts.
    All,
    /// All but amounts, which rules compare and add up.
    Marks,
}

impl Fresh {
    /// Nothing is used up; amounts begin at this one.
    pub(super) fn from(amount: usize) -> Self {
        let amounts = u32::try_from(amount).unwrap_or_default() % AMOUNTS;
        Self { texts: FIRST_TEXT, moments: FIRST_MOMENT, amounts }
    }

    /// The command with values of its own in the places of texts, moments and amounts. What is null, and what is a text of the
    /// contract's, stays.
    pub(super) fn command(
        &mut self,
        naming: &Naming,
        declared: &[FieldDef],
        sent: &Command,
        what: Renewed,
    ) -> Command {
        Command { fields: self.record(naming, declared, &sent.fields, what), ..sent.clone() }
    }

    fn record(&mut self, naming: &Naming, declared: &[FieldDef], given: &Record, what: Renewed) -> Record {
        let mut renewed = given.clone();
        for field in declared {
            if let Some(value) = given.get(&field.name) {
                let named = (&*field.name, field.try_range.as_ref());
                renewed.insert(field.name.clone(), self.value(naming, named, &field.ty, value, what));
            }
        }
        renewed
    }

    fn value(
        &mut self,
        naming: &Naming,
        (name, tried): (&str, Option<&Range>),
        ty: &Type,
        value: &Value,
        what: Renewed,
    ) -> Value {
        match (ty, value) {
            (Type::Optional(inner), value) if !value.is_null() => {
                self.value(naming, (name, tried), inner, value, what)
            }
            (Type::List(element) | Type::Bag(element), Value::List(values)) => {
                let renewed =
                    values.iter().map(|value| self.value(naming, (name, None), element, value, what));
                Value::List(renewed.collect())
            }
            (Type::Record(record), Value::Record(given)) => {
                Value::Record(self.record(naming, &record.fields, given, what))
            }
            (Type::Text { .. }, Value::Name(_)) => {
                self.texts += 1;
                naming.id(name, self.texts - 1)
            }
            (Type::Instant, Value::Text(_)) => {
                self.moments += 1;
                moment(tried, self.moments - 1)
            }
            (Type::Int(_) | Type::Decimal(_), Value::Number(_)) if what == Renewed::All => {
                // Not every range has room for each amount.
                for _ in 0..AMOUNTS {
                    self.amounts = (self.amounts + 1) % AMOUNTS;
                    if let Some(value) = amount(ty, tried, naming.demand(name), self.amounts) {
                        return value;
                    }
                }
                value.clone()
            }
            _ => value.clone(),
        }
    }
}
