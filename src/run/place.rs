//! A place in the target of which everything that is done to it is written down.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{OPERATION, within};
use super::session::no_answer;
use super::{Clock, Recorder};
use crate::adapter::{
    AnySession, AnyTarget, AnyWorld, BoxFuture, ControlError, Malformation, NotMade, Reaction, Unreachable,
    WorldSeed,
};
use crate::history::{Deed, Part};
use crate::protocol::{Actor, Answer, Command, Event, Outcome, Query, Seen, Version};
use crate::value::{Record, Value};

/// A world whose waits, rebuilds, seeds, feed pages and spoiled commands are in the history. Sessions that are opened in it are
/// [recorded](super::session::Recorded) for themselves.
struct RecordedWorld {
    world: Box<dyn AnyWorld>,
    part: Part,
    recorder: Arc<Recorder>,
}

/// A place in the target for one case.
pub(crate) async fn place(
    target: &dyn AnyTarget,
    seed: WorldSeed,
    clock: &dyn Clock,
    (recorder, part): (&Arc<Recorder>, Part),
) -> Result<Box<dyn AnyWorld>, Unreachable> {
    let world =
        within(clock, OPERATION, target.world(seed)).await.unwrap_or_else(|| Err(no_answer("a world")))?;
    Ok(Box::new(RecordedWorld { world, part, recorder: recorder.clone() }))
}

impl RecordedWorld {
    /// Does something, and writes down that it was done and what came of it.
    async fn does<T>(
        &self,
        deed: Deed,
        told: Record,
        doing: BoxFuture<'_, T>,
        came: impl FnOnce(&T) -> Record,
    ) -> T {
        let begun = self.recorder.begins(self.part, deed, &told);
        let done = doing.await;
        if self.recorder.is_written() {
            self.recorder.done(begun, &came(&done));
        }
        done
    }
}

impl AnyWorld for RecordedWorld {
    fn open<'a>(&'a self, actor: &'a Actor) -> BoxFuture<'a, Result<Box<dyn AnySession>, Unreachable>> {
        self.world.open(actor)
    }

    fn caught_up(&self, within: Duration) -> BoxFuture<'_, bool> {
        let doing = self.world.caught_up(within);
        let came = |caught_up: &bool| Record::from([("caught_up", *caught_up)]);
        Box::pin(self.does(Deed::Wait, Record::new(), doing, came))
    }

    fn rebuild<'a>(
        &'a self,
        read_model: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<(), ControlError>> {
        let told = Record::from([("query", read_model)]);
        Box::pin(self.does(Deed::Rebuild, told, self.world.rebuild(read_model, within), failure))
    }

    fn seed<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Outcome> {
        let came = |outcome: &Outcome| Record::from([("outcome", outcome.to_string())]);
        Box::pin(self.does(Deed::Seed, happened(event), self.world.seed(event), came))
    }

    fn events<'a>(
        &'a self,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>> {
        Box::pin(self.does(Deed::Feed, page(on, after), self.world.events(on, after), fed))
    }

    fn events_as<'a>(
        &'a self,
        actor: &'a Actor,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>> {
        let mut told = page(on, after);
        told.insert("who", actor.name().map_or(Value::Null, Value::from));
        Box::pin(self.does(Deed::Feed, told, self.world.events_as(actor, on, after), fed))
    }

    fn as_of<'a>(
        &'a self,
        query: &'a Query,
        version: &'a Version,
    ) -> BoxFuture<'a, Result<Answer, ControlError>> {
        let mut told = named(&query.name, query.on.as_ref(), &query.fields);
        told.insert("v", version.to_value());
        let came = |answer: &Result<Answer, ControlError>| match answer {
            Ok(Answer { seen: Seen::Found(value), .. }) => Record::from([("out", value.clone())]),
            Ok(_) => Record::from([("out", Value::Null)]),
            Err(error) => failed(error),
        };
        Box::pin(self.does(Deed::AsOf, told, self.world.as_of(query, version), came))
    }

    fn restart(&self) -> BoxFuture<'_, Result<(), ControlError>> {
        Box::pin(self.does(Deed::Restart, Record::new(), self.world.restart(), failure))
    }

    fn send_malformed<'a>(
        &'a self,
        actor: &'a Actor,
        command: &'a Command,
        how: &'a Malformation,
    ) -> BoxFuture<'a, Result<Reaction, NotMade>> {
        let mut told = named(&command.name, command.on.as_ref(), &command.fields);
        told.insert("how", how.words());
        let came = |reaction: &Result<Reaction, NotMade>| match reaction {
            Ok(Reaction { outcome, exchange, .. }) => {
                let mut came = Record::from([("outcome", outcome.to_string())]);
                if let Some(response) = exchange.response() {
                    came.insert("status", u64::from(response.status));
                }
                came.insert("request", exchange.request.as_str());
                came
            }
            Err(error) => failed(error),
        };
        Box::pin(self.does(Deed::Spoiled, told, self.world.send_malformed(actor, command, how), came))
    }
}

fn failure<E: Display>(done: &Result<(), E>) -> Record {
    done.as_ref().err().map_or_else(Record::new, failed)
}

fn failed<E: Display>(error: &E) -> Record {
    Record::from([("failed", error.to_string())])
}

fn page(on: Option<&Value>, after: Option<u64>) -> Record {
    let told = [("a", on.cloned()), ("after", after.map(Value::from))];
    told.into_iter().filter_map(|(name, value)| Some((Arc::from(name), value?))).collect()
}

fn fed(read: &Result<Vec<Event>, ControlError>) -> Record {
    match read {
        Ok(events) => Record::from([(
            "events",
            events.iter().map(|event| Value::from(happened(event))).collect::<Value>(),
        )]),
        Err(error) => failed(error),
    }
}

/// An event as the history has it.
fn happened(event: &Event) -> Record {
    let mut told = named(&event.name, Some(&event.on), &event.fields);
    let more = [
        ("v", event.version.as_ref().map(Version::to_value)),
        ("p", event.position.map(Value::from)),
        ("id", event.id.clone().map(Value::Text)),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            told.insert(name, value);
        }
    }
    told
}

/// What is about an aggregate, as the history has it.
fn named(name: &Arc<str>, on: Option<&Value>, fields: &Record) -> Record {
    let mut told = Record::from([("n", Value::Text(name.clone()))]);
    if let Some(on) = on {
        told.insert("a", on.clone());
    }
    if !fields.is_empty() {
        told.insert("in", fields.clone());
    }
    told
}
