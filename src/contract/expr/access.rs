//! Fields and elements of values.

use std::borrow::Cow;

use super::EvalError;
use super::eval::Evaluated;
use super::operator::{describe, wrong_kind};
use crate::language::syntax::Ident;
use crate::text::{Code, Span, did_you_mean};
use crate::value::{Record, Value, field_name};

/// `base.name`.
pub(super) fn field<'a>(base: &Cow<'a, Value>, name: &Ident) -> Evaluated<'a> {
    let found = match base {
        Cow::Borrowed(value) => value.get(&name.text).map(Cow::Borrowed),
        Cow::Owned(value) => value.get(&name.text).cloned().map(Cow::Owned),
    };
    found.ok_or_else(|| match &**base {
        Value::Record(record) => no_field(&name.text, record, name.span),
        other => wrong_kind(&format!("what has a field `{}`", name.text), "a record", other, name.span),
    })
}

/// `base[index]`: an element counted from 0, or a field.
pub(super) fn element<'a>(base: Cow<'a, Value>, index: &Value, span: Span) -> Evaluated<'a> {
    match (&*base, index) {
        (Value::List(elements), Value::Number(number)) => {
            let at = number.to_u64().and_then(|at| usize::try_from(at).ok());
            match at.filter(|at| *at < elements.len()) {
                Some(at) => Ok(part(base, |value| value.as_list()?.get(at))),
                None => Err(no_element(index, elements.len(), span)),
            }
        }
        (Value::Record(record), Value::Text(name)) if !record.contains(name) => {
            Err(no_field(name, record, span))
        }
        (Value::Record(_), Value::Text(name)) => Ok(part(base, |value| value.get(name))),
        (Value::List(_), other) => Err(wrong_kind("the number of an element", "a whole number", other, span)),
        (Value::Record(_), other) => Err(wrong_kind("the name of a field", "text", other, span)),
        (other, _) => Err(wrong_kind("what stands before `[`", "a list or a record", other, span)),
    }
}

/// A part of `base` that is known to be there; lent where `base` is.
fn part(base: Cow<'_, Value>, get: impl Fn(&Value) -> Option<&Value>) -> Cow<'_, Value> {
    match base {
        Cow::Borrowed(value) => Cow::Borrowed(get(value).unwrap_or(value)),
        Cow::Owned(value) => Cow::Owned(get(&value).cloned().unwrap_or(Value::Null)),
    }
}

fn no_field(name: &str, record: &Record, span: Span) -> EvalError {
    let whole = Value::Record(record.clone());
    let error =
        EvalError::new(Code::NOT_THERE, span, format!("there is no field `{name}` in {}", describe(&whole)));
    match did_you_mean(name, record.names()) {
        Some(near) => error.fix(format!("did you mean `{}`?", field_name(near))),
        None => error,
    }
}

fn no_element(index: &Value, len: usize, span: Span) -> EvalError {
    let error = EvalError::new(Code::NOT_THERE, span, format!("there is no element {}", index.brief(40)));
    error.fix(match len {
        0 => "the list is empty".into(),
        len => format!("the elements of this list are 0 to {}", len - 1),
    })
}
