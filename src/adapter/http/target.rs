use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Method, Url};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::ask::Ask;
use super::auth;
use super::connection::Dialler;
use super::error::{Failed, Refused, RequestError, UrlError};
use super::fill::{Filler, Values};
use super::left::{Leaving, LeftBehind, is_local};
use super::lines::Line;
use super::login::Tokens;
use super::read::Ready;
use super::redact::Redactor;
use super::send::send;
use super::store::Store;
use super::world::Place;
use crate::adapter::process::{CommandLine, CommandLineError, Process};
use crate::adapter::sql::{AddressError, Database};
use crate::adapter::{Description, Target, Unreachable, WorldSeed};
use crate::profile::{self, Credential, Equipment, Exec, Form, IdBy, Profile, Request, Spoken, Template};
use crate::protocol::{Actor, Capabilities, Capability, IdForm, Promises, Response, VersionKind};
use crate::value::Precisions;

/// The promise for queries whose profile makes none.
const BOUND: Duration = Duration::from_secs(5);

/// Between two looks at whether a service is ready.
const READY_PAUSE: Duration = Duration::from_millis(100);

/// How long a service that refuses connections may be just starting, where nothing says how it shows that it is ready.
const STARTING: Duration = Duration::from_secs(1);

/// A service behind HTTP, as its profile says. Cloning gives another handle.
///
/// ```no_run
/// use std::path::Path;
///
/// use proofmark::run::Runner;
/// use proofmark::suite::{ProfileFile, Suite};
/// use proofmark::adapter::Http;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let suite = Suite::load(["scenarios"])?;
/// let file = ProfileFile::load(Path::new("scenarios/orders/reference.toml"));
/// let (profile, equipment) = file.equip(true, &|name| std::env::var(name).ok())?;
/// let service = Http::new(profile, equipment, Some("http://localhost:8080"))?;
/// let summary = Runner::new(service.clone()).run(suite.plans().map_err(Clone::clone)?, |_| {}).await?;
/// assert!(summary.all_passed() && service.has_spoken());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Http {
    shared: Arc<Shared>,
}

/// What all worlds and sessions share.
pub(super) struct Shared {
    pub(super) profile: Profile,
    pub(super) equipment: Equipment,
    /// What stands in front of each path, without a slash at its end.
    pub(super) base: String,
    pub(super) bases: BTreeMap<String, String>,
    pub(super) store: Arc<Store>,
    /// For what belongs to no session.
    pub(super) line: Line,
    pub(super) tokens: Tokens,
    pub(super) redactor: Redactor,
    /// Where queries with `sql` read.
    pub(super) database: Option<Database>,
    /// The variable of the environment that holds its address.
    pub(super) database_variable: Option<String>,
    /// What the database knows of these queries.
    pub(super) statements: Mutex<BTreeMap<String, Arc<Ready>>>,
    description: Description,
    /// The service, where we start it ourselves.
    pub(super) process: Option<Process>,
    reached: OnceCell<()>,
    spoke: AtomicBool,
    made_up: AtomicU64,
    pub(super) leaving: Leaving,
}

