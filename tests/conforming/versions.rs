//! Versions that are demanded: old ones, missing ones, and one that several writers demand at the same time.

use proofmark::adapter::Reference;

use super::{broken, fails, passes, sound};

#[test]
fn a_system_that_compares_versions_passes() {
    for target in sound() {
        passes(target, &["OC-1", "OC-2", "OC-3", "OC-4"], 1);
    }
}

#[test]
fn an_append_that_compares_no_versions_is_found() {
    fails(broken(Reference::strong(), "lost-update"), "OC-1", "which was not the last one");
    fails(broken(Reference::strong(), "lost-update"), "OC-3", "writers raced");
}

#[test]
fn versions_that_are_compared_too_early_are_found() {
    fails(broken(Reference::strong(), "check-then-act"), "OC-3", "writers raced");
}

#[test]
fn a_lock_that_all_aggregates_share_is_found() {
    fails(broken(Reference::strong(), "global-lock"), "OC-4", "while others wrote to other aggregates");
}
