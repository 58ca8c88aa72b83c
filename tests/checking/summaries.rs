//! Summaries and totals of views, at rest.

use std::collections::HashSet;

use proofmark::history::Act;
use proofmark::judge::{Judgement, MismatchKind, Must, Settings, judge};
use proofmark::protocol::Verdict;

use super::super::model::{command, query, written};
use super::Story;

const TILLS: &str = include_str!("../generating/tills.contract");

/// Two tills with 3 and 4 in them.
fn tills() -> Story {
    let mut story = Story::default();
    for (till, money) in [("a", 3), ("b", 4)] {
        story.does(command("Open", till, r#"{"owner": "ann"}"#), "accepted");
        story.does(command("Pay", till, &format!(r#"{{"money": {money}}}"#)), "accepted");
    }
    story
}

fn judged(story: &Story, settings: &Settings) -> Judgement {
    judge(&written(TILLS), settings, &story.operations)
}

#[test]
fn a_summary_is_judged_at_rest_where_nobody_else_is_about() {
    let told = |view: (&str, &str), answer: &str, rests: bool, alone: bool| {
        let mut story = tills();
        if rests {
            story.rests();
        }
        story.reads(query(view.0, None, view.1), answer);
        let ours = HashSet::from(["ann".into()]);
        judged(&story, &Settings { alone, ours, ..Settings::default() })
    };
    let (right, wrong) = (r#"{"tills": 2, "money": 7}"#, r#"{"tills": 2, "money": 3}"#);
    let all = ("Sums", "{}");
    assert_eq!(told(all, right, true, true).verdict(), Verdict::Pass);
    assert_eq!(told(all, right, true, true).coverage.queries["Sums"].exact, 1);
    let judgement = told(all, wrong, true, true);
    assert_eq!(judgement.mismatches[0].kind, MismatchKind::Settled);
    assert_eq!(judgement.mismatches[0].differences[0].to_string(), "money: expected 7, was 3");
    // Before that, each till may lag for itself; and what others put in is not known.
    assert_eq!(told(all, wrong, false, true).verdict(), Verdict::Pass);
    assert_eq!(told(all, wrong, false, true).coverage.queries["Sums"].undecided, 1);
    let among_others = told(all, right, true, false);
    assert_eq!(among_others.verdict(), Verdict::Inconclusive);
    assert!(among_others.undecided[0].why.contains("others than ours"), "{among_others:?}");
    // Whose owner is a value that nobody else has, is ours.
    let own = ("SumsOf", r#"{"owner": "ann"}"#);
    assert_eq!(told(own, right, true, false).verdict(), Verdict::Pass);
    assert_eq!(told(own, wrong, true, false).verdict(), Verdict::Fail);
    let of_others = ("SumsOf", r#"{"owner": "everybody"}"#);
    assert_eq!(told(of_others, r#"{"tills": 9, "money": 9}"#, true, false).verdict(), Verdict::Inconclusive);
    // An answer that is no summary at all is wrong at any time.
    assert_eq!(told(all, "[]", false, false).verdict(), Verdict::Fail);
}

#[test]
fn a_total_is_that_of_all_pages() {
    let told = |page: &str, rows: &str, total: Option<u64>, rests: bool| {
        let mut story = tills();
        if rests {
            story.rests();
        }
        story.reads(query("Tills", None, page), rows);
        if let Some(Act::Ask { answer, .. }) = story.operations.last_mut().map(|last| &mut last.act) {
            answer.total = total;
        }
        judged(&story, &Settings::default())
    };
    let (first, second) = (r#"{"page": 1, "page_size": 1}"#, r#"{"page": 2, "page_size": 1}"#);
    let (a, b) = (r#"[{"till": "a", "money": 3}]"#, r#"[{"till": "b", "money": 4}]"#);
    assert_eq!(told(first, a, Some(2), true).verdict(), Verdict::Pass);
    assert_eq!(told(second, b, Some(2), true).verdict(), Verdict::Pass);
    assert_eq!(told(second, b, None, true).verdict(), Verdict::Pass, "who tells none is not held to one");
    let judgement = told(second, b, Some(1), true);
    assert_eq!(judgement.mismatches[0].must, Must::Total(2));
    assert_eq!(judgement.mismatches[0].differences[0].to_string(), "total: expected 2, was 1");
    assert_eq!(told(second, b, Some(1), false).verdict(), Verdict::Pass, "it may lag");
}

#[test]
fn at_rest_a_row_too_many_and_a_row_too_few_are_found() {
    let told = |rows: &str| {
        let mut story = tills();
        story.rests();
        story.reads(query("Tills", None, "{}"), rows);
        judged(&story, &Settings::default())
    };
    let (a, b) = (r#"{"till": "a", "money": 3}"#, r#"{"till": "b", "money": 4}"#);
    assert_eq!(told(&format!("[{a}, {b}]")).verdict(), Verdict::Pass);
    assert_eq!(told(&format!("[{a}]")).mismatches[0].kind, MismatchKind::Settled, "one of ours is missing");
    assert_eq!(
        told(&format!("[{a}, {b}, {b}]")).mismatches[0].kind,
        MismatchKind::Settled,
        "one comes twice"
    );
    let alone = |rows: &str| {
        let mut story = tills();
        story.rests();
        story.reads(query("Tills", None, "{}"), rows);
        judged(&story, &Settings { alone: true, ..Settings::default() }).verdict()
    };
    let foreign = format!(r#"[{a}, {b}, {{"till": "z", "money": 1}}]"#);
    assert_eq!((alone(&format!("[{a}, {b}]")), alone(&foreign)), (Verdict::Pass, Verdict::Fail));
    // A row of somebody else is none of ours to judge; one that claims to be of ours is.
    assert_eq!(told(&format!(r#"[{a}, {{"till": "z", "money": 1}}, {b}]"#)).verdict(), Verdict::Pass);
    assert_eq!(told(&format!(r#"[{a}, {{"till": "b", "money": 9}}]"#)).verdict(), Verdict::Fail);
}
