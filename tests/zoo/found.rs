//! Broken services: each fault is found, under the clause that says what is wrong.

use std::time::Duration;

use super::configuration::configurations;
use super::examined::{Course, broken, examine, told};
use super::fault::{FAULTS, Twin};
use super::oddity::Oddities;
use super::setup::Setup;
use super::sound::side_by_side;

/// Faults that are known to be missed: oddities and the fault. Whoever mends one takes its line out.
const MISSED: &[&str] = &["no-query retry-twice", "half-transfer", "wrong-total"];

/// The services that a fault is tried in: the plainest that it can be in, and some in which it is among oddities.
fn homes(twin: &Twin, most: usize) -> Vec<Setup> {
    let plain: Oddities = twin.needs.iter().copied().collect();
    let can = |has: &Oddities| plain.is_subset(has) && !twin.never.iter().any(|never| has.contains(never));
    let mut odd: Vec<Oddities> =
        configurations().into_iter().filter(|has| *has != plain && can(has)).collect();
    // Not the same ones for all.
    let by =
        FAULTS.iter().position(|other| other.fault == twin.fault).expect("it is there") % odd.len().max(1);
    odd.rotate_left(by);
    let all = [plain].into_iter().chain(odd).take(most);
    all.map(|oddities| Setup { oddities, fault: Some(twin.fault) }).collect()
}

/// What is to be said against what was found: nothing if it is right.
fn objections(twin: &Twin, setup: &Setup, course: Course<'_>) -> Vec<String> {
    let found = examine(setup, course);
    let broken = broken(&found);
    if broken.iter().any(|result| result.clause.id.as_str() == twin.clause) {
        return Vec::new();
    }
    let stands = found.clauses.iter().filter(|result| result.clause.id.as_str() == twin.clause);
    let stands: Vec<String> = stands.map(|result| format!("{:?}", result.stand)).collect();
    let others: Vec<String> = broken.into_iter().map(told).collect();
    vec![format!(
        "{}, seed {}: {} is {}\n{}",
        setup.name(),
        course.seed,
        twin.clause,
        stands.concat(),
        others.concat()
    )]
}

fn is_missed(setup: &Setup) -> bool {
    MISSED.iter().any(|names| {
        let missed = Setup::named(names);
        missed.fault == setup.fault && missed.oddities.is_subset(&setup.oddities)
    })
}

#[test]
fn each_fault_is_found_under_its_clause() {
    let all = FAULTS.iter().flat_map(|twin| homes(twin, 2).into_iter().map(move |setup| (twin, setup)));
    let told = side_by_side(all.filter(|(_, setup)| !is_missed(setup)).collect(), |(twin, setup)| {
        let course = Course { clauses: &[twin.clause], seed: 1, budget: Duration::from_secs(20) };
        objections(twin, &setup, course)
    });
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn faults_that_are_known_to_be_missed_still_are() {
    for names in MISSED {
        let setup = Setup::named(names);
        let twin = FAULTS.iter().find(|twin| setup.is(twin.fault)).expect("a fault");
        let course = Course { clauses: &[twin.clause], seed: 1, budget: Duration::from_secs(20) };
        let told = objections(twin, &setup, course);
        assert!(!told.is_empty(), "{names} is found: take it out of the table");
    }
}
