use std::fmt::{self, Write};

use super::Bound;
use crate::text::Span;
use crate::value::{Path, PathStep, Value};

/// At so many mismatches judging stops: more would help nobody.
pub const MAX_MISMATCHES: usize = 50;

/// How much of a value or matcher a sentence shows, in characters.
pub(super) const SHOWN: usize = 100;

/// One part of an answer that is not as expected.
///
/// Prints as `items[0].price: expected > 5, was 3`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The part of the matcher that does not match.
    pub span: Span,
    /// The part of the answer.
    pub path: Path,
    /// What was expected there.
    pub expected: String,
    /// What is there.
    pub actual: String,
    /// What may explain it, such as a field with nearly the same name.
    pub hint: Option<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_root() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "expected {}, was {}", self.expected, self.actual)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

/// Collects mismatches on the way through an answer.
#[derive(Default, Debug)]
pub(super) struct Report {
    path: Path,
    pub(super) found: Vec<Mismatch>,
}

impl Report {
    /// Whether enough was found.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= MAX_MISMATCHES
    }

    /// Explains `part`, which is one step further.
    pub(super) fn descend(&mut self, step: impl Into<PathStep>, bound: &Bound, part: Option<&Value>) {
        self.path.push(step);
        bound.explain(part, self);
        self.path.pop();
    }

    /// `actual` is not what `bound` expects.
    pub(super) fn mismatch(&mut self, bound: &Bound, actual: Option<&Value>) {
        self.add(bound.span(), bound.describe(SHOWN), bound.actual(actual));
    }

    /// Something that is not as expected, in words.
    pub(super) fn add(&mut self, span: Span, expected: impl Into<String>, actual: impl Into<String>) {
        if !self.is_full() {
            let (expected, actual) = (expected.into(), actual.into());
            self.found.push(Mismatch { span, path: self.path.clone(), expected, actual, hint: None });
        }
    }

    /// The same, one step further.
    pub(super) fn add_at(
        &mut self,
        step: impl Into<PathStep>,
        span: Span,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) {
        self.path.push(step);
        self.add(span, expected, actual);
        self.path.pop();
    }

    /// The same, a whole path further.
    pub(super) fn add_along(
        &mut self,
        path: &Path,
        span: Span,
        expected: impl Into<String>,
        actual: impl Into<String>,
    ) {
        path.steps().iter().for_each(|step| self.path.push(step.clone()));
        self.add(span, expected, actual);
        path.steps().iter().for_each(|_| drop(self.path.pop()));
    }

    /// Adds a hint to what was found since there were `since` mismatches.
    pub(super) fn hint(&mut self, since: usize, hint: impl FnOnce() -> Option<String>) {
        if let Some(mismatch) = self.found.get_mut(since..).and_then(<[_]>::first_mut)
            && mismatch.hint.is_none()
        {
            mismatch.hint = hint();
        }
    }
}

/// A part of an answer as sentences show it.
pub(super) fn show(actual: Option<&Value>) -> String {
    actual.map_or_else(|| "absent".into(), |value| value.brief(SHOWN))
}

/// Matchers in brackets, in about `limit` characters.
pub(super) fn describe_group<'a>(
    [open, close]: [&str; 2],
    limit: usize,
    items: impl ExactSizeIterator<Item = (String, &'a Bound)>,
) -> String {
    /// Room kept for the next part; with less left, the rest is only counted.
    const ROOM: usize = 8;
    let count = items.len();
    let mut out = open.to_owned();
    for (at, (name, bound)) in items.enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        let left = limit.saturating_sub(out.chars().count());
        if left < ROOM {
            // Writing to a `String` can't fail.
            let _ = write!(out, "… {} more", count - at);
            break;
        }
        out.push_str(&name);
        out.push_str(&bound.describe(left));
    }
    out.push_str(close);
    out
}
