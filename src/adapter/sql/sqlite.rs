//! SQLite: the file is opened for reading alone. A value is what it is stored as: integer, real, text or null.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow, SqliteValueRef};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Either, Executor as _, Row as _,
    SqlSafeStr as _, Statement as _, TypeInfo as _, ValueRef as _,
};
use tokio::time::timeout;

use super::database::{Column, Prepared, Reading, too_long, total};
use super::idle::Idle;
use super::{AddressError, Bound, Found, SqlError};
use crate::profile::{Limits, Statement, text};
use crate::value::{Number, Record, Value};

/// So many instructions of its machine are run between two looks at whether anybody still waits.
const INSTRUCTIONS: i32 = 1_000;

#[derive(Debug)]
pub(in crate::adapter) struct Sqlite {
    options: SqliteConnectOptions,
    limits: Limits,
    pub(super) address: String,
    pub(super) file: String,
    idle: Idle<SqliteConnection>,
}

/// Stops what a connection is about once nobody waits for it any more.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Sqlite {
    pub(super) fn at(url: &str, limits: &Limits) -> Result<Self, AddressError> {
        let options: SqliteConnectOptions =
            url.parse().map_err(|why: sqlx::Error| AddressError::Unreadable(why.to_string()))?;
        // As it was written, since a path may hold what no text does.
        let rest = url.trim_start_matches("sqlite:").trim_start_matches("//");
        let file = rest.split('?').next().unwrap_or_default().to_owned();
        if file.is_empty() || url.contains(":memory:") || url.contains("mode=memory") {
            return Err(AddressError::InMemory);
        }
        let options = options.read_only(true).create_if_missing(false).busy_timeout(limits.total);
        let options = options.disable_statement_logging();
        Ok(Self { options, limits: *limits, address: format!("sqlite:{file}"), file, idle: Idle::default() })
    }

    /// Asks for a statement's columns, of each of which no more is to be read than there is room for.
    pub(super) async fn prepare(&self, statement: &Statement) -> Result<Prepared, SqlError> {
        // Each has a name to SQLite, so that one more of another notation is counted as well.
        let plain = statement.text(|number| format!("${}", number + 1));
        let within = self.limits.total;
        let preparing = async {
            let mut connection = self.connection().await?;
            let text = AssertSqlSafe(format!("SELECT * FROM (\n{plain}\n)")).into_sql_str();
            let prepared = (&mut connection).prepare(text).await.map_err(|why| self.told(why))?;
            let columns = prepared.columns().iter().map(|column| Column {
                name: column.name().to_owned(),
                truth: column.type_info().name() == "BOOLEAN",
            });
            let columns: Vec<_> = columns.collect();
            let parameters = match prepared.parameters() {
                Some(Either::Right(count)) => count,
                _ => 0,
            };
            self.idle.put(connection);
            Ok((columns, parameters))
        };
        let (columns, found) = in_time(within, preparing).await?;
        if found != statement.holes().count() {
            return Err(SqlError::Parameters);
        }
        Ok(Prepared { text: framed(&plain, &columns, &self.limits), columns })
    }

    pub(super) async fn read(
        &self,
        rows: &Bound<'_>,
        counted: Option<&Bound<'_>>,
        within: Duration,
    ) -> Result<Found, SqlError> {
        let reading = async {
            let _turn = self.idle.turn().await;
            let mut connection = self.connection().await?;
            let waiting = Waiting(Arc::default());
            let over = waiting.0.clone();
            let mut handle = connection.lock_handle().await.map_err(|why| self.told(why))?;
            handle.set_progress_handler(INSTRUCTIONS, move || !over.load(Ordering::Relaxed));
            drop(handle);
            self.does(&mut connection, "BEGIN").await?;
            let rows = self.rows(&mut connection, rows).await?;
            let total = match counted {
                Some(counted) => Some(total(&self.rows(&mut connection, counted).await?)?),
                None => None,
            };
            self.does(&mut connection, "COMMIT").await?;
            self.idle.put(connection);
            drop(waiting);
            Ok(Found { rows, total })
        };
        in_time(within, reading).await
    }

    async fn does(&self, connection: &mut SqliteConnection, sql: &'static str) -> Result<(), SqlError> {
        sqlx::raw_sql(sql).execute(connection).await.map(|_| ()).map_err(|why| self.told(why))
    }

    async fn rows(
        &self,
        connection: &mut SqliteConnection,
        bound: &Bound<'_>,
    ) -> Result<Vec<Value>, SqlError> {
        let mut query = sqlx::query(AssertSqlSafe(bound.statement.text.clone())).persistent(false);
        for value in &bound.values {
            query = match value {
                Value::Null => query.bind(None::<String>),
                Value::Bool(truth) => query.bind(*truth),
                Value::Number(number) => match number.to_i64() {
                    Some(whole) => query.bind(whole),
                    // As text no digit is lost; a column of numbers compares it as a number.
                    None => query.bind(text(value)),
                },
                value => query.bind(text(value)),
            };
        }
        let mut reading = Reading::new(&self.limits);
        let mut stream = query.fetch(connection);
        while let Some(row) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
            let row = row.map_err(|why| self.told(why))?;
            let columns = &bound.statement.columns;
            let bytes = row.try_get::<i64, _>(0).map_err(|why| self.told(why))?;
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            if bytes > self.limits.bytes {
                return Err(too_long(&self.limits));
            }
            let record = columns
                .iter()
                .enumerate()
                .map(|(at, column)| Ok((Arc::<str>::from(&*column.name), self.value(&row, at + 1, column)?)));
            let record: Record = record.collect::<Result<_, SqlError>>()?;
            reading.takes_in(Value::Record(record), bytes, columns.len() + 1)?;
        }
        Ok(reading.rows())
    }

    fn value(&self, row: &SqliteRow, at: usize, column: &Column) -> Result<Value, SqlError> {
        let failed = |what| SqlError::NoValue { column: column.name.clone(), what };
        let raw = row.try_get_raw(at).map_err(|why| self.told(why))?;
        if raw.is_null() {
            return Ok(Value::Null);
        }
        let kind = raw.type_info().name().to_owned();
        let lost = |_| failed("something that can't be read");
        Ok(match &*kind {
            "INTEGER" => match (read::<i64>(raw).map_err(lost)?, column.truth) {
                (truth @ (0 | 1), true) => Value::Bool(truth == 1),
                (whole, _) => Value::from(whole),
            },
            "REAL" => {
                let real = read::<f64>(raw).map_err(lost)?;
                // The shortest digits that are this float, as SQLite itself shows it.
                let number = Number::parse(&format!("{real:?}"));
                Value::Number(number.ok_or_else(|| failed("a number without end"))?)
            }
            "TEXT" => Value::from(read::<String>(raw).map_err(|_| failed("text that is no UTF-8"))?),
            _ => return Err(failed("bytes (BLOB)")),
        })
    }

    async fn connection(&self) -> Result<SqliteConnection, SqlError> {
        if let Some(connection) = self.idle.take() {
            return Ok(connection);
        }
        let unreachable = |why: sqlx::Error| {
            let why = match &why {
                sqlx::Error::Database(said) => said.message().to_owned(),
                _ => why.to_string(),
            };
            let why =
                format!("{why}; the file must be there, and its path is relative to the working directory");
            SqlError::Unreachable { at: self.address.clone(), why }
        };
        SqliteConnection::connect_with(&self.options).await.map_err(unreachable)
    }

    /// Why a statement brings nothing, in SQLite's words.
    #[allow(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
    fn told(&self, error: sqlx::Error) -> SqlError {
        let sqlx::Error::Database(said) = &error else { return SqlError::Lost(error.to_string()) };
        let words = said.message().to_owned();
        // https://www.sqlite.org/rescode.html: the lowest byte is the primary code.
        let code = said.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
        match code {
            Some(8) => SqlError::Writes(words),
            Some(9) => SqlError::Late(self.limits.total),
            Some(5 | 6) => SqlError::Lost(format!("{words}: others write to it all the time")),
            Some(14 | 26) => SqlError::Unreachable { at: self.address.clone(), why: words },
            _ => SqlError::Refused(words),
        }
    }
}

