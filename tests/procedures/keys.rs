//! ID: retries under a key.

use super::orders::{check_clean, check_defect};

const ALL: &[&str] = &["ID-1", "ID-2", "ID-3", "ID-4"];

#[test]
fn the_reference_understands_keys() {
    check_clean(ALL, 1);
}

#[test]
fn a_key_that_is_ignored_is_noticed() {
    check_defect("ignore-key", &["ID-1"], "", &["ID-4"]);
    check_defect("ignore-key", &["ID-2"], "under the key of another", &[]);
    check_defect("ignore-key", &["ID-3"], "copies of one", &[]);
}

#[test]
fn a_key_that_is_taken_too_late_is_noticed_at_the_same_time_only() {
    check_defect("late-key", &["ID-3"], "copies of one", &["ID-1", "ID-2", "ID-4"]);
}

#[test]
fn a_body_taken_for_the_key_is_noticed() {
    check_defect("body-key", &["ID-4"], "took effect once", &["ID-1", "ID-3"]);
    check_defect("body-key", &["ID-2"], "under the key of another", &[]);
}

#[test]
fn an_event_that_never_shows_is_not_blamed_on_keys() {
    check_defect("drop-event:1/20", &[], "", &["ID-1"]);
}
