use std::sync::Arc;

use super::Judge;
use super::mismatch::{Mismatch, Report};
use crate::text::Span;
use crate::value::Value;

/// A matcher whose expressions are evaluated. Judging with it is pure and cheap; so is cloning.
#[derive(Clone, Debug)]
pub struct Bound {
    span: Span,
    judge: Arc<dyn Judge>,
}

impl Bound {
    pub(super) fn new(span: Span, judge: impl Judge + 'static) -> Self {
        Self { span, judge: Arc::new(judge) }
    }

    /// Where the matcher is written.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether `actual` matches; `None` is a thing that is not there.
    #[inline]
    pub fn matches(&self, actual: Option<&Value>) -> bool {
        self.judge.matches(actual)
    }

    /// What does not match, up to [`MAX_MISMATCHES`](super::MAX_MISMATCHES); empty exactly if `actual` matches.
    pub fn judge(&self, actual: Option<&Value>) -> Vec<Mismatch> {
        let mut report = Report::default();
        self.explain(actual, &mut report);
        report.found
    }

    /// How the matcher would be written, with the values of its expressions, in about `limit` characters.
    pub fn describe(&self, limit: usize) -> String {
        self.judge.describe(limit)
    }

    /// The fields that a record matcher names; none for any other.
    pub fn field_names(&self) -> Vec<&str> {
        self.judge.field_names()
    }

    /// Reports what does not match: at least one mismatch if [`Bound::matches`] is false (and there is room), none
    /// if it is true, so that the two always agree.
    pub(super) fn explain(&self, actual: Option<&Value>, report: &mut Report) {
        if report.is_full() || self.matches(actual) {
            return;
        }
        let before = report.found.len();
        self.judge.explain(self, actual, report);
        if report.found.len() == before {
            report.mismatch(self, actual);
        }
    }

    /// What messages call `actual`.
    pub(super) fn actual(&self, actual: Option<&Value>) -> String {
        self.judge.actual(actual)
    }

    /// The value, if this matches exactly what equals it.
    pub(super) fn constant(&self) -> Option<&Value> {
        self.judge.constant()
    }
}
