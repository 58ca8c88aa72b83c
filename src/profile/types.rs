//! Nested renames: a value of the contract's type in the service's words, and back.

use std::sync::Arc;

use super::Profile;
use super::definition::MemberForm;
use super::filter::{FormError, Way, cents, shown, text};
use crate::contract::{RecordType, Type};
use crate::value::{Number, Record, Value};

/// A field whose value can't be written in the other's words.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{field}`: {why}")]
pub(crate) struct FieldError {
    /// Its name, as the side has it that the value comes from.
    pub(crate) field: String,
    /// What is wrong with its value.
    #[source]
    pub(crate) why: FormError,
}

impl Profile {
    /// The aggregate that the event called `name` happens to, and what the event carries.
    pub(crate) fn event_type(&self, name: &str) -> Option<(&str, Type)> {
        let (aggregate, event) = self.contract.event(name)?;
        let record = RecordType { name: Some(event.name.clone()), fields: event.fields.clone(), open: true };
        Some((&aggregate.name, Type::Record(Arc::new(record))))
    }

    /// The value as the service (way out) or the contract (way in) writes it.
    ///
    /// `leaf` may put another value in place of one that is an id by its type: of an aggregate of that kind, where it refers to one.
    pub(crate) fn convert(
        &self,
        value: &Value,
        ty: &Type,
        way: Way,
        leaf: &dyn Fn(Option<&str>, &Value) -> Option<Value>,
    ) -> Result<Value, FieldError> {
        match (ty, value) {
            (Type::Optional(inner), _) => self.convert(value, inner, way, leaf),
            (Type::List(element) | Type::Bag(element), Value::List(elements)) => {
                let converted = elements.iter().map(|value| self.convert(value, element, way, leaf));
                converted.collect::<Result<_, _>>().map(Value::List)
            }
            (Type::Record(record), Value::Record(fields)) => self.record(fields, record, way, leaf),
            (Type::Id, _) => Ok(leaf(None, value).unwrap_or_else(|| value.clone())),
            (Type::Reference(kind), _) => Ok(leaf(Some(kind), value).unwrap_or_else(|| value.clone())),
            _ => Ok(value.clone()),
        }
    }

    fn record(
        &self,
        fields: &Record,
        ty: &RecordType,
        way: Way,
        leaf: &dyn Fn(Option<&str>, &Value) -> Option<Value>,
    ) -> Result<Value, FieldError> {
        let members = ty.name.as_deref().and_then(|name| self.types.get(name));
        let mut converted = Record::new();
        for (name, value) in fields.iter() {
            let member = members.and_then(|members| match way {
                Way::Out => members.get_key_value(name),
                Way::In => members.iter().find(|(_, member)| member.field == name),
            });
            let ours = member.map_or(name, |(ours, _)| ours);
            let Some(field) = ty.field(ours) else {
                converted.insert(name, value.clone());
                continue;
            };
            let form = member.map_or(MemberForm::Same, |(_, member)| member.form);
            let inner = self.convert(value, &field.ty, way, leaf)?;
            let inner = reform(inner, form, way).map_err(|why| FieldError { field: name.to_owned(), why })?;
            match (way, member) {
                (Way::Out, Some((_, member))) => converted.insert(member.field.as_str(), inner),
                _ => converted.insert(ours, inner),
            };
        }
        Ok(Value::Record(converted))
    }
}

impl Profile {
    /// The field of a command or query in the form that `[type.…]` of its name says, on its way out.
    pub(crate) fn reformed(&self, message: &str, field: &str, value: Value) -> Result<Value, FieldError> {
        let member = self.types.get(message).and_then(|members| members.get(field));
        let form = member.map_or(MemberForm::Same, |member| member.form);
        reform(value, form, Way::Out).map_err(|why| FieldError { field: field.to_owned(), why })
    }

    /// All fields of a command or query under the names that `[type.…]` of its name says; nothing where it says none.
    pub(crate) fn renamed(&self, message: &str, fields: &Record) -> Option<Record> {
        let members = self.types.get(message)?;
        let renamed = fields.fields().iter().map(|(name, value)| {
            let theirs =
                members.get(&**name).map_or_else(|| name.clone(), |member| Arc::from(&*member.field));
            (theirs, value.clone())
        });
        Some(renamed.collect())
    }
}

fn reform(value: Value, form: MemberForm, way: Way) -> Result<Value, FormError> {
    match (form, way) {
        _ if value.is_null() => Ok(value),
        (MemberForm::Same, _) => Ok(value),
        (MemberForm::Cents, way) => cents(&value, way),
        (MemberForm::Instant(form), way) => Ok(form.apply(&value, way)),
        (MemberForm::Text, Way::Out) => Ok(Value::from(text(&value))),
        (MemberForm::Text, Way::In) => match value.as_text().and_then(Number::parse) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(FormError::NoNumberAsText(shown(&value))),
        },
    }
}
