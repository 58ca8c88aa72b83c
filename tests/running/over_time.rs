use std::time::Duration;

use proofmark::protocol::{Answer, Seen, Verdict};

use super::toy::{Toy, broken, check, level, run};

/// Shows level 1 from 60 ms on.
fn late() -> Toy {
    Toy::showing(|_, at| if at < Duration::from_millis(60) { level(0) } else { level(1) })
}

const TURN: &str = "when Turn on $l { level: 1 }\n";

#[test]
fn eventually_polls_until_it_holds_and_measures_the_lag() {
    let result =
        check(late(), &format!("{TURN}then eventually Look on $l shows {{ level: 1 }}"), Verdict::Pass, "");
    // Polls at 0, 5, 15, 35 and 75 ms.
    let lags: Vec<_> = result.lags.iter().map(|lag| lag.at_most.as_millis()).collect();
    assert_eq!(lags, [75]);
}

#[test]
fn a_probe_behind_another_wait_measures_no_lag() {
    let steps = format!(
        "{TURN}then eventually Look on $l shows {{ level: 1 }}\nand eventually Look on $l shows {{ level: 1 }}"
    );
    assert_eq!(run(late(), &steps).lags.len(), 1);
}

#[test]
fn eventually_fails_at_the_deadline_with_the_course_of_things() {
    let result = check(
        late(),
        &format!("{TURN}then eventually within 50ms Look on $l shows {{ level: 1 }}"),
        Verdict::Fail,
        "Look didn't show what is expected within 50ms",
    );
    let story = result.findings[0].story.as_ref().expect("a story");
    assert_eq!((story.polls, story.course.as_str()), (5, "{level: 0} ×5"));
    assert_eq!(result.findings[0].mismatches.len(), 1);
}

#[test]
fn a_last_poll_at_the_deadline_still_counts() {
    let steps = format!("{TURN}then eventually within 60ms Look on $l shows {{ level: 1 }}");
    check(late(), &steps, Verdict::Pass, "");
}

#[test]
fn the_default_deadline_is_the_bound_of_the_query() {
    let slow = || Toy::showing(|_, at| level(u64::from(at >= Duration::from_millis(150))));
    let steps = format!("{TURN}then eventually Look on $l shows {{ level: 1 }}");
    check(slow(), &steps, Verdict::Pass, "");
    let mut strict = slow();
    strict.description.bounds.insert("Look".into(), Duration::from_millis(100));
    check(strict, &steps, Verdict::Fail, "within 100ms");
    let mut immediate = slow();
    immediate.description.bound = Duration::ZERO;
    check(immediate, &steps, Verdict::Fail, "promises to do so at once");
}

#[test]
fn unless_fails_fast() {
    let result = check(
        late(),
        &format!("{TURN}then eventually Look on $l shows {{ level: 1 }} unless {{ level: 0 }}"),
        Verdict::Fail,
        "showed what it must not show on the way",
    );
    assert_eq!(result.findings[0].story.as_ref().map(|story| story.polls), Some(1));
}

#[test]
fn broken_answers_are_polled_again_and_at_the_deadline_decide_nothing() {
    let steps = format!("{TURN}then eventually Look on $l shows {{ level: 1 }}");
    let shaky = Toy::showing(|nth, _| if nth < 3 { broken() } else { level(1) });
    check(shaky, &steps, Verdict::Pass, "");
    check(Toy::showing(|_, _| broken()), &steps, Verdict::Inconclusive, "no usable answer at the deadline");
}

#[test]
fn consistently_fails_at_the_first_violation() {
    let steps = format!("{TURN}then consistently for 100ms Look on $l shows {{ level: 0 }}");
    let result = check(late(), &steps, Verdict::Fail, "Look stopped showing what must hold");
    assert_eq!(
        result.findings[0].story.as_ref().map(|story| story.course.as_str()),
        Some("{level: 0} ×4, {level: 1}")
    );
    check(Toy::showing(|_, _| level(0)), &steps, Verdict::Pass, "");
}

#[test]
fn consistently_with_one_observation_decides_nothing() {
    let steps = format!("{TURN}then consistently for 100ms Look on $l shows {{ level: 0 }}");
    let mute = Toy::showing(|nth, _| if nth == 0 { level(0) } else { broken() });
    check(mute, &steps, Verdict::Inconclusive, "too few to say that something holds over time");
}

#[test]
fn never_is_armed_before_the_command_and_lasts_for_the_bound() {
    let steps = format!("{TURN}then never Look on $l shows {{ level: 7 }}");
    let flash = |from: u64, to: u64| {
        let (from, to) = (Duration::from_millis(from), Duration::from_millis(to));
        let mut toy = Toy::showing(move |_, at| level(if at >= from && at < to { 7 } else { 0 }));
        toy.takes = Duration::from_millis(1);
        toy
    };
    check(Toy::showing(|_, _| level(0)), &steps, Verdict::Pass, "");
    check(flash(0, 1), &steps, Verdict::Fail, "showed what must never be seen");
    check(flash(150, 240), &steps, Verdict::Fail, "showed what must never be seen");
    check(flash(300, 400), &steps, Verdict::Pass, "");
    let longer = format!("{TURN}then never for 500ms Look on $l shows {{ level: 7 }}");
    check(flash(300, 400), &longer, Verdict::Fail, "showed what must never be seen");
}

#[test]
fn never_seen_by_nobody_decides_nothing() {
    let steps = format!("{TURN}then never Look on $l shows {{ level: 7 }}");
    check(Toy::showing(|_, _| broken()), &steps, Verdict::Inconclusive, "0 usable answers");
}

#[test]
fn absence_is_an_answer_and_a_refusal_is_none() {
    let absent = || Toy::showing(|_, _| Answer::new(Seen::Absent));
    check(absent(), "then Look on $l absent", Verdict::Pass, "");
    check(absent(), "then Look on $l shows { level: 0 }", Verdict::Fail, "absent");
    check(Toy::showing(|_, _| level(0)), "then Look on $l absent", Verdict::Fail, "{level: 0}");
    let refused = Toy::showing(|_, _| Answer::new(Seen::Refused(proofmark::protocol::Rejection::default())));
    check(refused, "then Look on $l absent", Verdict::Fail, "refused");
    check(Toy::showing(|_, _| broken()), "then Look on $l absent", Verdict::Inconclusive, "status 500");
}

#[test]
fn settled_asks_the_target_or_waits_for_the_bound() {
    let steps = format!("{TURN}then settled\nand Look on $l shows {{ level: 1 }}");
    let mut silent = late();
    silent.description.capabilities =
        silent.description.capabilities.without(proofmark::protocol::Capability::Wait);
    check(silent.clone(), &steps, Verdict::Pass, "");
    let hasty = format!("{TURN}then settled within 10ms");
    check(silent, &hasty, Verdict::Inconclusive, "promises no more than to be so within 200ms");
    let mut stuck = late();
    stuck.caught_up = false;
    check(stuck, &steps, Verdict::Fail, "not caught up");
    check(late(), &steps, Verdict::Fail, "Look doesn't show what is expected");
}

#[test]
fn an_operation_without_an_answer_ends_after_its_deadline() {
    let mut hanging = Toy::showing(|_, _| level(0));
    hanging.takes = Duration::from_secs(3600);
    check(hanging, TURN, Verdict::Inconclusive, "no answer within 30s");
}
