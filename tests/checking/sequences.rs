//! Commands one after the other, in one session.

use proofmark::history::Act;
use proofmark::judge::{MismatchKind, Settings};
use proofmark::protocol::{Outcome, Verdict};

use super::{Story, add, at_version, cancel, confirm, create, details, keyed, order};

#[test]
fn what_the_rules_allow_passes() {
    let mut story = Story::default();
    story.does(add("o", 1), "OrderNotFound");
    story.does(create("o"), "accepted");
    story.does(add("o", 1), "accepted");
    story.does(confirm("o"), "accepted");
    story.does(cancel("o"), "OrderNotPending");
    story.rests();
    story.reads(details("o"), &order("o", "confirmed", &[1]));
    let judgement = story.passes();
    assert_eq!(judgement.coverage.sent(), 5);
    assert_eq!(judgement.coverage.fenced, 2);
    assert_eq!(judgement.coverage.states[&("Order".into(), "pending".into())], 2);
    let cell = judgement.matrix.cell("ConfirmOrder", "GetOrderDetails", "status");
    assert_eq!((cell.changed, cell.seen), (1, 1));
    assert_eq!(judgement.matrix.cell("ConfirmOrder", "GetOrderDetails", "total").changed, 0);
    // That the order was pending was true, but nobody saw it.
    let cell = judgement.matrix.cell("CreateOrder", "GetOrderDetails", "status");
    assert_eq!((cell.changed, cell.seen), (1, 0));
}

#[test]
fn an_outcome_that_no_rule_allows_is_a_mismatch() {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.does(confirm("o"), "accepted");
    story.does(confirm("o"), "accepted");
    let judgement = story.check(&[MismatchKind::Outcome]);
    let mismatch = &judgement.mismatches[0];
    assert_eq!(
        (mismatch.operation, &mismatch.allowed[..]),
        (2, &["rejected OrderNotPending".to_owned()][..])
    );
    assert_eq!(
        mismatch.to_string(),
        r#"ConfirmOrder on "o" was accepted; by its contract it is rejected OrderNotPending"#
    );
}

#[test]
fn one_cause_is_one_report_and_other_aggregates_are_judged_on() {
    let mut story = Story::default();
    story.does(create("o"), "OrderNotFound");
    story.does(create("other"), "accepted");
    story.does(add("o", 1), "accepted");
    story.does(confirm("other"), "OrderNotFound");
    let judgement = story.check(&[MismatchKind::Outcome, MismatchKind::Outcome]);
    let at: Vec<usize> = judgement.mismatches.iter().map(|mismatch| mismatch.operation).collect();
    assert_eq!(at, [0, 3]);
}

#[test]
fn a_refusal_without_a_name_is_not_the_one_that_is_due() {
    let mut story = Story::default();
    story.does(add("o", 1), "OrderNotFound");
    if let Act::Submit { outcome: Outcome::Rejected(rejection), .. } = &mut story.operations[0].act {
        rejection.code = None;
    }
    story.check(&[MismatchKind::Outcome]);
}

#[test]
fn a_retry_has_no_second_effect() {
    let told = |seen: &[u32]| {
        let mut story = Story::default();
        story.does(create("o"), "accepted");
        story.does(keyed(add("o", 1), "k"), "accepted");
        story.does(keyed(add("o", 1), "k"), "accepted");
        story.rests();
        story.reads(details("o"), &order("o", "pending", seen));
        story
    };
    told(&[1]).passes();
    told(&[1, 1]).check(&[MismatchKind::Settled]);
}

#[test]
fn a_key_is_not_for_something_else() {
    let told = |said| {
        let mut story = Story::default();
        story.does(create("o"), "accepted");
        story.does(keyed(add("o", 1), "k"), "accepted");
        story.does(keyed(add("o", 2), "k"), said);
        story
    };
    told("KeyReused").passes();
    told("accepted").check(&[MismatchKind::Outcome]);
}

#[test]
fn a_refusal_may_be_forgotten_or_remembered() {
    let told = |said| {
        let mut story = Story::default();
        story.does(keyed(add("o", 1), "k"), "OrderNotFound");
        story.does(create("o"), "accepted");
        story.does(keyed(add("o", 1), "k"), said);
        story
    };
    told("OrderNotFound").passes();
    told("accepted").passes();
    told("InvalidPrice").check(&[MismatchKind::Outcome]);
}

#[test]
fn versions_are_the_services_own() {
    let told = |version, said| {
        let mut story = Story::default();
        story.does(create("o"), "accepted 70");
        story.does(add("o", 1), "accepted 90");
        story.does(at_version(add("o", 2), version), said);
        story
    };
    told(90, "accepted").passes();
    told(70, "ConcurrencyConflict").passes();
    told(70, "accepted").check(&[MismatchKind::Outcome]);
    told(90, "ConcurrencyConflict").check(&[MismatchKind::Outcome]);
    // A version that nobody was told may be any.
    told(80, "accepted").passes();
    told(80, "ConcurrencyConflict").passes();
}

#[test]
fn what_was_not_sent_did_not_happen() {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.loses(confirm("o"));
    if let Act::Submit { outcome, .. } = &mut story.operations[1].act {
        *outcome = Outcome::NotSent("refused".into());
    }
    story.does(confirm("o"), "accepted");
    story.passes();
    assert_eq!(story.judged(&Settings::default()).verdict(), Verdict::Pass);
}
