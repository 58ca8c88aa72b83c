//! OC: demanded versions, and writers of different aggregates.

use super::orders::{check_clean, check_defect};

#[test]
fn the_reference_compares_versions() {
    check_clean(&["OC-1", "OC-2", "OC-3", "OC-4"], 1);
}

#[test]
fn an_append_that_compares_nothing_is_noticed() {
    check_defect("lost-update", &["OC-1"], "and was accepted", &["OC-4"]);
    check_defect("lost-update", &["OC-3"], "writers raced", &[]);
}

#[test]
fn a_version_that_is_compared_too_early_is_noticed_at_the_same_time_only() {
    check_defect("check-then-act", &["OC-3"], "writers raced", &["OC-1", "OC-4"]);
}

#[test]
fn one_lock_for_all_aggregates_is_noticed() {
    check_defect("global-lock", &["OC-4"], "while others wrote to other aggregates", &["OC-1"]);
}
