//! Sound services, however odd: nothing may be held against them but what is so.

use std::sync::Mutex;
use std::time::Duration;

use super::configuration::configurations;
use super::examined::{Course, broken, examine, told};
use super::oddity::true_of;
use super::setup::Setup;

/// What is examined together where there is little time: each service gets one of these, the next one the next.
const GROUPS: [&[&str]; 4] = [
    &["CH-1", "CH-2", "CH-3", "CH-5", "CH-6", "BR-1", "BR-2", "BR-3", "BR-6"],
    &["BR-4", "BR-5", "OC-1", "OC-2", "OC-3", "OC-4", "OC-5", "EC-4", "ID-3"],
    &["EC-1", "EC-2", "EC-3", "EC-5", "SG-2", "CV-1", "QS-5"],
    &["ID-1", "ID-2", "ID-4", "QS-1", "QS-2", "QS-3", "QS-4", "SE-2", "SE-3"],
];

/// What was held against sound services once: their oddities, each together with the clause.
const ONCE_ACCUSED: &[(&str, &str)] = &[
    // What was removed had no version any more.
    ("reborn", "BR-6"),
    // Two pens with one tag.
    ("looked-up-ids", "EC-3"),
    ("looked-up-ids", "SE-2"),
    // A number that no pen has was sent as a text.
    ("integer-ids", "BR-6"),
    // A connection that was hung up on in the moment in which a command was sent.
    ("idle-closed", "CH-5"),
];

/// Clauses that no service has to keep, and that this one doesn't.
pub(super) fn true_of_all(setup: &Setup) -> Vec<&'static str> {
    // A MAY is an offer, and this one is not made: lists state no position.
    let own = setup.oddities.iter().flat_map(|oddity| true_of(*oddity)).map(|(clause, _)| *clause);
    ["EC-6"].into_iter().chain(own).collect()
}

/// What is held against a sound service though it isn't so, as a report tells it.
fn accusations(setup: &Setup, course: Course<'_>) -> Vec<String> {
    let right = true_of_all(setup);
    let found = examine(setup, course);
    let wrong = broken(&found).into_iter().filter(|result| !right.contains(&result.clause.id.as_str()));
    wrong.map(|result| format!("{}, seed {}: {}", setup.name(), course.seed, told(result))).collect()
}

/// Does what is to be done side by side, two at a time, and puts together what comes of it.
pub(super) fn side_by_side<T: Send>(work: Vec<T>, each: impl Fn(T) -> Vec<String> + Sync) -> Vec<String> {
    let (work, told) = (Mutex::new(work.into_iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = work.lock().expect("no panic").next();
                    let Some(next) = next else { return };
                    let more = each(next);
                    told.lock().expect("no panic").extend(more);
                }
            });
        }
    });
    told.into_inner().expect("no panic")
}

#[test]
fn nothing_is_held_against_sound_services() {
    let services = configurations().into_iter().enumerate().collect();
    let told = side_by_side(services, |(at, oddities)| {
        let clauses = GROUPS[at % GROUPS.len()];
        let course = Course { clauses, ..Course::all(1, Duration::from_secs(1)) };
        accusations(&Setup { oddities, fault: None }, course)
    });
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
#[ignore = "hours: whoever changes how clauses are judged runs it"]
fn nothing_is_held_against_sound_services_however_long_one_looks() {
    let seeds = |oddities: super::oddity::Oddities| [1, 2, 3].map(|seed| (seed, oddities.clone()));
    let services: Vec<_> = configurations().into_iter().flat_map(seeds).collect();
    let told = side_by_side(services, |(seed, oddities)| {
        let setup = Setup { oddities, fault: None };
        // Some of the clauses at a time: with all of them together, most of the time is up before the races begin.
        let of_group =
            |clauses| accusations(&setup, Course { clauses, ..Course::all(seed, Duration::from_secs(60)) });
        GROUPS.into_iter().flat_map(of_group).collect()
    });
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn what_was_held_against_them_once_is_not_any_more() {
    let told = side_by_side(ONCE_ACCUSED.to_vec(), |(names, clause)| {
        let course = Course { clauses: &[clause], ..Course::all(1, Duration::from_secs(4)) };
        accusations(&Setup::named(names), course)
    });
    assert!(told.is_empty(), "{}", told.join("\n"));
}
