//! Jars of marbles: a small service that takes keys and versions, and pages its list from the oldest jar on.

#![expect(
    clippy::struct_field_names,
    clippy::unused_self,
    reason = "a shelf of jars: its words are those of its contract, and a decision is the service's"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::protocol::{Answer, Capability, Expected, Outcome, Receipt, Rejection, Version};
use proofmark::value::Value;
use serde::{Deserialize, Serialize};

pub(super) const CONTRACT: &str = "\
contract jars

aggregate Jar
  state status: absent | open | sealed
  state owner: id?
  state marbles: int 0.. = 0

  command Make { owner: id }
    reject JarAlreadyExists when self.status != absent
    set status = open
    set owner = owner

  command Put { count: int 1.. try 1..9 }
    reject JarNotOpen when self.status != open
    set marbles = self.marbles + count

  command Seal
    reject JarNotOpen when self.status != open
    set status = sealed

  query GetJar
    absent when self.status == absent
    shows { jar: self.id, owner: self.owner, status: self.status, marbles: self.marbles }

view ListJars { owner: id, page: int 1.. = 1, page_size: int 1..100 = 20 }
  of Jar where self.owner == owner
  shows { jar: self.id, marbles: self.marbles }
  oldest first, paged
";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bug {
    /// An old version is refused behind the change.
    RefusesStaleTooLate,
    /// A reused key is refused behind the change.
    RefusesReusedTooLate,
    /// A key that was used is refused, whatever it is used for.
    RefusesRetries,
    /// A missing version is malformed.
    MissingIsMalformed,
    /// A version is not required of every third command.
    ForgetsToRequire,
    /// Whether a jar is there is not looked up again before it is written.
    RacesForTheFirst,
    /// Pages begin later by each row that was added since the first one.
    SkipsUnderWrites,
    /// The first row of the third page is on none.
    LosesBetweenPages,
    /// The tenth jar of an owner is on no page.
    ForgetsTheTenth,
    /// Asking for a jar makes its row.
    QueryMakes,
    /// Answers hold neither version nor id.
    SaysNothing,
}

#[derive(Clone, Deserialize)]
pub(super) enum JarCommand {
    Make { owner: String },
    Put { count: u64 },
    Seal,
}

#[derive(Deserialize)]
pub(super) enum JarQuery {
    GetJar,
    ListJars { owner: String, page: Option<usize>, page_size: Option<usize> },
}

#[derive(Clone, Serialize)]
struct Jar {
    jar: String,
    owner: String,
    status: &'static str,
    marbles: u64,
    #[serde(skip)]
    version: u64,
}

#[derive(Default)]
struct Shelf {
    jars: Vec<Jar>,
    /// Versions of jars that are not there yet.
    early: HashMap<String, u64>,
    keys: HashMap<Arc<str>, (String, Outcome)>,
    commands: u64,
    /// How many jars there were when a first page was read.
    began: usize,
}

pub(super) struct Jars {
    jars: Mutex<Shelf>,
    bug: Option<Bug>,
    requires: bool,
}

type Handled = Result<Receipt, Rejection>;

