//! Read models that are built anew.

use proofmark::conform::Stand;
use proofmark::target::Reference;

use super::liar::{Liar, Lie};
use super::{examined, fails, passes, sound};

#[test]
fn a_sound_rebuild_passes() {
    for target in sound() {
        passes(target, &["RB-1", "RB-2"], 1);
    }
}

#[track_caller]
fn found(lie: Lie, id: &str, wrong: &str) {
    fails(Liar::new(Reference::strong(), lie), id, wrong);
}

/// A rebuild that is over at once leaves no time for anything to happen meanwhile: then it is undecided, never passed.
#[track_caller]
fn never_passes(lie: Lie, id: &str) {
    let found = examined(Liar::new(Reference::strong(), lie), &[id], 1);
    let result = found.clauses.iter().find(|result| result.clause.id == id).expect("a clause");
    assert!(matches!(result.stand, Stand::Fail | Stand::Inconclusive(_)), "{id}: {:?}", result.stand);
}

#[test]
fn a_read_model_that_is_another_one_behind_a_rebuild_is_found() {
    found(Lie::RebuildForgets, "RB-1", "shows something else");
}

#[test]
fn a_rebuild_that_emits_events_is_found() {
    found(Lie::RebuildEmits, "RB-2", "emitted an event");
}

#[test]
fn a_rebuild_that_loses_what_is_done_meanwhile_is_found() {
    never_passes(Lie::RebuildLoses, "RB-3");
}

#[test]
fn a_rebuild_that_is_an_outage_is_found() {
    never_passes(Lie::RebuildCloses, "RB-4");
}
