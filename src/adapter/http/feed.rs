use std::sync::Arc;

use super::capture::{Reply, take};
use super::classify::{Meant, classify, doubted};
use super::control::{reason, request};
use super::fill::Values;
use super::send::send;
use super::world::{Place, lock};
use crate::profile::{Extraction, Feed, Way, text};
use crate::protocol::Actor;
use crate::protocol::{Doubt, Event, Version};
use crate::value::{Record, Value};

/// Why a feed told nothing.
pub(super) struct Untold {
    /// What was answered, where it was the answer that told nothing.
    pub(super) status: Option<u16>,
    pub(super) why: String,
}

impl From<String> for Untold {
    fn from(why: String) -> Self {
        Self { status: None, why }
    }
}

impl From<&str> for Untold {
    fn from(why: &str) -> Self {
        why.to_owned().into()
    }
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
    ) -> Result<Vec<Event>, Untold> {
        if feed.of_one && on.is_none() {
            return Err("this feed tells of one aggregate at a time".into());
        }
        if after.is_some() && feed.fields.position.is_none() {
            return Err("the profile doesn't say where the position of an event stands".into());
        }
        let sent = on.map(|on| self.id_of(on)).transpose()?;
        let mut events = Vec::new();
        let mut position = after.unwrap_or_default();
        for _ in 0..MOST_PAGES {
            let rows = self.feed_page(feed, actor, sent.as_ref(), position).await?;
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
            if !more {
                return Ok(events);
            }
            // Those that are left out move the feed on, too.
            position = position.max(last_position(feed, &rows)?);
            if position <= before {
                return Err(
                    format!("the feed does not move on: it begins with position {before} again").into()
                );
            }
        }
        Err(format!("the feed has more than {MOST_PAGES} pages").into())
    }

    /// The aggregate's id, as the service has it.
    fn id_of(&self, on: &Value) -> Result<Value, String> {
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

    async fn feed_page(
        &self,
        feed: &Feed,
        actor: &Actor,
        on: Option<&Value>,
        position: u64,
    ) -> Result<Vec<Value>, Untold> {
        let shared = &*self.shared;
        let values = Values { on, position: Some(position), nobody: actor.is_nobody(), ..Values::default() };
        let (ask, redactor) = request(shared, actor, &feed.request, feed.body.as_ref(), values)?;
        let raw = send(shared, &shared.line, &ask, shared.profile.limits.total, |_| false).await;
        let raw = raw.map_err(|failed| redactor.text(&reason(failed)))?;
        let reply = Reply::read(raw, shared.profile.limits.depth, &redactor);
        match classify(&shared.profile, "", &reply) {
            Meant::Yes => {}
            // Nothing is there, so nothing has happened to it.
            Meant::Absent => return Ok(Vec::new()),
            _ => {
                let why = doubted(Doubt::Unreadable, &reply, "the feed was not told").detail;
                return Err(Untold { status: Some(reply.status), why });
            }
        }
        let json = reply.json.as_ref().map_err(Clone::clone)?;
        let rows = match &feed.rows {
            Some(path) => path.get(json).ok_or_else(|| format!("there is nothing at `$.{path}`"))?,
            None => json,
        };
        match rows {
            Value::List(rows) => Ok(rows.clone()),
            other => Err(format!("the rows of a feed are a list, not a {}", other.kind()).into()),
        }
    }

    /// A row in the contract's words; `None` for an event that is left out.
    fn event(&self, feed: &Feed, row: &Value, on: Option<&Value>) -> Result<Option<Event>, String> {
        let profile = &self.shared.profile;
        let place = |from: &Extraction| {
            take(from, Some(row), |_| Vec::new()).map(|found| found.filter(|found| !found.is_null()))
        };
        let part = |from: &Option<Extraction>| from.as_ref().map_or(Ok(None), &place);
        let named = place(&feed.fields.name)?.map(|name| text(&name));
        let named = named.ok_or_else(|| format!("an event has no name: {}", row.brief(80)))?;
        if feed.ignore.contains(&named) {
            return Ok(None);
        }
        let name = feed.name_in(&named);
        let (_, ty) = profile.event_type(name).ok_or_else(|| {
            format!(
                "the contract has no event `{name}`: give it a name in `names` of [events], or `ignore` it"
            )
        })?;
        let id = match part(&feed.fields.aggregate)? {
            Some(id) => id,
            None => on.cloned().ok_or_else(|| format!("an event has no aggregate: {}", row.brief(80)))?,
        };
        let known = lock(&self.known);
        let own = |id: &Value| known.of_scenario(id);
        let fields = match part(&feed.fields.data)? {
            Some(data) => profile.convert(&data, &ty, Way::In, &own)?,
            None => Value::Record(Record::new()),
        };
        let Value::Record(fields) = fields else {
            return Err(format!("the fields of {name} are a record, not a {}", fields.kind()));
        };
        let on = own(&id).unwrap_or(id);
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

    fn version(&self, value: &Value) -> Result<Version, String> {
        match &self.shared.profile.version {
            Some(versions) if !versions.numbers => Ok(Version::Opaque(Arc::from(text(value)))),
            _ => number(value).map(Version::Number),
        }
    }
}

fn last_position(feed: &Feed, rows: &[Value]) -> Result<u64, String> {
    let Some(from) = &feed.fields.position else { return Ok(0) };
    let mut last = 0;
    for row in rows {
        if let Some(position) = take(from, Some(row), |_| Vec::new())? {
            last = last.max(number(&position)?);
        }
    }
    Ok(last)
}

fn number(value: &Value) -> Result<u64, String> {
    text(value).parse().map_err(|_| format!("{} is no position and no version", value.brief(60)))
}
