//! What is read behind "caught up": histories that keep EC-5, and histories that break it.

use proofmark::clause::Wrong;
use proofmark::protocol::{ClauseId, Query};

use super::cases::{Is, Told};
use crate::checking::{add, confirm, create, details, list, order, row};

/// An order with an item more, the word, and what is read behind it.
fn told(reads: &[(Query, &str)]) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.story.does(add("o", 1), "accepted 2");
    told.story.rests();
    for (query, seen) in reads {
        told.story.reads(query.clone(), seen);
    }
    told
}

#[track_caller]
fn check(told: &Told, expected: Is) -> proofmark::clause::Judged {
    told.check("wait", ClauseId::Ec5, expected)
}

#[test]
fn what_has_caught_up_shows_everything_at_once() {
    let (all, old) = (&*order("o", "pending", &[1]), &*order("o", "pending", &[]));
    let rows = |total| format!("[{}]", row("o", "pending", total));
    let (list_all, list_old) = (&*rows(3), &*rows(2));
    let one = check(&told(&[(details("o"), all), (list(), list_all)]), Is::Kept);
    assert_eq!(one.counted.len(), 1);
    let late = check(
        &told(&[(details("o"), old), (list(), list_all), (details("o"), old), (details("o"), all)]),
        Is::Broken,
    );
    assert!(matches!(&late.findings[0].wrong, Wrong::Said(wrong)
        if wrong == "the target said that it had caught up, and GetOrderDetails showed it later"));
    // One of two is enough.
    let reads = [(details("o"), old), (list(), list_old), (details("o"), old), (list(), list_all)];
    let late = check(&told(&reads), Is::Broken);
    assert!(matches!(&late.findings[0].wrong, Wrong::Said(wrong) if wrong.contains("ListCustomerOrders")));
    // What never shows is lost, and what never was is from nowhere.
    check(&told(&[(details("o"), old), (details("o"), old)]), Is::Aside);
    check(&told(&[(details("o"), &order("o", "pending", &[7])), (details("o"), old)]), Is::Aside);
    // What was right at first has not come late.
    check(&told(&[(details("o"), all), (details("o"), old)]), Is::Kept);
}

#[test]
fn without_a_word_or_a_look_nothing_is_said() {
    check(&told(&[]), Is::Nothing);
    let mut silent = told(&[(details("o"), &order("o", "pending", &[1]))]);
    silent.story.operations.remove(2);
    check(&silent, Is::Nothing);
    // What was wrong before the word is no fault of the word.
    let mut before = Told::default();
    before.story.does(create("o"), "accepted 1");
    before.story.does(confirm("o"), "accepted 2");
    before.story.does(add("o", 1), "accepted 3");
    before.story.rests();
    before.story.reads(details("o"), &order("o", "pending", &[]));
    before.story.reads(details("o"), &order("o", "confirmed", &[1]));
    check(&before, Is::Aside);
    // Nor is what comes behind the next command.
    let mut next = told(&[(details("o"), &order("o", "pending", &[]))]);
    next.story.does(confirm("o"), "accepted 3");
    next.story.reads(details("o"), &order("o", "pending", &[1]));
    check(&next, Is::Aside);
}
