use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};

use super::auth;
use super::capture::{Raw, Reply};
use super::classify::{Meant, classify, doubted, rule};
use super::curl::curl;
use super::fill::{Filler, Values, converted};
use super::ids::Known;
use super::redact::Redactor;
use super::send::{Ask, Failed, send};
use super::target::{Shared, secret_part};
use super::world::lock;
use crate::profile::{self, Credential, IdBy, KeyPlace, Origin, RejectionCode, Spoken, WriteVersion};
use crate::protocol::{
    Actor, Answer, Command, Doubt, Expected, Outcome, Query, Receipt, Rejection, Unknown, Version,
};
use crate::target::{BoxFuture, Session};
use crate::value::{Record, Value};

/// One client: sends a request when the answer to the one before is there, so its order is kept.
pub(super) struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) known: Arc<Mutex<Known>>,
    pub(super) actor: Actor,
    /// The last request that was made, and what must not be shown of it.
    pub(super) last: Mutex<Option<(Ask, Redactor)>>,
    /// The earlier version that is asked about, if one is.
    pub(super) as_of: Option<Version>,
}

impl Session for Client {
    fn submit<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            self.sends_nothing();
            match self.command(command).await {
                Ok(outcome) => outcome,
                // It could not even be put together.
                Err(why) => Outcome::NotSent(self.shared.redactor.text(&why)),
            }
        })
    }

    fn ask<'a>(&'a mut self, query: &'a Query) -> BoxFuture<'a, Answer> {
        self.sends_nothing();
        Box::pin(self.query(query, false))
    }

    fn ask_fresh<'a>(&'a mut self, query: &'a Query) -> BoxFuture<'a, Answer> {
        self.sends_nothing();
        Box::pin(self.query(query, true))
    }

    fn last_request(&self) -> Option<String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|(ask, redactor)| curl(ask, redactor))
    }
}

impl Client {
    /// Forgets what was sent: an operation that can't be put together sends nothing.
    fn sends_nothing(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Keeps what is about to be sent, for whoever asks later.
    pub(super) fn sends(&self, ask: &Ask, redactor: &Redactor) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((ask.clone(), redactor.clone()));
    }

    async fn command(&self, command: &Command) -> Result<Outcome, String> {
        let shared = &*self.shared;
        let (ask, redactor) = self.prepare(command)?;
        self.sends(&ask, &redactor);
        let read = |raw: Raw| Reply::read(raw, shared.profile.limits.depth, &redactor);
        let meant = |raw: &Raw| rule(&shared.profile, &command.name, &read(copy(raw))).is_some();
        let reply = match send(shared, &ask, shared.profile.limits.total, meant).await {
            Ok(raw) => read(raw),
            Err(failed) => {
                return Ok(match failed {
                    Failed::Refused(why) => Outcome::NotSent(redactor.text(&why)),
                    Failed::Unknown(unknown) => Outcome::Unknown(redacted(&unknown, &redactor)),
                });
            }
        };
        Ok(match classify(&shared.profile, &command.name, &reply) {
            Meant::Yes => {
                let mut outcome = self.accepted(command, &reply);
                if let Outcome::Accepted(receipt) = &mut outcome
                    && receipt.version.is_none()
                {
                    let def = shared.profile.contract.command(&command.name);
                    let aggregate = def.map_or("", |def| &*def.aggregate);
                    receipt.version = self.ask_version(aggregate, command.on.as_ref()).await;
                }
                outcome
            }
            Meant::No(rejection) => {
                self.note(&rejection, &command.name, &reply);
                Outcome::Rejected(rejection)
            }
            Meant::Absent => Outcome::Rejected(Rejection::default()),
            Meant::Unknown(unknown) => Outcome::Unknown(unknown),
        })
    }

