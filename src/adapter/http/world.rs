use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::control;
use super::fill::Values;
use super::ids::Known;
use super::lines::Line;
use super::send::send;
use super::session::Client;
use super::store::Over;
use super::target::Shared;
use crate::protocol::{Actor, Version};

/// Between two tries of a wait that the service gave up early.
const WAIT_PAUSE: Duration = Duration::from_millis(20);

/// One scenario's view of the service, which is one place for all.
pub struct Place {
    pub(super) shared: Arc<Shared>,
    pub(super) known: Arc<Mutex<Known>>,
    over: Arc<Over>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

impl Place {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let over = Over::new(shared.store.clone());
        Self { shared, known: Arc::default(), over }
    }

    /// A client of its own, for one who asks about an earlier version if one is given.
    pub(super) fn client(&self, actor: &Actor, as_of: Option<Version>) -> Client {
        Client {
            shared: self.shared.clone(),
            known: self.known.clone(),
            actor: actor.clone(),
            last: Mutex::default(),
            reading: Mutex::default(),
            operation: Mutex::default(),
            line: Arc::new(Line::new(self.over.clone())),
            as_of,
        }
    }

    /// Waits for one read model; whether it is caught up.
    pub(super) async fn wait(
        &self,
        read_model: &str,
        position: Option<u64>,
        deadline: tokio::time::Instant,
    ) -> bool {
        let Some(request) = &self.shared.profile.wait else { return false };
        let values = Values { read_model: Some(read_model), position, ..Values::default() };
        let Ok((ask, _)) = control::request(&self.shared, &Actor::Default, request, None, values) else {
            return false;
        };
        loop {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            if left.is_zero() {
                return false;
            }
            let got = send(&self.shared, &self.shared.line, &ask, left, |_| false).await;
            if got.is_ok_and(|raw| (200..300).contains(&raw.status)) {
                return true;
            }
            tokio::time::sleep(WAIT_PAUSE.min(left)).await;
        }
    }
}

/// What a panic elsewhere left behind is still what was known.
pub(super) fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}
