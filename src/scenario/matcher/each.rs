//! `each M`.

use super::mismatch::{Report, SHOWN};
use super::{Bound, Judge, MatcherDoc};
use crate::value::Value;

pub(super) static DOC: MatcherDoc = MatcherDoc {
    name: "each",
    syntax: "each M",
    means: "a list, not empty, of which every element matches M",
    example: "{ items: each { price: > 0 } }",
};

#[derive(Debug)]
pub(super) struct Each {
    item: Bound,
}

impl Each {
    pub(super) fn new(item: Bound) -> Self {
        Self { item }
    }
}

impl Judge for Each {
    fn matches(&self, actual: Option<&Value>) -> bool {
        // An empty list would match whatever is asked: a wait for "each is confirmed" would end before it began.
        let elements = actual.and_then(Value::as_list).filter(|elements| !elements.is_empty());
        elements.is_some_and(|elements| elements.iter().all(|element| self.item.matches(Some(element))))
    }

    fn explain(&self, bound: &Bound, actual: Option<&Value>, report: &mut Report) {
        match actual {
            Some(Value::List(elements)) if elements.is_empty() => {
                let expected = format!("at least one element, {}", bound.describe(SHOWN));
                report.add(bound.span(), expected, "an empty list");
            }
            Some(Value::List(elements)) => {
                for (at, element) in elements.iter().enumerate() {
                    if report.is_full() {
                        break;
                    }
                    report.descend(at, &self.item, Some(element));
                }
            }
            other => report.mismatch(bound, other),
        }
    }

    fn describe(&self, limit: usize) -> String {
        format!("each {}", self.item.describe(limit))
    }
}
