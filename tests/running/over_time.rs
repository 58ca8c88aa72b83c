use std::time::Duration;

use proofmark::protocol::{Answer, Seen, Verdict};
use proofmark::run::ScenarioResult;

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
    strict.description = strict.description.bound_for("Look", Duration::from_millis(100));
    check(strict, &steps, Verdict::Fail, "within 100ms");
    let mut immediate = slow();
    immediate.description = immediate.description.bound(Duration::ZERO);
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
    check(mute, &steps, Verdict::Inconclusive, "too few to say anything over time");
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

/// The lags that were measured, in milliseconds.
fn lags(toy: Toy, steps: &str) -> Vec<u128> {
    run(toy, steps).lags.iter().map(|lag| lag.at_most.as_millis()).collect()
}

#[test]
fn a_lag_counts_from_the_return_of_an_accepted_command() {
    let eventually = "then eventually Look on $l shows { level: 0 }";
    let mut slow = Toy::showing(|_, _| level(0));
    slow.takes = Duration::from_millis(10);
    assert_eq!(lags(slow, &format!("{TURN}{eventually}")), [10]);
    let refusing = Toy::deciding(|_, _| super::toy::rejected(Some("Burnt")));
    assert_eq!(lags(refusing, &format!("{TURN}then rejected\nand {}", &eventually[5..])), [0; 0]);
}

#[test]
fn what_was_spent_waiting_is_no_lag() {
    let eventually = "and eventually Look on $l shows { level: 0 }";
    let steady = || Toy::showing(|_, _| level(0));
    for wait in ["consistently for 20ms Look on $l shows { level: 0 }", "settled"] {
        assert_eq!(lags(steady(), &format!("{TURN}then {wait}\n{eventually}")), [0; 0], "{wait}");
        let again = format!("{TURN}then {wait}\n{TURN}then accepted\n{eventually}");
        assert_eq!(lags(steady(), &again), [0], "{wait}");
    }
}

#[test]
fn a_watch_lasts_for_the_bound_of_its_query_at_least() {
    let flash = |from: u64| {
        let from = Duration::from_millis(from);
        Toy::showing(move |_, at| {
            level(if at >= from && at < from + Duration::from_millis(60) { 7 } else { 0 })
        })
    };
    let short = format!("{TURN}then never for 10ms Look on $l shows {{ level: 7 }}");
    check(flash(130), &short, Verdict::Fail, "must never be seen");
    let mut hasty = flash(130);
    hasty.description = hasty.description.bound_for("Look", Duration::from_millis(50));
    check(hasty, &short, Verdict::Pass, "");
    // The second command returns 100 ms after the first, and the watch lasts from there.
    let mut slow = flash(330);
    slow.takes = Duration::from_millis(100);
    check(
        slow,
        &format!("{TURN}and Turn on $l {{ level: 2 }}\nthen never Look on $l shows {{ level: 7 }}"),
        Verdict::Fail,
        "",
    );
}

#[test]
fn a_watch_needs_usable_answers_up_to_its_end() {
    let steps = format!("{TURN}then never Look on $l shows {{ level: 7 }}");
    let fading = Toy::showing(|_, at| if at < Duration::from_millis(100) { level(0) } else { broken() });
    check(fading, &steps, Verdict::Inconclusive, "usable answers");
    let waking = Toy::showing(|_, at| if at < Duration::from_millis(200) { broken() } else { level(0) });
    check(waking, &steps, Verdict::Inconclusive, "1 usable answers to");
}

#[test]
fn an_operation_is_given_up_after_half_a_minute() {
    let mut hanging = Toy::showing(|_, _| level(0));
    hanging.takes = Duration::from_secs(3600);
    assert_eq!(run(hanging, TURN).took, Duration::from_secs(30));
}

#[test]
fn the_course_of_many_answers_is_cut_in_its_middle() {
    let restless = Toy::showing(|nth, _| level(nth as u64));
    let result = run(restless, "then eventually within 2s every 10ms Look on $l shows { level: 7000 }");
    let story = result.findings[0].story.as_ref().expect("a story");
    assert!(story.course.starts_with("{level: 0}, {level: 1}, "), "{}", story.course);
    assert!(story.course.contains("other answers …"), "{}", story.course);
    assert!(story.course.len() < 400, "{}", story.course);
}

/// A machine that wakes up 80 ms too late, for so long.
#[derive(Debug)]
struct Late(proofmark::run::TokioClock, Duration);

/// Runs the steps on such a machine.
fn on_a_busy_machine(busy: Duration, toy: Toy, steps: &str) -> ScenarioResult {
    let runtime = super::toy::paused();
    let _inside = runtime.enter();
    let clock = std::sync::Arc::new(Late(proofmark::run::TokioClock::start(), busy));
    super::toy::run_in(&runtime, toy, steps, |runner| runner.clock(clock))
}

impl proofmark::run::Clock for Late {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn until(&self, at: Duration) -> proofmark::adapter::BoxFuture<'static, ()> {
        let late = if self.now() < self.1 { 80 } else { 0 };
        self.0.until(at + Duration::from_millis(late))
    }
}

#[test]
fn a_machine_that_was_held_up_decides_nothing() {
    let steps = format!("{TURN}then eventually Look on $l shows {{ level: 1 }}");
    let verdict = |toy| on_a_busy_machine(Duration::MAX, toy, &steps).verdict;
    assert_eq!(verdict(Toy::showing(|_, _| level(0))), Verdict::Inconclusive);
    assert_eq!(verdict(late()), Verdict::Pass);
}