fn read<'r, T: sqlx::Decode<'r, sqlx::Sqlite>>(
    raw: SqliteValueRef<'r>,
) -> Result<T, sqlx::error::BoxDynError> {
    T::decode(raw)
}

/// A statement without more rows than are read, each behind its length; of a longer one than is read nothing comes.
fn framed(statement: &str, columns: &[Column], limits: &Limits) -> String {
    let names: Vec<String> =
        columns.iter().map(|column| format!("\"{}\"", column.name.replace('"', "\"\""))).collect();
    let lengths: Vec<String> =
        names.iter().map(|name| format!("coalesce(octet_length({name}), 0)")).collect();
    let length = lengths.join(" + ");
    let values = names.iter().map(|name| format!(", CASE WHEN {length} <= {} THEN {name} END", limits.bytes));
    let (values, most) = (values.collect::<String>(), limits.rows.saturating_add(1));
    format!(
        "WITH proofmark AS MATERIALIZED (SELECT * FROM (\n{statement}\n) LIMIT {most}) SELECT {length}{values} FROM proofmark"
    )
}

async fn in_time<T>(
    within: Duration,
    asked: impl Future<Output = Result<T, SqlError>>,
) -> Result<T, SqlError> {
    timeout(within, asked).await.unwrap_or(Err(SqlError::Late(within)))
}
