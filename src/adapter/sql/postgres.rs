//! PostgreSQL: each read is a transaction that may not write, and each row comes as the JSON that the server makes of it, so that
//! numbers keep their digits, JSON is JSON, and every type that there is can be read.

use std::future::poll_fn;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgDatabaseError};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tokio::time::timeout;

use super::database::{Prepared, Reading, too_long, total};
use super::idle::Idle;
use super::{AddressError, Bound, Found, SqlError};
use crate::profile::{Limits, Statement};
use crate::value::Value;

#[derive(Debug)]
pub(in crate::adapter) struct Postgres {
    options: PgConnectOptions,
    limits: Limits,
    pub(super) address: String,
    idle: Idle<PgConnection>,
}

impl Postgres {
    pub(super) fn at(url: &str, limits: &Limits) -> Result<Self, AddressError> {
        let options: PgConnectOptions =
            url.parse().map_err(|why: sqlx::Error| AddressError::Unreadable(why.to_string()))?;
        let database = options.get_database().map(|name| format!("/{name}")).unwrap_or_default();
        let address = match options.get_socket() {
            Some(_) => format!("postgres on a socket of this machine, {}", database.trim_start_matches('/')),
            None => format!("postgres://{}:{}{database}", options.get_host(), options.get_port()),
        };
        let options = options.application_name("proofmark").disable_statement_logging();
        Ok(Self { options, limits: *limits, address, idle: Idle::default() })
    }

    /// Asks the server for the types of the placeholders, so that a text can be bound to each of them.
    pub(super) async fn prepare(&self, statement: &Statement) -> Result<Prepared, SqlError> {
        let plain = framed(&statement.text(|number| format!("${}", number + 1)), &self.limits);
        let within = self.limits.total;
        let types = in_time(within, self.types(plain, within)).await?;
        if types.len() != statement.holes().count() {
            return Err(SqlError::Parameters);
        }
        let text = statement.text(|number| format!("(${}::text)::{}", number + 1, types[number]));
        Ok(Prepared { text: framed(&text, &self.limits), columns: Vec::new() })
    }

    async fn types(&self, statement: String, within: Duration) -> Result<Vec<String>, SqlError> {
        let mut connection = self.begun(within).await?;
        let on = &mut connection;
        // By the extended protocol, in which a text is one statement.
        let prepare = sqlx::query(AssertSqlSafe(format!("PREPARE proofmark AS {statement}")));
        prepare.persistent(false).execute(&mut *on).await.map_err(told)?;
        let types = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'proofmark'";
        let row = sqlx::query(types).persistent(false).fetch_one(&mut *on).await.map_err(told)?;
        sqlx::query("DEALLOCATE proofmark").persistent(false).execute(on).await.map_err(told)?;
        self.ends(connection).await?;
        row.try_get(0).map_err(told)
    }

    pub(super) async fn read(
        &self,
        rows: &Bound<'_>,
        counted: Option<&Bound<'_>>,
        within: Duration,
    ) -> Result<Found, SqlError> {
        in_time(within, self.found(rows, counted, within)).await
    }

    async fn found(
        &self,
        rows: &Bound<'_>,
        counted: Option<&Bound<'_>>,
        within: Duration,
    ) -> Result<Found, SqlError> {
        let _turn = self.idle.turn().await;
        let mut connection = self.begun(within).await?;
        let rows = self.rows(&mut connection, rows).await?;
        let total = match counted {
            Some(counted) => Some(total(&self.rows(&mut connection, counted).await?)?),
            None => None,
        };
        self.ends(connection).await?;
        Ok(Found { rows, total })
    }

