//! QS-1, QS-3, EC-5, EC-6 and CH-6 of the reference.

use proofmark::conform::Stand;
use proofmark::target::Reference;

use super::orders::{check_clean, check_defect};
use super::{examined, result};
use crate::model::shipped;

#[test]
fn the_reference_answers_as_it_should() {
    check_clean(&["QS-1", "QS-3", "EC-5", "EC-6", "CH-6"], 1);
}

#[test]
fn a_query_that_writes_is_noticed() {
    check_defect("query-writes", &["QS-1"], "after queries were asked", &[]);
}

#[test]
fn pages_in_a_different_order_each_time_are_noticed() {
    check_defect("unstable-paging", &["QS-3"], "pages of ListCustomerOrders", &[]);
}

#[test]
fn a_word_that_comes_too_early_is_noticed() {
    check_defect("early-caught-up", &["EC-5"], "said that it had caught up", &[]);
}

/// The contract numbers the pages from the newest row on: under writes they move, whatever the service does.
#[test]
fn what_the_contract_makes_impossible_is_not_held_against_a_service() {
    let conformance =
        examined(Reference::strong(), shipped("scenarios/orders/orders.contract"), &["QS-4"], 1);
    let Stand::Inconclusive(why) = &result(&conformance, "QS-4").stand else {
        panic!("{:#?}", result(&conformance, "QS-4"));
    };
    assert!(why.contains("no service that keeps the contract can keep this"), "{why}");
}
