//! Queries that are asked many times, lists that are read page by page, and what is read behind a wait.

use std::time::Duration;

use proofmark::adapter::Reference;

use super::{broken, fails, passes, sound};

#[test]
fn a_sound_read_side_passes() {
    for target in sound() {
        passes(target, &["QS-1", "QS-3", "QS-4", "EC-5"], 1);
    }
}

#[test]
fn a_query_that_writes_is_found() {
    fails(broken(Reference::strong(), "query-writes"), "QS-1", "queries were asked");
}

#[test]
fn pages_of_another_order_are_found() {
    fails(broken(Reference::strong(), "unstable-paging"), "QS-3", "ListCustomerOrders");
    fails(broken(Reference::strong(), "unstable-paging"), "QS-4", "while others were changed");
}

/// A list of ten rows fits such a page.
#[test]
fn a_page_that_ends_after_ten_rows_is_found() {
    fails(broken(Reference::strong(), "page-cap"), "QS-5", "one of 11 rows");
}

#[test]
fn a_wait_that_ends_too_early_is_found() {
    let lagging = Reference::eventual(Duration::from_millis(20));
    fails(broken(lagging, "early-caught-up"), "EC-5", "had caught up");
}

#[test]
fn answers_are_watched_whatever_else_was_asked_for() {
    passes(Reference::strong(), &["CH-5"], 1);
    fails(broken(Reference::strong(), "absent-fails"), "CH-5", "was answered with");
    fails(broken(Reference::strong(), "absent-fails"), "QS-2", "there was no answer: ");
}