#[test]
fn a_hold_up_stands_in_the_history() {
    let steps = format!("{TURN}then eventually Look on $l shows {{ level: 1 }}");
    let watch = format!("{TURN}then never for 200ms Look on $l shows {{ level: 2 }}");
    let held = |busy: u64, steps: &str| {
        let path = std::env::temp_dir().join(format!("proofmark-held-{}-{busy}.jsonl", std::process::id()));
        let runtime = super::toy::paused();
        let inside = runtime.enter();
        let busy = Duration::from_millis(busy);
        let clock = std::sync::Arc::new(Late(proofmark::run::TokioClock::start(), busy));
        drop(inside);
        let toy = Toy::showing(|_, at| level(u64::from(at >= Duration::from_millis(60))));
        let runner =
            proofmark::run::Runner::new(toy).seed(proofmark::run::Seed(1)).clock(clock).history(&path);
        runtime.block_on(runner.run(&[super::toy::planned(steps)], |_| ())).expect("a run");
        let history = std::fs::read_to_string(&path).expect("the history");
        std::fs::remove_file(&path).expect("removed");
        history.matches("\"e\":\"held\"").count()
    };
    assert_eq!((held(0, &steps), held(0, &watch)), (0, 0));
    assert!(held(60_000, &steps) > 0 && held(60_001, &watch) > 0);
}

#[test]
fn what_only_this_machine_kept_from_being_decided_is_tried_again() {
    let check = |steps: &str, busy: u64, toy: Toy, verdict: Verdict, tries: usize| {
        let heard = toy.heard.clone();
        let steps = format!("{TURN}then {steps}");
        let result = on_a_busy_machine(Duration::from_millis(busy), toy, &steps);
        assert_eq!(result.verdict, verdict, "{steps}: {:#?}", result.findings);
        let sent =
            heard.lock().expect("no panic before").iter().filter(|what| what.ends_with("Turn")).count();
        assert_eq!(sent, tries, "{steps}");
    };
    let steady = || Toy::showing(|_, _| level(1));
    let holds = "consistently for 200ms Look on $l shows { level: 1 }";
    check(holds, 0, steady(), Verdict::Pass, 1);
    check(holds, 150, steady(), Verdict::Pass, 2);
    check(holds, 60_000, steady(), Verdict::Inconclusive, 4);
    check("never for 200ms Look on $l shows { level: 2 }", 150, steady(), Verdict::Pass, 2);
    // A broken promise stays one, and what the target kept from being decided, too.
    check(holds, 150, Toy::showing(|_, _| level(2)), Verdict::Fail, 1);
    check(holds, 150, Toy::showing(|_, _| broken()), Verdict::Inconclusive, 2);
}

#[test]
fn what_is_seen_only_behind_the_deadline_came_too_late() {
    let mut slow = Toy::showing(|_, at| level(u64::from(at >= Duration::from_secs(5))));
    slow.takes = Duration::from_secs(6);
    let steps = format!("{TURN}then eventually within 50ms Look on $l shows {{ level: 2 }}");
    let result = check(slow.clone(), &steps, Verdict::Fail, "within 50ms");
    assert_eq!(result.findings[0].story.as_ref().map(|story| story.polls), Some(1));
    // A poll that was sent in time counts, however long its answer takes.
    check(slow, &steps.replace("level: 2", "level: 1"), Verdict::Pass, "");
}

#[test]
fn refusals_show_neither_a_thing_nor_its_absence() {
    let refusing = Toy::showing(|_, _| Answer::new(Seen::Refused(proofmark::protocol::Rejection::default())));
    let steps = format!("{TURN}then never Look on $l shows {{ level: 7 }}");
    check(refusing, &steps, Verdict::Inconclusive, "0 usable answers");
}

#[test]
fn what_a_watch_has_seen_outweighs_what_came_after() {
    let flash = Toy::showing(|_, at| match at.as_millis() {
        10..=40 => level(7),
        0..=60 => level(0),
        _ => broken(),
    });
    let steps = format!(
        "{TURN}then never Look on $l shows {{ level: 7 }}\nand eventually Look on $l shows {{ level: 1 }}"
    );
    let result = check(flash, &steps, Verdict::Fail, "must never be seen");
    assert_eq!(result.findings.len(), 2);
}

#[test]
fn each_watch_of_a_block_has_its_say() {
    let late = Toy::showing(|_, at| level(if at > Duration::from_millis(150) { 8 } else { 0 }));
    let steps = format!(
        "{TURN}then never Look on $l shows {{ level: 7 }}\nand never Look on $l shows {{ level: 8 }}\n\
         and never Lamps shows count 3"
    );
    check(late, &steps, Verdict::Fail, "must never be seen");
}

#[test]
fn a_watch_behind_no_command_of_its_own_lasts_from_its_beginning() {
    let late = Toy::showing(|_, at| level(if at > Duration::from_millis(350) { 7 } else { 0 }));
    let steps = format!(
        "{TURN}then consistently for 300ms Look on $l shows {{ level: 0 }}\n\
         given Look on $l shows {{ level: 0 }}\nthen never Look on $l shows {{ level: 7 }}"
    );
    check(late, &steps, Verdict::Fail, "must never be seen");
}

#[test]
fn who_looks_away_has_not_seen_that_it_held() {
    let fading = Toy::showing(|nth, _| if nth < 2 { level(0) } else { broken() });
    let steps = format!("{TURN}then consistently for 10s Look on $l shows {{ level: 0 }}");
    check(fading, &steps, Verdict::Inconclusive, "too few to say anything over time");
}
