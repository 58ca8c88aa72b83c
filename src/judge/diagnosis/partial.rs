//! Only a part of what a command does came about, of one that does several things.

use std::sync::Arc;

use super::course::{Scope, Sent, Told};
use super::{Assumption, Cause, Course, Mismatch, Side, is_read};
use crate::contract::rules::World;
use crate::protocol::ClauseId;
use crate::value::{Record, Value};

/// Of so many things that a command does, every selection is looked at.
const MOST: usize = 6;

/// One thing that a command does: to an aggregate, and to one field of it if that was there before.
type Deed = (Arc<str>, Value, Option<Arc<str>>);

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| is_read(mismatch)) else { return Vec::new() };
    let done: Vec<Sent<'_>> = course.done(read.at).collect();
    for sent in done.iter().rev() {
        let Some((before, behind)) = both(course, sent) else { continue };
        let deeds = deeds(&before, &behind);
        if !(2..=MOST).contains(&deeds.len()) {
            continue;
        }
        for left_out in 1..(1_usize << deeds.len()) - 1 {
            let left_out: Vec<&Deed> = deeds
                .iter()
                .enumerate()
                .filter(|(at, _)| left_out >> at & 1 == 1)
                .map(|(_, deed)| deed)
                .collect();
            let way = |place| torn(course, sent, &left_out, place);
            if course.is_read_so(&read, Scope::Once, &way) {
                let Told { side, certain } = course.side(&read, &way);
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
                return vec![Cause { assumption: Assumption::Partial, side, breaks, says }];
            }
        }
    }
    Vec::new()
}

fn both(course: &Course<'_>, sent: &Sent<'_>) -> Option<(World<Record>, World<Record>)> {
    let before = course.world(sent.at)?;
    let behind = course.effect(&before, sent.command)?;
    Some((before, behind))
}

/// What is other in a world than in the one before.
fn deeds(before: &World<Record>, behind: &World<Record>) -> Vec<Deed> {
    let mut deeds = Vec::new();
    for entry in behind.entries() {
        let Some(old) = before.get(&entry.aggregate, &entry.id) else {
            deeds.push((entry.aggregate.clone(), entry.id.clone(), None));
            continue;
        };
        let other = entry.state.fields().iter().filter(|(name, value)| old.state.get(name) != Some(value));
        deeds.extend(other.map(|(name, _)| (entry.aggregate.clone(), entry.id.clone(), Some(name.clone()))));
    }
    deeds
}

/// The world before a place if a command had left out some of what it does.
fn torn(course: &Course<'_>, sent: &Sent<'_>, left_out: &[&Deed], place: usize) -> Option<World<Record>> {
    let mut world = World::new();
    for one in course.done(place) {
        let behind = course.effect(&world, one.command)?;
        world = if one.at == sent.at { leave_out(&world, &behind, left_out) } else { behind };
    }
    Some(world)
}

fn leave_out(before: &World<Record>, behind: &World<Record>, left_out: &[&Deed]) -> World<Record> {
    let mut world = World::new();
    for entry in behind.entries() {
        let of_entry = left_out.iter().filter(|(kind, id, _)| *kind == entry.aggregate && *id == entry.id);
        let mut entry = entry.clone();
        let mut is_there = true;
        for (kind, id, field) in of_entry {
            match (field, before.get(kind, id)) {
                (Some(field), Some(old)) => {
                    if let Some(value) = old.state.get(field) {
                        entry.state.insert(field.clone(), value.clone());
                    } else {
                        entry.state.remove(field);
                    }
                }
                _ => is_there = false,
            }
        }
        if is_there {
            world.put(entry);
        }
    }
    world
}
