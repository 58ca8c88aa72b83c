use std::cmp::Ordering;

use super::{Name, Number, Record, Value};

impl Value {
    /// What messages call this kind of value.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "number",
            Self::Text(_) => "text",
            Self::List(_) => "list",
            Self::Record(_) => "record",
            Self::Name(_) => "name",
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self { Some(*truth) } else { None }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<&Number> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// The text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The name, if it is one.
    pub fn as_name(&self) -> Option<&Name> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    /// Calls `visit` with each name in it, as often as it is there.
    pub fn each_name<'a>(&'a self, visit: &mut impl FnMut(&'a Name)) {
        match self {
            Self::Name(name) => visit(name),
            Self::List(elements) => elements.iter().for_each(|element| element.each_name(visit)),
            Self::Record(record) => record.iter().for_each(|(_, value)| value.each_name(visit)),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => {}
        }
    }

    /// The value with each of its parts replaced for which `with` has something else.
    #[must_use]
    pub fn replaced(&self, with: &impl Fn(&Self) -> Option<Self>) -> Self {
        with(self).unwrap_or_else(|| match self {
            Self::List(elements) => {
                Self::List(elements.iter().map(|element| element.replaced(with)).collect())
            }
            Self::Record(record) => Self::Record(
                record.fields().iter().map(|(name, value)| (name.clone(), value.replaced(with))).collect(),
            ),
            other => other.clone(),
        })
    }

    /// The elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(elements) = self { Some(elements) } else { None }
    }

    /// The record, if it is one.
    pub fn as_record(&self) -> Option<&Record> {
        if let Self::Record(record) = self { Some(record) } else { None }
    }

    /// The value of field `name`, if this is a record that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_record()?.get(name)
    }

    /// How two values are ordered: numbers by value, moments as time goes, other text by code point. Nothing else has an order.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(match (self.as_moment(), other.as_moment()) {
                (Some(a), Some(b)) => a.cmp(&b),
                // UTF-8 sorts by bytes as it does by code points.
                _ => a.cmp(b),
            }),
            (Self::Name(a), Self::Name(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}
