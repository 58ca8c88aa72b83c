//! Broken services: each fault is found, under the clause that says what is wrong.

use std::time::Duration;

use super::configuration::configurations;
use super::examined::{Course, broken, examine, told};
use super::fault::{FAULTS, Twin};
use super::oddity::Oddities;
use super::setup::Setup;
use super::sound::{side_by_side, true_of_all};

/// The services that a fault is tried in: the plainest that it can be in, and some in which it is among oddities.
fn homes(twin: &Twin, most: usize) -> Vec<Setup> {
    let plain: Oddities = twin.needs.iter().copied().collect();
    let can = |has: &Oddities| plain.is_subset(has) && !twin.never.iter().any(|never| has.contains(never));
    let mut odd: Vec<Oddities> =
        configurations().into_iter().filter(|has| *has != plain && can(has)).collect();
    if odd.is_empty() {
        // Each has something that the fault can't be beside: without that, they are as sound.
        let less = |has: Oddities| has.into_iter().filter(|oddity| !twin.never.contains(oddity)).collect();
        odd = configurations().into_iter().map(less).filter(|has: &Oddities| *has != plain).rev().collect();
    }
    // Not the same ones for all.
    let place = FAULTS.iter().position(|other| other.fault == twin.fault).expect("it is one of them");
    let by = place % odd.len().max(1);
    odd.rotate_left(by);
    let all = [plain].into_iter().chain(odd).take(most);
    all.map(|oddities| Setup { oddities, fault: Some(twin.fault) }).collect()
}

/// Each fault in so many services.
fn services(most: usize) -> Vec<(&'static Twin, Setup)> {
    FAULTS.iter().flat_map(|twin| homes(twin, most).into_iter().map(move |setup| (twin, setup))).collect()
}

/// In an odd service each: what is found there is found in a plain one.
#[test]
fn each_fault_is_found_under_its_clause() {
    let odd = FAULTS.iter().filter_map(|twin| Some((twin, homes(twin, 2).pop()?))).collect();
    let missed = side_by_side(odd, |(twin, setup)| {
        let found = examine(&setup, Course::until_broken(&[twin.clause]));
        if broken(&found).iter().any(|result| result.clause.id.as_str() == twin.clause) {
            return Vec::new();
        }
        let stands = found.clauses.iter().filter(|result| result.clause.id.as_str() == twin.clause);
        let stands: Vec<String> = stands.map(|result| format!("{:?}", result.stand)).collect();
        vec![format!("{}: {} is {}", setup.name(), twin.clause, stands.concat())]
    });
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
#[ignore = "an hour: whoever changes what is blamed runs it"]
fn each_fault_is_found_and_nothing_is_held_against_it_that_it_does_not_break() {
    let told = side_by_side(services(3), |(twin, setup)| {
        let mut right = true_of_all(&setup);
        right.extend(twin.also.iter().copied().chain([twin.clause]));
        let found = examine(&setup, Course::all(1, Duration::from_secs(120)));
        let wrong = broken(&found).into_iter().filter(|result| !right.contains(&result.clause.id.as_str()));
        wrong.map(|result| format!("{}: {}", setup.name(), told(result))).collect()
    });
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn each_fault_has_a_sound_service_to_be_in() {
    for twin in FAULTS {
        assert!(homes(twin, 3).len() > 1, "{}", twin.name);
    }
}
