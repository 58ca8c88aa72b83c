//! Read models that are built anew.

use proofmark::adapter::Reference;

use super::liar::{Liar, Lie};
use super::{broken, fails, passes, sound};

#[test]
fn a_sound_rebuild_passes() {
    for target in sound() {
        passes(target, &["RB-1", "RB-2", "RB-3", "RB-4"], 1);
    }
}

#[track_caller]
fn found(lie: Lie, id: &str, wrong: &str) {
    fails(Liar::new(Reference::strong(), lie), id, wrong);
}

#[test]
fn a_read_model_that_is_another_one_behind_a_rebuild_is_found() {
    found(Lie::RebuildForgets, "RB-1", "shows something else");
    fails(broken(Reference::strong(), "rebuild-skips"), "RB-1", "since its read model was built anew");
}

#[test]
fn a_rebuild_that_emits_events_is_found() {
    found(Lie::RebuildEmits, "RB-2", "emitted an event");
    fails(broken(Reference::strong(), "rebuild-publishes"), "RB-2", "rebuild");
}

#[test]
fn a_rebuild_that_loses_what_is_done_meanwhile_is_found() {
    found(Lie::RebuildLoses, "RB-3", "behind a rebuild that was under way meanwhile");
    fails(broken(Reference::strong(), "rebuild-loses"), "RB-3", "behind a rebuild");
}

#[test]
fn a_rebuild_that_is_an_outage_is_found() {
    found(Lie::RebuildCloses, "RB-4", "what it showed before is said not to be there");
}
