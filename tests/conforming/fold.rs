//! What the feed's events add up to, and how things stood before.

use proofmark::adapter::Reference;

use super::liar::{Liar, Lie};
use super::{broken, fails, passes, sound};

#[test]
fn a_sound_system_is_what_its_events_add_up_to() {
    for target in sound() {
        passes(target, &["CV-2", "EV-7"], 1);
    }
}

#[test]
fn a_read_model_that_its_events_do_not_explain_is_found() {
    let wrong = "does not show what the events add up to";
    fails(Liar::new(Reference::strong(), Lie::Falsified), "CV-2", wrong);
    fails(broken(Reference::strong(), "drop-event:1/3"), "CV-2", wrong);
}

#[test]
fn a_look_at_another_version_than_was_asked_for_is_found() {
    fails(Liar::new(Reference::strong(), Lie::Older), "EV-7", "is not what the events up to it add up to");
}
