use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Doubt;

/// A request as a command for a POSIX shell, without secrets. It is put into words whenever somebody reads it, since hardly any is
/// ever read.
#[derive(Clone)]
pub struct ShellLine(Arc<dyn fmt::Display + Send + Sync>);

impl ShellLine {
    /// What prints as the command.
    pub fn new(line: Arc<dyn fmt::Display + Send + Sync>) -> Self {
        Self(line)
    }
}

impl PartialEq for ShellLine {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.to_string() == other.to_string()
    }
}

impl fmt::Display for ShellLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ShellLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// One request and what came of it, as it was: classified by nobody, without secrets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// The request as a command for a POSIX shell.
    pub request: String,
    /// What came of it.
    pub came: Came,
    /// From sending it to the end of its answer, or to giving up.
    pub elapsed: Duration,
    /// What every request of the same operation was answered with, in order: those that were sent again because the target was
    /// busy, redirects, pages, look-ups. `None` where no whole answer came.
    pub statuses: Vec<Option<u16>>,
}

impl Exchange {
    /// The answer, if a whole one came.
    pub fn response(&self) -> Option<&Response> {
        match &self.came {
            Came::Answer(response) => Some(response),
            Came::Rows(_) | Came::NotSent(_) | Came::Lost { .. } => None,
        }
    }
}

/// What came of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Came {
    /// A whole answer.
    Answer(Response),
    /// So many rows of a database.
    Rows(usize),
    /// Nothing was sent: the connection was refused, or the login before it. Says why.
    NotSent(String),
    /// It was sent, or may have been, and no whole answer came.
    Lost {
        /// Whether time ran out, the connection was lost, or the answer was too much to read.
        doubt: Doubt,
        /// The status, where that came.
        status: Option<u16>,
        /// What happened, in a sentence.
        why: String,
    },
}

/// How an answer over HTTP begins, as far as clauses judge it: without secrets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// The status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `ETag`.
    pub etag: Option<String>,
    /// The body's beginning, at most [`Head::MOST`] bytes of it: of the answer to a command, and of what is an error.
    pub body: Option<String>,
    /// Whether that is all of it.
    pub whole: bool,
}

impl Head {
    /// How many bytes of a body a history keeps.
    pub const MOST: usize = 8 * 1024;
}

impl From<&Response> for Head {
    fn from(response: &Response) -> Self {
        let Response { status, content_type, location, etag, body, whole } = response.clone();
        let mut end = body.len().min(Self::MOST);
        while !body.is_char_boundary(end) {
            end -= 1;
        }
        let whole = whole && end == body.len();
        Self { status, content_type, location, etag, body: Some(body[..end].to_owned()), whole }
    }
}

/// An answer as it was, as far as judges need it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `ETag`.
    pub etag: Option<String>,
    /// The body's beginning as text, at most [`Response::MOST`] bytes of it; what is no UTF-8 is U+FFFD.
    pub body: String,
    /// Whether that is all of it.
    pub whole: bool,
}

impl Response {
    /// How many bytes of a body are kept.
    pub const MOST: usize = 64 * 1024;
}
