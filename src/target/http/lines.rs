use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::Response as Head;
use hyper::body::Incoming;
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, ETAG, LOCATION};
use tokio::time::Instant;

use super::ask::Ask;
use super::capture::Raw;
use super::connection::{Broken, Connection, Message, read};
use super::redact::Redactor;
use super::send::Failed;
use super::store::{Idle, Over, Own, Store};
use crate::protocol::Doubt;
use crate::target::{Came, Exchange, Response};

/// Where requests go over, and what came back over it in the last operation.
pub(super) struct Line {
    store: Arc<Store>,
    /// Nothing where many use it: each of their requests goes over a connection that is idle.
    own: Option<Own>,
    /// Nothing where nobody will ask.
    heard: Option<Mutex<Heard>>,
}

/// What came back in one operation.
#[derive(Default)]
struct Heard {
    statuses: Vec<Option<u16>>,
    /// What became of the operation's own request, which others may follow.
    own: Option<Noted>,
    /// Whether what comes next is its answer.
    open: bool,
}

struct Noted {
    began: Instant,
    /// With whatever secrets are in it; nothing as long as there is no answer.
    ended: Option<(Duration, Came)>,
}

impl Noted {
    fn now() -> Self {
        Self { began: Instant::now(), ended: None }
    }

    fn ends(&mut self, came: Came) {
        self.ended = Some((self.began.elapsed(), came));
    }
}

impl Line {
    /// The line of one session.
    pub(super) fn new(over: Arc<Over>) -> Self {
        let own = Own { idle: Idle::default(), over };
        Self { store: own.over.store.clone(), own: Some(own), heard: Some(Mutex::default()) }
    }

    /// One that remembers nothing, since many use it.
    pub(super) fn deaf(store: Arc<Store>) -> Self {
        Self { store, own: None, heard: None }
    }

    /// Sends a request to where the URL is, and reads its answer, up to so many bytes.
    pub(super) async fn carry(&self, url: &Url, message: Message, most: usize) -> Result<Raw, Failed> {
        let (connection, response) = self.send(url, message).await?;
        let raw = read(response, most).await?;
        // Behind an answer that was not read to its end, it is of no use to anybody.
        self.idle().put(connection.used());
        Ok(raw)
    }

    /// A connection that was closed while it was idle is replaced. What may have gone over it is never sent again.
    async fn send(&self, url: &Url, mut message: Message) -> Result<(Connection, Head<Incoming>), Failed> {
        while let Some(mut connection) = self.idle().take(url).or_else(|| self.store.idle.take(url)) {
            match connection.send(message).await {
                Ok(response) => return Ok((connection, response)),
                Err(Broken { unsent: Some(unsent), .. }) => message = *unsent,
                Err(broken) => return Err(broken.into()),
            }
        }
        let mut connection = self.store.dialler.dial(url).await?;
        let response = connection.send(message).await?;
        Ok((connection, response))
    }

    fn idle(&self) -> &Idle {
        self.own.as_ref().map_or(&self.store.idle, |own| &own.idle)
    }

    /// A new operation begins.
    pub(super) fn clear(&self) {
        if let Some(mut heard) = self.heard() {
            *heard = Heard::default();
        }
    }

    /// From here on, answers are those to the operation's own request.
    pub(super) fn open(&self) {
        if let Some(mut heard) = self.heard() {
            heard.open = true;
            heard.own = Some(Noted::now());
        }
    }

    /// What is asked from here on is asked behind it. Why it has no answer may be known only to whoever waited for it.
    pub(super) fn close(&self, failed: Option<&Failed>) {
        let Some(mut heard) = self.heard() else { return };
        heard.open = false;
        match (&mut heard.own, failed) {
            (Some(noted), Some(failed)) if noted.ended.is_none() => noted.ends(lost(failed)),
            _ => {}
        }
    }

    /// A request goes out.
    pub(super) fn sends(&self, ask: &Ask) {
        let Some(mut heard) = self.heard() else { return };
        heard.statuses.push(None);
        if heard.open && !ask.secret {
            heard.own = Some(Noted::now());
        }
    }

    /// Its answer is there, or won't come.
    pub(super) fn hears(&self, ask: &Ask, got: &Result<Raw, Failed>) {
        let Some(mut heard) = self.heard() else { return };
        if let (Ok(raw), Some(last)) = (got, heard.statuses.last_mut()) {
            *last = Some(raw.status);
        }
        if heard.open
            && !ask.secret
            && let Some(noted) = &mut heard.own
        {
            noted.ends(match got {
                Ok(raw) => Came::Answer(response(raw)),
                Err(failed) => lost(failed),
            });
        }
    }

    /// What came of the last operation's own request, without secrets.
    pub(super) fn exchange(&self, request: String, redactor: &Redactor) -> Option<Exchange> {
        let heard = self.heard()?;
        let noted = heard.own.as_ref()?;
        let (elapsed, came) = match &noted.ended {
            Some((elapsed, came)) => (*elapsed, shown(came, redactor)),
            // Whoever waited for it gave up.
            None => {
                let why = "it was given up before an answer came".to_owned();
                (noted.began.elapsed(), Came::Lost { doubt: Doubt::Timeout, status: None, why })
            }
        };
        Some(Exchange { request, came, elapsed, statuses: heard.statuses.clone() })
    }

    fn heard(&self) -> Option<MutexGuard<'_, Heard>> {
        self.heard.as_ref().map(|heard| heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn lost(failed: &Failed) -> Came {
    match failed {
        Failed::Refused(why) => Came::NotSent(why.clone()),
        Failed::Unknown(unknown) => {
            Came::Lost { doubt: unknown.doubt, status: unknown.status, why: unknown.detail.clone() }
        }
    }
}

fn response(raw: &Raw) -> Response {
    let field = |name| raw.headers.get(name).map(|value| lossy(value.as_bytes()));
    let body = &raw.body[..raw.body.len().min(Response::MOST)];
    Response {
        status: raw.status,
        content_type: field(CONTENT_TYPE),
        location: field(LOCATION),
        etag: field(ETAG),
        body: lossy(body),
        whole: body.len() == raw.body.len(),
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn shown(came: &Came, redactor: &Redactor) -> Came {
    match came {
        Came::Answer(response) => {
            let text = |text: &Option<String>| text.as_ref().map(|text| redactor.text(text));
            let body = if response.whole {
                redactor.text(&response.body)
            } else {
                redactor.beginning(&response.body)
            };
            Came::Answer(Response {
                content_type: text(&response.content_type),
                location: text(&response.location),
                etag: text(&response.etag),
                body,
                ..*response
            })
        }
        Came::NotSent(why) => Came::NotSent(redactor.text(why)),
        Came::Lost { doubt, status, why } => {
            Came::Lost { doubt: *doubt, status: *status, why: redactor.text(why) }
        }
    }
}
