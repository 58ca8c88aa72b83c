//! Which aggregates are explored together.

use super::{Naming, Subject};
use crate::contract::{Contract, Type};

/// The subjects of each graph: an aggregate alone; with those that its commands refer to; two of one kind where it
/// refers to its own.
pub fn groups(contract: &Contract, naming: &Naming) -> Vec<Vec<Subject>> {
    let kinds: Vec<&str> = contract.aggregates().map(|aggregate| &*aggregate.name).collect();
    let mut refers: Vec<(usize, usize)> = Vec::new();
    for command in contract.commands() {
        let Some(from) = kinds.iter().position(|kind| **kind == *command.aggregate) else { continue };
        for field in &command.fields {
            if let Type::Reference(kind) = &field.ty
                && let Some(to) = kinds.iter().position(|known| **known == **kind)
            {
                refers.push((from, to));
            }
        }
    }
    let mut group: Vec<usize> = (0..kinds.len()).collect();
    // As often as there are kinds, since each round joins at least two groups or none.
    for _ in 0..kinds.len() {
        for (from, to) in &refers {
            let (low, high) = (group[*from].min(group[*to]), group[*from].max(group[*to]));
            group.iter_mut().filter(|group| **group == high).for_each(|group| *group = low);
        }
    }
    let of = |wanted: usize| {
        let members = (0..kinds.len()).filter(|kind| group[*kind] == wanted);
        let subjects = members.flat_map(|kind| {
            let count = if refers.contains(&(kind, kind)) { 2 } else { 1 };
            (1..=count).map(move |number| (kind, number))
        });
        subjects.map(|(kind, number)| naming.subject(kinds[kind], number)).collect::<Vec<_>>()
    };
    (0..kinds.len()).map(of).filter(|subjects| !subjects.is_empty()).collect()
}
