//! Services that are killed and started again: histories that keep FT-2, FT-4 and ID-5, and histories that break them.

use proofmark::protocol::ClauseId;

use super::cases::{BOUND, Is, Told};
use crate::checking::{add, create, details, keyed, order};

const FT2: ClauseId = ClauseId::Ft2;
const FT4: ClauseId = ClauseId::Ft4;
const ID5: ClauseId = ClauseId::Id5;

/// An order with an item, killed behind the answer, and what is seen of it then and in the end.
fn behind(then: &str, in_the_end: &str, later: u64) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted");
    told.story.does(add("o", 1), "accepted");
    told.story.reads(details("o"), then);
    told.story.passes_time(later);
    told.story.reads(details("o"), in_the_end);
    told
}

#[test]
fn what_was_acknowledged_shows_behind_a_crash() {
    let bound = u64::try_from(BOUND.as_millis()).expect("small");
    let (before, all) = (order("o", "pending", &[]), order("o", "pending", &[1]));
    let check = |told: Told, expected| told.check("crash-behind", FT2, expected);
    check(behind(&before, &all, 1), Is::Kept);
    check(behind(&before, &all, 3 * bound), Is::Kept);
    check(behind(&before, &before, 3 * bound), Is::Broken);
    check(behind("absent", "absent", 3 * bound), Is::Broken);
    check(behind(&all, &before, 3 * bound), Is::Broken);
    // Nobody knows what would have come.
    check(behind(&before, &before, 1), Is::Nothing);
    let mut unknown = behind(&before, &before, 3 * bound);
    unknown.loses(1);
    check(unknown, Is::Nothing);
}

/// An order, a command that is killed under way, what is seen then, and the same command again with what is seen in the end.
fn under_way(then: &str, again: &str, in_the_end: &str) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted");
    told.story.does(keyed(add("o", 1), "k"), "accepted");
    told.loses(1);
    told.story.rests();
    told.story.reads(details("o"), then);
    told.retries(1, again);
    told.story.rests();
    told.story.reads(details("o"), in_the_end);
    told
}

#[test]
fn a_crash_leaves_all_or_nothing_and_a_retry_has_one_effect() {
    let seen = |added: &[u32]| order("o", "pending", added);
    let check = |told: Told, all_or_nothing, retry| {
        told.check("crash-under-way", FT4, all_or_nothing);
        told.check("crash-under-way", ID5, retry);
    };
    check(under_way(&seen(&[]), "accepted 2", &seen(&[1])), Is::Kept, Is::Kept);
    check(under_way(&seen(&[1]), "accepted 2", &seen(&[1])), Is::Kept, Is::Kept);
    // Half of it, or something else.
    check(under_way(&seen(&[2]), "accepted 2", &seen(&[1])), Is::Broken, Is::Nothing);
    // What was accepted before is gone: that is FT-2.
    check(under_way("absent", "OrderNotFound", "absent"), Is::Aside, Is::Aside);
    // Twice.
    let twice = under_way(&seen(&[1]), "accepted 3", &seen(&[1, 1]));
    twice.check("crash-under-way", ID5, Is::Broken);
    // An outcome that was known is no lost answer.
    let mut known = Told::default();
    known.story.does(create("o"), "accepted");
    known.story.does(keyed(add("o", 1), "k"), "accepted 2");
    known.story.rests();
    known.story.reads(details("o"), &seen(&[1]));
    check(known, Is::Nothing, Is::Nothing);
}
