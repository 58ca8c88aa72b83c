use std::sync::Arc;
use std::time::Duration;

use super::capture::{NoJson, Reply, take};
use super::classify::{Meant, Quoted, classify};
use super::control::request;
use super::error::{Failed, RequestError};
use super::fill::Values;
use super::redact::Redacted;
use super::send::send;
use super::world::{Place, lock};
use crate::profile::{Extraction, Feed, FieldError, FormError, Way, text};
use crate::protocol::{Actor, Event, Version};
use crate::value::{Path, Record, Value};

/// Why a feed told nothing. What holds a row or a part of one holds its beginning.
#[derive(Debug, thiserror::Error)]
pub(super) enum FeedError {
    /// Nobody said of which.
    #[error("this feed tells of one aggregate at a time")]
    OfOne,
    /// So nothing can be behind a position.
    #[error("the profile doesn't say where the position of an event stands")]
    NoPosition,
    /// A request can't be put together.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// There was no answer.
    #[error(transparent)]
    Failed(#[from] Redacted<Failed>),
    /// The answer was no yes.
    #[error("the feed was not told {0}")]
    Untold(Quoted),
    /// The time was up.
    #[error("the feed was not read within {0:?}")]
    Late(Duration),
    /// A page that begins where the one before it did.
    #[error("the feed does not move on: it begins with position {0} again")]
    Stuck(u64),
    /// More pages than are read.
    #[error("the feed has more than {0} pages")]
    Endless(usize),
    /// More in all than is read.
    #[error("the feed tells more than {most} {what}; `{setting}` in [limits] of the profile lets in more")]
    TooMuch {
        /// How many there may be.
        most: usize,
        /// Of what.
        what: &'static str,
        /// The limit that they go beyond.
        setting: &'static str,
    },
    /// The answer can't be read.
    #[error(transparent)]
    NoJson(#[from] NoJson),
    /// The rows don't stand where the profile says.
    #[error("there is nothing at `$.{0}`")]
    Nothing(Path),
    /// What stands there is of another kind.
    #[error("the rows of a feed are a list, not a {0}")]
    NoRows(&'static str),
    /// A row names no event.
    #[error("an event has no name: {0}")]
    NoName(String),
    /// A row names an event that the contract hasn't.
    #[error("the contract has no event `{0}`: give it a name in `names` of [events], or `ignore` it")]
    NoEvent(String),
    /// A row doesn't say to what it happened.
    #[error("an event has no aggregate: {0}")]
    NoAggregate(String),
    /// What an event carries is of another kind.
    #[error("the fields of {event} are a record, not a {kind}")]
    NoFields {
        /// Its name.
        event: String,
        /// What they are.
        kind: &'static str,
    },
    /// What an event carries can't be written in the contract's words.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A part of a row has another form than the profile says.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A part of a row that has to be a whole number.
    #[error("{0} is no position and no version")]
    NoNumber(String),
}

/// A feed that never ends is broken.
const MOST_PAGES: usize = 10_000;

impl Place {
    /// All that the feed tells, behind a position and of an aggregate where these are given.
    pub(super) async fn read_feed(
        &self,
        feed: &Feed,
        actor: &Actor,
        on: Option<&Value>,
        after: Option<u64>,
    ) -> Result<Vec<Event>, FeedError> {
        if feed.of_one && on.is_none() {
            return Err(FeedError::OfOne);
        }
        if after.is_some() && feed.fields.position.is_none() {
            return Err(FeedError::NoPosition);
        }
        let sent = on.map(|on| self.id_of(on)).transpose()?;
        let mut events = Vec::new();
        let mut position = after.unwrap_or_default();
        let limits = &self.shared.profile.limits;
        let mut held = 0;
        for _ in 0..MOST_PAGES {
            let (rows, values) = self.feed_page(feed, actor, sent.as_ref(), position).await?;
            let kept = events.len();
            let more = feed.paged && !rows.is_empty();
            let before = position;
            for row in &rows {
                let Some(event) = self.event(feed, row, sent.as_ref())? else { continue };
                position = position.max(event.position.unwrap_or_default());
                let wanted = on.is_none_or(|on| event.on == *on);
                if wanted && event.position.is_none_or(|position| position > after.unwrap_or_default()) {
                    events.push(event);
                }
            }
            // Pages of which nothing is kept may be as many as they like.
            held += if events.len() > kept { values } else { 0 };
            for (count, most, what, setting) in
                [(events.len(), limits.rows, "events", "rows"), (held, limits.values, "values", "values")]
            {
                if count > most {
                    return Err(FeedError::TooMuch { most, what, setting });
                }
            }
            if !more {
                return Ok(events);
            }
            // Those that are left out move the feed on, too.
            position = position.max(last_position(feed, &rows)?);
            if position <= before {
                return Err(FeedError::Stuck(before));
            }
        }
        Err(FeedError::Endless(MOST_PAGES))
    }

    /// The aggregate's id, as the service has it.
    fn id_of(&self, on: &Value) -> Result<Value, RequestError> {
        let mut known = lock(&self.known);
        if let Some(id) = known.of_service(on) {
            return Ok(id);
        }
        // Whose id it is, is known only where there is one kind of aggregate.
        let mut aggregates = self.shared.profile.contract.aggregates();
        match (aggregates.next(), aggregates.next()) {
            (Some(only), None) => known.sent(&self.shared, &only.name, on),
            _ => Ok(on.clone()),
        }
    }

    /// The rows of one page, and how many values it has.
    async fn feed_page(
        &self,
        feed: &Feed,
        actor: &Actor,
        on: Option<&Value>,
        position: u64,
    ) -> Result<(Vec<Value>, usize), FeedError> {
        let shared = &*self.shared;
        let values = Values { on, position: Some(position), nobody: actor.is_nobody(), ..Values::default() };
        let (ask, redactor) = request(shared, actor, &feed.request, feed.body.as_ref(), values)?;
        let raw = send(shared, &shared.line, &ask, shared.profile.limits.total, |_| false).await;
        let raw = raw.map_err(|failed| failed.without(&redactor))?;
        let reply = Reply::read(raw, &shared.profile.limits, &redactor);
        match classify(&shared.profile, "", &reply) {
            Meant::Yes => {}
            // Nothing is there, so nothing has happened to it.
            Meant::Absent => return Ok((Vec::new(), 0)),
            _ => return Err(FeedError::Untold(Quoted::of(&reply))),
        }
        let json = reply.json.as_ref().map_err(Clone::clone)?;
        let rows = match &feed.rows {
            Some(path) => path.get(json).ok_or_else(|| FeedError::Nothing(path.clone()))?,
            None => json,
        };
        match rows {
            Value::List(rows) => Ok((rows.clone(), reply.values)),
            other => Err(FeedError::NoRows(other.kind())),
        }
    }

    /// A row in the contract's words; `None` for an event that is left out.
    fn event(&self, feed: &Feed, row: &Value, on: Option<&Value>) -> Result<Option<Event>, FeedError> {
        let profile = &self.shared.profile;
        let place = |from: &Extraction| {
            take(from, Some(row), |_| Vec::new()).map(|found| found.filter(|found| !found.is_null()))
        };
        let part = |from: &Option<Extraction>| from.as_ref().map_or(Ok(None), &place);
        let named = place(&feed.fields.name)?.map(|name| text(&name));
        let named = named.ok_or_else(|| FeedError::NoName(row.brief(80)))?;
        if feed.ignore.contains(&named) {
            return Ok(None);
        }
        let name = feed.name_in(&named);
        let (_, ty) = profile.event_type(name).ok_or_else(|| FeedError::NoEvent(name.to_owned()))?;
        let id = match part(&feed.fields.aggregate)? {
            Some(id) => id,
            None => on.cloned().ok_or_else(|| FeedError::NoAggregate(row.brief(80)))?,
        };
        let known = lock(&self.known);
        let own = |_: Option<&str>, id: &Value| known.of_scenario(id);
        let fields = match part(&feed.fields.data)? {
            Some(data) => profile.convert(&data, &ty, Way::In, &own)?,
            None => Value::Record(Record::new()),
        };
        let Value::Record(fields) = fields else {
            return Err(FeedError::NoFields { event: name.to_owned(), kind: fields.kind() });
        };
        let on = own(None, &id).unwrap_or(id);
        drop(known);
        Ok(Some(Event {
            name: Arc::from(name),
            on,
            fields,
            version: part(&feed.fields.version)?.map(|version| self.version(&version)).transpose()?,
            position: part(&feed.fields.position)?.map(|position| number(&position)).transpose()?,
            id: part(&feed.fields.id)?.map(|id| Arc::from(text(&id))),
            causation: part(&feed.fields.causation)?.map(|id| Arc::from(text(&id))),
        }))
    }

    fn version(&self, value: &Value) -> Result<Version, FeedError> {
        match &self.shared.profile.version {
            Some(versions) if !versions.numbers => Ok(Version::Opaque(Arc::from(text(value)))),
            _ => number(value).map(Version::Number),
        }
    }
}

fn last_position(feed: &Feed, rows: &[Value]) -> Result<u64, FeedError> {
    let Some(from) = &feed.fields.position else { return Ok(0) };
    let mut last = 0;
    for row in rows {
        if let Some(position) = take(from, Some(row), |_| Vec::new())? {
            last = last.max(number(&position)?);
        }
    }
    Ok(last)
}

fn number(value: &Value) -> Result<u64, FeedError> {
    text(value).parse().map_err(|_| FeedError::NoNumber(value.brief(60)))
}
