//! What the feed's events add up to by the contract's rules.

use std::sync::Arc;

use super::Evidence;
use super::feed::{Reading, Readings};
use crate::contract::rules::{ModelError, World};
use crate::protocol::{Event, Outcome, Version};
use crate::value::{Record, Value};

/// Why the feed could not be folded by the rules.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub(super) enum Unfolded {
    #[error("the contract does not say which events its commands emit")]
    NoEvents,
    #[error("the contract does not say what comes of {0}")]
    Unsaid(Arc<str>),
    #[error("an event of the feed does not fit the contract: {0}")]
    Misfit(ModelError),
}

/// How things stood behind an event, or a command, on an aggregate.
pub(super) struct Stood {
    pub(super) on: Value,
    /// Nothing where none was told: nobody can ask for it, but what comes behind stands on it.
    pub(super) version: Option<Version>,
    pub(super) world: World<Record>,
}

/// A feed that was read, folded.
pub(super) struct Folded {
    /// The events of the case's own aggregates, in the order of the feed.
    pub(super) events: Vec<Event>,
    /// How things stood behind each.
    pub(super) stood: Vec<Stood>,
    /// When the last reading of it ended.
    pub(super) end: u64,
}

/// The feed of the case's aggregates, folded; nothing where it was not read.
pub(super) fn folded(evidence: &Evidence<'_>) -> Result<Option<Folded>, Unfolded> {
    let readings = Readings::of(evidence);
    let whole: Vec<&Reading> = readings.whole();
    let Some(end) = whole.iter().map(|reading| reading.end).max() else { return Ok(None) };
    let model = evidence.model();
    if !model.is_told_by_events() {
        return Err(Unfolded::NoEvents);
    }
    let mut events: Vec<Event> = whole.iter().flat_map(|reading| readings.own(reading)).cloned().collect();
    // Those of several aggregates are told in the order in which they happened, where that is known.
    events.sort_by_key(|event| event.position);
    let mut world = World::new();
    let mut stood = Vec::new();
    for event in &events {
        world = match model.evolve(&world, event) {
            Ok(Some(behind)) => behind,
            Ok(None) => return Err(Unfolded::Unsaid(event.name.clone())),
            Err(error) => return Err(Unfolded::Misfit(error)),
        };
        stood.push(Stood { on: event.on.clone(), version: event.version.clone(), world: world.clone() });
    }
    Ok(Some(Folded { events, stood, end }))
}

/// How things stood behind each command that was accepted, by the rules and by the versions that the answers told.
pub(super) fn told(evidence: &Evidence<'_>) -> Vec<Stood> {
    let accepted = evidence.submitted().filter_map(|sent| {
        let Outcome::Accepted(receipt) = sent.outcome else { return None };
        let world = evidence.world(sent.at + 1);
        Some(Stood { on: sent.command.on.clone()?, version: receipt.version.clone(), world })
    });
    accepted.collect()
}
