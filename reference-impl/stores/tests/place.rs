//! Places where stores can be opened, and opened again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reference_impl::projection::InMemoryReadSide;
use reference_impl::store::{InMemoryEventStore, WriteSide};
use reference_impl::system::Stores;
use reference_impl::{OrderSystem, SyncMode};
use reference_stores::{Options, ProjectedBy, StoreAddress, WriteModel};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::server::server;

/// What outlives a system.
pub(crate) enum Place {
    /// As long as this test does.
    Memory { store: Arc<InMemoryEventStore>, read: Arc<InMemoryReadSide>, openings: AtomicU64 },
    /// A database.
    Database { address: StoreAddress, url: String, options: Options, _folder: Option<Folder> },
}

impl Place {
    pub(crate) fn memory() -> Self {
        let (store, read) = (Arc::new(InMemoryEventStore::new()), Arc::new(InMemoryReadSide::new()));
        Self::Memory { store, read, openings: AtomicU64::new(0) }
    }

    pub(crate) fn sqlite() -> Self {
        let folder = Folder::new();
        let url = format!("sqlite:{}", folder.0.join("orders.db").display());
        let (address, options) = (url.parse().expect("an address"), Options::default());
        Self::Database { address, url, options, _folder: Some(folder) }
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
        let url = server()?.database().await;
        let address = url.parse().expect("an address");
        Some(Self::Database { address, url, options: Options::default(), _folder: None })
    }

    /// The same place, whose read models are kept by those.
    pub(crate) fn projected_by(mut self, by: ProjectedBy) -> Self {
        if let Self::Database { options, .. } = &mut self {
            options.projected_by = by;
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

    pub(crate) async fn stores(&self) -> Stores {
        match self {
            Self::Memory { store, read, openings } => Stores {
                write: WriteSide::of(Arc::clone(store)),
                read: read.clone(),
                inline: None,
                opening: openings.fetch_add(1, Ordering::SeqCst),
            },
            Self::Database { address, options, .. } => {
                reference_stores::open(address, options).await.expect("opened")
            }
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
