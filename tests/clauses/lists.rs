//! Lists as long as several pages, all of them at rest: histories that keep QS-5, and histories that break it.

use proofmark::clause::{Judged, Unit, Wrong};
use proofmark::protocol::{ClauseId, Query};

use super::cases::{Is, Told};
use crate::checking::{add, cancel, create, details, list, order, row};

/// Orders of one customer, the newest first.
const ALL: [&str; 5] = ["5", "4", "3", "2", "1"];

fn whole() -> Query {
    page(1, 100)
}

fn page(number: u64, size: u64) -> Query {
    let mut query = list();
    query.fields.insert("page", number);
    query.fields.insert("page_size", size);
    query
}

fn rows(orders: &[&str]) -> String {
    let rows: Vec<String> = orders.iter().map(|order| row(order, "pending", 2)).collect();
    format!("[{}]", rows.join(", "))
}

/// Five orders that came at the same time.
fn five() -> Told {
    let mut told = Told::default();
    told.races(ALL.iter().rev().map(|order| (create(order), "accepted")).collect());
    told
}

/// All of them at rest, one way and another way.
fn resting(reads: [&[&str]; 2]) -> Told {
    let mut told = five();
    told.story.rests();
    for orders in reads {
        told.story.reads(whole(), &rows(orders));
    }
    told.story.reads(details("3"), &order("3", "pending", &[]));
    told
}

#[track_caller]
fn long(told: &Told, expected: Is) -> Judged {
    told.check("long-lists", ClauseId::Qs5, expected)
}

#[track_caller]
fn wrong(told: &Told, expected: &str) {
    let judged = long(told, Is::Broken);
    let Wrong::Said(wrong) = &judged.findings[0].wrong else { panic!("{judged:?}") };
    assert_eq!(wrong, expected);
}

#[test]
fn a_list_has_each_row_once() {
    let kept = long(&resting([&ALL, &ALL]), Is::Kept);
    assert_eq!(kept.counted, [(Unit::Comparisons, 1), (Unit::Comparisons, 1)]);
    // What came at the same time has no order.
    long(&resting([&ALL, &["1", "3", "5", "4", "2"]]), Is::Kept);
    let lacks = "ListCustomerOrders lacks \"3\" at rest, one of 5 rows of ours that it must have";
    wrong(&resting([&["5", "4", "2", "1"], &["5", "4", "2", "1"]]), lacks);
    wrong(&resting([&ALL, &["5", "4", "2", "1"]]), lacks);
    let twice = "ListCustomerOrders has \"3\" 2 times at rest, with 5 rows of ours that it must have";
    wrong(&resting([&["5", "4", "3", "3", "2", "1"], &["5", "4", "3"]]), twice);
}

#[test]
fn a_row_that_is_somebody_elses_is_one_too_many() {
    let mut told = five();
    let mut other = create("6");
    other.fields.insert("customer", "cust-2");
    told.story.does(other, "accepted");
    told.story.rests();
    let all = rows(&["6", "5", "4", "3", "2", "1"]);
    told.story.reads(whole(), &all);
    wrong(&told, "ListCustomerOrders has \"6\" at rest, which it must not have");
}

#[test]
fn what_is_not_the_lists_doing_is_set_aside() {
    let few: &[&str] = &["5", "4", "2", "1"];
    // The order that the list lacks is not there for anybody.
    let mut lost = resting([few, few]);
    lost.story.reads(details("3"), "absent");
    long(&lost, Is::Aside);
    // It only came late.
    long(&resting([few, &ALL]), Is::Aside);
    let mut twice = five();
    twice.story.does(create("1"), "accepted");
    twice.story.rests();
    twice.story.reads(whole(), &rows(few));
    long(&twice, Is::Aside);
}

#[test]
fn what_is_not_all_of_it_at_proven_rest_says_nothing() {
    let few: &[&str] = &["5", "4", "2", "1"];
    let mut restless = resting([few, few]);
    restless.story.operations.remove(5);
    long(&restless, Is::Nothing);
    let mut behind = resting([few, few]);
    behind.story.does(add("3", 1), "accepted");
    long(&behind, Is::Nothing);
    let mut refused = five();
    refused.story.does(cancel("1"), "OrderNotPending");
    refused.story.rests();
    refused.story.reads(whole(), &rows(few));
    long(&refused, Is::Nothing);
    let mut unknown = resting([few, few]);
    unknown.loses(2);
    long(&unknown, Is::Nothing);
    let mut unanswered = five();
    unanswered.story.rests();
    unanswered.story.reads(whole(), &rows(few));
    unanswered.breaks_last();
    long(&unanswered, Is::Nothing);
    // Pages of it, others judge.
    let mut pages = five();
    pages.story.rests();
    pages.story.reads(page(1, 5), &rows(few));
    pages.story.reads(page(2, 2), &rows(few));
    long(&pages, Is::Nothing);
    // Others may have moved what is ours from page to page.
    let mut shared = resting([&["5", "x", "4", "2", "1"], few]);
    shared.shared = true;
    let moved = long(&shared, Is::Nothing);
    let doubt = "others have rows in ListCustomerOrders, so that it may not have been at rest";
    assert_eq!(moved.doubts, [doubt]);
}

#[test]
fn a_total_is_the_number_of_rows() {
    let counting = |totals: [u64; 2]| {
        let mut told = five();
        told.story.rests();
        for total in totals {
            told.story.reads(whole(), &rows(&ALL));
            told.tells_total(total);
        }
        told
    };
    let kept = long(&counting([5, 5]), Is::Kept);
    assert_eq!(kept.counted, [(Unit::Comparisons, 1), (Unit::Comparisons, 1)]);
    wrong(&counting([6, 6]), "ListCustomerOrders tells a total of 6 at rest, and has 5 rows");
    wrong(&counting([5, 4]), "ListCustomerOrders tells a total of 4 at rest, and has 5 rows");
    // It only came late.
    long(&counting([4, 5]), Is::Aside);
    // Others may have added a row in between.
    let mut shared = counting([6, 6]);
    shared.shared = true;
    long(&shared, Is::Kept);
    // A page is not all of it.
    let mut cut = five();
    cut.story.rests();
    cut.story.reads(page(1, 2), &rows(&ALL[..2]));
    cut.tells_total(5);
    long(&cut, Is::Nothing);
}
