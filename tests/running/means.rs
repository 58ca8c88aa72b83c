//! What goes beyond commands and queries: events, rebuilds, rounds, locks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proofmark::adapter::ControlError;
use proofmark::protocol::{Capability, Event, Outcome, Verdict};
use proofmark::run::{RunEvent, Runner, Seed};
use proofmark::value::{Record, Value};

use super::toy::{Toy, accepted, check, level, paused, planned, rejected, run, unknown};

fn turned(to: u64) -> Event {
    let fields: Record = [(Arc::from("level"), Value::from(to))].into_iter().collect();
    let (name, on) = ("Turned".into(), Value::from("lamp"));
    Event { name, on, fields, version: None, position: None, id: None, causation: None }
}

/// A toy whose feed tells of so many events of level 1, 2, … at each reading, the last number from then on. The first reading
/// is the one before the command.
fn telling(counts: &'static [u64]) -> Toy {
    let mut toy = Toy::deciding(|_, nth| accepted(nth as u64 + 1));
    toy.events = Arc::new(move |nth, _| {
        let count = counts.get(nth).or(counts.last()).copied().unwrap_or_default();
        Ok((1..=count).map(turned).collect())
    });
    toy
}

const TURN: &str = "when Turn on $l { level: 1 }";

#[test]
fn only_what_happened_since_the_when_is_emitted() {
    let steps = format!("{TURN}\nthen emits Turned {{ level: 3 }}");
    check(telling(&[2, 3]), &steps, Verdict::Pass, "");
    check(telling(&[0, 3]), &steps, Verdict::Fail, "level: expected 3, was 1");
    check(telling(&[2, 4]), &steps, Verdict::Fail, "Turned was not expected");
}

#[test]
fn an_event_that_is_late_is_waited_for_within_the_bound() {
    let steps = format!("{TURN}\nthen emits [Turned {{ level: 1 }}, Turned {{ level: 2 }}]");
    check(telling(&[0, 0, 1, 2]), &steps, Verdict::Pass, "");
    check(telling(&[0, 0, 1]), &steps, Verdict::Fail, "this has not happened");
}

#[test]
fn nothing_is_emitted_only_once_all_is_quiet() {
    let steps = format!("{TURN}\nthen emits nothing");
    check(telling(&[1]), &steps, Verdict::Pass, "");
    check(telling(&[0, 1]), &steps, Verdict::Fail, "this has happened: Turned {level: 1}");
    // The event is told late, and the target doesn't say when it is caught up: the bound is waited for.
    let mut late = telling(&[]);
    late.description.capabilities = late.description.capabilities.without(Capability::Wait);
    late.events = Arc::new(|_, at| Ok((0..u64::from(at > Duration::from_millis(150))).map(turned).collect()));
    check(late, &steps, Verdict::Fail, "Turned was not expected");
    let mut behind = telling(&[0]);
    behind.caught_up = false;
    check(behind, &steps, Verdict::Inconclusive, "not caught up");
}

#[test]
fn what_can_not_be_known_of_events_decides_nothing() {
    let steps = format!("{TURN}\nthen emits nothing");
    let retried = "when Turn on $l { level: 1 }\nand repeat last\nthen emits nothing";
    let mut lost = Toy::deciding(|_, nth| if nth == 0 { Outcome::Unknown(unknown()) } else { accepted(1) });
    lost.events = telling(&[0]).events;
    check(lost, retried, Verdict::Inconclusive, "and this rests on it");
    let mut mute = telling(&[0]);
    mute.events = Arc::new(|_, _| Err(ControlError::Failed("it is torn".into())));
    check(mute, &steps, Verdict::Inconclusive, "the event feed can't be read: it is torn");
    let mut unclaimed = telling(&[0]);
    unclaimed.description.capabilities = unclaimed.description.capabilities.without(Capability::EventFeed);
    check(unclaimed, &steps, Verdict::NotClaimed, "does not claim `event-feed`");
}

#[test]
fn an_event_that_can_not_be_made_to_happen_is_a_broken_set_up() {
    let steps = format!("given event Turned on $l {{ level: 1 }}\n{TURN}");
    let seeding = |outcome: Outcome| {
        let mut toy = Toy::deciding(|_, _| accepted(1));
        toy.seeded = Arc::new(move |_| outcome.clone());
        toy
    };
    check(seeding(accepted(1)), &steps, Verdict::Pass, "");
    let broken = "the set-up failed: the event Turned could not be made to happen: rejected Burnt";
    check(seeding(rejected(Some("Burnt"))), &steps, Verdict::Inconclusive, broken);
    let mut unclaimed = seeding(accepted(1));
    unclaimed.description.capabilities = unclaimed.description.capabilities.without(Capability::SeedEvents);
    check(unclaimed, &steps, Verdict::NotClaimed, "does not claim `seed-events`");
}

