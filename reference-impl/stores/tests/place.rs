//! Places where stores can be opened, and opened again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reference_impl::projection::InMemoryReadSide;
use reference_impl::store::{InMemoryEventStore, WriteSide};
use reference_impl::system::Stores;
use reference_impl::{OrderSystem, SyncMode};
use reference_stores::{OpenError, Options, ProjectedBy, StoreAddress, WriteModel};

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use throwaway::server;

/// What outlives a system.
pub(crate) enum Place {
    /// As long as this test does.
    Memory { store: Arc<InMemoryEventStore>, read: Arc<InMemoryReadSide>, openings: AtomicU64 },
    /// A database.
    Database {
        address: StoreAddress,
        url: String,
        options: Options,
        read: Option<StoreAddress>,
        _folder: Option<Folder>,
    },
}

impl Place {
    pub(crate) fn memory() -> Self {
        let (store, read) = (Arc::new(InMemoryEventStore::new()), Arc::new(InMemoryReadSide::new()));
        Self::Memory { store, read, openings: AtomicU64::new(0) }
    }

    pub(crate) fn sqlite() -> Self {
        let folder = Folder::new();
        let mut place = Self::at(format!("sqlite:{}", folder.0.join("orders.db").display()));
        if let Self::Database { _folder: kept, .. } = &mut place {
            *kept = Some(folder);
        }
        place
    }

    /// The database with that address, password and all.
    pub(crate) fn at(url: String) -> Self {
        let (address, options) = (url.parse().expect("an address"), Options::default());
        Self::Database { address, url, options, read: None, _folder: None }
    }

    /// The same place, whose database keeps that write model.
    pub(crate) fn keeping(mut self, model: WriteModel) -> Self {
        if let Self::Database { options, .. } = &mut self {
            options.write_model = Some(model);
        }
        self
    }

    /// A new database on the server, if there is one.
    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::at(server()?.database().await))
    }

    /// The same place, whose read models are kept by those.
    pub(crate) fn projected_by(mut self, by: ProjectedBy) -> Self {
        if let Self::Database { options, .. } = &mut self {
            options.projected_by = by;
        }
        self
    }

    /// The same place, with read models in a file of their own, which goes with it.
    pub(crate) fn reading_from_a_file(mut self) -> Self {
        if let Self::Database { read, _folder: folder, .. } = &mut self {
            let at = folder.get_or_insert_with(Folder::new).0.join("read.db");
            *read = Some(format!("sqlite:{}", at.display()).parse().expect("an address"));
        }
        self
    }

    /// The same place, with that defect.
    pub(crate) fn with_defect(mut self, name: &str) -> Self {
        if let Self::Database { options, .. } = &mut self {
            options.defects.push(name.parse().expect("a defect"));
        }
        self
    }

    /// Whether read models may lag behind here.
    pub(crate) fn may_lag(&self) -> bool {
        match self {
            Self::Memory { .. } => true,
            Self::Database { options, .. } => options.projected_by == ProjectedBy::Events,
        }
    }

    /// The address with the password.
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Memory { .. } => "memory",
            Self::Database { url, .. } => url,
        }
    }

    /// Another place of the same kind.
    pub(crate) async fn again(&self) -> Self {
        let mut other = match self {
            Self::Memory { .. } => Self::memory(),
            Self::Database { .. } if self.is_sqlite() => Self::sqlite(),
            Self::Database { .. } => Self::postgres().await.expect("the server is there"),
        };
        if let (Self::Database { options, .. }, Self::Database { options: same, .. }) = (&mut other, self) {
            options.clone_from(same);
        }
        other
    }

    /// The names of the defects it has.
    pub(crate) fn defects(&self) -> Vec<&'static str> {
        match self {
            Self::Memory { .. } => Vec::new(),
            Self::Database { options, .. } => options.defects.iter().map(|defect| defect.name).collect(),
        }
    }

    /// The stores, if they can be opened.
    pub(crate) async fn try_stores(&self) -> Result<Stores, OpenError> {
        match self {
            Self::Memory { .. } => Ok(self.stores().await),
            Self::Database { address, options, read: Some(read), .. } => {
                reference_stores::open_apart(address, read, options).await
            }
            Self::Database { address, options, .. } => reference_stores::open(address, options).await,
        }
    }

    pub(crate) async fn stores(&self) -> Stores {
        match self {
            Self::Memory { store, read, openings } => Stores {
                write: WriteSide::of(Arc::clone(store)),
                read: read.clone(),
                inline: None,
                opening: openings.fetch_add(1, Ordering::SeqCst),
            },
            Self::Database { .. } => Box::pin(self.try_stores()).await.expect("opened"),
        }
    }

    /// A system, in that mode where there is more than one.
    pub(crate) async fn open(&self, sync: SyncMode) -> OrderSystem {
        let sync = if self.may_lag() { sync } else { SyncMode::Strong };
        let stores = self.stores().await;
        OrderSystem::builder().seed(1).sync(sync).open(stores).await.expect("opened")
    }
}

impl Place {
    /// Runs statements in the database, as another program would.
    pub(crate) async fn run(&self, sql: impl Into<String>) {
        let sql = sqlx::AssertSqlSafe(sql.into());
        match self {
            Self::Memory { .. } => panic!("there is no database"),
            Self::Database { address: StoreAddress::Sqlite(_), .. } => {
                sqlx::raw_sql(sql).execute(&mut self.sqlite_connection().await).await.expect("run");
            }
            Self::Database { url, .. } => {
                let mut connection = PgConnection::connect(url).await.expect("connected");
                sqlx::raw_sql(sql).execute(&mut connection).await.expect("run");
                connection.close().await.expect("closed");
            }
        }
    }

