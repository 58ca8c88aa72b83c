//! What can go wrong with a database, when it is opened and later.

use std::future::Future;
use std::time::Duration;

use reference_impl::store::{Position, StoreError};
use sqlx::migrate::MigrateError;
use tokio::time::timeout;

use crate::options::{ProjectedBy, WriteModel};

/// How long a database may take for one thing that is asked of it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Why stores can't be opened. No text here has a password in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It can't be reached, or it is no such database.
    #[error("{store} can't be opened: {reason}")]
    Unreachable {
        /// The address.
        store: String,
        /// What it said.
        reason: String,
    },
    /// It doesn't let this user in.
    #[error("{store} refuses the user or the password: {reason}")]
    Denied {
        /// The address.
        store: String,
        /// What it said.
        reason: String,
    },
    /// Its tables are those of a newer version of this program.
    #[error(
        "{store} was written by a newer version (schema {found}, this one knows up to {known}): use that version, \
         or another database"
    )]
    Newer {
        /// The address.
        store: String,
        /// The schema's version there.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// It keeps another write model than was asked for.
    #[error(
        "{store} keeps the write model `{found}`, not `{asked}`: ask for `{found}`, or use another database"
    )]
    OtherWriteModel {
        /// The address.
        store: String,
        /// What it keeps.
        found: String,
        /// What was asked for.
        asked: WriteModel,
    },
    /// Triggers copy the rows of orders, and there are none.
    #[error(
        "{store} keeps the write model `events`, which has no rows of orders for triggers to copy: triggers need the \
         write model `state`"
    )]
    NothingToCopy {
        /// The address.
        store: String,
    },
    /// No transaction and no trigger reaches from one database into another.
    #[error(
        "read models in a database of their own are kept from events: {projected_by:?} would have to reach from one database into the other"
    )]
    NoTransactionOverTwo {
        /// Who was to keep them.
        projected_by: ProjectedBy,
    },
    /// The read models there are those of another log.
    #[error(
        "the read models in {store} have taken in {taken_in} events, and the log has {head}: they belong to another one; \
         use a new database for them"
    )]
    OtherLog {
        /// Their address.
        store: String,
        /// How far they are.
        taken_in: Position,
        /// Where the log ends.
        head: Position,
    },
    /// A defect can't be had there.
    #[error("the defect `{defect}` can't be had in {store}: it needs {needs}")]
    NoSuchDefectHere {
        /// The address.
        store: String,
        /// The defect.
        defect: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// Its tables can't be made, or aren't what this version made them.
    #[error("the tables in {store} can't be used: {reason}")]
    Schema {
        /// The address.
        store: String,
        /// What is wrong.
        reason: String,
    },
}

impl OpenError {
    pub(crate) fn from_migration(store: &str, known: i64, error: MigrateError) -> Self {
        let store = store.to_owned();
        match error {
            MigrateError::VersionMissing(found) if found > known => Self::Newer { store, found, known },
            MigrateError::VersionMissing(found) => {
                Self::Schema { store, reason: format!("they have a version {found} that was never ours") }
            }
            MigrateError::VersionMismatch(version) => {
                let reason = format!("version {version} of them was made otherwise; use another database");
                Self::Schema { store, reason }
            }
            MigrateError::Dirty(version) => {
                let reason = format!("making version {version} of them was begun and not finished");
                Self::Schema { store, reason }
            }
            MigrateError::Execute(error) => Self::from_database(&store, &error),
            MigrateError::ExecuteMigration(error, version) => {
                Self::Schema { store, reason: format!("version {version}: {}", reason(&error)) }
            }
            other => Self::Schema { store, reason: other.to_string() },
        }
    }

    pub(crate) fn from_database(store: &str, error: &sqlx::Error) -> Self {
        let (store, reason) = (store.to_owned(), reason(error));
        // SQLSTATE class 28: invalid authorization specification.
        match error.as_database_error().and_then(sqlx::error::DatabaseError::code) {
            Some(code) if code.starts_with("28") => Self::Denied { store, reason },
            _ => Self::Unreachable { store, reason },
        }
    }
}

/// What a database said.
fn reason(error: &sqlx::Error) -> String {
    match error {
        // Its message and code can be looked up. Written out whole, PostgreSQL's errors end with a line of the server's own source.
        sqlx::Error::Database(error) => match error.code() {
            Some(code) => format!("{} ({code})", error.message()),
            None => error.message().to_owned(),
        },
        sqlx::Error::PoolTimedOut => "it did not answer in time".to_owned(),
        other => other.to_string(),
    }
}

/// A failure of the database while the system runs. Whether a write has taken effect is unknown.
pub(crate) fn unavailable(error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => corrupt(error),
        other => StoreError::Unavailable { reason: reason(other) },
    }
}

/// Something that is kept can't be made sense of.
#[allow(clippy::needless_pass_by_value, reason = "so that it can be given to `map_err`")]
pub(crate) fn corrupt(reason: impl ToString) -> StoreError {
    StoreError::Corrupt { reason: reason.to_string() }
}

/// Waits for what was asked of a database, but not for ever.
pub(crate) async fn in_time<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match timeout(DEADLINE, work).await {
        Ok(outcome) => outcome.map_err(|error| unavailable(&error)),
        Err(_) => Err(StoreError::Unavailable { reason: format!("no answer within {DEADLINE:?}") }),
    }
}
