//! `{ a: M }`, `= { a: M }`.

use std::sync::Arc;

use super::bind::Binding;
use super::mismatch::{Report, describe_group, show};
use super::{Bound, Judge, MatcherDoc};
use crate::contract::expr::EvalError;
use crate::language::syntax::FieldMatcher;
use crate::text::did_you_mean;
use crate::value::{Value, field_name};

pub(super) static PARTIAL: MatcherDoc = MatcherDoc {
    name: "record",
    syntax: "{ FIELD: M, … }",
    means: "a record in which each of these fields matches; others are free",
    example: "{ status: \"confirmed\", total: 59.98 }",
};

pub(super) static EXACT: MatcherDoc = MatcherDoc {
    name: "exact record",
    syntax: "= { FIELD: M, … }",
    means: "a record in which each of these fields matches, and there are no others",
    example: "= { product: \"p-1\", quantity: 2, price: 29.99 }",
};

/// Among so many names at most a near one is looked for.
const MAX_NAMES: usize = 1000;

#[derive(Debug)]
pub(super) struct Record {
    fields: Vec<(Arc<str>, Bound)>,
    exact: bool,
}

pub(super) fn bind(binding: Binding<'_>, fields: &[FieldMatcher], exact: bool) -> Result<Record, EvalError> {
    let fields = fields
        .iter()
        .map(|field| Ok(((*field.name.text).into(), binding.bind_field(&field.name.text, &field.matcher)?)));
    Ok(Record { fields: fields.collect::<Result<_, _>>()?, exact })
}

impl Record {
    fn names(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| **field == *name)
    }
}

/// Whether a field is as it must be. One that has to be null may be left out, too, as far as contracts go.
fn holds(bound: &Bound, actual: Option<&Value>) -> bool {
    bound.matches(actual) || actual.is_none() && is_null(bound)
}

fn is_null(bound: &Bound) -> bool {
    bound.constant().is_some_and(Value::is_null)
}

impl Judge for Record {
    fn matches(&self, actual: Option<&Value>) -> bool {
        let Some(Value::Record(record)) = actual else { return false };
        if self.exact && (record.len() > self.fields.len() || !record.names().all(|name| self.names(name))) {
            return false;
        }
        self.fields.iter().all(|(name, bound)| holds(bound, record.get(name)))
    }

    fn explain(&self, bound: &Bound, actual: Option<&Value>, report: &mut Report) {
        let Some(Value::Record(record)) = actual else { return report.mismatch(bound, actual) };
        for (name, bound) in &self.fields {
            let (part, before) = (record.get(name), report.found.len());
            if part.is_none() && is_null(bound) {
                continue;
            }
            report.descend(Arc::clone(name), bound, part);
            if part.is_none() {
                report.hint(before, || {
                    let others = record.names().filter(|other| !self.names(other));
                    let near = did_you_mean(name, others.take(MAX_NAMES))?;
                    Some(format!("did you mean `{}`?", field_name(near)))
                });
            }
        }
        if self.exact {
            for (name, value) in record.fields().iter().filter(|(name, _)| !self.names(name)) {
                if report.is_full() {
                    break;
                }
                report.add_at(Arc::clone(name), bound.span(), "no such field", show(Some(value)));
            }
        }
    }

    fn field_names(&self) -> Vec<&str> {
        self.fields.iter().map(|(name, _)| &**name).collect()
    }

    fn describe(&self, limit: usize) -> String {
        let open = if self.exact { "= {" } else { "{" };
        let fields = self.fields.iter().map(|(name, bound)| (format!("{}: ", field_name(name)), bound));
        describe_group([open, "}"], limit, fields)
    }
}
