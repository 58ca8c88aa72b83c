use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap};

use super::after::{Ended, LookUpError};
use super::ask::Ask;
use super::auth;
use super::capture::{Raw, Reply};
use super::classify::{Meant, classify, doubted, looks, rule, within};
use super::curl::Sent;
use super::error::{Failed, RequestError};
use super::fill::{Filler, Values, converted};
use super::ids::Known;
use super::lines::{Heard, Line};
use super::read::Reading;
use super::redact::{Redacted, Redactor};
use super::room::Room;
use super::send::send;
use super::target::{Shared, secret_part};
use super::world::lock;
use crate::adapter::Session;
use crate::profile::{self, IdBy, KeyPlace, RejectionCode, WriteVersion};
use crate::protocol::{
    Actor, Command, Doubt, Exchange, Expected, Head, Observation, Outcome, Pending, Query, Receipt,
    Rejection, Submission, Trace, Transcript, Version,
};
use crate::value::{Record, Value};

/// One client: sends a request when the answer to the one before is there, so its order is kept.
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) known: Arc<Mutex<Known>>,
    pub(super) actor: Actor,
    /// The last request that was made.
    pub(super) last: Mutex<Option<Arc<Sent>>>,
    /// The last statement that a database was asked, if that was the last operation.
    pub(super) reading: Mutex<Option<Reading>>,
    pub(super) line: Arc<Line>,
    /// The status resource of the last command, if that was only taken in.
    pub(super) operation: Mutex<Option<Followed>>,
    /// The earlier version that is asked about, if one is.
    pub(super) as_of: Option<Version>,
}

/// Why a command is not sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// The profile has no such command.
    #[error("the profile doesn't say how {0} is spoken")]
    NotSpoken(String),
    /// The request can't be put together.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A version is expected, and no place for it is known.
    #[error("the profile doesn't say how an expected version is written")]
    NoVersion,
    /// Something is a field of a body that has none.
    #[error("`{field}` goes into the body, which is a {kind} and has no fields")]
    NoFields {
        /// Its name.
        field: String,
        /// What the body is.
        kind: &'static str,
    },
    /// The aggregate was created before, under an id of the service's own.
    #[error(
        "the service makes up the ids of {aggregate}: {command} would create another one, in place of the one \
         that there is"
    )]
    Another {
        /// Its kind.
        aggregate: String,
        /// The command's name.
        command: String,
    },
}

/// Why nobody knows the id of a new aggregate.
#[derive(Debug, thiserror::Error)]
enum NoNewId {
    /// The answer doesn't tell it.
    #[error("the command was accepted, but the new id is not where the profile says")]
    NotThere,
    /// No query tells it.
    #[error("the command was accepted, but {0}")]
    NotFound(#[from] LookUpError),
}

/// A status resource.
#[derive(Clone)]
pub(super) struct Followed {
    pub(super) command: String,
    pub(super) operation: Arc<profile::Operation>,
    pub(super) sent: Arc<Sent>,
}

/// A command that is ready to be sent, with all that its placeholders stand for.
pub(super) struct Prepared<'p> {
    pub(super) sent: Arc<Sent>,
    pub(super) spoken: &'p profile::Command,
    pub(super) parts: Parts,
}

/// What placeholders stand for in one command.
pub(super) struct Parts {
    on: Option<Value>,
    /// In the service's words.
    fields: Record,
    /// All of them under the service's names, where those are others.
    renamed: Option<Record>,
    opened: Option<Record>,
    key: Option<String>,
    nobody: bool,
}

