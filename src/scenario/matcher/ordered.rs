//! `[M, …]`.

use super::mismatch::{Report, SHOWN, describe_group, show};
use super::{Bound, Judge, MatcherDoc};
use crate::value::Value;

pub(super) static DOC: MatcherDoc = MatcherDoc {
    name: "list",
    syntax: "[M, …]",
    means: "a list whose elements match one by one, in this order, none left over",
    example: "{ items: [{ product: \"p-1\" }, any] }",
};

#[derive(Debug)]
pub(super) struct Ordered {
    items: Vec<Bound>,
}

impl Ordered {
    pub(super) fn new(items: Vec<Bound>) -> Self {
        Self { items }
    }
}

impl Judge for Ordered {
    fn matches(&self, actual: Option<&Value>) -> bool {
        let elements = actual.and_then(Value::as_list).filter(|elements| elements.len() == self.items.len());
        elements.is_some_and(|elements| agree(&self.items, elements))
    }

    /// Lists of the same length are told element by element. Else what agrees at either end is left out, so that
    /// one element too many at the front does not put all the others in doubt.
    fn explain(&self, bound: &Bound, actual: Option<&Value>, report: &mut Report) {
        let Some(Value::List(elements)) = actual else { return report.mismatch(bound, actual) };
        let (mut items, mut rest) = (&self.items[..], &elements[..]);
        let mut at = 0;
        if items.len() != rest.len() {
            while let ([item, items_left @ ..], [element, left @ ..]) = (items, rest)
                && item.matches(Some(element))
            {
                (items, rest, at) = (items_left, left, at + 1);
            }
            while let ([items_left @ .., item], [left @ .., element]) = (items, rest)
                && item.matches(Some(element))
            {
                (items, rest) = (items_left, left);
            }
        }
        let pairs = items.len().min(rest.len());
        for (item, element) in items.iter().zip(rest) {
            if report.is_full() {
                return;
            }
            report.descend(at, item, Some(element));
            at += 1;
        }
        for (item, at) in items[pairs..].iter().zip(at..) {
            report.add_at(at, item.span(), item.describe(SHOWN), "absent");
        }
        for (element, at) in rest[pairs..].iter().zip(at..) {
            if report.is_full() {
                return;
            }
            report.add_at(at, bound.span(), "nothing more here", show(Some(element)));
        }
    }

    fn describe(&self, limit: usize) -> String {
        describe_group(["[", "]"], limit, self.items.iter().map(|item| (String::new(), item)))
    }
}

fn agree(items: &[Bound], elements: &[Value]) -> bool {
    items.iter().zip(elements).all(|(item, element)| item.matches(Some(element)))
}
