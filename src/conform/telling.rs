//! What a case shows, with names in the place of the values that were drawn for them.

use std::collections::HashMap;
use std::sync::Arc;

use super::Counterexample;
use super::case::Case;
use super::needed::needed;
use super::story::{Aside, Story, asides};
use crate::clause::{Finding, Shows, Wrong};
use crate::contract::rules::Expected;
use crate::history::{Done, Operation};
use crate::judge::{Judgement, Mismatch, judge};
use crate::protocol::{Answer, Query, Seen, ShellLine};
use crate::value::{Name, Value};

/// All that is told of a case, whether it was just run or is read from a history.
pub(crate) struct Tale<'a> {
    pub(crate) operations: &'a [Operation],
    /// For each operation, its request as a command for a shell, where the target has one.
    pub(crate) requests: &'a [Option<ShellLine>],
    /// What was done beside them.
    pub(crate) deeds: &'a [Arc<Done>],
    pub(crate) values: &'a HashMap<Name, Value>,
}

impl Tale<'_> {
    /// A counterexample of what a check found: of a mismatch, what it needs and no more.
    pub(crate) fn found(
        &self,
        finding: &Finding,
        judge: impl Fn(&[Operation]) -> Judgement,
    ) -> Counterexample {
        let example = match &finding.wrong {
            Wrong::Said(wrong) => {
                let mut example = self.shown(&finding.shows, wrong, &finding.first);
                let story = Story::new(self.values);
                example.story.extend(finding.more.iter().map(|more| story.named(more)));
                example
            }
            Wrong::Mismatch(mismatch) => {
                let places = needed(self.operations, mismatch, judge);
                self.example_from(&places, &self.in_names(mismatch), &finding.first)
            }
        };
        let likely = finding.likely.as_ref().map(|likely| Story::new(self.values).named(likely));
        Counterexample { likely, about: finding.about.clone(), ..example }
    }

    /// A counterexample of so much of it.
    fn shown(&self, shows: &Shows, wrong: &str, first: &str) -> Counterexample {
        let all = self.operations.len();
        match shows {
            Shows::Whole => self.example(wrong, first),
            Shows::Until(until) => self.example_from(&(0..all.min(*until)).collect::<Vec<_>>(), wrong, first),
            Shows::Operations(places) => {
                let deeds = &[];
                Tale { deeds, ..*self }.example_from(places, wrong, first)
            }
            Shows::Deed(at) => {
                let deeds = self.deeds.get(*at..=*at).unwrap_or_default();
                let (operations, requests) = (&[][..], &[][..]);
                Tale { operations, requests, deeds, values: self.values }.example_from(&[], wrong, first)
            }
        }
    }

    /// A counterexample of all that was done up to now.
    fn example(&self, wrong: &str, first: &str) -> Counterexample {
        self.example_from(&(0..self.operations.len()).collect::<Vec<_>>(), wrong, first)
    }

    /// A counterexample of the operations at these places, with all that was done beside them.
    fn example_from(&self, places: &[usize], wrong: &str, first: &str) -> Counterexample {
        let operations: Vec<_> = places.iter().map(|at| self.operations[*at].clone()).collect();
        let requests = places.iter().map(|at| self.requests[*at].as_ref().map(ShellLine::to_string));
        let requests: Vec<_> = requests.collect();
        // What came behind all that is told shows nothing of it.
        let until = places.last().map_or(0, |last| last + 1);
        let told = asides(self.operations, self.deeds).into_iter().filter(|aside| aside.before <= until);
        let moved = |mut aside: Aside| {
            aside.before = places.iter().filter(|at| **at < aside.before).count();
            aside
        };
        let asides: Vec<_> = told.map(moved).collect();
        let story = Story::new(self.values);
        Counterexample {
            wrong: story.named(wrong),
            story: story.tell(&operations, &asides),
            requests: all_requests(&requests, &asides),
            first: first.to_owned(),
            ..Counterexample::default()
        }
    }

    /// A mismatch in words, with names where it speaks of values of ours: before anything is cut, as half an id is none.
    fn in_names(&self, mismatch: &Mismatch) -> String {
        in_names(self.values, mismatch)
    }
}

/// What is wrong, in words, with names in the place of the values of these cases. A mismatch is of the first that has what it is about.
pub(crate) fn says(wrong: &Wrong, cases: &[&HashMap<Name, Value>]) -> String {
    let told = match wrong {
        Wrong::Said(wrong) => wrong.clone(),
        Wrong::Mismatch(mismatch) => {
            let is_about = |values: &&&HashMap<Name, Value>| {
                mismatch.on.as_ref().is_some_and(|on| values.values().any(|value| value == on))
            };
            let own = cases.iter().find(is_about).or(cases.first());
            own.map_or_else(|| mismatch.to_string(), |values| in_names(values, mismatch))
        }
    };
    cases.iter().fold(told, |told, values| Story::new(values).named(&told))
}

