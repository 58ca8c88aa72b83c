use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::{Answer, Exchange, Head, Outcome, Rejection, ShellLine};
use crate::value::inert;

/// A command that was sent: how it ended, what went over the wire for it, and how it can be followed.
#[derive(Clone, Debug)]
pub struct Submission {
    /// How it ended.
    pub outcome: Outcome,
    /// What was on the wire: the command's own request and its first answer. `None` where there is no wire, as in the same process, or
    /// nothing was sent.
    pub trace: Option<Trace>,
    /// How to ask once more how it stands, where it was only taken in (capability `asynchronous`).
    pub pending: Option<Pending>,
}

impl From<Outcome> for Submission {
    /// An outcome without a wire beneath it.
    fn from(outcome: Outcome) -> Self {
        Self { outcome, trace: None, pending: None }
    }
}

/// A query that was asked: what was seen, and what went over the wire for it.
#[derive(Clone, Debug)]
pub struct Observation {
    /// What was seen.
    pub answer: Answer,
    /// What was on the wire: the query's own request and its answer, of a list its last page. `None` where there is no wire, or
    /// nothing was sent.
    pub trace: Option<Trace>,
    /// How many rows each page had that was read for it, in their order; empty where it came in one piece.
    pub pages: Vec<u64>,
}

impl From<Answer> for Observation {
    /// An answer without a wire beneath it.
    fn from(answer: Answer) -> Self {
        Self { answer, trace: None, pages: Vec::new() }
    }
}

/// What was on the wire for one operation. It is put into words when somebody reads it, since hardly any is ever read.
#[derive(Clone)]
pub struct Trace(Arc<dyn Transcript>);

/// What a [`Trace`] is made of: a request that prints as a command for a POSIX shell, without secrets, and what came of it.
pub trait Transcript: fmt::Display + Send + Sync {
    /// The request and what came of it, without secrets.
    fn exchange(&self) -> Exchange;

    /// How the answer began, if a whole one came, without secrets. Of one that is no error the body is there only if it is asked for.
    fn head(&self, with_body: bool) -> Option<Head> {
        let head = self.exchange().response().map(Head::from)?;
        let plain = head.status < 400 && !with_body;
        Some(if plain { Head { body: None, whole: true, ..head } } else { head })
    }
}

impl Trace {
    /// The trace of a transcript.
    pub fn new(transcript: impl Transcript + 'static) -> Self {
        Self(Arc::new(transcript))
    }

    /// The request, as a command for a POSIX shell.
    pub fn request(&self) -> ShellLine {
        ShellLine::new(self.0.clone())
    }

    /// The request and what came of it.
    pub fn exchange(&self) -> Exchange {
        self.0.exchange()
    }

    /// How the answer began, if a whole one came. Of one that is no error the body is there only if it is asked for.
    pub fn head(&self, with_body: bool) -> Option<Head> {
        self.0.head(with_body)
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trace({:?})", self.0.to_string())
    }
}

/// A command that was taken in and may not have ended: asks how it stands, as often as somebody wants to know.
#[derive(Clone)]
pub struct Pending(Arc<Ask>);

type Ask = dyn Fn() -> Pin<Box<dyn Future<Output = Progress> + Send>> + Send + Sync;

impl Pending {
    /// One that is asked by `ask`, within a deadline of its own.
    pub fn new<F: Future<Output = Progress> + Send + 'static>(
        ask: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move || Box::pin(ask())))
    }

    /// Asks once how the command stands.
    pub async fn progress(&self) -> Progress {
        (self.0)().await
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending")
    }
}

/// How a command stands that was only taken in (202): what its status resource says.
#[derive(Clone, PartialEq, Debug)]
pub struct Progress {
    /// The request for it, as a command for a POSIX shell.
    pub request: String,
    /// What was answered.
    pub stands: Stands,
}

/// How an operation stands.
#[derive(Clone, PartialEq, Debug)]
pub enum Stands {
    /// It has ended, and was done.
    Done,
    /// It has ended, and was not done.
    Refused(Rejection),
    /// It has not ended. Holds its state in the service's words.
    Open(String),
    /// That can't be told from the answer, or there was none. Says why.
    Unclear(String),
}

impl fmt::Display for Stands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Refused(rejection) => Outcome::Rejected(rejection.clone()).fmt(f),
            Self::Open(state) => write!(f, "not ended: its state is `{}`", inert(state)),
            Self::Unclear(why) => write!(f, "unclear: {}", inert(why)),
        }
    }
}
