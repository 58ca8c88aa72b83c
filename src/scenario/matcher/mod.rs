//! What answers are expected to look like, judged.
//!
//! Two phases: [`bind`] evaluates the expressions of a matcher once, the [`Bound`] matcher then judges any number of
//! answers, purely. One file a matcher: its documentation, code and tests. To add one: a kind in the syntax tree, a
//! file, its line in [`MATCHERS`] and its line in `bind.rs` (the compiler asks for that one).

mod bag;
mod bind;
mod bound;
mod comparison;
mod count;
mod each;
mod equals;
mod ignoring;
mod mismatch;
mod near;
mod ordered;
mod pairing;
mod presence;
mod record;
mod regex;
mod sum;
#[cfg(test)]
mod tests;

pub use bind::{bind, bind_within};
pub use bound::Bound;
pub use mismatch::{MAX_MISMATCHES, Mismatch};

use crate::value::Value;
use mismatch::Report;

/// A matcher, documented.
#[derive(Clone, Copy, Debug)]
pub struct MatcherDoc {
    /// What it is called.
    pub name: &'static str,
    /// How it is written; `M` stands for any matcher.
    pub syntax: &'static str,
    /// What it matches.
    pub means: &'static str,
    /// A matcher of this kind.
    pub example: &'static str,
}

/// All matchers.
pub static MATCHERS: &[&MatcherDoc] = &[
    &equals::DOC,
    &comparison::DOC,
    &near::DOC,
    &record::PARTIAL,
    &record::EXACT,
    &ordered::DOC,
    &bag::UNORDERED,
    &bag::CONTAINS,
    &each::DOC,
    &count::DOC,
    &sum::DOC,
    &regex::DOC,
    &presence::ANY,
    &presence::PRESENT,
    &presence::ABSENT,
    &ignoring::DOC,
];

/// What a matcher does once its expressions are evaluated. `None` is a thing that is not there.
trait Judge: std::fmt::Debug + Send + Sync {
    /// Whether `actual` matches. Most matchers allocate nothing here: this is what polling calls.
    fn matches(&self, actual: Option<&Value>) -> bool;

    /// Reports which parts of `actual` do not match, if more can be said than "expected this, was that".
    fn explain(&self, bound: &Bound, actual: Option<&Value>, report: &mut Report) {
        report.mismatch(bound, actual);
    }

    /// How it would be written, in about `limit` characters.
    fn describe(&self, limit: usize) -> String;

    /// What messages call `actual` where that is not just the value.
    fn actual(&self, actual: Option<&Value>) -> String {
        mismatch::show(actual)
    }

    /// The fields it names, where it is about a record.
    fn field_names(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The value, if this matches exactly what equals it.
    fn constant(&self) -> Option<&Value> {
        None
    }
}
