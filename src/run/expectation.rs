use std::fmt::{self, Display, Formatter};

use super::Finding;
use super::course::Stopped;
use super::session::Asked;
use crate::language::syntax::{Assertion, Shows};
use crate::protocol::{Query, Seen, Verdict};
use crate::scenario::matcher::{Bound, Mismatch};
use crate::text::Span;
use crate::value::Value;

/// What an answer must look like, with its values.
#[derive(Debug)]
pub(super) struct Expectation {
    /// `None`: the thing must be absent.
    pub(super) matcher: Option<Bound>,
    /// What of an answer it is about.
    pub(super) part: Part,
    /// Where it was written.
    pub(super) span: Span,
}

/// What of an answer is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Answer,
    /// How many rows there are on all pages.
    Total,
}

/// An answer, and what of it is judged.
pub(super) struct Look {
    pub(super) asked: Asked,
    /// Its total, if that is judged.
    total: Option<Seen>,
}

impl Expectation {
    /// Whether what was seen is as expected. A refused or unusable answer never is.
    pub(super) fn holds(&self, seen: &Seen) -> bool {
        match (seen, &self.matcher) {
            (Seen::Found(value), Some(matcher)) => matcher.matches(Some(value)),
            (Seen::Absent, Some(matcher)) => matcher.matches(None),
            (Seen::Absent, None) => true,
            _ => false,
        }
    }

    pub(super) fn mismatches(&self, seen: &Seen) -> Vec<Mismatch> {
        match (seen, &self.matcher) {
            (Seen::Found(value), Some(matcher)) => matcher.judge(Some(value)),
            _ => Vec::new(),
        }
    }
}

impl Part {
    pub(super) fn of(assertion: &Assertion) -> Self {
        match assertion.shows {
            Some(Shows::Total(_)) => Self::Total,
            _ => Self::Answer,
        }
    }

    /// The same answer, with what of it is judged. A target that tells no total can't be held to one.
    pub(super) fn look(self, asked: Asked, query: &Query, span: Span) -> Result<Look, Stopped> {
        let total = match (self, &asked.answer.seen) {
            (Self::Total, Seen::Found(_)) => match asked.answer.total {
                Some(total) => Some(Seen::Found(Value::from(total))),
                None => {
                    let what =
                        format!("the target does not tell how many rows {} has on all pages", query.name);
                    return Err(Box::new(Finding::new(Verdict::NotClaimed, span, what)));
                }
            },
            _ => None,
        };
        Ok(Look { asked, total })
    }
}

/// What a target doesn't show, in words.
impl Display for Part {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answer => "what is expected",
            Self::Total => "the total that is expected",
        })
    }
}

impl Look {
    /// What is judged.
    pub(super) fn seen(&self) -> &Seen {
        self.total.as_ref().unwrap_or(&self.asked.answer.seen)
    }
}