fn in_names(values: &HashMap<Name, Value>, mismatch: &Mismatch) -> String {
    let named = |value: &Value| named(values, value);
    let mut told = mismatch.clone();
    told.on = told.on.as_ref().map(named);
    for difference in &mut told.differences {
        difference.expected = difference.expected.as_ref().map(named);
        difference.actual = difference.actual.as_ref().map(named);
    }
    told.to_string()
}

/// A value with names where it has values that were drawn for them.
fn named(values: &HashMap<Name, Value>, value: &Value) -> Value {
    let name = |part: &Value| values.iter().find(|(_, drawn)| *drawn == part);
    value.replaced(&|part| name(part).map(|(name, _)| Value::Name(name.clone())))
}

impl Case<'_> {
    /// A counterexample of all that was done up to now.
    pub(crate) fn example(&self, wrong: impl Into<String>, first: &str) -> Counterexample {
        self.told(|tale| tale.example(&wrong.into(), first))
    }

    /// All that is told of it.
    fn told(&self, tell: impl FnOnce(Tale<'_>) -> Counterexample) -> Counterexample {
        let (operations, deeds, values) = (&self.operations, self.place.done(), self.values());
        tell(Tale { operations, requests: &self.requests, deeds: &deeds, values })
    }

    /// A counterexample of what a check found.
    pub(crate) fn found(&self, finding: &Finding) -> Counterexample {
        let judge = |operations: &[Operation]| judge(self.model(), &self.settings(), operations);
        self.told(|tale| tale.found(finding, judge))
    }

    /// Whether an answer is what is expected, of rows only ours, and of a total where nobody else can have a part in it. Both are
    /// compared in names.
    pub(crate) fn fits(&self, query: &Query, expected: &Expected, answer: &Answer) -> bool {
        let total = answer.total.filter(|_| self.lab.is_ours_alone(query));
        let seen = match &answer.seen {
            Seen::Found(value) => Seen::Found(match self.named(value) {
                Value::List(rows) => Value::List(rows.into_iter().filter(is_ours).collect()),
                value => value,
            }),
            seen => seen.clone(),
        };
        let tolerances = self.lab.engine.target.describe().promises.tolerances_of(&query.name);
        expected.differences(&Answer { seen, total, ..answer.clone() }, tolerances).is_empty()
    }

    /// A value with names where it has values of ours.
    pub(crate) fn named(&self, value: &Value) -> Value {
        named(self.values(), value)
    }
}

/// All requests in order, those of no operation among them.
fn all_requests(requests: &[Option<String>], asides: &[Aside]) -> Vec<String> {
    let mut all = Vec::new();
    for at in 0..=requests.len() {
        all.extend(
            asides.iter().filter(|aside| aside.before == at).filter_map(|aside| aside.request.clone()),
        );
        all.extend(requests.get(at).cloned().flatten());
    }
    all
}

/// Whether a row holds a name of ours.
pub(crate) fn is_ours(row: &Value) -> bool {
    let mut ours = false;
    row.each_name(&mut |_| ours = true);
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{MismatchKind, Must};

    #[test]
    fn a_mismatch_is_told_in_the_names_of_the_case_that_it_is_of() {
        let values = |id: &str| HashMap::from([(Name::new("order1"), Value::from(id))]);
        let (subject, control) = (values("o-1"), values("o-2"));
        let mismatch = |id: &str| Mismatch {
            kind: MismatchKind::Settled,
            operation: 0,
            message: "GetOrder".into(),
            on: Some(Value::from(id)),
            allowed: vec!["absent".into()],
            seen: "1".into(),
            outcome: None,
            differences: Vec::new(),
            must: Must::Else,
        };
        for id in ["o-1", "o-2"] {
            let told = says(&Wrong::Mismatch(mismatch(id)), &[&subject, &control]);
            assert!(told.starts_with("GetOrder on $order1 was at rest"), "{told}");
        }
        assert_eq!(says(&Wrong::Said("o-2 is odd".into()), &[&subject, &control]), "$order1 is odd");
        let none = says(&Wrong::Mismatch(mismatch("o-3")), &[&subject]);
        assert!(none.starts_with("GetOrder on \"o-3\""), "{none}");
    }
}