#[test]
fn a_rebuild_that_is_not_done_decides_nothing() {
    let steps = "when rebuild Look\nthen Look on $l shows { level: 0 }";
    let rebuilding = |done: Result<(), ControlError>| {
        let mut toy = Toy::showing(|_, _| level(0));
        toy.rebuilt = Arc::new(move |query| if query == "Look" { done.clone() } else { panic!("{query}") });
        toy
    };
    check(rebuilding(Ok(())), steps, Verdict::Pass, "");
    let torn = rebuilding(Err(ControlError::Failed("it is torn".into())));
    check(torn, steps, Verdict::Inconclusive, "what answers Look was not built anew: it is torn");
    let mut unclaimed = rebuilding(Ok(()));
    unclaimed.description.capabilities = unclaimed.description.capabilities.without(Capability::Rebuild);
    check(unclaimed, steps, Verdict::NotClaimed, "does not claim `rebuild`");
}

/// Runs the plan of these steps so many times side by side, with this much of the plan changed.
fn plan_with(
    steps: &str,
    change: impl FnOnce(&mut proofmark::scenario::Plan),
) -> Arc<proofmark::scenario::Plan> {
    let mut plan = (*planned(steps)).clone();
    change(&mut plan);
    Arc::new(plan)
}

fn results(toy: Toy, plans: &[Arc<proofmark::scenario::Plan>]) -> Vec<proofmark::run::ScenarioResult> {
    let mut results = Vec::new();
    let runner = Runner::new(toy).seed(Seed(7));
    let run = runner.run(plans, |event| {
        if let RunEvent::Scenario(result) = event {
            results.push((*result).clone());
        }
    });
    let summary = paused().block_on(run).expect("a run");
    if let Some(history) = summary.history {
        std::fs::remove_file(history).expect("the history is there");
    }
    results
}

#[test]
fn each_round_has_a_world_of_its_own_and_the_one_that_fails_is_told() {
    let worlds = Arc::new(AtomicUsize::new(0));
    let seen = worlds.clone();
    // Only the first command of a world is counted; the third world refuses it.
    let toy = Toy::deciding(move |_, nth| {
        if nth == 0 && seen.fetch_add(1, Ordering::Relaxed) == 2 {
            rejected(Some("Burnt"))
        } else {
            accepted(1)
        }
    });
    let plan = plan_with(TURN, |plan| plan.rounds = 5);
    let [result] = results(toy, &[plan]).try_into().expect("one result");
    assert_eq!(result.verdict, Verdict::Fail);
    assert!(
        result.findings[0].message.starts_with("round 3 of 5: Turn was rejected"),
        "{:?}",
        result.findings
    );
    assert_eq!(result.seed, Seed(9), "the third round is the first of this seed");
    assert_eq!(worlds.load(Ordering::Relaxed), 3, "no round comes behind one that fails");
}

#[test]
fn all_rounds_are_run_while_none_fails() {
    let toy = Toy::deciding(|_, _| accepted(1));
    let [result] = results(toy, &[plan_with(TURN, |plan| plan.rounds = 5)]).try_into().expect("one result");
    let once = run(Toy::deciding(|_, _| accepted(1)), TURN);
    assert_eq!((result.verdict, result.steps), (Verdict::Pass, 5 * once.steps));
}

#[test]
fn scenarios_that_share_a_lock_never_run_at_the_same_time() {
    let most_with = |locks: [&'static str; 3]| {
        let (running, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let seen = most.clone();
        // The first command opens a scenario's work, the second ends it; each takes time.
        let mut toy = Toy::deciding(move |_, nth| {
            if nth == 0 {
                let now = running.fetch_add(1, Ordering::Relaxed) + 1;
                seen.fetch_max(now, Ordering::Relaxed);
            } else {
                running.fetch_sub(1, Ordering::Relaxed);
            }
            accepted(1)
        });
        toy.takes = Duration::from_millis(10);
        let steps = format!("{TURN}\nand Turn on $l {{ level: 2 }}");
        let plans = locks.map(|lock| plan_with(&steps, |plan| plan.locks = vec![lock.into()]));
        let verdicts: Vec<_> = results(toy, &plans).iter().map(|result| result.verdict).collect();
        assert_eq!(verdicts, [Verdict::Pass; 3]);
        most.load(Ordering::Relaxed)
    };
    assert_eq!(most_with(["a", "a", "a"]), 1);
    assert_eq!(most_with(["a", "b", "a"]), 2);
    assert_eq!(most_with(["a", "b", "c"]), 3);
}
