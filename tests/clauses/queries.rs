//! Queries asked many times: histories that keep QS-1, and histories that break it.

use proofmark::clause::{Evidence, Judged, Unit, Wrong, judged};
use proofmark::protocol::{ClauseId, Query};

use super::cases::{Is, Told};
use crate::checking::{add, confirm, create, details, order};

/// What a case comes to, and its twin.
struct Twins {
    asked: Told,
    unasked: Told,
}

fn asks(told: &mut Told, seen: &str) {
    for _ in 0..10 {
        told.story.reads(details("o"), seen);
    }
}

fn looks(told: &mut Told, seen: &str) {
    told.story.rests();
    told.story.reads(details("o"), seen);
}

/// An order that is read before and behind the many queries; `said` of the asked one and of its twin.
fn twins(said: [&str; 2], looked: &[&str]) -> Twins {
    let mut asked = Told::default();
    asks(&mut asked, "absent");
    asked.story.does(create("o"), said[0]);
    if let [first, later @ ..] = looked {
        looks(&mut asked, first);
        asks(&mut asked, first);
        for seen in later {
            looks(&mut asked, seen);
        }
    }
    Twins { unasked: unasked(said[1]), asked }
}

/// A twin that comes later.
fn unasked(said: &str) -> Told {
    let mut told = Told::default();
    for _ in 0..100 {
        told.story.rests();
    }
    told.story.does(create("o"), said);
    told.story.operations.drain(..100);
    told
}

impl Twins {
    #[track_caller]
    fn check(&self, expected: Is) -> Judged {
        let (bench, parts, others) = (self.asked.bench(), self.asked.parts(), self.unasked.parts());
        let twin = Evidence::new(&bench, (&self.unasked.story.operations, &others), []);
        let asked = Evidence::new(&bench, (&self.asked.story.operations, &parts), []).beside(&twin);
        Told::is(judged("asked", &asked), ClauseId::Qs1, expected)
    }
}

#[test]
fn what_is_asked_stays_what_it_is() {
    let seen = &*order("o", "pending", &[]);
    let kept = twins(["accepted 1", "accepted 1"], &[seen, seen]).check(Is::Kept);
    assert_eq!(kept.counted, [(Unit::Queries, 22)]);
    let wrong = |told: Twins| {
        let judged = told.check(Is::Broken);
        let Wrong::Said(wrong) = &judged.findings[0].wrong else { panic!("{judged:?}") };
        wrong.clone()
    };
    let later = wrong(twins(["accepted 2", "accepted 1"], &[seen, seen]));
    assert_eq!(
        later,
        "CreateOrder led to version 2 after queries were asked, and without them it is version 1"
    );
    let refused = wrong(twins(["OrderAlreadyExists", "accepted 1"], &[]));
    assert!(refused.ends_with("and without them it is accepted"), "{refused}");
    let confirmed = &*order("o", "confirmed", &[]);
    let changed = wrong(twins(["accepted 1", "accepted 1"], &[seen, confirmed, confirmed, confirmed]));
    assert!(changed.ends_with("they were not any more"), "{changed}");
}

#[test]
fn what_others_do_is_no_change() {
    let (seen, other) = (&*order("o", "pending", &[]), &*order("o", "confirmed", &[]));
    let same = |looked: &[&str]| twins(["accepted 1", "accepted 1"], looked);
    // A number that all aggregates share is a higher one later.
    twins(["accepted 7", "accepted 9"], &[seen, seen]).check(Is::Kept);
    let mut earlier = twins(["accepted 9", "accepted 7"], &[seen, seen]);
    earlier.unasked.story.operations.iter_mut().for_each(|operation| operation.call.index = 1);
    earlier.check(Is::Kept);
    // A copy that is behind now and then is no change, and what was wrong at first neither.
    same(&[seen, other, other, seen]).check(Is::Kept);
    same(&[seen, other, other]).check(Is::Aside);
    same(&[other, other, other, other]).check(Is::Aside);
    // What is wrong where nobody asks is no query's doing.
    let mut both = same(&[seen, other, other, other]);
    looks(&mut both.unasked, other);
    both.check(Is::Aside);
    let mut both = same(&[seen, other, other, other]);
    both.unasked.story.does(confirm("o"), "accepted 2");
    both.unasked.story.does(add("o", 1), "accepted 3");
    both.check(Is::Aside);
}

#[test]
fn what_was_not_seen_says_nothing() {
    let seen = &*order("o", "pending", &[]);
    let same = |looked: &[&str]| twins(["accepted 1", "accepted 1"], looked);
    same(&[seen]).check(Is::Nothing);
    let mut lost = same(&[seen, seen]);
    lost.asked.loses(10);
    lost.check(Is::Nothing);
    let mut lost = same(&[seen, seen]);
    lost.unasked.loses(0);
    lost.check(Is::Nothing);
    let alone = same(&[seen, seen]).asked;
    alone.check("asked", ClauseId::Qs1, Is::Nothing);
    let mut unanswered = same(&[seen, seen]);
    let broken = Query { name: "GetOrderDetails".into(), ..details("p") };
    unanswered.asked.story.reads(broken, "absent");
    unanswered.asked.breaks_last();
    unanswered.check(Is::Nothing);
}
