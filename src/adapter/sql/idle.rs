use std::fmt;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

/// So many statements are under way at the same time, however many sessions ask: a database has few connections, and others need them.
const MOST: usize = 8;

/// Connections that are used again.
pub(super) struct Idle<C> {
    connections: Mutex<Vec<C>>,
    turns: Semaphore,
}

impl<C> Default for Idle<C> {
    fn default() -> Self {
        Self { connections: Mutex::default(), turns: Semaphore::new(MOST) }
    }
}

impl<C> fmt::Debug for Idle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idle").finish_non_exhaustive()
    }
}

impl<C> Idle<C> {
    /// Waits for leave to use one. Nobody ever closes the way there.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    pub(super) fn take(&self) -> Option<C> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps one over which all has come that was asked for.
    pub(super) fn put(&self, connection: C) {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}
