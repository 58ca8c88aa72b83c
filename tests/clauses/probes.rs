//! Effects that are looked for until they show, and a few times more: histories that keep EC-1, EC-2, EC-3, QS-2 and CV-1, and
//! histories that break them.

use std::time::Duration;

use proofmark::clause::Wrong;
use proofmark::protocol::{ClauseId, Doubt, Seen, Unknown};

use super::cases::{BOUND, Is, Told};
use crate::checking::{Story, add, create, details, list, order, row};

const EC1: ClauseId = ClauseId::Ec1;
const EC2: ClauseId = ClauseId::Ec2;
const EC3: ClauseId = ClauseId::Ec3;
const QS2: ClauseId = ClauseId::Qs2;
const CV1: ClauseId = ClauseId::Cv1;

fn bound() -> u64 {
    u64::try_from(BOUND.as_millis()).expect("small")
}

/// An order that was read before it was there, and whose effect has shown.
fn begun() -> Told {
    let mut told = Told::default();
    told.story.reads(details("o"), "absent");
    told.story.reads(list(), "[]");
    told.story.does(create("o"), "accepted");
    told.story.reads(details("o"), "absent");
    told.story.reads(list(), "[]");
    shows(&mut told.story, &[]);
    told
}

fn shows(story: &mut Story, added: &[u32]) {
    shows_as(story, added, 2 + added.iter().sum::<u32>());
}

/// Both read models show it, four times each.
fn shows_as(story: &mut Story, added: &[u32], total: u32) {
    for _ in 0..4 {
        story.reads(details("o"), &order("o", "pending", added));
        story.reads(list(), &format!("[{}]", row("o", "pending", total)));
    }
}

#[track_caller]
fn check(told: &Told, expected: [(ClauseId, Is); 4]) {
    for (id, expected) in expected {
        told.check("probe", id, expected);
    }
}

#[test]
fn what_shows_in_time_and_stays_speaks_for_all() {
    let mut told = begun();
    told.story.does(add("o", 1), "accepted");
    shows(&mut told.story, &[1]);
    check(&told, [(EC1, Is::Kept), (EC2, Is::Kept), (EC3, Is::Kept), (CV1, Is::Kept)]);
    assert_eq!(told.check("probe", EC1, Is::Kept).counted.len(), 2, "two effects");
    assert_eq!(told.check("probe", QS2, Is::Kept).counted.len(), 20, "each read");
}

/// An effect that the details don't show for so long.
fn late(milliseconds: u64) -> Told {
    let mut told = begun();
    told.story.does(add("o", 1), "accepted");
    told.story.reads(list(), &format!("[{}]", row("o", "pending", 3)));
    told.story.passes_time(milliseconds);
    told.story.reads(details("o"), &order("o", "pending", &[]));
    told
}

#[test]
fn what_does_not_show_within_the_bound_is_late() {
    let never = late(bound() * 2);
    let judged = never.check("probe", EC1, Is::Broken);
    assert_eq!(judged.findings.len(), 1, "{judged:?}");
    assert_eq!(judged.findings[0].takes, 1);
    // What only lags is none of the others.
    check(&never, [(EC1, Is::Broken), (EC2, Is::Kept), (EC3, Is::Kept), (CV1, Is::Nothing)]);
    let mut in_time = late(bound() / 4);
    shows(&mut in_time.story, &[1]);
    in_time.check("probe", EC1, Is::Kept);
}

/// A service may be slow for once, and a machine may be busy without our noticing.
#[test]
fn what_is_late_by_little_is_no_chance_when_it_comes_again_and_again() {
    let mut slow = late(bound());
    // It may still come, and nobody looked for longer.
    let open = slow.check("probe", EC1, Is::Kept);
    assert_eq!((open.findings.len(), open.doubts.len()), (0, 1), "{open:?}");
    shows(&mut slow.story, &[1]);
    let judged = slow.check("probe", EC1, Is::Broken);
    assert_eq!(judged.findings.iter().map(|finding| finding.takes).collect::<Vec<_>>(), [3]);
    let Wrong::Said(wrong) = &judged.findings[0].wrong else { panic!("{judged:?}") };
    assert!(wrong.starts_with("GetOrderDetails showed what AddItem did, and not within "), "{wrong}");
}

