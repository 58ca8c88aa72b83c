//! The port behind pointers: what the engine holds, so that it is built once and not once for each adapter. Whatever implements the
//! port implements this.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use super::{
    ControlError, Description, Malformation, NotMade, Reaction, Session, Target, Unreachable, World,
    WorldSeed,
};
use crate::protocol::{
    Actor, Answer, Command, Event, Observation, Outcome, Query, Response, Submission, Version,
};
use crate::value::Value;

/// A future that can be stored behind `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A [`Target`] of any type.
pub(crate) trait AnyTarget: Send + Sync + fmt::Debug {
    fn describe(&self) -> &Description;
    fn world(&self, seed: WorldSeed) -> BoxFuture<'_, Result<Box<dyn AnyWorld>, Unreachable>>;
    fn is_alone(&self) -> bool;
    fn actors(&self) -> Vec<Actor>;
    fn knows(&self, message: &str) -> bool;
    fn to_know(&self, message: &str) -> Option<String>;
    fn to_name(&self, command: &str, answer: &Response, codes: &[&str]) -> Option<String>;
    fn has_wire(&self) -> bool;
    fn knows_actor(&self, actor: &str) -> bool;
    fn stands_open(&self, text: &str);
}

/// A [`World`] of any type.
pub(crate) trait AnyWorld: Send + Sync {
    fn open<'a>(&'a self, actor: &'a Actor) -> BoxFuture<'a, Result<Box<dyn AnySession>, Unreachable>>;
    fn caught_up(&self, within: Duration) -> BoxFuture<'_, bool>;
    fn rebuild<'a>(
        &'a self,
        read_model: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<(), ControlError>>;
    fn seed<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Outcome>;
    fn events<'a>(
        &'a self,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>>;
    fn events_as<'a>(
        &'a self,
        actor: &'a Actor,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>>;
    fn as_of<'a>(
        &'a self,
        query: &'a Query,
        version: &'a Version,
    ) -> BoxFuture<'a, Result<Answer, ControlError>>;
    fn restart(&self) -> BoxFuture<'_, Result<(), ControlError>>;
    fn send_malformed<'a>(
        &'a self,
        actor: &'a Actor,
        command: &'a Command,
        how: &'a Malformation,
    ) -> BoxFuture<'a, Result<Reaction, NotMade>>;
}

/// A [`Session`] of any type.
pub(crate) trait AnySession: Send {
    fn submit<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, Submission>;
    fn ask<'a>(&'a mut self, query: &'a Query) -> BoxFuture<'a, Observation>;
}

impl<T: Target> AnyTarget for T {
    fn describe(&self) -> &Description {
        Target::describe(self)
    }

    fn world(&self, seed: WorldSeed) -> BoxFuture<'_, Result<Box<dyn AnyWorld>, Unreachable>> {
        Box::pin(async move { Ok(Box::new(Target::world(self, seed).await?) as Box<dyn AnyWorld>) })
    }

    fn is_alone(&self) -> bool {
        Target::is_alone(self)
    }

    fn actors(&self) -> Vec<Actor> {
        Target::actors(self)
    }

    fn knows(&self, message: &str) -> bool {
        Target::knows(self, message)
    }

    fn to_know(&self, message: &str) -> Option<String> {
        Target::to_know(self, message)
    }

    fn to_name(&self, command: &str, answer: &Response, codes: &[&str]) -> Option<String> {
        Target::to_name(self, command, answer, codes)
    }

    fn has_wire(&self) -> bool {
        Target::has_wire(self)
    }

    fn knows_actor(&self, actor: &str) -> bool {
        Target::knows_actor(self, actor)
    }

    fn stands_open(&self, text: &str) {
        Target::stands_open(self, text);
    }
}

impl<W: World> AnyWorld for W {
    fn open<'a>(&'a self, actor: &'a Actor) -> BoxFuture<'a, Result<Box<dyn AnySession>, Unreachable>> {
        Box::pin(async move { Ok(Box::new(World::open(self, actor).await?) as Box<dyn AnySession>) })
    }

    fn caught_up(&self, within: Duration) -> BoxFuture<'_, bool> {
        Box::pin(World::caught_up(self, within))
    }

    fn rebuild<'a>(
        &'a self,
        read_model: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<(), ControlError>> {
        Box::pin(World::rebuild(self, read_model, within))
    }

    fn seed<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Outcome> {
        Box::pin(World::seed(self, event))
    }

    fn events<'a>(
        &'a self,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>> {
        Box::pin(World::events(self, on, after))
    }

    fn events_as<'a>(
        &'a self,
        actor: &'a Actor,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>> {
        Box::pin(World::events_as(self, actor, on, after))
    }

    fn as_of<'a>(
        &'a self,
        query: &'a Query,
        version: &'a Version,
    ) -> BoxFuture<'a, Result<Answer, ControlError>> {
        Box::pin(World::as_of(self, query, version))
    }

    fn restart(&self) -> BoxFuture<'_, Result<(), ControlError>> {
        Box::pin(World::restart(self))
    }

    fn send_malformed<'a>(
        &'a self,
        actor: &'a Actor,
        command: &'a Command,
        how: &'a Malformation,
    ) -> BoxFuture<'a, Result<Reaction, NotMade>> {
        Box::pin(World::send_malformed(self, actor, command, how))
    }
}

impl<S: Session> AnySession for S {
    fn submit<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, Submission> {
        Box::pin(Session::submit(self, command))
    }

    fn ask<'a>(&'a mut self, query: &'a Query) -> BoxFuture<'a, Observation> {
        Box::pin(Session::ask(self, query))
    }
}
