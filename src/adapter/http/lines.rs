use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Bytes;
use reqwest::header::{CONTENT_TYPE, ETAG, HeaderValue, LOCATION};
use reqwest::{Method, Url};
use tokio::time::Instant;

use super::ask::Ask;
use super::capture::Raw;
use super::connection::{Broken, Connection, Message};
use super::error::Failed;
use super::redact::Redactor;
use super::store::{Idle, Over, Own, Store};
use crate::protocol::{Came, Doubt, Exchange, Head, Response};

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
pub(super) struct Heard {
    statuses: Vec<Option<u16>>,
    /// What became of the operation's own request, which others may follow.
    own: Option<Noted>,
    /// Whether what comes next is its answer.
    open: bool,
}

struct Noted {
    began: Instant,
    /// Nothing as long as there is no answer.
    ended: Option<(Duration, Kept)>,
}

/// What came, with whatever secrets are in it. Hardly anybody asks for it, so nothing of an answer is copied before.
enum Kept {
    Answer { status: u16, fields: [Option<HeaderValue>; 3], body: Bytes },
    Nothing(Failed),
}

impl Noted {
    fn now() -> Self {
        Self { began: Instant::now(), ended: None }
    }

    fn ends(&mut self, kept: Kept) {
        self.ended = Some((self.began.elapsed(), kept));
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

    /// Sends a request to where the URL is, and reads its answer, up to so many bytes. A connection that was closed while it
    /// was idle is replaced; what may have gone over it is never sent again, unless it only asks (RFC 9112, section 9.3.1).
    pub(super) async fn carry(&self, url: &Url, mut message: Message, most: usize) -> Result<Raw, Failed> {
        while let Some(mut connection) = self.idle().take(url).or_else(|| self.store.idle.take(url)) {
            let again = matches!(*message.method(), Method::GET | Method::HEAD).then(|| message.clone());
            let rested = connection.rested();
            match (connection.exchange(message, most).await, again) {
                (Err(Broken { unsent: Some(unsent), .. }), _) => message = *unsent,
                (Err(Broken { is_silent: true, .. }), Some(again)) => message = again,
                (Err(Broken { failed, is_silent: true, .. }), None) => {
                    return Err(Connection::silent(failed, rested));
                }
                (got, _) => return self.keeps(connection, got),
            }
        }
        let mut connection = self.store.dialler.dial(url).await?;
        let got = connection.exchange(message, most).await;
        self.keeps(connection, got)
    }

    /// A connection over which an answer came whole can be used again.
    fn keeps(&self, connection: Connection, got: Result<Raw, Broken>) -> Result<Raw, Failed> {
        let raw = got.map_err(|broken| broken.failed)?;
        self.idle().put(connection);
        Ok(raw)
    }

    fn idle(&self) -> &Idle {
        self.own.as_ref().map_or(&self.store.idle, |own| &own.idle)
    }

    /// A new operation begins.
    pub(super) fn clear(&self) {
        if let Some(mut heard) = self.heard() {
            heard.statuses.clear();
            (heard.own, heard.open) = (None, false);
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
            (Some(noted), Some(failed)) if noted.ended.is_none() => noted.ends(Kept::Nothing(failed.clone())),
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
                Ok(raw) => Kept::answer(raw),
                Err(failed) => Kept::Nothing(failed.clone()),
            });
        }
    }

    /// What came back in the last operation; the next one begins with nothing.
    pub(super) fn heard_of(&self) -> Heard {
        self.heard().map(|mut heard| std::mem::take(&mut *heard)).unwrap_or_default()
    }

    fn heard(&self) -> Option<MutexGuard<'_, Heard>> {
        self.heard.as_ref().map(|heard| heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Heard {
    /// What came of the operation's own request, without secrets.
    pub(super) fn exchange(&self, request: String, redactor: &Redactor) -> Exchange {
        let given_up = || Came::Lost {
            doubt: Doubt::Timeout,
            status: None,
            why: "it was given up before an answer came".to_owned(),
        };
        let (elapsed, came) = match &self.own {
            Some(Noted { ended: Some((elapsed, kept)), .. }) => (*elapsed, kept.shown(redactor)),
            Some(noted) => (noted.began.elapsed(), given_up()),
            None => (Duration::ZERO, given_up()),
        };
        Exchange { request, came, elapsed, statuses: self.statuses.clone() }
    }

    /// How the answer to the operation's own request began, without secrets; of what is no error without its body, unless that is asked for.
    pub(super) fn head(&self, with_body: bool, redactor: &Redactor) -> Option<Head> {
        let kept = &self.own.as_ref()?.ended.as_ref()?.1;
        match kept {
            Kept::Answer { status, fields, .. } if *status < 400 && !with_body => {
                let [content_type, location, etag] = shown(fields, redactor);
                Some(Head { status: *status, content_type, location, etag, body: None, whole: true })
            }
            Kept::Answer { .. } => match kept.shown(redactor) {
                Came::Answer(response) => Some(Head::from(&response)),
                _ => None,
            },
            Kept::Nothing(_) => None,
        }
    }
}

impl Kept {
    fn answer(raw: &Raw) -> Self {
        let fields = [CONTENT_TYPE, LOCATION, ETAG].map(|name| raw.headers.get(name).cloned());
        // A long one is not kept for a beginning that hardly anybody looks at.
        let body = match raw.body.get(..=Response::MOST) {
            Some(beginning) => Bytes::copy_from_slice(beginning),
            None => raw.body.clone(),
        };
        Self::Answer { status: raw.status, fields, body }
    }

    /// Without secrets.
    fn shown(&self, redactor: &Redactor) -> Came {
        match self {
            Self::Answer { status, fields, body } => {
                let (status, [content_type, location, etag]) = (*status, shown(fields, redactor));
                let beginning = &body[..body.len().min(Response::MOST)];
                let whole = beginning.len() == body.len();
                let text = String::from_utf8_lossy(beginning);
                let body = if whole { redactor.text(&text) } else { redactor.beginning(&text) };
                Came::Answer(Response { status, content_type, location, etag, body, whole })
            }
            Self::Nothing(failed) => {
                let why = redactor.text(&failed.to_string());
                match *failed {
                    Failed::Refused(_) => Came::NotSent(why),
                    Failed::Unknown { doubt, status, .. } => Came::Lost { doubt, status, why },
                }
            }
        }
    }
}

fn shown(fields: &[Option<HeaderValue>; 3], redactor: &Redactor) -> [Option<String>; 3] {
    let field = |field: &HeaderValue| redactor.text(&String::from_utf8_lossy(field.as_bytes()));
    fields.each_ref().map(|one| one.as_ref().map(field))
}
