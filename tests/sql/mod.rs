//! Queries that are answered by SQL: what rows become, what is bound, what bounds them, and what is said of a database that can't be
//! read. Each on SQLite, and on PostgreSQL where there is one.

mod bounds;
mod refused;
mod values;

use std::path::PathBuf;
use std::sync::Arc;

use proofmark::adapter::{Http, HttpError, Session as _, Target as _, Unreachable, World as _, WorldSeed};
use proofmark::contract::Contract;
use proofmark::language::parse_contract;
use proofmark::profile::Profile;
use proofmark::protocol::{Actor, Answer, Query, Seen};
use proofmark::text::{Colour, Severity, Source, render};
use proofmark::value::{Limits, Value};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::http::server::{Reaction, Server};

/// What is shown besides `thing` is whatever a statement brings.
const CONTRACT: &str = r#"
contract things

type Part { price: decimal }

aggregate Thing
  state status: absent | there
  state name: string?

  command Make { name: string }
    reject Made when self.status != absent
    set status = there
    set name = name

  query GetThing { word: string? }
    absent when self.status == absent
    shows { thing: self.id, chosen price: decimal?, chosen parts: [Part]? }

view ListThings { name: string = "tea", page: int 1.. = 1, page_size: int 1..100 = 2 }
  of Thing where self.name == name
  shows { thing: self.id }
  newest first, paged, total
"#;

/// A database with tables in it, for one test.
enum Tables {
    Sqlite(PathBuf),
    #[cfg(feature = "throwaway")]
    Postgres(String),
}

impl Tables {
    async fn sqlite(name: &str, tables: &str) -> Self {
        let file =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("rows-{}-{name}.db", std::process::id()));
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let mut connection = options.connect().await.expect("a file");
        sqlx::raw_sql(AssertSqlSafe(tables)).execute(&mut connection).await.expect(tables);
        connection.close().await.expect("closed");
        Self::Sqlite(file)
    }

    /// Nothing where there is no server, which was said.
    #[cfg(feature = "throwaway")]
    async fn postgres(tables: &str) -> Option<Self> {
        let address = throwaway::server()?.database().await;
        let mut connection = sqlx::PgConnection::connect(&address).await.expect("connected");
        sqlx::raw_sql(AssertSqlSafe(tables)).execute(&mut connection).await.expect(tables);
        connection.close().await.expect("closed");
        Some(Self::Postgres(address))
    }

    fn address(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite:{}", file.display()),
            #[cfg(feature = "throwaway")]
            Self::Postgres(address) => address.clone(),
        }
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        #[cfg_attr(not(feature = "throwaway"), expect(irrefutable_let_patterns, reason = "as with it"))]
        if let Self::Sqlite(file) = self {
            let _ = std::fs::remove_file(file);
        }
    }
}

/// A service that reads from that address with these lines of its profile.
fn service(url: &str, address: &str, lines: &str) -> Result<Http, HttpError> {
    let contract = parse_contract(&Source::new("things.contract", CONTRACT));
    assert!(contract.diagnostics.is_empty(), "{:?}", contract.diagnostics);
    let contract = Arc::new(Contract::resolve(&contract.tree).contract);
    let text = format!(
        "schema = 1\ncontract = \"things\"\n[command.Make]\nrequest = \"PUT /things/${{on}}\"\n[database]\nurl = \"${{secret:THINGS}}\"\n{lines}\n"
    );
    let source = Source::new("things.toml", text);
    let mut reading = Profile::read(&source, &contract);
    reading.diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    assert!(reading.diagnostics.is_empty(), "{}", render([(&source, &*reading.diagnostics)], Colour::Plain));
    let equipment = reading.profile.equip(true, &|_| Some(address.to_owned())).expect("all is there");
    Http::new(reading.profile, equipment, Some(url))
}

fn query(name: &str, fields: &str) -> Query {
    let on = (name == "GetThing").then(|| Value::from("t-1"));
    let Ok(Value::Record(fields)) = Value::from_json(fields.as_bytes(), &Limits::default()) else {
        panic!("a record: {fields}");
    };
    Query { name: name.into(), on, fields }
}

/// Each test is made on SQLite and, where there is one, on PostgreSQL: `$check` with the address, for tables made by these statements.
macro_rules! on_both {
    ($name:ident, $sqlite:expr, $postgres:expr, $check:expr) => {
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                let tables = crate::sql::Tables::sqlite(stringify!($name), $sqlite).await;
                $check(tables.address(), "sqlite").await;
            }

            #[cfg(feature = "throwaway")]
            #[tokio::test]
            async fn postgres() {
                let Some(tables) = crate::sql::Tables::postgres($postgres).await else { return };
                $check(tables.address(), "postgres").await;
            }
        }
    };
}
use on_both;

/// Writes to the table `t`, which nobody may be reading any more; gives up after ten seconds.
async fn has_for_itself(address: &str, database: &str) {
    let within = std::time::Duration::from_secs(10);
    if database == "sqlite" {
        let options: SqliteConnectOptions = address.parse().expect("an address");
        let mut connection = options.busy_timeout(within).connect().await.expect("a file");
        sqlx::raw_sql("DELETE FROM t").execute(&mut connection).await.expect("nobody reads");
        return;
    }
    let mut connection = sqlx::PgConnection::connect(address).await.expect("connected");
    let locked = "SET lock_timeout = '10s'; BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE; COMMIT";
    sqlx::raw_sql(locked).execute(&mut connection).await.expect("nobody reads");
}

/// What one query is answered with by these lines, and the request as it is shown.
async fn answered(address: &str, lines: &str, query: &Query) -> Result<(Answer, String), Unreachable> {
    let server = Server::script(vec![Reaction::Bytes(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())]).await;
    let service = service(&server.url, address, lines).expect("a service");
    let world = service.world(WorldSeed(0)).await?;
    let observation = world.open(&Actor::default()).await.expect("a session").ask(query).await;
    let request = observation.trace.as_ref().map(|trace| trace.request().to_string()).unwrap_or_default();
    Ok((observation.answer, request))
}

/// The answer in JSON, or what else it is.
async fn shown(address: &str, lines: &str, query: &Query) -> String {
    match answered(address, lines, query).await {
        Ok((Answer { seen: Seen::Found(value), total, .. }, _)) => {
            let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
            format!("{}{total}", value.to_json())
        }
        Ok((answer, _)) => format!("{:?}", answer.seen),
        Err(unreachable) => format!("{unreachable}"),
    }
}
