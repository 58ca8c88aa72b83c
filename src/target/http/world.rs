use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Method;

use super::fill::{Filler, Values};
use super::ids::Known;
use super::send::{Ask, send};
use super::session::{Client, headers};
use super::target::Shared;
use crate::profile::{Credential, Spoken};
use crate::protocol::Actor;
use crate::target::{BoxFuture, Control, Session, Unreachable, World};

/// Between two tries of a wait that the service gave up early.
const WAIT_PAUSE: Duration = Duration::from_millis(20);

/// One scenario's view of the service, which is one place for all.
pub(super) struct Place {
    shared: Arc<Shared>,
    known: Arc<Mutex<Known>>,
}

impl Place {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, known: Arc::default() }
    }

    /// Waits for one read model; whether it is caught up.
    async fn wait(&self, read_model: &str, position: Option<u64>, deadline: tokio::time::Instant) -> bool {
        let Some(request) = &self.shared.profile.wait else { return false };
        let values = Values { read_model: Some(read_model), position, ..Values::default() };
        let filler = Filler { shared: &self.shared, values };
        let credential = self.shared.credential("default");
        // Credentials of single aggregates are none for a wait.
        let headers = headers(&filler, credential).or_else(|_| headers(&filler, &Credential::None));
        let (Ok(url), Ok(headers)) = (filler.url(request, &[]), headers) else {
            return false;
        };
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::GET);
        let ask = Ask { method, url, headers, body: None, repeatable: true };
        loop {
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            if left.is_zero() {
                return false;
            }
            let got = send(&self.shared, &ask, left, |_| false).await;
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

impl World for Place {
    fn open(&self, actor: &Actor) -> BoxFuture<'_, Result<Box<dyn Session>, Unreachable>> {
        let client = Client {
            shared: self.shared.clone(),
            known: self.known.clone(),
            actor: actor.clone(),
            last: Mutex::default(),
        };
        Box::pin(async { Ok(Box::new(client) as Box<dyn Session>) })
    }

    fn control(&self) -> Option<&dyn Control> {
        self.shared.profile.wait.is_some().then_some(self)
    }
}

impl Control for Place {
    fn caught_up(&self, within: Duration) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            let deadline = tokio::time::Instant::now() + within;
            let position = lock(&self.known).position;
            let tells = self.shared.profile.command_position.is_some();
            if tells && position.is_none() {
                // Nothing was accepted, so there is nothing to catch up with.
                return true;
            }
            let queries = self.shared.profile.queries.values();
            let read_models: BTreeSet<&str> = queries
                .filter_map(|query| match query {
                    Spoken::As(query) => Some(&*query.read_model),
                    Spoken::None => None,
                })
                .collect();
            for read_model in read_models {
                if !self.wait(read_model, position, deadline).await {
                    return false;
                }
            }
            true
        })
    }
}
