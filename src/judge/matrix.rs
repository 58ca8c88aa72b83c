use std::collections::BTreeMap;
use std::sync::Arc;

/// Which command's effect was seen in which field of which read model.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Matrix {
    cells: BTreeMap<Place, Cell>,
}

/// Command, read model, field.
type Place = (Arc<str>, Arc<str>, Arc<str>);

/// What is known of one command, read model and field.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Cell {
    /// How often the command changed the field by the rules.
    pub changed: u64,
    /// How often that was seen in an answer.
    pub seen: u64,
}

impl Matrix {
    /// A command has changed a field of a read model by the rules; and whether that was seen.
    pub(super) fn note(&mut self, command: &Arc<str>, query: &Arc<str>, field: &Arc<str>, seen: bool) {
        let cell = self.cells.entry((command.clone(), query.clone(), field.clone())).or_default();
        cell.changed += 1;
        cell.seen += u64::from(seen);
    }

    /// Adds what another judgement found.
    pub fn add(&mut self, other: &Self) {
        for (place, found) in &other.cells {
            let cell = self.cells.entry(place.clone()).or_default();
            cell.changed += found.changed;
            cell.seen += found.seen;
        }
    }

    /// What is known of the command, the read model and its field.
    pub fn cell(&self, command: &str, query: &str, field: &str) -> Cell {
        self.cells.get(&(command.into(), query.into(), field.into())).copied().unwrap_or_default()
    }

    /// All cells that anything is known of: command, read model, field.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &str, &str, Cell)> {
        self.cells.iter().map(|((command, query, field), cell)| (&**command, &**query, &**field, *cell))
    }
}