/// Why a profile makes no target.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// Neither the profile nor the caller says where the service is.
    #[error("the profile has no `default` in [base], so a URL has to be given")]
    NoUrl,
    /// That is no address of a service.
    #[error(transparent)]
    BadUrl(#[from] BadUrl),
    /// It can't be started like that.
    #[error(transparent)]
    Exec(#[from] CommandLineError),
    /// The profile names a file with authorities, and nobody has read it ([`Profile::trust`]).
    #[error("the authorities in `{0}`, which [tls] of the profile names, were not read")]
    NoAuthorities(String),
    /// There is no database to read from.
    #[error(transparent)]
    Database(#[from] AddressError),
    /// The client can't be made.
    #[error("the HTTP client can't be made: {0}")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why something is no address of a service. What is shown of it is without secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadUrl {
    /// A placeholder in it can't be filled. Holds why.
    #[error("{0}")]
    Unfilled(String),
    /// It can't be read.
    #[error("`{shown}` is no URL: {why}")]
    Unreadable {
        /// What was given.
        shown: String,
        /// What is wrong with it.
        #[source]
        why: UrlError,
    },
    /// It belongs to no HTTP service.
    #[error("`{0}` is no URL of a service: it begins with http:// or https://")]
    NoService(String),
    /// It says who is speaking.
    #[error("credentials belong in the profile's [auth], not in the URL")]
    Credentials,
    /// It has more than a path.
    #[error("`{0}` can't hold a query or a fragment: paths are put behind it")]
    Tail(String),
}

/// What was seen of a service that can't be reached.
#[derive(Debug, thiserror::Error)]
enum NotReady {
    /// Its address is none.
    #[error(transparent)]
    NoUrl(UrlError),
    /// The request that asks for it can't be put together.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// It says that it isn't ready.
    #[error("{method} {path} answers {status}")]
    Answered {
        /// Of the request.
        method: Method,
        /// Of the request.
        path: String,
        /// Of the answer.
        status: u16,
    },
    /// It says nothing.
    #[error(transparent)]
    Failed(#[from] Failed),
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("name", &self.shared.description.name).finish_non_exhaustive()
    }
}

impl Http {
    /// The service that `profile` describes, at `url` or where the profile says. One that it says how to start
    /// (`[exec]`) is started when it is needed first, unless a URL is given: then it runs already. Must not be called before all that
    /// the profile takes from the environment was looked up ([`Profile::equip`]).
    ///
    /// # Errors
    /// When there is no usable URL, or no client can be made.
    pub fn new(profile: Profile, equipment: Equipment, url: Option<&str>) -> Result<Self, HttpError> {
        match profile.control.exec.clone() {
            Some(exec) if url.is_none() => Self::started(profile, equipment, &exec, None),
            _ => Self::made(profile, equipment, url, None),
        }
    }

    /// The same, started by us with this command line when it is needed first, and ended with the last handle.
    /// `{port}` in it is a free port of 127.0.0.1, and that is then where the service is.
    ///
    /// # Errors
    /// When the command line can't be run, or like [`Http::new`].
    pub fn exec(
        profile: Profile,
        equipment: Equipment,
        command: &str,
        url: Option<&str>,
    ) -> Result<Self, HttpError> {
        let grace = profile.control.exec.as_ref().and_then(|exec| exec.grace);
        Self::started(profile, equipment, &Exec { command: command.to_owned(), grace }, url)
    }

    fn started(
        profile: Profile,
        equipment: Equipment,
        exec: &Exec,
        url: Option<&str>,
    ) -> Result<Self, HttpError> {
        let command = CommandLine::parse(&exec.command)?;
        if !command.needs_port() {
            return Self::made(profile, equipment, url, Some(Process::new(command, exec.grace)));
        }
        if url.is_some() {
            return Err(CommandLineError::TwoAddresses.into());
        }
        let (command, url) = command.with_free_port()?;
        Self::made(profile, equipment, Some(&url), Some(Process::new(command, exec.grace)))
    }

    fn made(
        profile: Profile,
        equipment: Equipment,
        url: Option<&str>,
        process: Option<Process>,
    ) -> Result<Self, HttpError> {
        if let Some(ca) = profile.ca().filter(|_| profile.tls.authorities.is_empty()) {
            return Err(HttpError::NoAuthorities(ca.node.clone()));
        }
        let store = Store::new(dialler(&profile, false)?);
        let redactor = Redactor::new(equipment.secrets());
        let description = describe(&profile, process.is_some());
        let mut shared = Shared {
            profile,
            equipment,
            base: String::new(),
            bases: BTreeMap::new(),
            line: Line::deaf(store.clone()),
            store,
            tokens: Tokens::default(),
            redactor,
            database: None,
            database_variable: None,
            statements: Mutex::default(),
            description,
            process,
            reached: OnceCell::new(),
            spoke: AtomicBool::new(false),
            made_up: AtomicU64::new(0),
            leaving: Leaving::default(),
        };
        shared.base = shared.find_base(url)?;
        let bases = shared.profile.bases.iter();
        let bases = bases.map(|(name, base)| Ok((name.clone(), shared.filled_address(&base.url)?)));
        shared.bases = bases.collect::<Result<_, HttpError>>()?;
        if shared.bases.values().chain([&shared.base]).any(|base| base.starts_with("https:")) {
            shared.store = Store::new(dialler(&shared.profile, true)?);
            shared.line = Line::deaf(shared.store.clone());
        }
        shared.redactor = shared.redactor.and(shared.derived().iter().map(String::as_str));
        shared.open_database()?;
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Whether the service ever showed that it speaks the contract: accepted a command with more than a bare 200, answered
    /// a query with something that the contract names, or gave a rejection the contract's name in its own words. Where it never did, the URL or the profile may be wrong, and
    /// what passed proves nothing.
    pub fn has_spoken(&self) -> bool {
        self.shared.spoke.load(Ordering::Relaxed)
    }

    /// Where it is, if that is not on this machine and nothing says that it is a test system: the profile (`test = true`), or that we
    /// start it.
    pub fn unvouched(&self) -> Option<&str> {
        let shared = &*self.shared;
        let vouched = shared.profile.test || shared.process.is_some();
        let mut addresses = std::iter::once(&shared.base).chain(shared.bases.values()).map(String::as_str);
        addresses.find(|address| !vouched && !is_local(address))
    }

    /// What was left in it so far; nothing where we start it, and it may end with us.
    pub fn left_behind(&self) -> Option<LeftBehind> {
        self.shared.process.is_none().then(|| self.shared.leaving.so_far())
    }

    /// How many of the profile's secrets stand in the open all the same, in a contract, in a scenario or in what was sent as data. They
    /// are shown and judged as they are.
    pub fn open_secrets(&self) -> usize {
        self.shared.redactor.open()
    }

    /// How a service that we started ended by itself, and what it said last; `None` as long as it runs.
    pub fn ended(&self) -> Option<String> {
        let ended = self.shared.process.as_ref()?.ended()?;
        Some(self.shared.redactor.text(&ended))
    }
}

impl Shared {
    pub(super) fn spoken(&self) {
        self.spoke.store(true, Ordering::Relaxed);
    }

    /// A value that no cache has seen in a request.
    pub(super) fn throw_away(&self) -> String {
        let counted = self.made_up.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}", RandomState::new().hash_one(counted))
    }

    /// An idempotency key for a command whose scenario gives none.
    pub(super) fn make_up_key(&self, command: &str) -> String {
        let text = format!("{command}-{}", self.made_up.fetch_add(1, Ordering::Relaxed));
        match self.profile.key.as_ref().map(|key| key.form) {
            Some(IdForm::Uuid) => Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string(),
            _ => text,
        }
    }

    pub(super) fn credential(&self, actor: &Actor) -> &Credential {
        const NOBODY: &Credential = &Credential::None;
        let auth = &self.profile.auth;
        match actor {
            Actor::Nobody => NOBODY,
            Actor::Default => &auth.default,
            Actor::Named(name) => auth.actors.get(&**name).unwrap_or(&auth.default),
        }
    }

    /// What stands in front of a path: of the default base, or of the one called `name`.
    pub(super) fn base_of(&self, name: Option<&str>) -> Result<&str, RequestError> {
        match name {
            None => Ok(&self.base),
            Some(name) => {
                let found = self.bases.get(name).map(String::as_str);
                found.ok_or_else(|| RequestError::NoBase(name.to_owned()))
            }
        }
    }

    /// Whether credentials may go there.
    pub(super) fn trusts(&self, base: Option<&str>) -> bool {
        base.is_none_or(|name| self.profile.bases.get(name).is_some_and(|base| base.trusted))
    }

    fn find_base(&self, url: Option<&str>) -> Result<String, HttpError> {
        match (url, &self.profile.base) {
            (Some(url), _) => Ok(self.address(url)?),
            (None, Some(base)) => self.filled_address(base),
            (None, None) => Err(HttpError::NoUrl),
        }
    }

    fn filled_address(&self, template: &Template) -> Result<String, HttpError> {
        let filler = Filler { shared: self, values: Values::default() };
        let given =
            filler.text(template).map_err(|why| BadUrl::Unfilled(self.redactor.text(&why.to_string())))?;
        Ok(self.address(&given.ok_or(HttpError::NoUrl)?)?)
    }

    fn address(&self, given: &str) -> Result<String, BadUrl> {
        let shown = || self.redactor.text(given);
        let parsed = Url::parse(given).map_err(|why| BadUrl::Unreadable { shown: shown(), why })?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
            return Err(BadUrl::NoService(shown()));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(BadUrl::Credentials);
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(BadUrl::Tail(shown()));
        }
        Ok(parsed.as_str().trim_end_matches('/').to_owned())
    }

    /// What the credentials look like on the wire, as far as they are known before anything is sent.
    fn derived(&self) -> Vec<String> {
        let filler = Filler { shared: self, values: Values::default() };
        let credentials = self.profile.auth.actors.values().chain([&self.profile.auth.default]);
        let fields = credentials.filter_map(|credential| auth::field(&filler, credential).ok().flatten());
        fields.filter_map(|(_, value)| secret_part(value.to_str().ok()?)).collect()
    }

    /// Sees whether the service is there. One that has `ready`, or that we start, gets time until it says yes.
    pub(super) async fn reach(&self) -> Result<(), Unreachable> {
        if let Some(process) = &self.process {
            process.start().map_err(|why| self.unreachable(why))?;
        }
        self.reach_at(&self.base, self.profile.ready.as_ref()).await?;
        for (name, base) in &self.profile.bases {
            let address = self.base_of(Some(name)).map_err(|why| self.unreachable(why))?;
            self.reach_at(address, base.ready.as_ref()).await?;
        }
        self.reach_database().await
    }

    async fn reach_at(&self, base: &str, ready: Option<&Request>) -> Result<(), Unreachable> {
        let limits = &self.profile.limits;
        let (method, url, asked) = match ready {
            Some(ready) => {
                let filler = Filler { shared: self, values: Values::default() };
                (&*ready.method, filler.behind(base, ready, &[]).map_err(NotReady::Request), true)
            }
            None => ("GET", Url::parse(base).map_err(NotReady::NoUrl), false),
        };
        let url = url.map_err(|why| self.unreachable_at(base, why))?;
        let ask = Ask::bare(Method::from_bytes(method.as_bytes()).unwrap_or(Method::GET), url);
        let polled = asked || self.process.is_some();
        let began = tokio::time::Instant::now();
        let deadline = began + limits.ready;
        // One that somebody has started a moment ago is given that moment.
        let starting = if polled { deadline } else { deadline.min(began + STARTING) };
        loop {
            // A service that is busy with starting is looked at again below.
            let left = deadline.saturating_duration_since(tokio::time::Instant::now());
            let got = send(self, &self.line, &ask, left, |_| true).await;
            // Somebody else may answer at its address.
            self.still_runs(base)?;
            let is_refused = matches!(got, Err(Failed::Refused(Refused::Connection(_))));
            let why = match got {
                Ok(raw) if !asked || (200..300).contains(&raw.status) => return Ok(()),
                Ok(raw) => {
                    let (method, path) = (ask.method.clone(), ask.url.path().to_owned());
                    NotReady::Answered { method, path, status: raw.status }
                }
                Err(failed) => failed.into(),
            };
            let gives_up = tokio::time::Instant::now() + READY_PAUSE >= starting;
            if gives_up || !(polled || is_refused) {
                let said = self.process.as_ref().map(Process::said).unwrap_or_default();
                return Err(self.unreachable_at(base, format!("{why}{said}")));
            }
            tokio::time::sleep(READY_PAUSE).await;
        }
    }

    fn still_runs(&self, base: &str) -> Result<(), Unreachable> {
        match self.process.as_ref().and_then(Process::ended) {
            Some(how) => Err(self.unreachable_at(base, format!("the service was started, but {how}"))),
            None => Ok(()),
        }
    }

    fn unreachable(&self, why: impl Display) -> Unreachable {
        self.unreachable_at(&self.base, why)
    }

    pub(super) fn unreachable_at(&self, base: &str, why: impl Display) -> Unreachable {
        let why = self.redactor.text(&format!("{base}: {why}"));
        Unreachable { target: self.description.name.clone(), why }
    }
}

fn dialler(profile: &Profile, secure: bool) -> Result<Dialler, HttpError> {
    Dialler::new(&profile.limits, secure.then_some(&*profile.tls.authorities))
        .map_err(|error| HttpError::Client(Box::new(error)))
}

/// What of a header field must not be shown: all behind the scheme (RFC 9110, section 11.6.2).
pub(super) fn secret_part(value: &str) -> Option<String> {
    let part = value.split_once(' ').map_or(value, |(_, rest)| rest);
    (part.len() >= 4).then(|| part.to_owned())
}

/// What a service gives the means for, as its profile says; one that says how it is started can be started again.
pub fn claims(profile: &Profile) -> Capabilities {
    let control = &profile.control;
    let claimed = [
        (Capability::Idempotency, profile.key.is_some()),
        (
            Capability::ExpectedVersion,
            profile.version.as_ref().is_some_and(|version| version.write.is_some()),
        ),
        // One without the other can be compared with nothing.
        (Capability::Position, profile.command_position.is_some() && profile.query_position.is_some()),
        (Capability::Wait, profile.wait.is_some()),
        (Capability::EventFeed, control.events.is_some()),
        (Capability::SeedEvents, control.seed.is_some()),
        (Capability::Rebuild, control.rebuild.is_some()),
        (Capability::Reset, control.reset.is_some()),
        (Capability::Temporal, !control.temporal.is_empty()),
        (Capability::Actors, !profile.auth.actors.is_empty()),
        (Capability::Asynchronous, profile.operation.is_some()),
        (Capability::Restart, control.exec.is_some()),
    ];
    let claimed = claimed.into_iter().filter_map(|(capability, claimed)| claimed.then_some(capability));
    claimed.chain(profile.claims.iter().copied()).collect()
}

fn describe(profile: &Profile, started: bool) -> Description {
    // Whoever runs already is not ours to end, whatever the profile says.
    let capabilities = claims(profile).without(Capability::Restart);
    let capabilities = if started { capabilities.with(Capability::Restart) } else { capabilities };
    let texts = !profile.ids.is_empty()
        && profile.ids.values().all(|id| matches!(id.by, IdBy::Client) && id.form == Form::Text);
    let spoken = || {
        profile.queries.iter().filter_map(|(name, query)| match query {
            Spoken::As(query) => Some((Arc::<str>::from(name.as_str()), query)),
            Spoken::None => None,
        })
    };
    let bounds: BTreeMap<_, _> = spoken().filter_map(|(name, query)| Some((name, query.bound?))).collect();
    let off = |(name, query): (Arc<str>, &profile::Query)| {
        let mut tolerances = query.tolerances.clone();
        tolerances.tell_moments(profile.shown(&name));
        (!tolerances.is_empty()).then_some((name, tolerances))
    };
    let tolerances = spoken().filter_map(off).collect();
    let private = spoken().filter(|(_, query)| query.private).map(|(name, _)| name).collect();
    // What nothing is promised for doesn't make a wait for everything longer.
    let all_bound = profile.contract.queries().all(|query| bounds.contains_key(&*query.name));
    let bound = if all_bound { bounds.values().max().copied().unwrap_or(BOUND) } else { BOUND };
    let mut promises = Promises::default();
    (promises.bound, promises.bounds) = (bound, bounds);
    (promises.tolerances, promises.private) = (tolerances, private);
    let messages = profile.contract.commands().map(|command| &command.name);
    let messages = messages.chain(profile.contract.queries().map(|query| &query.name));
    promises.sent = precise(messages, |message| profile.sent(message));
    let events = profile.contract.aggregates().flat_map(|aggregate| &aggregate.events);
    promises.events = precise(events.map(|event| &event.name), |event| profile.happened(event));
    promises.deviations.clone_from(&profile.deviations);
    let ignores = spoken().filter(|(_, query)| !query.ignore.is_empty());
    promises.ignores = ignores
        .map(|(name, query)| (name, query.ignore.iter().map(|field| Arc::from(&**field)).collect()))
        .collect();
    promises.paged = spoken().filter(|(_, query)| query.page.is_some()).map(|(name, _)| name).collect();
    if profile.version.as_ref().is_some_and(|version| !version.numbers) {
        promises.versions = VersionKind::Opaque;
    }
    promises.ids = if texts { IdForm::Text } else { IdForm::Uuid };
    promises.keys = profile.key.as_ref().map_or(IdForm::Text, |key| key.form);
    promises.demands.clone_from(&profile.generate);
    promises.creations = profile.creations();
    let description = Description::new(&profile.name).speaks(profile.contract.name());
    Description { capabilities, ..description.promises(promises) }
}

/// How finely messages tell instants, those that say so.
fn precise<'m>(
    messages: impl Iterator<Item = &'m Arc<str>>,
    told: impl Fn(&str) -> Precisions,
) -> BTreeMap<Arc<str>, Precisions> {
    let told = messages.map(|message| (message.clone(), told(message)));
    told.filter(|(_, precisions)| !precisions.is_empty()).collect()
}

impl Target for Http {
    type World = Place;

    fn actors(&self) -> Vec<Actor> {
        self.shared.profile.auth.actors.keys().map(|name| Actor::named(name.as_str())).collect()
    }

    fn describe(&self) -> &Description {
        &self.shared.description
    }

    async fn world(&self, _: WorldSeed) -> Result<Place, Unreachable> {
        self.shared.reached.get_or_try_init(|| self.shared.reach()).await?;
        Ok(Place::new(self.shared.clone()))
    }

    fn has_wire(&self) -> bool {
        true
    }

    fn knows(&self, message: &str) -> bool {
        self.shared.profile.speaks(message)
    }

    fn to_know(&self, message: &str) -> Option<String> {
        self.shared.profile.section_for(message)
    }

    fn to_name(&self, command: &str, answer: &Response, codes: &[&str]) -> Option<String> {
        self.shared.profile.rule_for(command, answer.status, &answer.body, codes)
    }

    fn knows_actor(&self, actor: &str) -> bool {
        self.shared.profile.auth.actors.contains_key(actor)
    }

    fn stands_open(&self, text: &str) {
        self.shared.redactor.stands_open(text);
    }
}