impl Jars {
    fn jars(&self) -> MutexGuard<'_, Shelf> {
        self.jars.lock().expect("no panic")
    }

    async fn handle(&self, sent: Sent<JarCommand>, body: String) -> Outcome {
        let absent = !self.jars().jars.iter().any(|jar| jar.jar == sent.on);
        if self.bug == Some(Bug::RacesForTheFirst)
            && absent
            && matches!(sent.command, JarCommand::Make { .. })
        {
            // A store is a network away.
            tokio::time::sleep(Duration::from_millis(1)).await;
            let mut jars = self.jars();
            jars.jars.retain(|jar| jar.jar != sent.on);
            return self.answer(self.decide(&mut jars, &sent, 0));
        }
        let mut jars = self.jars();
        jars.commands += 1;
        if let Some((first, outcome)) = sent.key.as_ref().and_then(|key| jars.keys.get(key)).cloned() {
            if first != body && self.bug == Some(Bug::RefusesReusedTooLate) {
                let version = jars.version(&sent.on);
                let _ = self.decide(&mut jars, &sent, version);
            }
            let reused = first != body || self.bug == Some(Bug::RefusesRetries);
            return if reused { Outcome::Rejected(Rejection::named("KeyReused")) } else { outcome };
        }
        let outcome = self.answer(self.checked(&mut jars, &sent));
        if let Some(key) = &sent.key {
            jars.keys.insert(key.clone(), (body, outcome.clone()));
        }
        outcome
    }

    fn answer(&self, handled: Handled) -> Outcome {
        match handled {
            Ok(_) if self.bug == Some(Bug::SaysNothing) => Outcome::Accepted(Receipt::default()),
            handled => handled.into(),
        }
    }

    fn checked(&self, jars: &mut Shelf, sent: &Sent<JarCommand>) -> Handled {
        let version = jars.version(&sent.on);
        match &sent.expected {
            Expected::Any if self.requires => match self.bug {
                Some(Bug::MissingIsMalformed) => return Err(Rejection::named("Malformed")),
                Some(Bug::ForgetsToRequire) if jars.commands.is_multiple_of(3) => {}
                _ => return Err(Rejection::named("PreconditionRequired")),
            },
            Expected::Exactly(Version::Number(expected)) if *expected != version => {
                if self.bug == Some(Bug::RefusesStaleTooLate) {
                    let _ = self.decide(jars, sent, version);
                }
                return Err(Rejection::named("ConcurrencyConflict"));
            }
            _ => {}
        }
        self.decide(jars, sent, version)
    }

    fn decide(&self, jars: &mut Shelf, sent: &Sent<JarCommand>, version: u64) -> Handled {
        let version = version + 1;
        let at = jars.jars.iter().position(|jar| jar.jar == sent.on);
        match (&sent.command, at.map(|at| &mut jars.jars[at])) {
            (JarCommand::Make { .. }, Some(_)) => return Err(Rejection::named("JarAlreadyExists")),
            (JarCommand::Make { owner }, None) => jars.jars.push(Jar {
                jar: sent.on.clone(),
                owner: owner.clone(),
                status: "open",
                marbles: 0,
                version,
            }),
            (JarCommand::Put { count: 0 }, _) => return Err(Rejection::named("Malformed")),
            (JarCommand::Put { count }, Some(jar)) if jar.status == "open" => {
                jar.marbles += count;
                jar.version = version;
            }
            (JarCommand::Seal, Some(jar)) if jar.status == "open" => {
                jar.status = "sealed";
                jar.version = version;
            }
            _ => return Err(Rejection::named("JarNotOpen")),
        }
        let id = Some(Value::from(sent.on.as_str()));
        Ok(Receipt { id, version: Some(Version::Number(version)), ..Receipt::default() })
    }

    fn ask(&self, on: Option<String>, query: &JarQuery) -> Answer {
        let mut jars = self.jars();
        match query {
            JarQuery::GetJar => {
                let on = on.unwrap_or_default();
                let found = jars.jars.iter().find(|jar| jar.jar == on).cloned();
                if found.is_none() && self.bug == Some(Bug::QueryMakes) {
                    jars.early.insert(on, 1);
                }
                let version = found.as_ref().map(|jar| Version::Number(jar.version));
                let answer = Answer::from(found);
                if self.bug == Some(Bug::SaysNothing) { answer } else { Answer { version, ..answer } }
            }
            JarQuery::ListJars { owner, page, page_size } => {
                let (page, size) = (page.unwrap_or(1), page_size.unwrap_or(20));
                if page == 1 {
                    jars.began = jars.jars.len();
                }
                let mut start = (page - 1) * size;
                if self.bug == Some(Bug::SkipsUnderWrites) {
                    start += jars.jars.len() - jars.began;
                }
                let own = jars.jars.iter().filter(|jar| jar.owner == *owner).enumerate();
                let shown = own.filter(|(at, _)| self.bug != Some(Bug::ForgetsTheTenth) || *at != 9);
                let mut rows: Vec<Jar> = shown.skip(start).take(size).map(|(_, jar)| jar.clone()).collect();
                if self.bug == Some(Bug::LosesBetweenPages) && page == 3 && !rows.is_empty() {
                    rows.remove(0);
                }
                let answer = Answer::from(Some(rows));
                let position = (self.bug != Some(Bug::SaysNothing)).then_some(jars.commands);
                Answer { position, ..answer }
            }
        }
    }
}

impl Shelf {
    fn version(&self, on: &str) -> u64 {
        let there = self.jars.iter().find(|jar| jar.jar == on).map(|jar| jar.version);
        there.or_else(|| self.early.get(on).copied()).unwrap_or(0)
    }
}

/// Jars, with a bug or without; `requires`: whether commands need a version.
pub(super) fn jars(bug: Option<Bug>, requires: bool) -> InProcess<Jars> {
    InProcess::builder("jars", move |_| Jars { jars: Mutex::default(), bug, requires })
        .speaks("jars")
        .ids(IdForm::Text)
        .claims(Capability::Idempotency)
        .claims(Capability::ExpectedVersion)
        .commands(|jars, sent: Sent<JarCommand>| async move {
            let body = match &sent.command {
                JarCommand::Make { owner } => format!("{} make {owner}", sent.on),
                JarCommand::Put { count } => format!("{} put {count}", sent.on),
                JarCommand::Seal => format!("{} seal", sent.on),
            };
            jars.handle(sent, body).await
        })
        .queries(|jars, asked: Asked<JarQuery>| async move { jars.ask(asked.on, &asked.query) })
        .caught_up(|_, _| async { true })
        .build()
}
