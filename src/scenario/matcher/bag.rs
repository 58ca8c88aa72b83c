//! `unordered […]`, `contains […]`.

use super::mismatch::{Report, SHOWN, describe_group, show};
use super::pairing::pair;
use super::{Bound, Judge, MatcherDoc};
use crate::value::Value;

pub(super) static UNORDERED: MatcherDoc = MatcherDoc {
    name: "unordered list",
    syntax: "unordered [M, …]",
    means: "a list whose elements and these matchers can be paired one to one in some order, none left over",
    example: "{ items: unordered [{ product: \"p-2\" }, { product: \"p-1\" }] }",
};

pub(super) static CONTAINS: MatcherDoc = MatcherDoc {
    name: "contains",
    syntax: "contains [M, …]",
    means: "a list in which each matcher finds an element of its own; other elements are free",
    example: "{ items: contains [{ product: \"p-1\" }] }",
};

/// Lists up to this length are tried without allocating.
const SMALL: usize = 128;

/// Among so many elements at most the nearest one is looked for.
const MAX_NEAR: usize = 16;

#[derive(Debug)]
pub(super) struct Bag {
    items: Vec<Bound>,
    /// Whether no element may be left over.
    whole: bool,
}

impl Bag {
    pub(super) fn new(items: Vec<Bound>, whole: bool) -> Self {
        Self { items, whole }
    }

    /// Pairs each matcher with the first free element that fits. `None` if that does not decide.
    fn greedy(&self, elements: &[Value]) -> Option<bool> {
        if elements.len() > SMALL {
            return None;
        }
        let mut taken = 0_u128;
        for item in &self.items {
            let mut fits = elements.iter().enumerate().filter(|(_, element)| item.matches(Some(element)));
            let Some((first, _)) = fits.next() else { return Some(false) };
            let free = |at: &usize| taken & (1 << at) == 0;
            let mut places = std::iter::once(first).chain(fits.map(|(at, _)| at));
            taken |= 1 << places.find(free)?;
        }
        Some(true)
    }
}

impl Judge for Bag {
    fn matches(&self, actual: Option<&Value>) -> bool {
        let Some(Value::List(elements)) = actual else { return false };
        let enough =
            if self.whole { elements.len() == self.items.len() } else { elements.len() >= self.items.len() };
        let paired = || pair(&self.items, elements).iter().all(Option::is_some);
        enough && self.greedy(elements).unwrap_or_else(paired)
    }

    fn explain(&self, bound: &Bound, actual: Option<&Value>, report: &mut Report) {
        let Some(Value::List(elements)) = actual else { return report.mismatch(bound, actual) };
        let pairs = pair(&self.items, elements);
        let mut left_over = vec![true; elements.len()];
        pairs.iter().flatten().for_each(|at| left_over[*at] = false);
        let left_over: Vec<usize> = (0..elements.len()).filter(|at| left_over[*at]).collect();
        let missing: Vec<&Bound> =
            self.items.iter().zip(&pairs).filter(|(_, pair)| pair.is_none()).map(|(item, _)| item).collect();
        if let (true, [item], [at]) = (self.whole, &missing[..], &left_over[..]) {
            // The two can only have been meant for each other.
            return report.descend(*at, item, Some(&elements[*at]));
        }
        for item in missing {
            if report.is_full() {
                return;
            }
            let before = report.found.len();
            let actual = not_found(item, elements);
            report.add(item.span(), format!("an element {}", item.describe(SHOWN)), actual);
            report.hint(before, || nearest(item, elements, &left_over));
        }
        for at in left_over.into_iter().filter(|_| self.whole) {
            if report.is_full() {
                return;
            }
            report.add_at(at, bound.span(), "nothing more here", show(Some(&elements[at])));
        }
    }

    fn describe(&self, limit: usize) -> String {
        let open = if self.whole { "unordered [" } else { "contains [" };
        describe_group([open, "]"], limit, self.items.iter().map(|item| (String::new(), item)))
    }
}

/// Why `item` got no element.
fn not_found(item: &Bound, elements: &[Value]) -> String {
    let fit = elements.iter().filter(|element| item.matches(Some(element))).count();
    match (fit, elements.len()) {
        (0, 0) => "an empty list".into(),
        (0, 1) => "not the one element there is".into(),
        (0, len) => format!("none of the {len} elements"),
        (1, _) => "there only once, taken by another matcher".into(),
        (fit, _) => format!("there only {fit} times, taken by other matchers"),
    }
}

/// The element that misses `item` by least.
fn nearest(item: &Bound, elements: &[Value], left_over: &[usize]) -> Option<String> {
    let near = left_over.iter().take(MAX_NEAR).map(|at| (at, item.judge(Some(&elements[*at]))));
    let (at, mismatches) = near.min_by_key(|(_, mismatches)| mismatches.len())?;
    // An element of another kind altogether explains nothing.
    let first = mismatches.first().filter(|first| !first.path.is_root())?;
    Some(format!("nearest is [{at}], {first}"))
}
