//! Lists read page by page: histories that keep QS-3 and QS-4, and histories that break them.

use proofmark::clause::{Judged, Unit, Wrong};
use proofmark::protocol::{ClauseId, Query};

use super::cases::{Is, Told};
use crate::checking::{add, confirm, create, list, row};

/// Orders of one customer, the newest first.
const ALL: [&str; 5] = ["5", "4", "3", "2", "1"];

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

fn five() -> Told {
    let mut told = Told::default();
    ALL.iter().rev().for_each(|order| told.story.does(create(order), "accepted"));
    told
}

/// Five orders at rest, all of them at once, and two walks.
fn resting(whole: &[&str], walks: [&[&[&str]]; 2]) -> Told {
    let mut told = five();
    told.story.rests();
    told.story.reads(page(1, 100), &rows(whole));
    for walk in walks {
        for (orders, number) in walk.iter().zip(1..) {
            told.story.reads(page(number, 2), &rows(orders));
        }
    }
    told
}

const RIGHT: &[&[&str]] = &[&["5", "4"], &["3", "2"], &["1"]];

#[track_caller]
fn still(told: &Told, expected: Is) -> Judged {
    told.check("pages", ClauseId::Qs3, expected)
}

#[track_caller]
fn wrong(judged: &Judged, expected: &str) {
    let Wrong::Said(wrong) = &judged.findings[0].wrong else { panic!("{judged:?}") };
    assert_eq!(wrong, expected);
}

#[test]
fn pages_bring_each_row_once_and_in_one_order() {
    let kept = still(&resting(&ALL, [RIGHT, RIGHT]), Is::Kept);
    assert_eq!(kept.counted, [(Unit::Walks, 2)]);
    let missing: &[&[&str]] = &[&["5", "4"], &["2", "1"], &[]];
    let lost = still(&resting(&ALL, [RIGHT, missing]), Is::Broken);
    wrong(&lost, "no page of ListCustomerOrders has \"3\"");
    still(&resting(&ALL, [missing, missing]), Is::Broken);
    let twice: &[&[&str]] = &[&["5", "4"], &["4", "3"], &["2", "1"], &[]];
    let repeated = still(&resting(&ALL, [twice, RIGHT]), Is::Broken);
    wrong(&repeated, "the pages of ListCustomerOrders have \"4\" 2 times");
    let other: &[&[&str]] = &[&["5", "4"], &["2", "3"], &["1"]];
    let unsteady = still(&resting(&ALL, [RIGHT, other]), Is::Broken);
    wrong(&unsteady, "the pages of ListCustomerOrders were read twice, and the rows came in another order");
    // Which order it is, others judge.
    still(&resting(&ALL, [other, other]), Is::Kept);
    // What the list itself has lost, or has twice, is no matter of pages.
    still(&resting(&["5", "4", "2", "1"], [missing, missing]), Is::Aside);
    // That is another clause's, whichever page it should have been on.
    let lost = resting(&["5", "4", "2", "1"], [missing, missing]);
    let lost = lost.check("pages", ClauseId::Qs5, Is::Broken);
    wrong(&lost, "ListCustomerOrders lacks \"3\" at rest, one of 5 rows of ours that it must have");
    resting(&ALL, [RIGHT, missing]).check("pages", ClauseId::Qs5, Is::Kept);
    let mut unseen = resting(&[], [missing, missing]);
    unseen.story.operations.remove(6);
    still(&unseen, Is::Aside);
    let doubled: &[&[&str]] = &[&["5", "4"], &["4", "3"], &["2", "1"], &[]];
    still(&resting(&["5", "4", "4", "3", "2", "1"], [doubled, doubled]), Is::Aside);
    still(&resting(&["5"], [&[&["5"]], &[&["5"]]]), Is::Aside);
}

