//! Clauses that the reference has no bug for, on jars.

use proofmark::conform::Stand;

use super::jars::{Bug, CONTRACT, jars};
use super::{check_broken, check_kept, examined, result};
use crate::model::written;

const ALL: &[&str] = &[
    "CH-6", "EC-5", "EC-6", "ID-1", "ID-2", "ID-3", "ID-4", "OC-1", "OC-2", "OC-3", "OC-4", "QS-1", "QS-3",
    "QS-4",
];

#[test]
fn sound_jars_keep_all_of_it() {
    for requires in [false, true] {
        let clauses: &[&str] = if requires { &["OC-2"] } else { ALL };
        check_kept(&examined(jars(None, requires), written(CONTRACT), clauses, 1), clauses);
    }
}

/// With the bug, jars break the clause.
fn check_bug(bug: Bug, requires: bool, clause: &str, wrong: &str) {
    let conformance = examined(jars(Some(bug), requires), written(CONTRACT), &[clause], 1);
    check_broken(&conformance, &[clause], wrong);
}

#[test]
fn what_is_refused_and_done_all_the_same_is_noticed() {
    check_bug(Bug::RefusesStaleTooLate, false, "OC-1", "took effect all the same");
    check_bug(Bug::RefusesReusedTooLate, false, "ID-2", "took effect all the same");
}

#[test]
fn a_retry_that_comes_to_something_else_is_noticed() {
    check_bug(Bug::RefusesRetries, false, "ID-1", "under the same key again rejected");
}

#[test]
fn a_precondition_that_is_missing_without_a_word_is_noticed() {
    check_bug(Bug::MissingIsMalformed, true, "OC-2", "with it it is accepted");
    check_bug(Bug::ForgetsToRequire, true, "OC-2", "at another it doesn't");
}

#[test]
fn a_first_event_that_several_write_is_noticed() {
    check_bug(Bug::RacesForTheFirst, false, "OC-3", "raced for the first event, and");
}

#[test]
fn pages_that_skip_under_writes_are_noticed() {
    check_bug(Bug::SkipsUnderWrites, false, "QS-4", "while others were added");
}

#[test]
fn pages_that_lose_a_row_are_noticed() {
    check_bug(Bug::LosesBetweenPages, false, "QS-3", "no page of ListJars has");
}

#[test]
fn a_row_that_is_on_no_page_is_noticed() {
    check_bug(Bug::ForgetsTheTenth, false, "QS-5", "one of 11 rows of ours that it must have");
}

#[test]
fn a_query_that_makes_what_it_looks_for_is_noticed() {
    check_bug(Bug::QueryMakes, false, "QS-1", "after queries were asked");
}

#[test]
fn answers_that_say_nothing_are_noticed() {
    check_bug(Bug::SaysNothing, false, "CH-6", "names neither an id nor a version");
    // What MAY be is no bug where it is not.
    let found = examined(jars(Some(Bug::SaysNothing), false), written(CONTRACT), &["EC-6"], 1);
    let Stand::NotOffered(why) = &result(&found, "EC-6").stand else { panic!("{found:#?}") };
    assert!(why.contains("states neither a position nor a version"), "{why}");
}

#[test]
fn what_nobody_claims_is_not_judged() {
    let bank = crate::services::bank();
    let conformance =
        examined(bank, crate::model::shipped("scenarios/bank/bank.contract"), &["ID-1", "OC-4"], 1);
    assert!(matches!(result(&conformance, "ID-1").stand, Stand::NotClaimed(_)));
    check_kept(&conformance, &["OC-4"]);
}
