//! What examinations are known to say wrongly, and to miss. Each is asserted to be still so: whoever mends one takes its line out.

use super::examined::{Course, broken, examine};
use super::fault::FAULTS;
use super::setup::Setup;
use super::sound::side_by_side;

/// A clause that is held against services with all of these, oddities and perhaps a fault, though something else is wrong or nothing.
pub(super) const WRONGLY_BROKEN: &[(&str, &str)] = &[
    // What the right command brings, without the malformed one as well: the control meets every second move only.
    ("half-transfer", "CH-2"),
    ("half-transfer", "SE-2"),
    // Without the move, what is decided behind a race is right; one by one, every second move is right.
    ("half-transfer", "OC-5"),
];

/// Faults that are not found under their clause in services with these oddities.
const MISSED: &[&str] = &[
    // Only versions tell of it, and those are not compared.
    "no-query retry-twice",
    // Nothing asks for a list of everybody's while nobody writes.
    "totals wrong-total",
];

/// Faults that are found under their clause by some courses and not by others, so that neither is asserted.
const BY_CHANCE: &[&str] = &[
    // A sequence that fails ends its run: where a decision is wrong first (BR-6), too few moves have been seen for BR-3.
    "half-transfer",
];

/// What is wrongly held against a service by what is known.
pub(super) fn wrongly_broken(setup: &Setup) -> impl Iterator<Item = &'static str> {
    let is_like = |names: &str| {
        let known = Setup::named(names);
        known.oddities.is_subset(&setup.oddities) && known.fault.is_none_or(|fault| setup.is(fault))
    };
    WRONGLY_BROKEN.iter().filter(move |(names, _)| is_like(names)).map(|(_, clause)| *clause)
}

/// Whether nobody can count on its fault being found.
pub(super) fn is_missed(setup: &Setup) -> bool {
    MISSED.iter().chain(BY_CHANCE).any(|names| {
        let missed = Setup::named(names);
        missed.fault == setup.fault && missed.oddities.is_subset(&setup.oddities)
    })
}

fn is_broken(setup: &Setup, clause: &str) -> bool {
    let found = examine(setup, Course::until_broken(&[clause]));
    broken(&found).iter().any(|result| result.clause.id.as_str() == clause)
}

#[test]
fn what_is_said_wrongly_still_is() {
    let mended = side_by_side(WRONGLY_BROKEN.to_vec(), |(names, clause)| {
        let is_mended = !is_broken(&Setup::named(names), clause);
        is_mended.then(|| format!("{clause} is not held against [{names}] any more")).into_iter().collect()
    });
    assert!(mended.is_empty(), "take it out of the table: {}", mended.join("; "));
}

#[test]
fn what_is_missed_still_is() {
    let mended = side_by_side(MISSED.to_vec(), |names| {
        let setup = Setup::named(names);
        let twin = FAULTS.iter().find(|twin| setup.is(twin.fault)).expect("a fault");
        is_broken(&setup, twin.clause).then(|| format!("[{names}] is found")).into_iter().collect()
    });
    assert!(mended.is_empty(), "take it out of the table: {}", mended.join("; "));
}
