//! The event feed.

use proofmark::adapter::Reference;

use super::liar::{Liar, Lie};
use super::{fails, passes, sound};

const CLAUSES: &[&str] = &["EV-1", "EV-2", "EV-3", "EV-4", "EV-5", "EV-6"];

#[test]
fn a_sound_feed_passes() {
    for target in sound() {
        passes(target, CLAUSES, 1);
    }
}

#[track_caller]
fn found(lie: Lie, id: &str, wrong: &str) {
    fails(Liar::new(Reference::strong(), lie), id, wrong);
}

#[test]
fn versions_that_are_not_there_are_missed() {
    found(Lie::Gap, "EV-1", "where version 2 of a stream must be");
}

#[test]
fn positions_and_order_are_held_to() {
    found(Lie::SamePosition, "EV-2", "not higher than the one before");
    found(Lie::Turning, "EV-2", "another order");
}

#[test]
fn a_past_that_changes_is_found() {
    found(Lie::Amended, "EV-3", "an event is not what it was");
}

#[test]
fn a_rest_that_repeats_is_found() {
    found(Lie::Repeating, "EV-4", "exactly the rest");
}

#[test]
fn events_that_show_up_late_are_found() {
    found(Lie::Late, "EV-5", "before a position that was delivered already");
}

#[test]
fn ids_and_causes_are_checked() {
    found(Lie::SameId, "EV-6", "the same id");
    found(Lie::SameCause, "EV-6", "name one cause");
}
