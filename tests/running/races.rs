//! Races: that they overlap, what is said of them, and what an unknown outcome leaves open.

use proofmark::protocol::{Outcome, Verdict};
use proofmark::run::ScenarioResult;

use super::toy::{Toy, accepted, check, rejected, run_in, unknown};

const TWO: &str = "when race\na: Turn on $l { level: 1 }\nb: Turn on $l { level: 2 }";

/// Each operation takes its time, so that those on one thread overlap.
fn slow(outcomes: &'static [Result<(), Option<&'static str>>]) -> Toy {
    let mut toy = Toy::deciding(move |_, nth| match outcomes.get(nth) {
        Some(Ok(())) => accepted(nth as u64 + 1),
        Some(Err(Some(code))) => rejected(Some(code)),
        _ => Outcome::Unknown(unknown()),
    });
    toy.takes = std::time::Duration::from_millis(1);
    toy
}

const WON: Result<(), Option<&str>> = Ok(());
const LOST: Result<(), Option<&str>> = Err(Some("Burnt"));
const NOBODY_KNOWS: Result<(), Option<&str>> = Err(None);

fn judged(
    outcomes: &'static [Result<(), Option<&'static str>>],
    then: &str,
    verdict: Verdict,
) -> ScenarioResult {
    check(slow(outcomes), &format!("{TWO}\n{then}"), verdict, "")
}

#[test]
fn exactly_one_is_one() {
    let then = "then exactly 1 of a, b accepted; others rejected Burnt";
    judged(&[WON, LOST], then, Verdict::Pass);
    judged(&[WON, WON], then, Verdict::Fail);
    judged(&[LOST, LOST], then, Verdict::Fail);
    judged(&[WON, NOBODY_KNOWS], then, Verdict::Inconclusive);
    judged(&[NOBODY_KNOWS, NOBODY_KNOWS], then, Verdict::Inconclusive);
}

#[test]
fn the_others_are_held_to_what_is_said_of_them() {
    judged(
        &[WON, LOST],
        "then exactly 1 of a, b accepted; others rejected ConcurrencyConflict",
        Verdict::Fail,
    );
    judged(&[WON, LOST], "then all a, b accepted or rejected ConcurrencyConflict", Verdict::Fail);
    judged(&[WON, LOST], "then all a, b accepted or rejected", Verdict::Pass);
}

#[test]
fn a_race_of_which_nothing_is_said_must_be_accepted() {
    judged(&[WON, WON], "", Verdict::Pass);
    judged(&[WON, LOST], "", Verdict::Fail);
    judged(&[WON, NOBODY_KNOWS], "", Verdict::Inconclusive);
}

#[test]
fn a_step_under_a_condition_is_done_only_then() {
    let wrong = |racer: &str| {
        format!(
            "then all a, b accepted or rejected\nand if {racer} accepted: Look on $l shows {{ level: 7 }}"
        )
    };
    judged(&[WON, LOST], &wrong("a"), Verdict::Fail);
    judged(&[WON, LOST], &wrong("b"), Verdict::Pass);
}

#[test]
fn many_have_one_name_and_their_outcomes_are_values() {
    const MANY: &[Result<(), Option<&str>>] = &[WON, LOST, WON];
    const DOUBTFUL: &[Result<(), Option<&str>>] = &[WON, NOBODY_KNOWS, WON];
    let steps = |rest: &str| format!("when race 3 of Turn on $l {{ level: 1 }} as $r\nthen {rest}");
    let counted =
        "all $r accepted or rejected\nlet $n = count($r.accepted) - 2\nand Look on $l shows { level: $n }";
    check(slow(MANY), &steps(counted), Verdict::Pass, "");
    check(slow(MANY), &steps(&counted.replace("- 2", "- 1")), Verdict::Fail, "");
    check(slow(MANY), &steps("at most 1 of $r accepted"), Verdict::Fail, "2× accepted, 1× rejected Burnt");
    let rests = "at least 1 of $r accepted\nlet $n = count($r.accepted)\nand Look on $l shows { level: $n }";
    check(slow(DOUBTFUL), &steps(rests), Verdict::Inconclusive, "an outcome in the race of $r is unknown");
}

#[test]
fn one_after_the_other_is_no_race() {
    check(Toy::deciding(|_, _| accepted(1)), TWO, Verdict::Inconclusive, "the race was none");
    let given = TWO.replace("when", "given") + "\nwhen Turn on $l { level: 1 }";
    check(
        Toy::deciding(|_, _| accepted(1)),
        &given,
        Verdict::Inconclusive,
        "the set-up failed: the race was none",
    );
}

#[test]
fn on_several_threads_even_what_is_answered_at_once_overlaps() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let overlapped = (0..100).filter(|_| {
        let toy = Toy::deciding(|_, nth| accepted(nth as u64 + 1));
        run_in(&runtime, toy, TWO, |runner| runner).verdict == Verdict::Pass
    });
    assert!(overlapped.count() >= 95);
}