    async fn rows(&self, connection: &mut PgConnection, bound: &Bound<'_>) -> Result<Vec<Value>, SqlError> {
        let mut query = sqlx::query(AssertSqlSafe(bound.statement.text.clone())).persistent(false);
        for value in &bound.values {
            query = query.bind(match value {
                Value::Null => None,
                value => Some(crate::profile::text(value)),
            });
        }
        let mut reading = Reading::new(&self.limits);
        let mut stream = query.fetch(connection);
        while let Some(row) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
            let json: Option<String> = row.and_then(|row| row.try_get(0)).map_err(told)?;
            let json = json.ok_or_else(|| too_long(&self.limits))?;
            let (row, values) = Value::from_json_counted(json.as_bytes(), &self.limits.json(json.len()))?;
            reading.takes_in(row, json.len(), values)?;
        }
        Ok(reading.rows())
    }

    /// A connection on which a transaction has begun that can't write and lasts no longer than that. One that was idle and is lost by now
    /// is replaced: nothing was asked over it yet.
    async fn begun(&self, within: Duration) -> Result<PgConnection, SqlError> {
        while let Some(mut connection) = self.idle.take() {
            if begin(&mut connection, within).await.is_ok() {
                return Ok(connection);
            }
        }
        let connecting = timeout(self.limits.connect, PgConnection::connect_with(&self.options)).await;
        let late = || SqlError::LateConnection { at: self.address.clone(), within: self.limits.connect };
        let mut connection = connecting.map_err(|_| late())?.map_err(|why| self.unreached(&why))?;
        begin(&mut connection, within).await.map_err(told)?;
        Ok(connection)
    }

    /// Ends a transaction in which all went well. Without that, a connection is not used again.
    async fn ends(&self, mut connection: PgConnection) -> Result<(), SqlError> {
        sqlx::raw_sql("COMMIT").execute(&mut connection).await.map_err(told)?;
        self.idle.put(connection);
        Ok(())
    }

    /// Why there is no connection.
    fn unreached(&self, error: &sqlx::Error) -> SqlError {
        let at = self.address.clone();
        match error {
            // Class 28: invalid authorization; 3D000: no such database; 42501: it may not be connected to.
            sqlx::Error::Database(said)
                if said
                    .code()
                    .is_some_and(|code| code.starts_with("28") || code == "3D000" || code == "42501") =>
            {
                SqlError::Denied { at, why: said.message().to_owned() }
            }
            sqlx::Error::Database(said) => SqlError::Unreachable { at, why: said.message().to_owned() },
            _ => SqlError::Unreachable { at, why: error.to_string() },
        }
    }
}

async fn begin(connection: &mut PgConnection, within: Duration) -> Result<(), sqlx::Error> {
    // One look at the data for all statements; 0 would be no bound.
    let begin = format!(
        "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = {}",
        within.as_millis().clamp(1, 1 << 30)
    );
    sqlx::raw_sql(AssertSqlSafe(begin)).execute(connection).await.map(|_| ())
}

/// A statement whose rows come as JSON, no more and no longer ones than are read.
fn framed(statement: &str, limits: &Limits) -> String {
    format!(
        "SELECT CASE WHEN octet_length(proofmark.row) <= {} THEN proofmark.row END FROM \
         (SELECT row_to_json(proofmark)::text AS row FROM (\n{statement}\n) AS proofmark LIMIT {}) AS proofmark",
        limits.bytes,
        limits.rows.saturating_add(1)
    )
}

async fn in_time<T>(
    within: Duration,
    asked: impl Future<Output = Result<T, SqlError>>,
) -> Result<T, SqlError> {
    match timeout(within, asked).await {
        Err(_) | Ok(Err(SqlError::Ended(_))) => Err(SqlError::Late(within)),
        Ok(told) => told,
    }
}

/// Why a statement brings nothing, in the server's words.
#[allow(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn told(error: sqlx::Error) -> SqlError {
    let sqlx::Error::Database(said) = &error else {
        return match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => SqlError::Refused(error.to_string()),
            _ => SqlError::Lost(error.to_string()),
        };
    };
    let said = said.downcast_ref::<PgDatabaseError>();
    let hint = said.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
    let words = format!("{}{hint}", said.message());
    // Appendix A of PostgreSQL's manual.
    match said.code() {
        "25006" => SqlError::Writes(words),
        "42501" => SqlError::Forbidden(words),
        "42P18" => SqlError::Untyped(words),
        // By `statement_timeout`.
        "57014" => SqlError::Ended(words),
        "57P01" | "57P02" | "57P03" => SqlError::Lost(words),
        _ => SqlError::Refused(words),
    }
}
