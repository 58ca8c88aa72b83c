use std::fmt;
use std::sync::Arc;

use crate::protocol::OutcomeKind;
use crate::value::{Difference, Value, diff};

/// How much of a value a sentence shows, in characters.
const SHOWN: usize = 200;
/// How many differences of an answer a sentence shows.
const DIFFERENCES: usize = 3;

/// Something that the target did and that its contract does not allow.
#[derive(Clone, PartialEq, Debug)]
pub struct Mismatch {
    /// Its kind.
    pub kind: MismatchKind,
    /// The place, among the operations that were judged, of the one that shows it.
    pub operation: usize,
    /// The command or query.
    pub message: Arc<str>,
    /// The aggregate it was about.
    pub on: Option<Value>,
    /// Everything that would have been allowed, in words. Never empty.
    pub allowed: Vec<String>,
    /// What was seen, in words.
    pub seen: String,
    /// Which outcome it was, of a command; nothing of a query.
    pub outcome: Option<OutcomeKind>,
    /// Where an answer differs from the likeliest of what would have been allowed.
    pub differences: Vec<Difference>,
    /// What would have been allowed; of several answers, the likeliest.
    pub must: Must,
}

/// What would have been right.
#[derive(Clone, PartialEq, Debug)]
pub enum Must {
    /// One of these outcomes: refused with this code, or, where it is nothing, accepted.
    Outcome(Vec<Option<Arc<str>>>),
    /// The declared absence.
    Absent,
    /// A record that shows at least this.
    Shows(Value),
    /// So many rows, all of these unless there are more of them, each of which shows at least this.
    Rows {
        /// The rows.
        rows: Vec<Value>,
        /// Whether they may come in any order.
        unordered: bool,
        /// How many.
        count: usize,
    },
    /// Among the rows of others, one that shows at least this.
    Row(Value),
    /// No such row. Of those that were so at some time, the nearest shows this.
    NoRow(Option<Value>),
    /// The rows are right, but not how many there are said to be on all pages: so many.
    Total(usize),
    /// Something else, or nothing that could be named.
    Else,
}

/// What kind of promise is broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MismatchKind {
    /// A command had an outcome that no rule allows.
    Outcome,
    /// A query that may lag answered what was never true.
    Unexplained,
    /// A query that shows every effect at once answered something else.
    Immediate,
    /// Once all was quiet, a query answered something else.
    Settled,
    /// A value that the service chose was shown, and later another one, though it lasts longer.
    Chosen,
}

impl MismatchKind {
    /// In a few words, as reports show it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Outcome => "outcome not allowed",
            Self::Unexplained => "read not explained",
            Self::Immediate => "immediate read differs",
            Self::Settled => "settled read differs",
            Self::Chosen => "chosen value changed",
        }
    }
}

/// What makes two mismatches the same finding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Signature {
    /// The kind.
    pub kind: MismatchKind,
    /// The command or query.
    pub message: Arc<str>,
    /// For an outcome: which one it was. Nothing for reads.
    pub outcome: Option<OutcomeKind>,
}

impl Mismatch {
    /// Whether it is the answer to a query that is wrong.
    pub fn is_read(&self) -> bool {
        self.kind != MismatchKind::Outcome
    }

    /// Where the nearest row that was so at some time shows something else than the one that never was; nothing where there is none.
    pub(crate) fn nearly(&self) -> Vec<Difference> {
        let row = self.differences.iter().find_map(|difference| difference.actual.as_ref());
        match (&self.must, row) {
            (Must::NoRow(Some(nearest)), Some(row)) => missed(nearest, row),
            _ => Vec::new(),
        }
    }

    /// What it has in common with others of the same cause, as far as that can be told.
    pub fn signature(&self) -> Signature {
        Signature { kind: self.kind, message: self.message.clone(), outcome: self.outcome.clone() }
    }

    /// Field by field: two long answers side by side hide what differs.
    fn differs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            MismatchKind::Unexplained => " showed what was never so: ",
            MismatchKind::Settled => " was at rest, and differs from its contract: ",
            MismatchKind::Chosen => " shows another value than before where the service chose one: ",
            MismatchKind::Immediate | MismatchKind::Outcome => " differs from its contract: ",
        })?;
        let (shown, more) = self.differences.split_at(self.differences.len().min(DIFFERENCES));
        for (at, difference) in shown.iter().enumerate() {
            write!(f, "{}{difference}", if at > 0 { "; " } else { "" })?;
        }
        if more.is_empty() { Ok(()) } else { write!(f, "; and {} more", more.len()) }
    }
}

/// The fields in which a row does not show what it should, if this one is meant.
pub(super) fn missed(meant: &Value, row: &Value) -> Vec<Difference> {
    diff(meant, row).into_iter().filter(|difference| difference.expected.is_some()).collect()
}

impl fmt::Display for Mismatch {
    /// In sentences: `AddItem on "o-1" was accepted; by its contract it is rejected OrderNotPending`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(on) = &self.on {
            write!(f, " on {}", on.brief(SHOWN))?;
        }
        if self.kind != MismatchKind::Outcome && !self.differences.is_empty() && self.allowed.len() == 1 {
            return self.differs(f);
        }
        let (did, must) = match self.kind {
            MismatchKind::Outcome => ("was", "by its contract it is"),
            MismatchKind::Unexplained => ("answered", "at no time so far was there anything but"),
            MismatchKind::Immediate => ("answered", "by its contract it shows at once"),
            MismatchKind::Settled => ("was at rest and answered", "by its contract it shows"),
            MismatchKind::Chosen => ("answered", "by its contract what the service chose stays"),
        };
        write!(f, " {did} {}; {must} {}", self.seen, self.allowed.join(", or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Limits;

    /// How a query that answers `actual` where `expected` are allowed is told.
    fn check(kind: MismatchKind, expected: &[&str], actual: &str, sentence: &str) {
        let read = |text: &str| Value::from_json(text, &Limits::default()).expect(text);
        let mismatch = Mismatch {
            kind,
            operation: 0,
            message: "GetOrder".into(),
            on: Some(Value::from("o-1")),
            allowed: expected.iter().map(|text| read(text).brief(SHOWN)).collect(),
            seen: read(actual).brief(SHOWN),
            outcome: None,
            differences: diff(&read(expected[0]), &read(actual)),
            must: Must::Else,
        };
        assert_eq!(mismatch.to_string(), sentence);
    }

    #[test]
    fn an_answer_is_told_by_what_differs() {
        check(
            MismatchKind::Settled,
            &[r#"{"status":"pending","total":4}"#],
            r#"{"status":"pending","total":3}"#,
            "GetOrder on \"o-1\" was at rest, and differs from its contract: total: expected 4, was 3",
        );
        check(
            MismatchKind::Unexplained,
            &["[1,2,3,4,5]"],
            "[6,7,8,9,10]",
            "GetOrder on \"o-1\" showed what was never so: [0]: expected 1, was 6; [1]: expected 2, was 7; \
             [2]: expected 3, was 8; and 2 more",
        );
    }

    #[test]
    fn an_answer_that_may_be_several_is_told_with_all_of_them() {
        check(
            MismatchKind::Immediate,
            &["1", "2"],
            "3",
            "GetOrder on \"o-1\" answered 3; by its contract it shows at once 1, or 2",
        );
    }
}