    /// Makes the tables of a new database, as these steps have them.
    pub(crate) async fn migrate(&self, migrator: Migrator) {
        if self.is_sqlite() {
            migrator.run(&mut self.sqlite_connection().await).await.expect("made");
        } else {
            let mut connection = PgConnection::connect(self.url()).await.expect("connected");
            migrator.run(&mut connection).await.expect("made");
        }
    }

    /// Makes the database refuse new rows in `table`.
    pub(crate) async fn refuse(&self, table: &str) {
        let trigger = if self.is_sqlite() {
            "BEGIN SELECT RAISE (ABORT, 'no more of these'); END".to_owned()
        } else {
            self.run(
                "CREATE OR REPLACE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION 'no more of these'; END $$",
            )
            .await;
            "FOR EACH ROW EXECUTE FUNCTION refuse()".to_owned()
        };
        self.run(format!("CREATE TRIGGER refusing_{table} BEFORE INSERT ON {table} {trigger}")).await;
    }

    /// Undoes that.
    pub(crate) async fn allow(&self, table: &str) {
        let on = if self.is_sqlite() { String::new() } else { format!("ON {table}") };
        self.run(format!("DROP TRIGGER refusing_{table} {on}")).await;
    }

    /// Makes the database refuse, at the commit and not before, transactions with new rows in `table`.
    pub(crate) async fn refuse_commits(&self, table: &str) {
        if self.is_sqlite() {
            self.run(format!(
                "CREATE TABLE existing (id INTEGER PRIMARY KEY) STRICT;
                 CREATE TABLE missing (id INTEGER REFERENCES existing DEFERRABLE INITIALLY DEFERRED) STRICT;
                 CREATE TRIGGER refusing_commits AFTER INSERT ON {table} BEGIN INSERT INTO missing VALUES (1); END"
            ))
            .await;
        } else {
            self.run(format!(
                "CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION 'no more of these'; END $$;
                 CREATE CONSTRAINT TRIGGER refusing_commits AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
                 FOR EACH ROW EXECUTE FUNCTION refuse()"
            ))
            .await;
        }
    }

    /// Makes the server's transactions with new rows in `table` wait, at the insert or at the commit, for as long as what this gives isn't
    /// released.
    pub(crate) async fn hold_up(&self, table: &str, when: When) -> Holding {
        let trigger = match when {
            When::Insert => "TRIGGER held_up BEFORE INSERT ON",
            When::Commit => "CONSTRAINT TRIGGER held_up AFTER INSERT ON",
        };
        let deferred = if when == When::Commit { "DEFERRABLE INITIALLY DEFERRED" } else { "" };
        self.run(format!(
            "CREATE FUNCTION wait() RETURNS TRIGGER LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$;
             CREATE {trigger} {table} {deferred} FOR EACH ROW EXECUTE FUNCTION wait()"
        ))
        .await;
        self.holding("SELECT pg_advisory_xact_lock(1)").await
    }

    /// Ends all connections to the database but those that hold something, as the end of a machine does.
    pub(crate) async fn cut(&self) {
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'reference-stores'",
        )
        .await;
        let left = "SELECT count(*)::text FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'reference-stores'";
        self.until(left, "0").await;
    }

    /// A transaction on the server that holds what the query locks.
    pub(crate) async fn holding(&self, sql: &'static str) -> Holding {
        let mut connection = PgConnection::connect(self.url()).await.expect("connected");
        sqlx::raw_sql("BEGIN").execute(&mut connection).await.expect("begun");
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("locked");
        Holding(connection)
    }

    /// Waits until the query, on the server, gives that text.
    pub(crate) async fn until(&self, sql: &'static str, expected: &str) {
        let mut connection = PgConnection::connect(self.url()).await.expect("connected");
        let reached = async {
            while sqlx::query_scalar::<_, String>(sql).fetch_one(&mut connection).await.expect("a row")
                != expected
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), reached).await.expect("it comes to that");
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self, Self::Database { address: StoreAddress::Sqlite(_), .. })
    }

    /// The rows of a query of one column, which is a text.
    pub(crate) async fn texts(&self, sql: impl Into<String>) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.into());
        let rows = match self {
            Self::Memory { .. } => panic!("there is no database"),
            Self::Database { address: StoreAddress::Sqlite(_), .. } => {
                sqlx::query_scalar(sql).fetch_all(&mut self.sqlite_connection().await).await
            }
            Self::Database { url, .. } => {
                let mut connection = PgConnection::connect(url).await.expect("connected");
                sqlx::query_scalar(sql).fetch_all(&mut connection).await
            }
        };
        rows.expect("rows")
    }

    async fn sqlite_connection(&self) -> SqliteConnection {
        let Self::Database { address: StoreAddress::Sqlite(file), .. } = self else { panic!("a file") };
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        SqliteConnection::connect_with(&options).await.expect("connected")
    }
}

/// When a transaction is held up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Before the row is there.
    Insert,
    /// When all else is done.
    Commit,
}

/// Holds locks on the server, until it is released.
pub(crate) struct Holding(PgConnection);

impl Holding {
    pub(crate) async fn release(mut self) {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.0).await.expect("ended");
        self.0.close().await.expect("closed");
    }
}

/// A folder of one test, which ends with it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("stores-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
