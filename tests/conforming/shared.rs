//! What is wrong between several aggregates, behind races, and behind refusals.

use proofmark::adapter::Reference;
use proofmark::conform::{Conformance, Stand};

use super::{broken, examined, fails};

#[track_caller]
fn stand<'c>(found: &'c Conformance, id: &str) -> &'c Stand {
    &found.clauses.iter().find(|result| result.clause.id.as_str() == id).expect("a clause").stand
}

#[test]
fn rows_of_another_aggregate_are_found() {
    fails(broken(Reference::strong(), "wrong-cache"), "EC-3", "no command explains");
}

#[test]
fn what_a_refused_command_leaves_is_no_fact_from_nowhere() {
    let found = examined(broken(Reference::strong(), "write-before-check"), &["BR-1", "EC-3"], 1);
    assert_eq!(stand(&found, "BR-1"), &Stand::Fail);
    assert_ne!(stand(&found, "EC-3"), &Stand::Fail);
    // What is refused may be nothing that a state can hold, and what shows it a version that is not there any more.
    for seed in 2..=5 {
        let found = examined(broken(Reference::strong(), "write-before-check"), &["BR-1"], seed);
        assert_eq!(stand(&found, "BR-1"), &Stand::Fail, "seed {seed}");
    }
}

#[test]
fn read_models_that_disagree_are_found() {
    fails(broken(Reference::strong(), "gross-total"), "CV-1", "says that total is");
}

#[test]
fn a_rule_that_breaks_an_invariant_is_told_from_one_that_does_not() {
    fails(broken(Reference::strong(), "remove-last"), "BR-2", "is rejected OrderHasNoItems");
    let found = examined(broken(Reference::strong(), "confirm-cancelled"), &["BR-2", "BR-6"], 1);
    assert_eq!(stand(&found, "BR-6"), &Stand::Fail);
    assert_ne!(stand(&found, "BR-2"), &Stand::Fail);
}

#[test]
fn what_is_wrong_without_a_race_is_not_blamed_on_one() {
    for defect in ["remove-last", "hide-cancelled", "gross-total"] {
        let found = examined(broken(Reference::strong(), defect), &["BR-5", "OC-5"], 1);
        for id in ["BR-5", "OC-5"] {
            assert_ne!(stand(&found, id), &Stand::Fail, "{id}: {defect}");
        }
    }
}

#[test]
fn what_was_wrong_before_is_not_blamed_on_malformed_commands() {
    for defect in ["hide-cancelled", "gross-total"] {
        let found = examined(broken(Reference::strong(), defect), &["CH-2"], 1);
        assert_ne!(stand(&found, "CH-2"), &Stand::Fail, "{defect}");
    }
}

#[test]
fn what_only_the_read_side_loses_is_no_lost_update() {
    let found = examined(broken(Reference::strong(), "two-workers"), &["EC-4", "OC-5"], 3);
    assert_eq!(stand(&found, "EC-4"), &Stand::Fail);
    assert_ne!(stand(&found, "OC-5"), &Stand::Fail);
    let found = examined(broken(Reference::strong(), "lost-update"), &["BR-5", "OC-5"], 1);
    assert_eq!(stand(&found, "OC-5"), &Stand::Fail);
}