impl Parts {
    pub(super) fn values<'v>(&'v self, command: &'v Command) -> Values<'v> {
        Values {
            name: &command.name,
            on: self.on.as_ref(),
            fields: Some(&command.fields),
            converted: Some(&self.fields),
            renamed: self.renamed.as_ref(),
            opened: self.opened.as_ref().or(Some(&command.fields)),
            version: match &command.expected {
                Expected::Exactly(version) => Some(version),
                Expected::Any => None,
            },
            key: self.key.as_deref(),
            nobody: self.nobody,
            ..Values::default()
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Session for Client {
    async fn submit(&mut self, command: &Command) -> Submission {
        self.sends_nothing();
        self.shared.redactor.sends(command);
        let outcome = match self.command(command).await {
            Ok(outcome) => outcome,
            // It could not even be put together.
            Err(why) => Outcome::NotSent(self.shared.redactor.text(&why.to_string())),
        };
        Submission { outcome, trace: self.trace(), pending: self.pending() }
    }

    async fn ask(&mut self, query: &Query) -> Observation {
        self.sends_nothing();
        self.shared.redactor.asks(query.on.as_ref(), &query.fields);
        let (answer, pages) = self.query(query, false).await;
        Observation { answer, trace: self.trace(), pages }
    }

    async fn ask_fresh(&mut self, query: &Query) -> Observation {
        self.sends_nothing();
        self.shared.redactor.asks(query.on.as_ref(), &query.fields);
        let (answer, pages) = self.query(query, true).await;
        Observation { answer, trace: self.trace(), pages }
    }
}

/// What was sent in one operation, and what came back.
struct Carried {
    sent: Arc<Sent>,
    heard: Heard,
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sent.fmt(f)
    }
}

impl Transcript for Carried {
    fn exchange(&self) -> Exchange {
        self.heard.exchange(self.sent.to_string(), &self.sent.redactor)
    }

    fn head(&self, with_body: bool) -> Option<Head> {
        self.heard.head(with_body, &self.sent.redactor)
    }
}

impl Client {
    /// Forgets what was sent: an operation that can't be put together sends nothing.
    fn sends_nothing(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.operation.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.line.clear();
    }

    /// Keeps what the database is about to be asked, for whoever asks later.
    pub(super) fn reads(&self, reading: Reading) {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
    }

    /// Keeps what is about to be sent, for whoever asks later.
    pub(super) fn sends(&self, sent: &Arc<Sent>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(sent.clone());
        self.line.open();
    }

    /// What was on the wire since the operation began.
    fn trace(&self) -> Option<Trace> {
        if let Some(reading) = self.reading.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Some(Trace::new(reading));
        }
        let sent = self.last.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(Trace::new(Carried { sent, heard: self.line.heard_of() }))
    }

    /// How to ask for what was only taken in.
    fn pending(&self) -> Option<Pending> {
        let followed = self.operation.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let client = Arc::new(Self {
            shared: self.shared.clone(),
            known: self.known.clone(),
            actor: self.actor.clone(),
            last: Mutex::default(),
            reading: Mutex::default(),
            line: self.line.clone(),
            operation: Mutex::default(),
            as_of: None,
        });
        Some(Pending::new(move || {
            let (client, followed) = (client.clone(), followed.clone());
            async move { client.progress(&followed).await }
        }))
    }

    async fn command(&self, command: &Command) -> Result<Outcome, CommandError> {
        let prepared = self.prepare(command)?;
        let made = self.makes(command, &prepared)?;
        let outcome = self.sent(command, prepared).await;
        if let (Some(made), Outcome::Rejected(_) | Outcome::NotSent(_)) = (made, &outcome) {
            lock(&self.known).give_up(made);
        }
        Ok(outcome)
    }

    /// The aggregate that this creates under an id which the service makes up.
    ///
    /// # Errors
    /// If there is one already: this would create another, of which nobody has spoken. A retry by its key is none.
    fn makes<'a>(
        &self,
        command: &'a Command,
        prepared: &Prepared<'_>,
    ) -> Result<Option<&'a Value>, CommandError> {
        let profile = &self.shared.profile;
        let kind = profile.contract.command(&command.name).map_or("", |def| &*def.aggregate);
        let by = profile.ids.get(kind).map(|id| &id.by);
        let (Some(on), Some(IdBy::Captured(_) | IdBy::LookUp(_))) = (&command.on, by) else {
            return Ok(None);
        };
        let mut known = lock(&self.known);
        let key = prepared.parts.key.as_ref().filter(|_| profile.key.is_some());
        let again = key.is_some_and(|key| known.keys.contains(key) || known.is_made_with(on, key));
        if again || prepared.spoken.names_aggregate() {
            return Ok(None);
        }
        if known.begin(on, key) {
            return Ok(Some(on));
        }
        Err(CommandError::Another { aggregate: kind.to_owned(), command: command.name.to_string() })
    }

    async fn sent(&self, command: &Command, prepared: Prepared<'_>) -> Outcome {
        let shared = &*self.shared;
        let profile = &shared.profile;
        self.sends(&prepared.sent);
        shared.leaving.sends();
        let before =
            prepared.parts.key.as_ref().is_some_and(|key| !lock(&self.known).keys.insert(key.clone()));
        let got = self
            .exchange(&prepared.sent.redactor, &prepared.sent.ask, &command.name, profile.limits.total)
            .await;
        self.line.close(got.as_ref().err().map(AsRef::as_ref));
        let reply = match got {
            Ok(reply) => reply,
            Err(failed) => return failed.outcome(),
        };
        let meant = match classify(profile, &command.name, &reply) {
            Meant::No(Rejection { code: None, .. }) | Meant::Unknown(_)
                if (before || reply.again) && is_replay(profile, &reply) =>
            {
                Meant::Yes
            }
            meant => meant,
        };
        match meant {
            Meant::Yes => match profile.operation.as_ref().filter(|op| within(&op.when, reply.status)) {
                None => self.accepted(command, &prepared, &reply, None).await,
                Some(operation) => match self.ended(command, &prepared, operation, &reply).await {
                    Ended::Done(last) => self.accepted(command, &prepared, &last, Some(&reply)).await,
                    Ended::Rejected(rejection) => Outcome::Rejected(rejection),
                    Ended::Unknown(unknown) => Outcome::Unknown(unknown),
                },
            },
            Meant::No(rejection) => {
                self.note(&rejection, &command.name, &reply);
                Outcome::Rejected(rejection)
            }
            Meant::Absent => Outcome::Rejected(Rejection::default()),
            Meant::Unknown(unknown) => Outcome::Unknown(unknown),
        }
    }

    /// Sends a request and reads the answer, without any secret.
    pub(super) async fn exchange(
        &self,
        redactor: &Redactor,
        ask: &Ask,
        message: &str,
        total: Duration,
    ) -> Result<Reply, Redacted<Failed>> {
        let profile = &self.shared.profile;
        let read = |raw: Raw| Reply::read(raw, &profile.limits, redactor);
        let meant = |raw: &Raw| rule(profile, message, &read(copy(raw))).is_some();
        let got = send(&self.shared, &self.line, ask, total, meant).await;
        got.map(read).map_err(|failed| failed.without(redactor))
    }

    /// The request for a command, and what must not be shown of it.
    pub(super) fn prepare(&self, command: &Command) -> Result<Prepared<'_>, CommandError> {
        let shared = &*self.shared;
        let profile = &shared.profile;
        let spoken = profile.spoken(&command.name);
        let spoken = spoken.ok_or_else(|| CommandError::NotSpoken(command.name.to_string()))?;
        let def = profile.contract.command(&command.name);
        let known = || lock(&self.known);
        let aggregate = def.map_or("", |def| &*def.aggregate);
        let on = command.on.as_ref().map(|on| known().sent(shared, aggregate, on)).transpose()?;
        let defs = def.map(|def| &*def.fields).unwrap_or_default();
        let referred = |kind: Option<&str>, id: &Value| known().referred(shared, kind, id);
        let fields = converted(shared, &command.name, &command.fields, defs, &referred)?;
        let opened = command.on.as_ref().and_then(|on| known().opened.get(on).cloned());
        let key = match (&command.key, &profile.key) {
            (Some(key), _) => Some(key.to_string()),
            (None, Some(key)) if key.required => Some(shared.make_up_key(&command.id)),
            (None, _) => None,
        };
        let renamed = profile.renamed(&command.name, &fields);
        let parts = Parts { on, fields, renamed, opened, key, nobody: self.actor.is_nobody() };
        let filler = Filler { shared, values: parts.values(command) };
        let mut body = match &spoken.body {
            Some(body) => filler.body(body)?,
            None => None,
        };
        let mut ask = Ask::new(&filler, &spoken.request, shared.credential(&self.actor), &[])?;
        if let (Some(text), Some(place)) = (&parts.key, &profile.key) {
            match &place.place {
                KeyPlace::Header(name) => {
                    ask.headers.insert(auth::header_name(name)?, auth::value(text)?);
                }
                KeyPlace::Field(name) => put(&mut body, name, Value::from(text.as_str()))?,
                KeyPlace::Written => {}
            }
        }
        if let Some(version) = filler.values.version {
            expect(&filler, version, &mut ask.headers, &mut body)?;
        }
        let repeatable = parts.key.is_some() && profile.key.is_some();
        let ask = ask.with_body(body.as_ref()).repeatable(repeatable);
        let redactor = redactor_for(shared, &ask);
        Ok(Prepared { sent: Arc::new(Sent { ask, redactor }), spoken, parts })
    }

    /// What an accepted command brought. `before` is the answer that came first, where the last one is of its operation.
    async fn accepted(
        &self,
        command: &Command,
        prepared: &Prepared<'_>,
        reply: &Reply,
        before: Option<&Reply>,
    ) -> Outcome {
        let profile = &self.shared.profile;
        let mut named = command.on.clone();
        if let Some(on) = &command.on {
            match self.new_id(command, on, prepared, reply, before).await {
                Ok(id) => {
                    let kind = profile.contract.command(&command.name).map(|def| &def.aggregate);
                    let mut known = lock(&self.known);
                    if let (Some(id), Some(kind)) = (id, kind) {
                        named = Some(known.named(kind, on, id));
                    }
                    if !known.opened.contains_key(on) {
                        let id = known.of_service(on);
                        let kind = kind.map_or("", |kind| kind);
                        let shown =
                            || prepared.sent.redactor.text(&crate::profile::text(id.as_ref().unwrap_or(on)));
                        self.shared.leaving.made(kind, shown);
                        known.opened.insert(on.clone(), command.fields.clone());
                    }
                }
                Err(why) => {
                    let why = prepared.sent.redactor.text(&why.to_string());
                    return Outcome::Unknown(doubted(Doubt::Unreadable, reply, why));
                }
            }
        }
        let either = [Some(reply), before];
        let mut replies = either.iter().flatten();
        let position = replies.find_map(|reply| reply.position(profile.command_position.as_ref()));
        lock(&self.known).at(position);
        let version = profile.version.as_ref().filter(|version| version.ask.is_none());
        let version = version.and_then(|version| {
            let from = version.read.as_ref()?;
            either.iter().flatten().find_map(|reply| reply.version(from, version.numbers))
        });
        let body = match &reply.json {
            Ok(Value::Record(record)) => record.clone(),
            _ => Record::new(),
        };
        let version = match version {
            None => {
                let def = profile.contract.command(&command.name);
                self.ask_version(def.map_or("", |def| &*def.aggregate), command.on.as_ref()).await
            }
            told => told,
        };
        // A bare 200 is what a service says that answers everything alike.
        if reply.status != 200 || !body.is_empty() || version.is_some() || position.is_some() {
            self.shared.spoken();
        }
        Outcome::Accepted(Receipt { id: named, version, position, body })
    }

    /// The id that the service gave the aggregate, where it gives one and it is not known yet; that which the answer to a command that
    /// creates one tells, in any case.
    async fn new_id(
        &self,
        command: &Command,
        on: &Value,
        prepared: &Prepared<'_>,
        reply: &Reply,
        before: Option<&Reply>,
    ) -> Result<Option<Value>, NoNewId> {
        let profile = &self.shared.profile;
        let aggregate = profile.contract.command(&command.name).map_or("", |def| &*def.aggregate);
        let by = profile.ids.get(aggregate).map(|id| &id.by);
        let is_known = lock(&self.known).of_service(on).is_some();
        match by {
            Some(IdBy::Captured(places)) if !is_known || !prepared.spoken.names_aggregate() => {
                let replies = [Some(reply), before];
                let mut found = replies
                    .iter()
                    .flatten()
                    .flat_map(|reply| places.iter().filter_map(|place| reply.take(place).ok().flatten()));
                match found.find(|id| matches!(id, Value::Text(_) | Value::Number(_))) {
                    Some(id) => Ok(Some(id)),
                    None if is_known || prepared.spoken.names_aggregate() => Ok(None),
                    None => Err(NoNewId::NotThere),
                }
            }
            Some(IdBy::LookUp(look_up)) if !is_known && !prepared.spoken.names_aggregate() => {
                Ok(Some(self.looked_up(command, prepared, look_up, reply).await?))
            }
            _ => Ok(None),
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

/// Whether the profile says that this is the answer to what was done before.
fn is_replay(profile: &profile::Profile, reply: &Reply) -> bool {
    profile.key.as_ref().and_then(|key| key.replayed.as_ref()).is_some_and(|replayed| looks(replayed, reply))
}

/// Says which version is expected.
fn expect(
    filler: &Filler<'_>,
    version: &Version,
    headers: &mut HeaderMap,
    body: &mut Option<Value>,
) -> Result<(), CommandError> {
    let write = filler.shared.profile.version.as_ref().and_then(|version| version.write.as_ref());
    match write {
        None => Err(CommandError::NoVersion),
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
fn put(body: &mut Option<Value>, name: &str, value: Value) -> Result<(), CommandError> {
    match body.get_or_insert_with(|| Value::Record(Record::new())) {
        Value::Record(record) => {
            record.insert(name, value);
            Ok(())
        }
        other => Err(CommandError::NoFields { field: name.to_owned(), kind: other.kind() }),
    }
}

/// Credentials that were put together for this request are kept out of what it brings.
pub(super) fn redactor_for(shared: &Shared, ask: &Ask) -> Redactor {
    let header = ask.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match header.and_then(secret_part) {
        Some(secret) if !shared.redactor.is_secret(&secret) => shared.redactor.and([secret.as_str()]),
        _ => shared.redactor.clone(),
    }
}

pub(super) fn copy(raw: &Raw) -> Raw {
    let (headers, body, moved) = (raw.headers.clone(), raw.body.clone(), raw.moved.clone());
    Raw { headers, body, moved, room: Room::default(), ..*raw }
}
