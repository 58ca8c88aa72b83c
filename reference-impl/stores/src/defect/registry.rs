//! The list of all defects of stores.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{
    Correct, StorePoint, answer_before_commit, checkpoint_first, key_after_effect, outbox_outside,
    position_sequence, recovered_twice, relayed_twice, trigger_per_statement,
};
use crate::options::{Options, ProjectedBy, WriteModel};

/// A bug of a store that can be switched on. It is meant for a database of its own: what it has done to the data, and
/// to the schema, stays.
#[derive(Clone, Copy)]
pub struct StoreDefect {
    /// What it is called, on a command line too.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// The clauses of the conformance catalogue that it breaks, where things come together that way: most take a crash,
    /// a failure or two writers at a bad moment.
    pub breaks: &'static [&'static str],
    /// Where it can be had.
    pub(super) needs: Needs,
    pub(super) install: fn(Arc<dyn StorePoint>) -> Arc<dyn StorePoint>,
}

/// What a defect can only be had with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Any database.
    Nothing,
    /// The write model `state`, which has an outbox.
    Outbox,
    /// Read models that are kept from events.
    Events,
    /// PostgreSQL, since SQLite has one writer at a time, and the write model `events`.
    PostgresEvents,
    /// PostgreSQL, since SQLite has no such triggers, and read models that are kept by triggers.
    PostgresTriggers,
}

impl Needs {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "any database",
            Self::Outbox => "the write model `state`",
            Self::Events => "read models that are kept from events",
            Self::PostgresEvents => "PostgreSQL and the write model `events`",
            Self::PostgresTriggers => "PostgreSQL and read models that are kept by triggers",
        }
    }

    fn are_met(self, postgres: bool, model: WriteModel, by: ProjectedBy) -> bool {
        match self {
            Self::Nothing => true,
            Self::Outbox => model == WriteModel::State,
            Self::Events => by == ProjectedBy::Events,
            Self::PostgresEvents => postgres && model == WriteModel::Events,
            Self::PostgresTriggers => postgres && by == ProjectedBy::Triggers,
        }
    }
}

impl StoreDefect {
    /// Where it can be had, in a few words.
    pub const fn needs(&self) -> &'static str {
        self.needs.as_str()
    }
}

impl fmt::Debug for StoreDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreDefect").field("name", &self.name).finish_non_exhaustive()
    }
}

static REGISTRY: &[StoreDefect] = &[
    answer_before_commit::DEFECT,
    outbox_outside::DEFECT,
    key_after_effect::DEFECT,
    checkpoint_first::DEFECT,
    recovered_twice::DEFECT,
    position_sequence::DEFECT,
    relayed_twice::DEFECT,
    trigger_per_statement::DEFECT,
];

/// Every defect of stores there is.
pub fn store_defects() -> &'static [StoreDefect] {
    REGISTRY
}

/// A text names no defect of stores.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no defect of stores `{name}`; there are {}", known.join(", "))]
pub struct UnknownStoreDefect {
    /// The name asked for.
    pub name: String,
    /// The names there are.
    pub known: Vec<&'static str>,
}

impl FromStr for StoreDefect {
    type Err = UnknownStoreDefect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = REGISTRY.iter().find(|defect| defect.name == name);
        let known = || REGISTRY.iter().map(|defect| defect.name).collect();
        found.copied().ok_or_else(|| UnknownStoreDefect { name: name.to_owned(), known: known() })
    }
}

/// The point with those defects around it.
pub(crate) fn installed(options: &Options) -> Arc<dyn StorePoint> {
    options.defects.iter().fold(Arc::new(Correct), |point, defect| (defect.install)(point))
}

/// The defects of read models among those, which go where the read models are.
pub(crate) fn of_read_models(options: &Options) -> Vec<StoreDefect> {
    options.defects.iter().copied().filter(|defect| defect.needs == Needs::Events).collect()
}

/// The first defect that can't be had here, and what it needs.
pub(crate) fn needed(
    options: &Options,
    postgres: bool,
    model: WriteModel,
) -> Option<(&'static str, &'static str)> {
    let unmet = |defect: &&StoreDefect| !defect.needs.are_met(postgres, model, options.projected_by);
    options.defects.iter().find(unmet).map(|defect| (defect.name, defect.needs()))
}