    /// The request for a command, and what must not be shown of it.
    fn prepare(&self, command: &Command) -> Result<(Ask, Redactor), String> {
        let shared = &*self.shared;
        let profile = &shared.profile;
        let spoken = match profile.commands.get(&*command.name) {
            Some(Spoken::As(spoken)) => Some(spoken),
            Some(Spoken::None) => None,
            None => profile.any_command.as_ref(),
        };
        let spoken =
            spoken.ok_or_else(|| format!("the profile doesn't say how {} is spoken", command.name))?;
        let def = profile.contract.command(&command.name);
        let mut known = lock(&self.known);
        let aggregate = def.map_or("", |def| &*def.aggregate);
        let on = command.on.as_ref().map(|on| known.sent(shared, aggregate, on)).transpose()?;
        let defs = def.map(|def| &*def.fields).unwrap_or_default();
        let fields = converted(shared, &command.fields, defs, &|id| known.of_service(id))?;
        let opened = command.on.as_ref().and_then(|on| known.opened.get(on)).cloned();
        drop(known);
        let key = match (&command.key, &profile.key) {
            (Some(key), _) => Some(key.to_string()),
            (None, Some(key)) if key.required => Some(shared.make_up_key(&command.id)),
            (None, _) => None,
        };
        let version = match &command.expected {
            Expected::Exactly(version) => Some(version),
            Expected::Any => None,
        };
        let values = Values {
            name: &command.name,
            on: on.as_ref(),
            fields: Some(&command.fields),
            converted: Some(&fields),
            opened: opened.as_ref().or(Some(&command.fields)),
            version,
            key: key.as_deref(),
            ..Values::default()
        };
        let filler = Filler { shared, values };
        let mut body = match &spoken.body {
            Some(body) => filler.body(body)?,
            None => None,
        };
        let mut headers = headers(&filler, shared.credential(&self.actor.0))?;
        if let (Some(text), Some(place)) = (&key, &profile.key) {
            match &place.place {
                KeyPlace::Header(name) => {
                    headers.insert(auth::header_name(name)?, auth::value(text)?);
                }
                KeyPlace::Field(name) => put(&mut body, name, Value::from(text.as_str()))?,
            }
        }
        if let Some(version) = version {
            expect(&filler, version, &mut headers, &mut body)?;
        }
        let url = filler.url(&spoken.request, &[])?;
        let repeatable = key.is_some() && profile.key.is_some();
        let ask = ask(&spoken.request.method, url, headers, body, repeatable);
        let redactor = redactor_for(shared, &ask);
        Ok((ask, redactor))
    }

    fn accepted(&self, command: &Command, reply: &Reply) -> Outcome {
        let profile = &self.shared.profile;
        let mut known = lock(&self.known);
        if let Some(on) = &command.on {
            if let Err(why) = self.capture(&mut known, command, on, reply) {
                return Outcome::Unknown(doubted(Doubt::Unreadable, reply, &why));
            }
            known.opened.entry(on.clone()).or_insert_with(|| command.fields.clone());
        }
        let position = reply.position(profile.command_position.as_ref());
        known.at(position);
        let version = profile.version.as_ref().filter(|version| version.ask.is_none());
        let version = version.and_then(|version| reply.version(version.read.as_ref()?, version.numbers));
        let body = match &reply.json {
            Ok(Value::Record(record)) => record.clone(),
            _ => Record::new(),
        };
        drop(known);
        self.shared.spoken();
        Outcome::Accepted(Receipt { id: command.on.clone(), version, position, body })
    }

    /// Keeps the id that the service gave the aggregate, where it gives one.
    fn capture(&self, known: &mut Known, command: &Command, on: &Value, reply: &Reply) -> Result<(), String> {
        let profile = &self.shared.profile;
        let aggregate = profile.contract.command(&command.name).map_or("", |def| &*def.aggregate);
        let Some(IdBy::Captured(places)) = profile.ids.get(aggregate).map(|id| &id.by) else { return Ok(()) };
        if known.of_service(on).is_some() {
            return Ok(());
        }
        let mut found = places.iter().filter_map(|place| reply.take(place).ok().flatten());
        match found.find(|id| matches!(id, Value::Text(_) | Value::Number(_))) {
            Some(id) => {
                known.learn(on, id);
                Ok(())
            }
            None if names_its_aggregate(profile, &command.name) => Ok(()),
            None => Err("the command was accepted, but the new id is not where the profile says".into()),
        }
    }

