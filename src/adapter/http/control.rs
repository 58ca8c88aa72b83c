use std::collections::BTreeSet;
use std::fmt::Display;
use std::time::Duration;

use super::ask::Ask;
use super::capture::{Raw, Reply};
use super::classify::{Meant, Quoted, classify, doubted, rule};
use super::error::{Failed, RequestError};
use super::feed::FeedError;
use super::fill::{Filler, Values};
use super::redact::Redactor;
use super::send::send;
use super::session::{Client, copy, redactor_for};
use super::target::Shared;
use super::world::{Place, lock};
use crate::adapter::{ControlError, Malformation, NotMade, Reaction, Unreachable, World};
use crate::profile::{self, AnsweredBy, Credential, Spoken, Way};
use crate::protocol::{Actor, Answer, Command, Doubt, Event, Outcome, Query, Receipt, Version};
use crate::value::{Record, Value};

/// Why something was not done that the profile has a request for.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    /// There was no answer.
    #[error(transparent)]
    Failed(#[from] Failed),
    /// The answer was no yes.
    #[error("this was not done {0}")]
    Answered(Quoted),
}

/// Why an event can't be put into the log.
#[derive(Debug, thiserror::Error)]
enum SeedError {
    /// The profile doesn't say how.
    #[error("{}", ControlError::NotOffered)]
    NotOffered,
    /// The contract has no event of that name.
    #[error("the contract has no event {0}")]
    NoEvent(String),
    /// Its fields are no record in the service's words.
    #[error("an event is a record")]
    NoRecord,
    /// The request can't be put together.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl World for Place {
    type Session = Client;

    async fn open(&self, actor: &Actor) -> Result<Client, Unreachable> {
        Ok(self.client(actor, None))
    }

    async fn caught_up(&self, within: Duration) -> bool {
        self.all_caught_up(within).await
    }

    async fn rebuild(&self, read_model: &str, within: Duration) -> Result<(), ControlError> {
        let read_model = match self.shared.profile.queries.get(read_model) {
            Some(Spoken::As(query)) => &*query.read_model,
            _ => read_model,
        };
        let values = Values { read_model: Some(read_model), ..Values::default() };
        self.done(self.shared.profile.control.rebuild.as_ref(), values, within).await
    }

    async fn seed(&self, event: &Event) -> Outcome {
        match self.seeded(event).await {
            Ok(outcome) => outcome,
            // It could not even be put together.
            Err(why) => Outcome::NotSent(self.shared.redactor.text(&why.to_string())),
        }
    }

    async fn events(&self, on: Option<&Value>, after: Option<u64>) -> Result<Vec<Event>, ControlError> {
        self.events_as(&Actor::Default, on, after).await
    }

    async fn events_as(
        &self,
        actor: &Actor,
        on: Option<&Value>,
        after: Option<u64>,
    ) -> Result<Vec<Event>, ControlError> {
        let feed = self.shared.profile.control.events.as_ref().ok_or(ControlError::NotOffered)?;
        self.told(feed, actor, on, after).await
    }

    async fn as_of(&self, query: &Query, version: &Version) -> Result<Answer, ControlError> {
        let profile = &self.shared.profile;
        let asked = profile.control.temporal.get(&*query.name).ok_or(ControlError::NotOffered)?;
        let Some(Spoken::As(spoken)) = profile.queries.get(&*query.name) else {
            return Err(ControlError::NotOffered);
        };
        let def = profile.contract.query(&query.name).ok_or(ControlError::NotOffered)?;
        // Its answer looks like the query's own.
        let spoken = profile::Query { by: AnsweredBy::Request(asked.clone()), page: None, ..spoken.clone() };
        let client = self.client(&Actor::Default, Some(version.clone()));
        client.pages((query, &spoken, def), None, &mut Vec::new()).await.map_err(|why| self.failed(why))
    }

    async fn reset(&self) -> Result<(), ControlError> {
        let within = self.shared.profile.limits.total;
        self.done(self.shared.profile.control.reset.as_ref(), Values::default(), within).await
    }

    async fn restart(&self) -> Result<(), ControlError> {
        let process = self.shared.process.as_ref().ok_or(ControlError::NotOffered)?;
        process.kill().await;
        self.shared.reach().await.map_err(|unreachable| ControlError::Failed(unreachable.to_string()))
    }

    async fn send_malformed(
        &self,
        actor: &Actor,
        command: &Command,
        how: &Malformation,
    ) -> Result<Reaction, NotMade> {
        self.client(actor, None).misbehave(command, how).await.map_err(|why| NotMade {
            command: command.name.to_string(),
            how: how.words(),
            why: self.shared.redactor.text(&why.to_string()),
        })
    }
}

impl Place {
    fn failed(&self, why: impl Display) -> ControlError {
        ControlError::Failed(self.shared.redactor.text(&why.to_string()))
    }

    async fn all_caught_up(&self, within: Duration) -> bool {
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
    }

