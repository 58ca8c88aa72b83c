use std::time::Duration;

use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{AddressError, Bound, Found, SqlError};
use crate::profile::{Limits, Statement};
use crate::value::{Number, Value};

/// A database that is only read.
#[derive(Debug)]
pub(in crate::adapter) enum Database {
    Postgres(Box<Postgres>),
    Sqlite(Box<Sqlite>),
}

/// A statement as its database takes it.
#[derive(Debug)]
pub(in crate::adapter) struct Prepared {
    /// With the bounds around it.
    pub(super) text: String,
    /// Its columns, where the database tells them beforehand.
    pub(super) columns: Vec<Column>,
}

/// A column of what a statement brings.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// Whether its 0 and 1 are truth values.
    pub(super) truth: bool,
}

impl Database {
    /// The one at `url`. Nothing is connected yet.
    pub(in crate::adapter) fn at(url: &str, limits: &Limits) -> Result<Self, AddressError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Postgres::at(url, limits).map(Box::new).map(Self::Postgres);
        }
        if url.starts_with("sqlite:") {
            return Sqlite::at(url, limits).map(Box::new).map(Self::Sqlite);
        }
        Err(AddressError::Unknown)
    }

    /// Has the database look at a statement, which is not done.
    pub(in crate::adapter) async fn prepare(&self, statement: &Statement) -> Result<Prepared, SqlError> {
        match self {
            Self::Postgres(postgres) => postgres.prepare(statement).await,
            Self::Sqlite(sqlite) => sqlite.prepare(statement).await,
        }
    }

    /// What a statement brings, and what counts the rows with it, as they are at one moment.
    pub(in crate::adapter) async fn read(
        &self,
        rows: &Bound<'_>,
        total: Option<&Bound<'_>>,
        within: Duration,
    ) -> Result<Found, SqlError> {
        match self {
            Self::Postgres(postgres) => postgres.read(rows, total, within).await,
            Self::Sqlite(sqlite) => sqlite.read(rows, total, within).await,
        }
    }

    /// The words of a command line for a POSIX shell that asks the same; `variable` holds the address.
    pub(in crate::adapter) fn command(&self, variable: Option<&str>, sql: &str) -> Vec<String> {
        let quoted = |word: &str| format!("'{}'", word.replace('\'', "'\\''"));
        let (program, at) = match (self, variable) {
            (Self::Postgres(_), Some(variable)) => (vec!["psql"], format!("\"${variable}\"")),
            (Self::Postgres(postgres), None) => (vec!["psql"], quoted(&postgres.address)),
            (Self::Sqlite(sqlite), _) => (vec!["sqlite3", "-readonly"], quoted(&sqlite.file)),
        };
        let mut words: Vec<String> = program.into_iter().map(str::to_owned).collect();
        words.push(at);
        words.extend(matches!(self, Self::Postgres(_)).then(|| "-c".to_owned()));
        words.push(quoted(sql));
        words
    }
}

/// What has come of a statement so far, and how much more of it is read.
pub(super) struct Reading<'l> {
    limits: &'l Limits,
    rows: Vec<Value>,
    bytes: usize,
    values: usize,
}

impl<'l> Reading<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self { limits, rows: Vec::new(), bytes: 0, values: 0 }
    }

    /// Takes in a row, which came to so many bytes and is so many values.
    pub(super) fn takes_in(&mut self, row: Value, bytes: usize, values: usize) -> Result<(), SqlError> {
        let limits = self.limits;
        self.rows.push(row);
        self.bytes += bytes;
        self.values += values;
        for (count, most, what, setting) in [
            (self.rows.len(), limits.rows, "rows", "rows"),
            (self.values, limits.values, "values", "values"),
            (self.bytes, limits.read_bytes, "bytes", "read_bytes"),
        ] {
            if count > most {
                return Err(SqlError::TooMuch { most, what, setting });
            }
        }
        Ok(())
    }

    pub(super) fn rows(self) -> Vec<Value> {
        self.rows
    }
}

/// A row that is longer than what is read of one.
pub(super) fn too_long(limits: &Limits) -> SqlError {
    SqlError::TooMuch { most: limits.bytes, what: "bytes in a row", setting: "bytes" }
}

/// The number in one row of one column.
pub(super) fn total(rows: &[Value]) -> Result<u64, SqlError> {
    let row = match rows {
        [Value::Record(row)] if row.fields().len() == 1 => &row.fields()[0].1,
        _ => return Err(SqlError::NoTotal),
    };
    row.as_number().and_then(Number::to_u64).ok_or(SqlError::NoTotal)
}
