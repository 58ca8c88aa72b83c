//! What values a type takes.

use crate::contract::expr::{Nothing, eval};
use crate::contract::{FieldDef, Range, Type};
use crate::value::{Moment, Number, Record, Value};

/// Texts that are longer than this, in bytes, may be refused as ids.
const LONG_ID: usize = 255;

/// What a type says about a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Law {
    /// It takes it.
    Lawful,
    /// Nothing forbids it, but a service may have no room for it: an id without letters, more digits than a decimal has.
    Doubtful,
    /// It does not, and why.
    Unlawful(String),
}

impl Law {
    /// What holds for two parts together.
    pub(super) fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Lawful => other(),
            Self::Doubtful => match other() {
                Self::Lawful => Self::Doubtful,
                worse => worse,
            },
            unlawful @ Self::Unlawful(_) => unlawful,
        }
    }

    /// What holds for all parts together: the first that is unlawful says why.
    fn of_all(parts: impl Iterator<Item = Self>) -> Self {
        let mut worst = Self::Lawful;
        for law in parts {
            match law {
                Self::Lawful => {}
                Self::Doubtful => worst = law,
                Self::Unlawful(_) => return law,
            }
        }
        worst
    }
}

/// What `ty` says about `value`.
pub fn lawful(ty: &Type, value: &Value) -> Law {
    match (ty, value) {
        (Type::Unknown, _)
        | (Type::Optional(_), Value::Null)
        | (Type::Bool, Value::Bool(_))
        // What is drawn for a name is fit for where it is sent.
        | (Type::Id | Type::Reference(_) | Type::Text { .. }, Value::Name(_)) => Law::Lawful,
        (Type::Optional(inner), _) => lawful(inner, value),
        (Type::Id | Type::Reference(_), Value::Text(text)) => {
            if text.chars().all(char::is_whitespace) || text.len() > LONG_ID {
                Law::Doubtful
            } else {
                Law::Lawful
            }
        }
        (Type::Id | Type::Reference(_), Value::Number(_)) => Law::Doubtful,
        (Type::Text { length, alphabet }, Value::Text(text)) => {
            let known = |c: char| {
                alphabet.as_ref().is_none_or(|a| a.iter().any(|(from, to)| (*from..=*to).contains(&c)))
            };
            match text.chars().find(|c| !known(*c)) {
                Some(c) => Law::Unlawful(format!("it has the character {c:?}")),
                None => within(
                    length,
                    &Number::from(rust_decimal::Decimal::from(text.chars().count())),
                    "its length",
                ),
            }
        }
        (Type::Instant, Value::Text(text)) if Moment::parse(text).is_some() => Law::Lawful,
        (Type::Int(_), Value::Number(number)) if !number.is_whole() => {
            Law::Unlawful(format!("{number} is a fraction"))
        }
        (Type::Int(range), Value::Number(number)) => within(range, number, "it")
            .and(|| if number.to_i64().is_some() { Law::Lawful } else { Law::Doubtful }),
        (Type::Decimal(range), Value::Number(number)) => within(range, number, "it")
            .and(|| if number.decimal().is_some() { Law::Lawful } else { Law::Doubtful }),
        (Type::Enum(members), Value::Text(text)) if members.iter().any(|member| **member == **text) => {
            Law::Lawful
        }
        (Type::List(element) | Type::Bag(element), Value::List(values)) => {
            Law::of_all(values.iter().map(|value| lawful(element, value)))
        }
        (Type::Record(record), Value::Record(given)) => fields_of(&record.fields, given, record.open),
        _ => Law::Unlawful(format!("it is {}, not {}", ty.in_words(), value.brief(60))),
    }
}

/// What the types of `declared` say about the fields that are `given`.
pub(super) fn fields(declared: &[FieldDef], given: &Record) -> Law {
    fields_of(declared, given, false)
}

/// The same; only if it is not `open` there may be no others.
fn fields_of(declared: &[FieldDef], given: &Record, open: bool) -> Law {
    let mut found = 0;
    let known = Law::of_all(declared.iter().enumerate().map(|(at, field)| {
        let value = given.get_near(at, &field.name);
        found += usize::from(value.is_some());
        one(field, value)
    }));
    // Names are unique: what was not found is declared nowhere.
    let foreign = !open && found < given.len();
    known.and(|| if foreign { Law::Doubtful } else { Law::Lawful })
}

fn one(field: &FieldDef, given: Option<&Value>) -> Law {
    let law = match given {
        None if field.is_required() => Law::Unlawful("it is missing".into()),
        None => Law::Lawful,
        Some(value) => lawful(&field.ty, value),
    };
    match law {
        Law::Unlawful(why) => Law::Unlawful(format!("`{}`: {why}", field.name)),
        law => law,
    }
}

/// What is given, with what may be left out: a default, or null for what is optional.
pub(crate) fn complete(declared: &[FieldDef], mut given: Record) -> Record {
    for (at, field) in declared.iter().enumerate() {
        if given.get_near(at, &field.name).is_some() {
            continue;
        }
        match &field.default {
            Some(default) => {
                if let Some(value) = constant(default) {
                    given.insert(field.name.clone(), value);
                }
            }
            None if matches!(field.ty, Type::Optional(_)) => {
                given.insert(field.name.clone(), Value::Null);
            }
            None => {}
        }
    }
    given
}

/// A default's value: a member of an enum is its own name.
pub(super) fn constant(expr: &crate::language::syntax::Expr) -> Option<Value> {
    match &expr.kind {
        crate::language::syntax::ExprKind::Name(member) => Some(Value::Text(member.text.clone())),
        _ => eval(expr, &Nothing).ok(),
    }
}

fn within(range: &Range, number: &Number, what: &str) -> Law {
    if let Some(min) = range.min.as_ref().filter(|min| number < *min) {
        return Law::Unlawful(format!("{what} is {number}, less than {min}"));
    }
    match range.max.as_ref().filter(|max| number > *max) {
        Some(max) => Law::Unlawful(format!("{what} is {number}, more than {max}")),
        None => Law::Lawful,
    }
}
