//! A place in the target: what is done in it besides commands and queries is written down, and kept for who judges it.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::{OPERATION, within};
use super::session::no_answer;
use super::{Clock, Recorder};
use crate::adapter::{
    AnySession, AnyTarget, AnyWorld, BoxFuture, ControlError, Malformation, NotMade, Reaction, Unreachable,
    WorldSeed,
};
use crate::history::{Deed, Done, Fed, Feed, Part, Spoiled, Stamp, about, happened};
use crate::protocol::{Actor, Answer, Command, Event, Head, Outcome, Query, Seen, Unknown, Version};
use crate::value::{Record, Value};

/// A world of which waits, rebuilds, seeds, feed pages and spoiled commands of one case are in the history, and at hand for whoever judges
/// it. Sessions that are opened in it are [recorded](super::session::Recorded) for themselves.
pub(crate) struct Place {
    world: Arc<dyn AnyWorld>,
    part: Part,
    recorder: Arc<Recorder>,
    /// Nothing where nobody will look.
    done: Option<Mutex<Vec<Arc<Done>>>>,
}

/// A world of the target, for one case or for several.
pub(crate) async fn world(
    target: &dyn AnyTarget,
    seed: WorldSeed,
    clock: &dyn Clock,
) -> Result<Arc<dyn AnyWorld>, Unreachable> {
    let world = within(clock, OPERATION, target.world(seed)).await;
    Ok(world.unwrap_or_else(|| Err(no_answer("a world")))?.into())
}

impl Place {
    /// That world, as a case has it.
    pub(crate) fn of(world: Arc<dyn AnyWorld>, part: Part, recorder: Arc<Recorder>) -> Self {
        Self { world, part, recorder, done: Some(Mutex::default()) }
    }

    /// The same, which keeps nothing of what is done.
    pub(crate) fn forgetful(&self) -> Self {
        Self { world: self.world.clone(), part: self.part, recorder: self.recorder.clone(), done: None }
    }

    /// What was done in it besides commands and queries, in the order in which it was begun.
    pub(crate) fn done(&self) -> Vec<Arc<Done>> {
        let mut done = self.done.as_ref().map(|done| kept(done).clone()).unwrap_or_default();
        done.sort_by_key(|done| done.call.index);
        done
    }

    /// Does something, and writes down that it was done and what came of it.
    pub(super) async fn does<T>(
        &self,
        deed: Deed,
        told: Record,
        doing: BoxFuture<'_, T>,
        came: impl FnOnce(&T) -> Record,
    ) -> T {
        let begun = self.recorder.begins(self.part, deed, &told);
        let done = doing.await;
        if !self.recorder.is_written() && self.done.is_none() {
            return done;
        }
        let came = came(&done);
        let end = self.recorder.done(begun, &came);
        if let Some(kept) = &self.done {
            let call = Stamp { index: begun.index, at: begun.at };
            keep(kept, Done { part: self.part, call, end: Some(end), deed, told, came: Some(came) });
        }
        done
    }
}

fn kept(done: &Mutex<Vec<Arc<Done>>>) -> MutexGuard<'_, Vec<Arc<Done>>> {
    // Nothing that is done under the lock leaves it half done.
    done.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever follows the feed reads again and again that there is nothing new: of that the first and the last are kept.
fn keep(done: &Mutex<Vec<Arc<Done>>>, new: Done) {
    let same = |one: &Arc<Done>| one.deed == new.deed && one.told == new.told && one.came == new.came;
    let mut kept = kept(done);
    if new.deed == Deed::Feed && kept.len() > 1 && kept[kept.len() - 2..].iter().all(same) {
        kept.pop();
    }
    kept.push(Arc::new(new));
}

impl AnyWorld for Place {
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
        let told = Feed::ask(&Actor::Default, on, after);
        Box::pin(self.does(Deed::Feed, told, self.world.events(on, after), fed))
    }

    fn events_as<'a>(
        &'a self,
        actor: &'a Actor,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>> {
        let told = Feed::ask(actor, on, after);
        Box::pin(self.does(Deed::Feed, told, self.world.events_as(actor, on, after), fed))
    }

    fn as_of<'a>(
        &'a self,
        query: &'a Query,
        version: &'a Version,
    ) -> BoxFuture<'a, Result<Answer, ControlError>> {
        let mut told = about(&query.name, query.on.as_ref(), &query.fields);
        told.insert("v", version.to_value());
        let came = |answer: &Result<Answer, ControlError>| match answer {
            Ok(Answer { seen: Seen::Found(value), .. }) => Record::from([("out", value.clone())]),
            Ok(Answer { seen: Seen::Absent | Seen::Refused(_), .. }) => Record::from([("out", Value::Null)]),
            Ok(Answer { seen: Seen::Broken(Unknown { detail: why, .. }) | Seen::NotSent(why), .. }) => {
                Record::from([("broken", why.as_str())])
            }
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
        let told = Spoiled::ask(command, how);
        let came = |reaction: &Result<Reaction, NotMade>| match reaction {
            Ok(Reaction { outcome, exchange, .. }) => {
                Spoiled::told(outcome, exchange.response().map(Head::from).as_ref(), &exchange.request)
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

/// What a reading of the feed came to.
fn fed(read: &Result<Vec<Event>, ControlError>) -> Record {
    Feed::told(&match read {
        Ok(events) => Fed::Told(events.clone()),
        Err(ControlError::Denied(_)) => Fed::Denied,
        Err(error) => Fed::Failed(error.to_string().into()),
    })
}
