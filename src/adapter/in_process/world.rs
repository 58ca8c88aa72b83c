use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::builder::{Handler, Parts, failed};
use super::guard::guarded;
use crate::adapter::{ControlError, Session, Unreachable, World};
use crate::protocol::{
    Actor, Answer, Command, Event, Observation, Outcome, Query, Seen, Submission, Version,
};
use crate::value::Value;

/// One instance of a system in this process: a world.
pub struct Instance<S> {
    parts: Arc<Parts<S>>,
    system: Arc<S>,
}

/// One client of an [`Instance`].
pub struct Client<S> {
    parts: Arc<Parts<S>>,
    system: Arc<S>,
    actor: Actor,
}

impl<S> fmt::Debug for Instance<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").finish_non_exhaustive()
    }
}

impl<S: Send + Sync + 'static> Instance<S> {
    pub(super) fn new(parts: Arc<Parts<S>>, system: S) -> Self {
        Self { parts, system: Arc::new(system) }
    }

    /// Does what is offered, within a deadline.
    async fn tried<A, T>(
        &self,
        handler: Option<&Handler<S, A, T>>,
        with: A,
        within: Duration,
    ) -> Result<T, ControlError> {
        let Some(handler) = handler else { return Err(ControlError::NotOffered) };
        guarded(within, async { handler(self.system.clone(), with).await })
            .await
            .map_err(|doubt| failed(doubt.detail))
    }
}

impl<S: Send + Sync + 'static> World for Instance<S> {
    type Session = Client<S>;

    async fn open(&self, actor: &Actor) -> Result<Client<S>, Unreachable> {
        Ok(Client { parts: self.parts.clone(), system: self.system.clone(), actor: actor.clone() })
    }

    async fn caught_up(&self, within: Duration) -> bool {
        self.tried(self.parts.caught_up.as_ref(), within, within).await.unwrap_or(false)
    }

    async fn rebuild(&self, read_model: &str, within: Duration) -> Result<(), ControlError> {
        self.tried(self.parts.rebuild.as_ref(), read_model.to_owned(), within).await?.map_err(failed)
    }

    async fn seed(&self, event: &Event) -> Outcome {
        let Some(handler) = &self.parts.seed else {
            return Outcome::NotSent(ControlError::NotOffered.to_string());
        };
        guarded(self.parts.deadline, async { handler(self.system.clone(), event.clone()).await })
            .await
            .unwrap_or_else(Outcome::Unknown)
    }

    async fn events(&self, on: Option<&Value>, after: Option<u64>) -> Result<Vec<Event>, ControlError> {
        let with = (on.cloned(), after);
        self.tried(self.parts.events.as_ref(), with, self.parts.deadline).await?.map_err(failed)
    }

    async fn as_of(&self, query: &Query, version: &Version) -> Result<Answer, ControlError> {
        self.tried(self.parts.as_of.as_ref(), (query.clone(), version.clone()), self.parts.deadline).await
    }

    async fn reset(&self) -> Result<(), ControlError> {
        self.tried(self.parts.reset.as_ref(), (), self.parts.deadline).await?.map_err(failed)
    }
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl<S: Send + Sync + 'static> Session for Client<S> {
    async fn submit(&mut self, command: &Command) -> Submission {
        let Some(handler) = &self.parts.submit else {
            return Outcome::NotSent("the target was built without `commands`".into()).into();
        };
        let message = (command.clone(), self.actor.clone(), self.parts.tag());
        // The call is in the future as well, so that its panic is caught, too.
        guarded(self.parts.deadline, async { handler(self.system.clone(), message).await })
            .await
            .unwrap_or_else(Outcome::Unknown)
            .into()
    }

    async fn ask(&mut self, query: &Query) -> Observation {
        let Some(handler) = &self.parts.ask else {
            return Answer::new(Seen::NotSent("the target was built without `queries`".into())).into();
        };
        let message = (query.clone(), self.actor.clone(), self.parts.tag());
        guarded(self.parts.deadline, async { handler(self.system.clone(), message).await })
            .await
            .unwrap_or_else(|doubt| Answer::new(Seen::Broken(doubt)))
            .into()
    }
}
