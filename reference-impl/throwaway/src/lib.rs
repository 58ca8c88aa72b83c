//! A PostgreSQL server for tests, which ends with them. Three ways to one, the first that works:
//!
//! 1. with the feature `containers`, one in a container (`container.rs`);
//! 2. the one that `DATABASE_URL` names;
//! 3. one made of the programs that are installed (`programs.rs`).
//!
//! Where a way that was asked for is missing, standard error says `MISSED`, and what. `REQUIRE_CONTAINERS` makes the
//! first a failure, `REQUIRE_POSTGRES` that there is none at all.
#![cfg(unix)]
#![allow(clippy::missing_panics_doc, reason = "in a test, a panic is the answer")]

#[cfg(feature = "containers")]
mod container;
mod programs;

use std::io::{BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _};

#[cfg(feature = "containers")]
pub use container::own;

/// The only user of a server that was made for the tests.
const USER: &str = "tests";
/// The password of that user.
pub const PASSWORD: &str = "throw-away";
/// Nothing here is to survive; and many tests connect at the same time.
const SETTINGS: &str = "-c fsync=off -c max_connections=300";

/// A server that makes databases.
#[derive(Debug)]
pub struct Server {
    /// `postgres://…` without the name of a database.
    url: String,
    /// Ends the server when this process ends, however it does: its standard input is a pipe from here.
    _watchdog: Option<Watchdog>,
}

#[derive(Debug)]
struct Watchdog {
    _child: Child,
    /// Open for as long as the child lives: a test that can't write, be it that it is slow, fails.
    _output: Option<BufReader<ChildStdout>>,
}

/// The server, if there is one: the same for all tests of a process. What is missing was said.
///
/// # Panics
///
/// If there is none, or not in a container, and that is required.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    match SERVER.get_or_init(find) {
        Ok(server) => Some(server),
        Err(reason) => {
            assert!(std::env::var_os("REQUIRE_POSTGRES").is_none(), "PostgreSQL is required: {reason}");
            missed("PostgreSQL", reason);
            None
        }
    }
}

impl Server {
    /// A new database; its address, with the password.
    pub async fn database(&self) -> String {
        let name = new_name();
        self.run(&format!("CREATE DATABASE {name}")).await;
        format!("{}/{name}", self.url)
    }

    /// A new database whose files are in `folder`, which has to be empty and the server's own; its address, with the password.
    ///
    /// Only for a server on this machine.
    pub async fn database_in(&self, folder: &Path) -> String {
        let name = new_name();
        self.run(&format!("CREATE TABLESPACE {name} LOCATION '{}'", folder.display())).await;
        self.run(&format!("CREATE DATABASE {name} TABLESPACE {name}")).await;
        format!("{}/{name}", self.url)
    }

    /// Has the server run a statement, in its database `postgres`.
    pub async fn run(&self, statement: &str) {
        let options: PgConnectOptions = format!("{}/postgres", self.url).parse().expect("an address");
        let mut connection = PgConnection::connect_with(&options).await.expect("connected");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect(statement);
        connection.close().await.expect("closed");
    }
}

/// A server of one's own, made of the programs that are installed, whatever other server there is. It ends with this process.
///
/// # Errors
///
/// What kept it from being made.
pub fn installed() -> Result<Server, String> {
    programs::start()
}

/// Says that this test has tried nothing, for want of what, and why that is so.
pub fn missed(want: &str, reason: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    say(&format!("MISSED, for want of {want} ({reason}): {test}"));
}

/// What no other database of this server is called.
fn new_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("stores_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn find() -> Result<Server, String> {
    #[cfg(feature = "containers")]
    match container::start() {
        Ok(server) => return Ok(server),
        Err(reason) => {
            let required = std::env::var_os("REQUIRE_CONTAINERS").is_some();
            assert!(!required, "PostgreSQL in a container is required: {reason}");
            say(&format!("MISSED, all tests here on PostgreSQL in a container ({reason})"));
        }
    }
    if let Ok(url) = std::env::var("DATABASE_URL") {
        // The name of the database goes; those of the tests come in its place.
        let (server, _) = url.rsplit_once('/').ok_or("DATABASE_URL has no database")?;
        return Ok(Server { url: server.to_owned(), _watchdog: None });
    }
    programs::start()
}

/// On standard error, past the test harness, which would keep it to itself.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