#[test]
fn what_is_no_whole_walk_at_rest_says_nothing() {
    let missing: &[&[&str]] = &[&["5", "4"], &["2", "1"], &[]];
    still(&resting(&ALL, [RIGHT, &[]]), Is::Nothing);
    still(&resting(&ALL, [RIGHT, &RIGHT[..2]]), Is::Nothing);
    let mut restless = resting(&ALL, [RIGHT, missing]);
    restless.story.operations.remove(5);
    still(&restless, Is::Nothing);
    let mut unanswered = resting(&ALL, [RIGHT, missing]);
    unanswered.breaks_last();
    still(&unanswered, Is::Nothing);
    let mut between = resting(&ALL, [RIGHT, missing]);
    between.story.does(confirm("1"), "accepted");
    let command = between.story.operations.pop().expect("a command");
    between.story.operations.insert(10, command);
    still(&between, Is::Nothing);
    // Others may have moved what is ours.
    let others: &[&[&str]] = &[&["5", "x"], &["2", "1"], &[]];
    let mut shared = resting(&ALL, [others, RIGHT]);
    shared.shared = true;
    let moved = still(&shared, Is::Nothing);
    assert_eq!(
        moved.doubts,
        ["others have rows in ListCustomerOrders, so that it may not have been at rest"]
    );
    let mut before = resting(&ALL, [RIGHT, missing]);
    before.story.operations.insert(5, twice_created());
    still(&before, Is::Aside);
}

/// A command that was accepted against the rules, in the sixth place.
fn twice_created() -> proofmark::history::Operation {
    let mut told = five();
    told.story.does(create("1"), "accepted");
    told.story.operations.pop().expect("a command")
}

/// A walk on which others write behind its first two pages; then all of the list at once.
fn moving(walk: &[&[&str]], writes: [&str; 2], whole: &[&str]) -> Told {
    let mut told = five();
    let writes = writes.iter().map(Some).chain(std::iter::repeat(None));
    for ((orders, number), on) in walk.iter().zip(1..).zip(writes) {
        told.story.reads(page(number, 2), &rows(orders));
        if let Some(on) = on.filter(|on| !on.is_empty()) {
            let write = if ALL.contains(on) { add(on, 1) } else { create(on) };
            told.story.does(write, "accepted");
            // What was written is looked for.
            told.story.reads(page(1, 100), &rows(&ALL));
        }
    }
    told.story.rests();
    told.story.reads(page(1, 100), &rows(whole));
    told
}

#[test]
fn pages_keep_their_rows_while_others_write() {
    let check = |told: &Told, expected| told.check("moving-pages", ClauseId::Qs4, expected);
    let kept = check(&moving(RIGHT, ["2", "5"], &ALL), Is::Kept);
    assert_eq!(kept.counted, [(Unit::Walks, 1)]);
    let missing: &[&[&str]] = &[&["5", "4"], &["2", "1"], &[]];
    let skipped = check(&moving(missing, ["2", "5"], &ALL), Is::Broken);
    wrong(&skipped, "no page of ListCustomerOrders has \"3\", while others were changed");
    let twice: &[&[&str]] = &[&["5", "4"], &["4", "3"], &["2", "1"], &[]];
    check(&moving(twice, ["2", "5"], &ALL), Is::Broken);
    // What the list has lost by then is no matter of pages.
    check(&moving(missing, ["3", "5"], &["5", "4", "2", "1"]), Is::Aside);
    // The newest come first: the contract itself moves rows from page to page.
    check(&moving(twice, ["6", ""], &["6", "5", "4", "3", "2", "1"]), Is::Nothing);
    // Nor are the others that move up then.
    check(&moving(missing, ["5", "2"], &["4", "3", "2", "1"]), Is::Aside);
    // Where nobody writes, another clause judges; a list that has not caught up is wrong for yet another reason.
    check(&moving(missing, ["", ""], &ALL), Is::Aside);
    check(&moving(&[&["1"]], ["", ""], &["1"]), Is::Aside);
    check(&moving(RIGHT, ["", ""], &ALL), Is::Nothing);
    let mut lost = moving(missing, ["2", "5"], &ALL);
    lost.loses(6);
    check(&lost, Is::Nothing);
    check(&moving(&RIGHT[..2], ["2", ""], &ALL), Is::Nothing);
    let others: &[&[&str]] = &[&["5", "x"], &["2", "1"], &[]];
    let mut shared = moving(others, ["2", "5"], &ALL);
    shared.shared = true;
    let moved = check(&shared, Is::Nothing);
    assert_eq!(moved.doubts, ["others have rows in ListCustomerOrders, and may have taken some away"]);
}
