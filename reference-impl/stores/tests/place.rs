//! Places where stores can be opened, and opened again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reference_impl::projection::InMemoryReadSide;
use reference_impl::store::{InMemoryEventStore, WriteSide};
use reference_impl::system::Stores;
use reference_impl::{OrderSystem, SyncMode};
use reference_stores::StoreAddress;

use crate::server::server;

/// What outlives a system.
pub(crate) enum Place {
    /// As long as this test does.
    Memory { store: Arc<InMemoryEventStore>, read: Arc<InMemoryReadSide>, openings: AtomicU64 },
    /// A database.
    Database { address: StoreAddress, url: String, _folder: Option<Folder> },
}

impl Place {
    pub(crate) fn memory() -> Self {
        let (store, read) = (Arc::new(InMemoryEventStore::new()), Arc::new(InMemoryReadSide::new()));
        Self::Memory { store, read, openings: AtomicU64::new(0) }
    }

    pub(crate) fn sqlite() -> Self {
        let folder = Folder::new();
        let url = format!("sqlite:{}", folder.0.join("orders.db").display());
        Self::Database { address: url.parse().expect("an address"), url, _folder: Some(folder) }
    }

    /// A new database on the server, if there is one.
    pub(crate) async fn postgres() -> Option<Self> {
        let url = server()?.database().await;
        let address = url.parse().expect("an address");
        Some(Self::Database { address, url, _folder: None })
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
                opening: openings.fetch_add(1, Ordering::SeqCst),
            },
            Self::Database { address, .. } => reference_stores::open(address).await.expect("opened"),
        }
    }

    pub(crate) async fn open(&self, sync: SyncMode) -> OrderSystem {
        let stores = self.stores().await;
        OrderSystem::builder().seed(1).sync(sync).open(stores).await.expect("opened")
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
