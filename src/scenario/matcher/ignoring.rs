//! `M ignoring [updated_at, items.price]`.

use super::bind::Binding;
use super::equals::Equals;
use super::mismatch::Report;
use super::{Bound, Judge, MatcherDoc};
use crate::contract::expr::EvalError;
use crate::language::syntax::{FieldPath, Ident, Matcher, MatcherKind};
use crate::value::{Record, Value};

pub(super) static DOC: MatcherDoc = MatcherDoc {
    name: "ignoring",
    syntax: "M ignoring [PATH, …]",
    means: "what matches M once these fields are taken out, of each element where a path leads through a list",
    example: "= { status: \"pending\" } ignoring [updated_at, items.price]",
};

#[derive(Debug)]
pub(super) struct Ignoring {
    rest: Bound,
    paths: Vec<FieldPath>,
}

pub(super) fn bind(
    binding: Binding<'_>,
    matcher: &Matcher,
    paths: &[FieldPath],
) -> Result<Ignoring, EvalError> {
    let rest = match &matcher.kind {
        // A value that was kept from an earlier answer has these fields, too.
        MatcherKind::Equals(expr) => Bound::new(
            matcher.span,
            Equals::within(without_all(&binding.eval(expr)?, paths), binding.tolerances()),
        ),
        _ => binding.bind(matcher)?,
    };
    Ok(Ignoring { rest, paths: paths.to_vec() })
}

/// `value` without what is at the paths.
fn without_all(value: &Value, paths: &[FieldPath]) -> Value {
    paths.iter().fold(value.clone(), |value, path| without(value, &path.names))
}

fn without(value: Value, path: &[Ident]) -> Value {
    match (value, path) {
        (Value::List(elements), _) => {
            elements.into_iter().map(|element| without(element, path)).collect::<Vec<_>>().into()
        }
        (Value::Record(mut record), [name]) => {
            record.remove(&name.text);
            Value::Record(record)
        }
        (Value::Record(record), [name, rest @ ..]) => {
            let fields = record.fields().iter().map(|(field, part)| {
                let part = part.clone();
                (field.clone(), if **field == *name.text { without(part, rest) } else { part })
            });
            Value::Record(fields.collect::<Record>())
        }
        (value, _) => value,
    }
}

impl Ignoring {
    fn strip(&self, actual: Option<&Value>) -> Option<Value> {
        actual.map(|value| without_all(value, &self.paths))
    }
}

impl Judge for Ignoring {
    fn matches(&self, actual: Option<&Value>) -> bool {
        self.rest.matches(self.strip(actual).as_ref())
    }

    fn explain(&self, _: &Bound, actual: Option<&Value>, report: &mut Report) {
        self.rest.explain(self.strip(actual).as_ref(), report);
    }

    fn field_names(&self) -> Vec<&str> {
        self.rest.field_names()
    }

    fn describe(&self, limit: usize) -> String {
        let paths: Vec<_> = self.paths.iter().map(ToString::to_string).collect();
        format!("{} ignoring [{}]", self.rest.describe(limit), paths.join(", "))
    }

    fn actual(&self, actual: Option<&Value>) -> String {
        self.rest.actual(self.strip(actual).as_ref())
    }
}
