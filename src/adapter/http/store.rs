//! Who has which connection. Nobody shares one, and there are as many as there are sessions at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::Url;
use tokio::time::Instant;

use super::connection::{Connection, Dialler};

/// A world with more sessions than that closes the connections of those that are over.
const MOST_OVER: usize = 16;

/// Connections that nothing goes over at the moment, the one that was used last behind the others.
#[derive(Default)]
pub(super) struct Idle(Mutex<Vec<Connection>>);

impl Idle {
    /// The one to there that was used last. Those that are of no use any more are closed.
    pub(super) fn take(&self, url: &Url) -> Option<Connection> {
        let mut idle = self.lock();
        let now = Instant::now();
        idle.retain(|connection| connection.is_fresh(now));
        let at = idle.iter().rposition(|connection| connection.leads_to(url))?;
        Some(idle.remove(at))
    }

    pub(super) fn put(&self, connection: Connection) {
        self.lock().push(connection);
    }

    fn give_all(&self, to: &Self, most: usize) {
        let mut given = std::mem::take(&mut *self.lock());
        let mut idle = to.lock();
        given.truncate(most.saturating_sub(idle.len()));
        idle.append(&mut given);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where connections come from, and those that belong to nobody.
pub(super) struct Store {
    pub(super) dialler: Dialler,
    pub(super) idle: Idle,
}

impl Store {
    pub(super) fn new(dialler: Dialler) -> Arc<Self> {
        Arc::new(Self { dialler, idle: Idle::default() })
    }
}

/// The connections of a world's sessions that are over. Nobody else in that world gets them: what is promised across
/// fresh connections would be tried over used ones. Behind the world, they go back to the store.
pub(super) struct Over {
    pub(super) store: Arc<Store>,
    idle: Idle,
}

impl Over {
    pub(super) fn new(store: Arc<Store>) -> Arc<Self> {
        Arc::new(Self { store, idle: Idle::default() })
    }
}

impl Drop for Over {
    fn drop(&mut self) {
        self.idle.give_all(&self.store.idle, usize::MAX);
    }
}

/// The connections of one session: one to each origin that it speaks to.
pub(super) struct Own {
    pub(super) idle: Idle,
    pub(super) over: Arc<Over>,
}

impl Drop for Own {
    fn drop(&mut self) {
        self.idle.give_all(&self.over.idle, MOST_OVER);
    }
}
