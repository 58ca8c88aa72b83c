use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::contract::rules::Effect;

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

    /// What nobody saw change: of `effects`, and of all that changed by the rules.
    pub fn unseen(&self, effects: impl IntoIterator<Item = Effect>) -> Vec<Effect> {
        let changed = self.cells.keys().map(|(command, query, field)| Effect {
            command: command.clone(),
            query: query.clone(),
            field: field.clone(),
        });
        let all: BTreeSet<Effect> = effects.into_iter().chain(changed).collect();
        let seen = |effect: &Effect| self.cell(&effect.command, &effect.query, &effect.field).seen > 0;
        all.into_iter().filter(|effect| !seen(effect)).collect()
    }

    /// Whether a command has changed by the rules what a query shows in a field.
    pub(crate) fn has_changed(&self, effect: &Effect) -> bool {
        self.cell(&effect.command, &effect.query, &effect.field).changed > 0
    }

    /// All cells that anything is known of: command, read model, field.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &str, &str, Cell)> {
        self.cells.iter().map(|((command, query, field), cell)| (&**command, &**query, &**field, *cell))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_only_covered_or_never_looked_at_was_not_seen() {
        let [rename, open, query] = ["Rename", "Open", "GetTask"].map(Arc::<str>::from);
        let [title, owner]: [Arc<str>; 2] = ["title", "owner"].map(Arc::from);
        let effect = |command: &Arc<str>, field: &Arc<str>| Effect {
            command: command.clone(),
            query: query.clone(),
            field: field.clone(),
        };
        let mut matrix = Matrix::default();
        matrix.note(&open, &query, &owner, true);
        matrix.note(&open, &query, &title, false);
        let unseen = matrix.unseen([effect(&rename, &title), effect(&open, &owner)]);
        assert_eq!(unseen, [effect(&open, &title), effect(&rename, &title)]);
        matrix.note(&open, &query, &title, true);
        matrix.note(&rename, &query, &title, true);
        assert_eq!(matrix.unseen([effect(&rename, &title)]), []);
        assert_eq!(effect(&rename, &title).to_string(), "GetTask.title by Rename");
    }
}
