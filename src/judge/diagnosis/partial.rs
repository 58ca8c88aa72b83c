//! Only a part of what a command does came about, of one that does several things.

use std::sync::Arc;

use super::course::{CameTo, Scope, Sent, Told};
use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::contract::rules::{Acceptance, World};
use crate::protocol::ClauseId;
use crate::value::{Record, Value};

/// Of so many things that a command does, every selection is looked at.
const MOST: usize = 6;

/// One thing that a command does.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// It emits the event that stands at this place among those that it emits.
    Emits(usize),
    /// It makes an aggregate.
    Makes(Arc<str>, Value),
    /// It sets a field of one that was there before.
    Sets(Arc<str>, Value, Arc<str>),
}

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| mismatch.is_read()) else {
        return Vec::new();
    };
    let done: Vec<Sent<'_>> = course.done(read.at).collect();
    for sent in done.iter().rev() {
        for left_out in ways_to_tear(course, sent) {
            let way = |place| torn(course, sent, &left_out, place);
            if course.is_read_so(&read, Scope::Once, &way) {
                return vec![cause(sent, course.side(&read, &way))];
            }
        }
    }
    Vec::new()
}

/// What of a command may be left out so that something of it is left: some of its events, or some of what is other behind it.
pub(super) fn ways_to_tear(course: &Course<'_>, sent: &Sent<'_>) -> Vec<Vec<Deed>> {
    let kinds = course.world(sent.at).and_then(|before| {
        let done = course.acceptance(&before, sent.command)?;
        Some([(0..done.events.len()).map(Deed::Emits).collect(), deeds(&before, &done.world)])
    });
    let several = kinds.into_iter().flatten().filter(|deeds: &Vec<Deed>| (2..=MOST).contains(&deeds.len()));
    let torn_so = several.flat_map(|deeds| {
        let some = 1..(1_usize << deeds.len()) - 1;
        some.map(move |some| {
            let left_out = deeds.iter().enumerate().filter(|(at, _)| some >> at & 1 == 1);
            left_out.map(|(_, deed)| deed.clone()).collect::<Vec<_>>()
        })
    });
    torn_so.collect()
}

fn cause(sent: &Sent<'_>, Told { side, certain }: Told) -> Cause {
    let name = &sent.command.name;
    let says = match &side {
        Side::Write => format!("only a part of what {name} does has come about"),
        Side::Read(query) => format!("{query} shows only a part of what {name} does"),
    };
    let breaks = match &side {
        Side::Write => vec![ClauseId::Br3],
        Side::Read(_) if certain => vec![ClauseId::Ec1],
        // Nothing tells on which side it is.
        Side::Read(_) => vec![ClauseId::Br3, ClauseId::Ec1],
    };
    Cause { assumption: Assumption::Partial, side, breaks, says }
}

/// What is other in a world than in the one before.
fn deeds(before: &World<Record>, behind: &World<Record>) -> Vec<Deed> {
    let mut deeds = Vec::new();
    for entry in behind.entries() {
        let (kind, id) = (&entry.aggregate, &entry.id);
        let Some(old) = before.get(kind, id) else {
            deeds.push(Deed::Makes(kind.clone(), id.clone()));
            continue;
        };
        let other = entry.state.fields().iter().filter(|(name, value)| old.state.get(name) != Some(value));
        deeds.extend(other.map(|(name, _)| Deed::Sets(kind.clone(), id.clone(), name.clone())));
    }
    deeds
}

/// The world before a place if a command had left out some of what it does, whether it was accepted or not.
pub(super) fn torn(
    course: &Course<'_>,
    sent: &Sent<'_>,
    left_out: &[Deed],
    place: usize,
) -> Option<World<Record>> {
    let mut world = World::new();
    for one in course.sent(place).iter().filter(|one| one.at == sent.at || one.came_to == CameTo::Effect) {
        let done = course.acceptance(&world, one.command)?;
        world = if one.at == sent.at { leave_out(course, &world, &done, left_out)? } else { done.world };
    }
    Some(world)
}

fn leave_out(
    course: &Course<'_>,
    before: &World<Record>,
    done: &Acceptance<Record>,
    left_out: &[Deed],
) -> Option<World<Record>> {
    let events = left_out.iter().filter_map(|deed| if let Deed::Emits(at) = deed { Some(*at) } else { None });
    let events: Vec<usize> = events.collect();
    if !events.is_empty() {
        let mut kept = done.events.iter().enumerate().filter(|(at, _)| !events.contains(at));
        return kept.try_fold(before.clone(), |world, (_, event)| course.model.evolve(&world, event).ok()?);
    }
    let mut world = World::new();
    for entry in done.world.entries() {
        let mut entry = entry.clone();
        let old = before.get(&entry.aggregate, &entry.id);
        let mut is_there = true;
        for deed in left_out {
            match deed {
                Deed::Makes(kind, id) if *kind == entry.aggregate && *id == entry.id => is_there = false,
                Deed::Sets(kind, id, field) if *kind == entry.aggregate && *id == entry.id => {
                    match old.and_then(|old| old.state.get(field)) {
                        Some(value) => entry.state.insert(field.clone(), value.clone()),
                        None => entry.state.remove(field),
                    };
                }
                _ => {}
            }
        }
        if is_there {
            world.put(entry);
        }
    }
    Some(world)
}
