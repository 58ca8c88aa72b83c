use std::sync::Arc;
use std::time::Duration;

use super::builder::{Handler, Parts, failed};
use super::guard::guarded;
use crate::adapter::{BoxFuture, Control, ControlError, Session, Unreachable, World};
use crate::protocol::{Actor, Answer, Command, Event, Outcome, Query, Seen, Version};
use crate::value::Value;

/// One instance: a world.
pub(super) struct Instance<S> {
    parts: Arc<Parts<S>>,
    system: Arc<S>,
}

/// One client of an instance.
struct Client<S> {
    parts: Arc<Parts<S>>,
    system: Arc<S>,
    actor: Actor,
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
    fn open(&self, actor: &Actor) -> BoxFuture<'_, Result<Box<dyn Session>, Unreachable>> {
        let client = Client { parts: self.parts.clone(), system: self.system.clone(), actor: actor.clone() };
        Box::pin(async { Ok(Box::new(client) as Box<dyn Session>) })
    }

    fn control(&self) -> Option<&dyn Control> {
        Some(self)
    }
}

impl<S: Send + Sync + 'static> Session for Client<S> {
    fn submit<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(handler) = &self.parts.submit else {
                return Outcome::NotSent("the target was built without `commands`".into());
            };
            let message = (command.clone(), self.actor.clone(), self.parts.tag());
            // The call is in the future as well, so that its panic is caught, too.
            guarded(self.parts.deadline, async { handler(self.system.clone(), message).await })
                .await
                .unwrap_or_else(Outcome::Unknown)
        })
    }

    fn ask<'a>(&'a mut self, query: &'a Query) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let Some(handler) = &self.parts.ask else {
                return Answer::new(Seen::NotSent("the target was built without `queries`".into()));
            };
            let message = (query.clone(), self.actor.clone(), self.parts.tag());
            guarded(self.parts.deadline, async { handler(self.system.clone(), message).await })
                .await
                .unwrap_or_else(|doubt| Answer::new(Seen::Broken(doubt)))
        })
    }
}

impl<S: Send + Sync + 'static> Control for Instance<S> {
    fn caught_up(&self, within: Duration) -> BoxFuture<'_, bool> {
        Box::pin(
            async move { self.tried(self.parts.caught_up.as_ref(), within, within).await.unwrap_or(false) },
        )
    }

    fn rebuild<'a>(
        &'a self,
        read_model: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<(), ControlError>> {
        Box::pin(async move {
            let tried = self.tried(self.parts.rebuild.as_ref(), read_model.to_owned(), within);
            tried.await?.map_err(failed)
        })
    }

    fn seed<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some(handler) = &self.parts.seed else {
                return Outcome::NotSent(ControlError::NotOffered.to_string());
            };
            guarded(self.parts.deadline, async { handler(self.system.clone(), event.clone()).await })
                .await
                .unwrap_or_else(Outcome::Unknown)
        })
    }

    fn events<'a>(
        &'a self,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>> {
        Box::pin(async move {
            let with = (on.cloned(), after);
            self.tried(self.parts.events.as_ref(), with, self.parts.deadline).await?.map_err(failed)
        })
    }

    fn as_of<'a>(
        &'a self,
        query: &'a Query,
        version: &'a Version,
    ) -> BoxFuture<'a, Result<Answer, ControlError>> {
        Box::pin(async move {
            let with = (query.clone(), version.clone());
            self.tried(self.parts.as_of.as_ref(), with, self.parts.deadline).await
        })
    }

    fn reset(&self) -> BoxFuture<'_, Result<(), ControlError>> {
        Box::pin(async move {
            self.tried(self.parts.reset.as_ref(), (), self.parts.deadline).await?.map_err(failed)
        })
    }
}
