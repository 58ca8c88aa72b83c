//! Departures from the contract that are declared.

use proofmark::judge::{Judgement, MismatchKind, Settings};
use proofmark::protocol::{Deviation, Does, Effect, Promises, Verdict};

use super::{Story, add, confirm, create, details, order};

fn judged(story: &Story, command: &str, rule: &str, does: Does, effect: Effect) -> Judgement {
    let deviation =
        Deviation { command: command.into(), rule: rule.into(), does, effect, because: "it is old".into() };
    let mut promises = Promises::default();
    promises.deviations = vec![deviation];
    story.judged(&Settings { promises: promises.into(), ..Settings::default() })
}

/// A confirmed order is confirmed again, and takes another item.
fn twice(said: &str, seen: &[u32]) -> Story {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.does(confirm("o"), "accepted");
    story.does(add("o", 1), said);
    story.rests();
    story.reads(details("o"), &order("o", "confirmed", seen));
    story
}

#[test]
fn a_declared_departure_is_not_held_against_the_target() {
    let accepts = |story: &Story, effect| judged(story, "AddItem", "OrderNotPending", Does::Accepts, effect);
    let judgement = accepts(&twice("accepted", &[]), Effect::None);
    assert_eq!(judgement.verdict(), Verdict::Pass);
    assert_eq!((judgement.deviations[0].came_up, judgement.deviations[0].used), (1, 1));
    assert_eq!(accepts(&twice("accepted", &[1]), Effect::Applied).verdict(), Verdict::Pass);
    // What comes of it is declared, too.
    let judgement = accepts(&twice("accepted", &[1]), Effect::None);
    assert_eq!(judgement.mismatches[0].kind, MismatchKind::Settled);
    let judgement = accepts(&twice("accepted", &[]), Effect::Applied);
    assert_eq!(judgement.mismatches[0].kind, MismatchKind::Settled);
}

#[test]
fn a_departure_that_the_target_does_not_make_is_stale() {
    let judgement =
        judged(&twice("OrderNotPending", &[]), "AddItem", "OrderNotPending", Does::Accepts, Effect::None);
    assert_eq!(judgement.verdict(), Verdict::Pass);
    assert!(judgement.deviations[0].is_stale());
    let told = judgement.deviations[0].to_string();
    assert!(told.contains("stale: it came up 1 times"), "{told}");
}

#[test]
fn a_departure_whose_situation_never_came_up_is_not_stale() {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    let judgement = judged(&story, "AddItem", "OrderNotPending", Does::Accepts, Effect::None);
    assert!(!judgement.deviations[0].is_stale());
    assert!(judgement.deviations[0].to_string().ends_with("it never came up"));
}

#[test]
fn a_refusal_that_the_contract_does_not_have_can_be_declared() {
    let mut story = Story::default();
    story.does(create("o"), "accepted");
    story.does(add("o", 1), "OrderNotFound");
    story.check(&[MismatchKind::Outcome]);
    let judgement = judged(&story, "AddItem", "OrderNotFound", Does::Rejects, Effect::None);
    assert_eq!(judgement.verdict(), Verdict::Pass);
    assert_eq!(judgement.deviations[0].used, 1);
}