    /// What the feed tells somebody, within its time.
    async fn told(
        &self,
        feed: &profile::Feed,
        actor: &Actor,
        on: Option<&Value>,
        after: Option<u64>,
    ) -> Result<Vec<Event>, ControlError> {
        match tokio::time::timeout(feed.within, self.read_feed(feed, actor, on, after)).await {
            Ok(read) => read.map_err(|untold| match untold {
                FeedError::Untold(Quoted { status: 401 | 403 | 404, .. }) => {
                    ControlError::Denied(self.shared.redactor.text(&untold.to_string()))
                }
                _ => self.failed(untold),
            }),
            Err(_) => Err(self.failed(FeedError::Late(feed.within))),
        }
    }

    /// Asks for something that is done once the answer is a yes.
    async fn done(
        &self,
        asked: Option<&profile::Command>,
        values: Values<'_>,
        within: Duration,
    ) -> Result<(), ControlError> {
        let asked = asked.ok_or(ControlError::NotOffered)?;
        let (ask, redactor) =
            request(&self.shared, &Actor::Default, &asked.request, asked.body.as_ref(), values)
                .map_err(|why| self.failed(why))?;
        let failed = |why: NotDone| {
            let (method, path) = (&ask.method, ask.url.path());
            ControlError::Failed(redactor.text(&format!("{method} {path}: {why}")))
        };
        let reply = match send(&self.shared, &self.shared.line, &ask, within, |_| false).await {
            Ok(raw) => Reply::read(raw, &self.shared.profile.limits, &redactor),
            Err(why) => return Err(failed(why.into())),
        };
        match classify(&self.shared.profile, "", &reply) {
            Meant::Yes => Ok(()),
            _ => Err(failed(NotDone::Answered(Quoted::of(&reply)))),
        }
    }

    async fn seeded(&self, event: &Event) -> Result<Outcome, SeedError> {
        let shared = &*self.shared;
        let profile = &shared.profile;
        let asked = profile.control.seed.as_ref().ok_or(SeedError::NotOffered)?;
        let (aggregate, ty) =
            profile.event_type(&event.name).ok_or_else(|| SeedError::NoEvent(event.name.to_string()))?;
        let (on, fields) = {
            let on = lock(&self.known).sent(shared, aggregate, &event.on)?;
            let whole = Value::Record(event.fields.clone());
            let fields = profile
                .convert(&whole, &ty, Way::Out, &|kind, id| lock(&self.known).referred(shared, kind, id));
            (on, fields.map_err(RequestError::Field)?)
        };
        let Value::Record(converted) = fields else { return Err(SeedError::NoRecord) };
        let names = profile.control.events.as_ref();
        let values = Values {
            name: names.map_or(&*event.name, |feed| feed.name_out(&event.name)),
            on: Some(&on),
            fields: Some(&event.fields),
            converted: Some(&converted),
            ..Values::default()
        };
        let (ask, redactor) = request(shared, &Actor::Default, &asked.request, asked.body.as_ref(), values)?;
        let read = |raw: Raw| Reply::read(raw, &profile.limits, &redactor);
        let meant = |raw: &Raw| rule(profile, &event.name, &read(copy(raw))).is_some();
        let reply = match send(shared, &shared.line, &ask, profile.limits.total, meant).await {
            Ok(raw) => read(raw),
            Err(failed) => return Ok(failed.without(&redactor).outcome()),
        };
        Ok(match classify(profile, &event.name, &reply) {
            Meant::Yes => {
                let position = reply.position(profile.command_position.as_ref());
                lock(&self.known).at(position);
                let version = profile.version.as_ref();
                let version =
                    version.and_then(|version| reply.version(version.read.as_ref()?, version.numbers));
                Outcome::Accepted(Receipt {
                    id: Some(event.on.clone()),
                    version,
                    position,
                    body: body_of(&reply),
                })
            }
            Meant::No(rejection) => Outcome::Rejected(rejection),
            Meant::Absent => Outcome::Unknown(doubted(Doubt::Unreadable, &reply, "there is no such place")),
            Meant::Unknown(unknown) => Outcome::Unknown(unknown),
        })
    }
}

fn body_of(reply: &Reply) -> Record {
    match &reply.json {
        Ok(Value::Record(record)) => record.clone(),
        _ => Record::new(),
    }
}

/// A request of the examiner's own, and what must not be shown of it. Credentials of single aggregates are none for
/// it.
pub(super) fn request(
    shared: &Shared,
    actor: &Actor,
    asked: &profile::Request,
    body: Option<&profile::Body>,
    values: Values<'_>,
) -> Result<(Ask, Redactor), RequestError> {
    let filler = Filler { shared, values };
    let body = match body {
        Some(body) => filler.body(body)?,
        None => None,
    };
    let ask = Ask::new(&filler, asked, shared.credential(actor), &[])
        .or_else(|_| Ask::new(&filler, asked, &Credential::None, &[]))?;
    let ask = ask.with_body(body.as_ref()).repeatable(asked.method == "GET");
    let redactor = redactor_for(shared, &ask);
    Ok((ask, redactor))
}