#[test]
fn what_is_late_by_a_hold_up_is_in_doubt() {
    let mut held = late(bound());
    let last = held.story.operations.len() - 1;
    let asked = held.story.operations[last].call.at;
    held.held = vec![(asked.saturating_sub(Duration::from_millis(bound())), asked)];
    // It may still come.
    assert!(held.check("probe", EC1, Is::Kept).findings.is_empty());
    shows(&mut held.story, &[1]);
    let judged = held.check("probe", EC1, Is::Kept);
    assert_eq!(judged.doubts.len(), 1, "{judged:?}");
    assert_eq!(judged.counted.len(), 1, "the first effect alone");
}

/// On a machine that is held up all the time: the details don't show an item, and show so many orders that come behind it.
fn overtaken_by(orders: usize) -> Told {
    let mut told = late(bound());
    for number in 0..orders {
        let id = format!("o{number}");
        told.story.does(create(&id), "accepted");
        told.story.reads(details(&id), &order(&id, "pending", &[]));
        told.story.passes_time(bound() / 2);
    }
    told.story.reads(details("o"), &order("o", "pending", &[]));
    told.held = vec![(Duration::ZERO, Duration::from_secs(60))];
    told
}

/// Whoever had the same machine and was served is no excuse.
#[test]
fn what_three_later_commands_overtake_is_late_however_busy_the_machine() {
    let judged = overtaken_by(3).check("probe", EC1, Is::Broken);
    assert_eq!(judged.findings.iter().map(|finding| finding.takes).collect::<Vec<_>>(), [3]);
    let Wrong::Said(wrong) = &judged.findings[0].wrong else { panic!("{judged:?}") };
    assert!(wrong.ends_with("and showed what later commands did"), "{wrong}");
    // What then shows all the same is late as well.
    let mut in_the_end = overtaken_by(3);
    in_the_end.story.reads(details("o"), &order("o", "pending", &[1]));
    in_the_end.check("probe", EC1, Is::Broken);
}

#[test]
fn what_fewer_overtake_or_as_late_is_in_doubt() {
    let two = overtaken_by(2).check("probe", EC1, Is::Kept);
    assert_eq!((two.findings.len(), two.doubts.len()), (0, 1), "{two:?}");
    // Those behind it show as late as it does.
    let mut late = late(bound());
    for number in 0..3 {
        let id = format!("o{number}");
        late.story.does(create(&id), "accepted");
        late.story.passes_time(bound());
        late.story.reads(details(&id), &order(&id, "pending", &[]));
    }
    late.story.reads(details("o"), &order("o", "pending", &[]));
    late.held = vec![(Duration::ZERO, Duration::from_secs(60))];
    assert!(late.check("probe", EC1, Is::Kept).findings.is_empty());
    // Overtaken, it showed before twice its time was up.
    let mut shown = overtaken_by(3);
    shown.story.operations.retain(|operation| operation.call.at < Duration::from_millis(bound() * 2));
    shown.check("probe", EC1, Is::Kept);
}

/// A list shows both in one answer: it is as if that one effect had never been.
#[test]
fn a_list_without_one_effect_and_with_those_behind_it_is_late() {
    let mut told = begun();
    told.story.does(add("o", 1), "accepted");
    told.story.reads(details("o"), &order("o", "pending", &[1]));
    told.story.passes_time(bound());
    let mut rows = vec![row("o", "pending", 2)];
    told.story.reads(list(), &format!("[{}]", rows.join(", ")));
    for number in 0..3 {
        let id = format!("o{number}");
        told.story.does(create(&id), "accepted");
        rows.insert(0, row(&id, "pending", 2));
        told.story.reads(list(), &format!("[{}]", rows.join(", ")));
        told.story.passes_time(bound() / 2);
    }
    told.story.reads(list(), &format!("[{}]", rows.join(", ")));
    told.held = vec![(Duration::ZERO, Duration::from_secs(60))];
    let judged = told.check("probe", EC1, Is::Broken);
    assert_eq!(judged.findings[0].takes, 3, "{judged:?}");
}

