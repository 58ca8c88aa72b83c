//! Reads that lag, reads at once, and reads at rest.

use std::time::Duration;

use crate::model::query;
use proofmark::judge::{MismatchKind, Must, Settings};
use proofmark::protocol::{Promises, Verdict};

use super::{Story, add, confirm, create, details, list, order, row};

/// An order with two items added and confirmed, before it is read.
fn confirmed() -> Story {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.does(add("o", 1), "accepted");
    story.does(confirm("o"), "accepted");
    story
}

#[test]
fn a_read_that_lags_shows_what_was_once_true() {
    for answer in [
        "absent".to_owned(),
        order("o", "pending", &[]),
        order("o", "pending", &[1]),
        order("o", "confirmed", &[1]),
    ] {
        let mut story = confirmed();
        story.reads(details("o"), &answer);
        story.passes();
    }
    let mut story = confirmed();
    story.reads(details("o"), &order("o", "confirmed", &[]));
    let judgement = story.check(&[MismatchKind::Unexplained]);
    assert!(!judgement.mismatches[0].differences.is_empty());
    assert_eq!(judgement.mismatches[0].allowed.len(), 4);
}

#[test]
fn at_rest_only_the_last_will_do() {
    let mut story = confirmed();
    story.rests();
    story.reads(details("o"), &order("o", "confirmed", &[1]));
    story.passes();
    story.reads(details("o"), &order("o", "pending", &[1]));
    let judgement = story.check(&[MismatchKind::Settled]);
    assert_eq!(judgement.mismatches[0].differences[0].path.to_string(), "status");
}

#[test]
fn behind_the_next_command_it_is_no_longer_quiet() {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.rests();
    story.does(add("o", 1), "accepted");
    story.reads(details("o"), &order("o", "pending", &[]));
    story.passes();
}

#[test]
fn what_is_promised_at_once_is_held_to_it() {
    let mut promises = Promises::default();
    promises.bounds.insert("GetOrderDetails".into(), Duration::ZERO);
    let settings = Settings { promises: promises.into(), ..Settings::default() };
    let told = |answer: &str| {
        let mut story = confirmed();
        story.reads(details("o"), answer);
        story.judged(&settings)
    };
    assert_eq!(told(&order("o", "confirmed", &[1])).verdict(), Verdict::Pass);
    let judgement = told(&order("o", "pending", &[1]));
    assert_eq!(judgement.mismatches[0].kind, MismatchKind::Immediate);
    // While a command is under way, a read at once may see it or not; what it has seen stays.
    let burst = |first: &str, second: &str| {
        let mut story = Story::default();
        story.does(create("o"), "accepted");
        let confirming = story.calls(confirm("o"));
        for status in [first, second] {
            story.reads(details("o"), &order("o", status, &[]));
        }
        story.ends(confirming, "accepted");
        story.judged(&settings).verdict()
    };
    assert_eq!(burst("pending", "confirmed"), Verdict::Pass);
    assert_eq!(burst("confirmed", "confirmed"), Verdict::Pass);
    assert_eq!(burst("confirmed", "pending"), Verdict::Fail);
}

#[test]
fn each_row_of_a_list_lags_for_itself() {
    let told = |rows: &[String]| {
        let mut story = confirmed();
        story.does(create("second"), "accepted");
        story.does(confirm("second"), "accepted");
        story.reads(list(), &format!("[{}]", rows.join(", ")));
        story
    };
    told(&[]).passes();
    told(&[row("second", "confirmed", 2), row("o", "pending", 2)]).passes();
    told(&[row("o", "pending", 3), row("second", "pending", 2)]).passes();
    told(&[row("o", "confirmed", 2)]).check(&[MismatchKind::Unexplained]);
}

#[test]
fn rows_of_others_are_none_of_our_business() {
    let told = |ours: String, rests: bool| {
        let mut story = confirmed();
        if rests {
            story.rests();
        }
        story.reads(list(), &format!("[{}, {ours}]", row("foreign", "pending", 99)));
        story
    };
    told(row("o", "confirmed", 3), true).passes();
    told(row("o", "pending", 3), true).check(&[MismatchKind::Settled]);
    told(row("o", "pending", 3), false).passes();
    told(row("o", "pending", 99), false).check(&[MismatchKind::Unexplained]);
}

/// A row that never was is told by the nearest that was.
#[test]
fn a_row_from_nowhere_is_held_against_the_nearest() {
    let nearest = |seen: String| {
        let mut story = confirmed();
        story.reads(list(), &format!("[{}, {seen}]", row("foreign", "pending", 99)));
        let judged = story.check(&[MismatchKind::Unexplained]);
        let Must::NoRow(Some(row)) = &judged.mismatches[0].must else { panic!("{judged:#?}") };
        row.to_string()
    };
    // Of the states with this status one is as near as another: the last one counts.
    assert_eq!(nearest(row("o", "pending", 99)), r#"{order: "o", status: "pending", total: 3}"#);
    assert_eq!(nearest(row("o", "cancelled", 2)), r#"{order: "o", status: "pending", total: 2}"#);
}

/// Where all that there is to show is in the answer, none of ours may be missing; on a full page it may be on the next one.
#[test]
fn among_the_rows_of_others_none_of_ours_is_missing() {
    let told = |page: &str, rests: bool, ours: &[String]| {
        let mut story = confirmed();
        if rests {
            story.rests();
        }
        let list = query("ListCustomerOrders", None, &format!(r#"{{"customer": "cust-1"{page}}}"#));
        story.reads(list, &format!("[{}]", [&[row("foreign", "pending", 99)], ours].concat().join(", ")));
        story
    };
    told("", true, &[row("o", "confirmed", 3)]).passes();
    told("", true, &[]).check(&[MismatchKind::Settled]);
    told("", false, &[]).passes();
    told(r#", "page": 1, "page_size": 2"#, true, &[]).check(&[MismatchKind::Settled]);
    told(r#", "page": 1, "page_size": 1"#, true, &[]).passes();
    told(r#", "page": 2, "page_size": 2"#, true, &[]).passes();
}

#[test]
fn at_rest_a_list_is_whole_and_in_order() {
    let told = |rows: &[String]| {
        let mut story = Story::default();
        for on in ["a", "b"] {
            story.does(create(on), "accepted");
        }
        story.does(confirm("a"), "accepted");
        story.rests();
        story.reads(list(), &format!("[{}]", rows.join(", ")));
        story
    };
    let (a, b) = (row("a", "confirmed", 2), row("b", "pending", 2));
    told(&[b.clone(), a.clone()]).passes();
    told(&[a.clone(), b.clone()]).check(&[MismatchKind::Settled]);
    told(std::slice::from_ref(&b)).check(&[MismatchKind::Settled]);
    told(&[b, a.clone(), a]).check(&[MismatchKind::Settled]);
}

#[test]
fn an_aggregate_that_nothing_was_sent_to_is_absent() {
    let mut story = Story::default();
    story.reads(details("o"), "absent");
    story.passes();
    story.reads(details("o"), &order("o", "pending", &[]));
    story.check(&[MismatchKind::Unexplained]);
}
