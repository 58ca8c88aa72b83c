//! Databases that queries are answered from, behind one [`Database`]: they are only read, within bounds, and values are bound, never
//! put into a statement's text.
//!
//! `postgres` and `sqlite` know how one of them is asked and what it answers; `idle` keeps connections, `error` says why there is no answer, and
//! `without` stands in a build without databases.

#[cfg(feature = "sql")]
mod database;
#[cfg(not(feature = "sql"))]
#[path = "without.rs"]
mod database;
mod error;
#[cfg(feature = "sql")]
mod idle;
#[cfg(feature = "sql")]
mod postgres;
#[cfg(feature = "sql")]
mod sqlite;

pub(super) use database::{Database, Prepared};
pub use error::AddressError;
pub(super) use error::SqlError;

use crate::value::Value;

/// What a statement brought.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// A record a row, its columns by name.
    pub(super) rows: Vec<Value>,
    /// How many rows there are in all, where that was asked for.
    pub(super) total: Option<u64>,
}

/// A statement that is known to its database, and what is bound to its placeholders, in order; null for nothing.
#[cfg_attr(not(feature = "sql"), expect(dead_code, reason = "as with the feature"))]
pub(super) struct Bound<'b> {
    pub(super) statement: &'b Prepared,
    pub(super) values: Vec<Value>,
}
