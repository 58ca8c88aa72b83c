use std::time::Duration;

use crate::value::JsonError;

/// Why an address is that of no database. Doesn't repeat it: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// This build has no databases.
    #[error(
        "queries with `sql` need a build with the cargo feature `sql`: cargo install --features sql, or cargo run --features sql"
    )]
    NoDatabases,
    /// It can't be filled in. Holds why.
    #[error("`url` in [database] of the profile: {0}")]
    Unfilled(String),
    /// It begins like none.
    #[error(
        "`url` in [database] of the profile is that of no database: it begins with postgres:// or sqlite:"
    )]
    Unknown,
    /// A part of it can't be read. Holds why.
    #[error("`url` in [database] of the profile can't be read: {0}")]
    Unreadable(String),
    /// There are no tables in it that somebody else has made.
    #[error("`url` in [database] of the profile names no file: write `sqlite:FILE`")]
    InMemory,
}

/// Why a database has not answered. Texts are the database's own words, and no address with credentials is in them.
#[derive(Clone, Debug, thiserror::Error)]
#[cfg_attr(not(feature = "sql"), expect(dead_code, reason = "as with the feature"))]
pub(in crate::adapter) enum SqlError {
    /// There is no connection.
    #[error("the database {at} can't be reached: {why}")]
    Unreachable {
        /// Where it is, without credentials.
        at: String,
        why: String,
    },
    /// There was none within the time for it.
    #[error("the database {at} can't be reached within {within:?} (`connect` in [limits] of the profile)")]
    LateConnection { at: String, within: Duration },
    /// It lets nobody in with these credentials, or nowhere.
    #[error(
        "the database {at} lets nobody in: {why}; user, password and database stand in `url` of [database]"
    )]
    Denied { at: String, why: String },
    /// The time was up.
    #[error("the database did not answer within {0:?} (`total` in [limits] of the profile)")]
    Late(Duration),
    /// It ended the statement, as it was told to, a moment before we did. Whoever waits for it knows for how long.
    #[error("the database ended the statement: {0}")]
    Ended(String),
    /// The connection broke.
    #[error("the connection to the database was lost: {0}")]
    Lost(String),
    /// The statement is none for it.
    #[error("the database doesn't take the statement: {0}")]
    Refused(String),
    /// It can't tell what a placeholder is.
    #[error(
        "the database doesn't take the statement: {0}; write what it is behind the placeholder, as in `${{.field}}::text`"
    )]
    Untyped(String),
    /// It would change something.
    #[error("the statement writes, and the database is only read: {0}")]
    Writes(String),
    /// It reads what its user may not read.
    #[error(
        "the database's user may not read this: {0}; grant it SELECT, or name another user in `url` of [database]"
    )]
    Forbidden(String),
    /// It has a parameter in the database's own notation.
    #[error(
        "the statement has a parameter that nothing is bound to: write `${{on}}` or `${{.field}}` instead of `?`, `:name` or `@name`"
    )]
    Parameters,
    /// It brings more than is read.
    #[error(
        "the statement brings more than {most} {what}; `{setting}` in [limits] of the profile lets in more"
    )]
    TooMuch { most: usize, what: &'static str, setting: &'static str },
    /// A value that is none of the contract's.
    #[error(
        "the column `{column}` holds {what}, which is no value of a contract: leave it out, or write it as text in the statement"
    )]
    NoValue { column: String, what: &'static str },
    /// A row can't be written as JSON.
    #[error("a row can't be read: {0}")]
    Unreadable(#[from] JsonError),
    /// What counts the rows brings something else.
    #[error(
        "`total` brings no number of rows: it needs one row with one whole number, as `SELECT count(*) …` brings"
    )]
    NoTotal,
}
