//! What an answer must have, as a scenario writes it.

use crate::contract::Type;
use crate::step::{literal, written_name};
use crate::value::{Name, Value};

/// Which name a value was drawn for, if it was.
pub(super) type Names<'a> = &'a dyn Fn(&Value) -> Option<Name>;

/// A value of that type as a matcher. A name stands for a value only where the type lets an id or a text of ours be: a count that happens to be
/// what an id was drawn as is a count.
pub(super) fn shown(value: &Value, ty: &Type, names: Names<'_>) -> String {
    match (ty, value) {
        (Type::Optional(inner), _) => shown(value, inner, names),
        (_, Value::List(values)) => {
            let element = ty.element().unwrap_or(&Type::Unknown);
            let values: Vec<String> = values.iter().map(|value| shown(value, element, names)).collect();
            let order = if matches!(ty, Type::Bag(_)) { "unordered " } else { "" };
            format!("{order}[{}]", values.join(", "))
        }
        (_, Value::Record(record)) => {
            let declared = |name: &str| match ty {
                Type::Record(record) => record.field(name).map_or(&Type::Unknown, |field| &field.ty),
                _ => &Type::Unknown,
            };
            let fields = record.iter().map(|(name, value)| {
                format!("{}: {}", written_name(name), shown(value, declared(name), names))
            });
            let fields: Vec<String> = fields.collect();
            if fields.is_empty() { "{}".into() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        (Type::Int(_) | Type::Decimal(_) | Type::Bool | Type::Enum(_) | Type::Instant, _) => literal(value),
        _ => names(value).map_or_else(|| literal(value), |name| name.to_string()),
    }
}

/// What matches values of that type, as far as a matcher can tell.
pub(super) fn of_type(ty: &Type) -> String {
    match ty {
        Type::Optional(inner) => of_type(inner),
        Type::Int(range) | Type::Decimal(range) => match (&range.min, &range.max) {
            (Some(least), _) => format!(">= {least}"),
            (None, Some(most)) => format!("<= {most}"),
            (None, None) => "> -1e27".into(),
        },
        Type::Instant => r"~/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/".into(),
        Type::Id | Type::Reference(_) | Type::Text { .. } => "~/^/".into(),
        Type::Enum(words) => {
            let words: Vec<String> = words.iter().map(|word| regex_lite::escape(word)).collect();
            format!("~/^({})$/", words.join("|"))
        }
        Type::List(_) | Type::Bag(_) => "count >= 0".into(),
        Type::Record(_) => "{}".into(),
        Type::Bool | Type::Unknown => "present".into(),
    }
}