#[test]
fn what_comes_and_goes_does_not_stay() {
    let mut told = begun();
    told.story.does(add("o", 1), "accepted");
    shows(&mut told.story, &[1]);
    // As long as its time is not up, another copy may be without it.
    told.story.reads(details("o"), &order("o", "pending", &[]));
    told.check("probe", EC2, Is::Kept);
    told.story.passes_time(bound());
    told.story.reads(details("o"), &order("o", "pending", &[]));
    told.check("probe", EC2, Is::Broken);
    told.check("probe", EC1, Is::Kept);
    // Before it has shown at all, it only lags.
    let mut lags = begun();
    lags.story.does(add("o", 1), "accepted");
    lags.story.reads(details("o"), &order("o", "pending", &[]));
    shows(&mut lags.story, &[1]);
    assert_eq!(lags.check("probe", EC2, Is::Kept).counted.len(), 2);
    // Seen once, it has not stayed.
    let mut once = begun();
    once.story.does(add("o", 1), "accepted");
    once.story.reads(details("o"), &order("o", "pending", &[1]));
    assert_eq!(once.check("probe", EC2, Is::Kept).counted.len(), 1);
}

#[test]
fn what_was_never_so_is_from_nowhere() {
    let mut told = begun();
    told.story.does(add("o", 1), "accepted");
    told.story.reads(details("o"), &order("o", "pending", &[7]));
    told.check("probe", EC3, Is::Broken);
    told.check("probe", EC1, Is::Kept);
}

#[test]
fn read_models_tell_the_same_story() {
    let mut told = begun();
    told.story.does(add("o", 1), "accepted");
    shows(&mut told.story, &[1]);
    told.check("probe", CV1, Is::Kept);
    // One does not show it, and is read at rest.
    let mut apart = late(bound());
    apart.story.rests();
    apart.story.reads(details("o"), &order("o", "pending", &[]));
    apart.story.reads(list(), &format!("[{}]", row("o", "pending", 3)));
    apart.check("probe", CV1, Is::Broken);
}

#[test]
fn an_early_question_has_an_answer() {
    let early = |seen: &str| {
        let mut told = Told::default();
        told.story.reads(details("o"), seen);
        told
    };
    early("absent").check("probe", QS2, Is::Kept);
    early(&order("o", "pending", &[])).check("probe", QS2, Is::Broken);
    let mut list_absent = Told::default();
    list_absent.story.reads(list(), "absent");
    list_absent.check("probe", QS2, Is::Broken);
}

/// What failed is the service's doing. What nobody answered may be that of a busy machine: one case does not tell.
#[test]
fn silence_once_is_not_held_against_a_service() {
    let without = |doubts: &[(Doubt, Option<u16>)]| {
        let mut told = begun();
        for (doubt, status) in doubts {
            let detail = "why nothing came".to_owned();
            told.story.sees(details("o"), Seen::Broken(Unknown { doubt: *doubt, status: *status, detail }));
        }
        let findings = told.check("probe", QS2, Is::Broken).findings;
        assert!(findings.iter().all(|finding| format!("{finding:?}").contains("why nothing came")));
        findings.iter().map(|finding| finding.takes).collect::<Vec<_>>()
    };
    assert_eq!(without(&[(Doubt::Timeout, None), (Doubt::Timeout, None), (Doubt::Lost, None)]), [3]);
    assert_eq!(without(&[(Doubt::ServerError, Some(500)), (Doubt::Unreadable, Some(200))]), [1, 1]);
    assert_eq!(without(&[(Doubt::Lost, Some(200))]), [1], "it broke off");
}
