//! How a database is to be used.

use std::fmt;

use crate::defect::StoreDefect;

/// What the write side keeps. A database keeps one of them for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteModel {
    /// The events alone: an order is what its events say.
    Events,
    /// Each order as it is now, in `orders` and `order_items`, and what has happened to it in `outbox`.
    State,
}

impl WriteModel {
    /// Its name: `events` or `state`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::State => "state",
        }
    }
}

impl fmt::Display for WriteModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Who keeps the rows of the read models, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProjectedBy {
    /// The read models themselves, from the log: each batch of rows and the checkpoint in a transaction of their own,
    /// after the append's.
    #[default]
    Events,
    /// The append, in its own transaction.
    Transaction,
    /// Triggers of the database, in the append's transaction. They copy what the orders' rows say, so that the write
    /// model must be [`WriteModel::State`].
    Triggers,
}

/// How a database is to be used.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What the write side keeps. `None`: what the database has; in one that is new, events, or states if triggers are to
    /// copy them.
    pub write_model: Option<WriteModel>,
    /// Who keeps the rows of the read models.
    pub projected_by: ProjectedBy,
    /// The defects to switch on. Default: none.
    pub defects: Vec<StoreDefect>,
}