    /// A rejection that the service named itself shows that it speaks the contract.
    pub(super) fn note(&self, rejection: &Rejection, message: &str, reply: &Reply) {
        let named = rule(&self.shared.profile, message, reply).and_then(|rule| rule.code.as_ref());
        if rejection.code.is_some() && matches!(named, Some(RejectionCode::From { .. })) {
            self.shared.spoken();
        }
    }
}

/// Whether a command's request says which aggregate it is for; one that doesn't creates it.
fn names_its_aggregate(profile: &profile::Profile, command: &str) -> bool {
    let spoken = match profile.commands.get(command) {
        Some(Spoken::As(spoken)) => Some(spoken),
        _ => profile.any_command.as_ref(),
    };
    spoken.is_some_and(|spoken| {
        let mut holes =
            spoken.request.path.holes().chain(spoken.request.query.iter().flat_map(profile::Template::holes));
        holes.any(|hole| hole.origin == Origin::On)
            || spoken.body.as_ref().is_some_and(profile::Body::names_aggregate)
    })
}

/// Says which version is expected.
fn expect(
    filler: &Filler<'_>,
    version: &Version,
    headers: &mut HeaderMap,
    body: &mut Option<Value>,
) -> Result<(), String> {
    let write = filler.shared.profile.version.as_ref().and_then(|version| version.write.as_ref());
    match write {
        None => Err("the profile doesn't say how an expected version is written".into()),
        Some(WriteVersion::Field(name)) => put(body, name, version.to_value()),
        Some(WriteVersion::Header { name, value, none }) => {
            let (name, value) = match none {
                Some((name, value)) if *version == Version::Number(0) => (name, value),
                _ => (name, value),
            };
            let text = filler.text(value)?.unwrap_or_default();
            headers.insert(auth::header_name(name)?, auth::value(&text)?);
            Ok(())
        }
    }
}

/// Puts a field into a body that is a record, or makes one.
fn put(body: &mut Option<Value>, name: &str, value: Value) -> Result<(), String> {
    match body.get_or_insert_with(|| Value::Record(Record::new())) {
        Value::Record(record) => {
            record.insert(name, value);
            Ok(())
        }
        other => Err(format!("`{name}` goes into the body, which is a {} and has no fields", other.kind())),
    }
}

/// The header fields that every request has, and those of the profile.
pub(super) fn headers(filler: &Filler<'_>, credential: &Credential) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    // Nothing is unpacked, so that a small answer can't become a huge one.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for (name, template) in &filler.shared.profile.headers {
        if let Some(text) = filler.text(template)? {
            headers.insert(auth::header_name(name)?, auth::value(&text)?);
        }
    }
    if let Some((name, value)) = auth::field(filler, credential)? {
        headers.insert(name, value);
    }
    Ok(headers)
}

pub(super) fn ask(
    method: &str,
    url: reqwest::Url,
    mut headers: HeaderMap,
    body: Option<Value>,
    repeatable: bool,
) -> Ask {
    let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET);
    if body.is_some() && !headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ask { method, url, headers, body: body.map(|body| body.to_json()), repeatable }
}

/// Credentials that were put together for this request are kept out of what it brings.
pub(super) fn redactor_for(shared: &Shared, ask: &Ask) -> Redactor {
    let header = ask.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match header.and_then(secret_part) {
        Some(secret) => shared.redactor.and([secret.as_str()]),
        None => shared.redactor.clone(),
    }
}

pub(super) fn redacted(unknown: &Unknown, redactor: &Redactor) -> Unknown {
    Unknown { detail: redactor.text(&unknown.detail), ..*unknown }
}

pub(super) fn copy(raw: &Raw) -> Raw {
    Raw { status: raw.status, headers: raw.headers.clone(), body: raw.body.clone() }
}
