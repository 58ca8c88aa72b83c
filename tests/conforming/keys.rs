//! Commands sent again: under their key, under another one, with another body, and several at the same time.

use proofmark::adapter::Reference;

use super::{broken, fails, passes, sound};

#[test]
fn a_system_that_remembers_keys_passes() {
    for target in sound() {
        passes(target, &["ID-1", "ID-2", "ID-3", "ID-4"], 1);
    }
}

#[test]
fn a_key_that_is_ignored_is_found() {
    for (id, wrong) in
        [("ID-1", "under the same key again"), ("ID-2", "under the key of another"), ("ID-3", "took effect")]
    {
        fails(broken(Reference::strong(), "ignore-key"), id, wrong);
    }
}

#[test]
fn a_body_that_is_taken_for_the_key_is_found() {
    fails(broken(Reference::strong(), "body-key"), "ID-4", "took effect once");
}

#[test]
fn a_key_that_is_kept_too_late_is_found() {
    fails(broken(Reference::strong(), "late-key"), "ID-3", "came at the same time");
}
