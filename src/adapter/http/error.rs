//! Why something was not asked, or not answered, as far as several files tell it. Sentences are made of it, and secrets
//! taken out of them, where it leaves the room.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hyper::http::uri::InvalidUri;
use reqwest::{Method, Url};

use super::login::LoginError;
use super::redact::{Redacted, Redactor};
use crate::profile::{FieldError, FormError, Origin};
use crate::protocol::{Doubt, Outcome, Seen, Unknown};

/// Why a text is no URL.
pub(super) type UrlError = <Url as FromStr>::Err;

/// Why a request can't be put together.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub(super) enum RequestError {
    /// A filter has nothing to do with the value of its placeholder.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A field of the command, query or event can't be written in the service's words.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Nothing stands for a placeholder.
    #[error("there is no value for {0}")]
    NoValue(Origin),
    /// A placeholder in the path is a field that was left out.
    #[error("the path needs a field that the scenario doesn't give")]
    NoPath,
    /// Between two slashes there would be nothing.
    #[error("an empty text can't stand in a path")]
    EmptyInPath,
    /// With its values in it, a segment of the path is one or two dots, which would lead elsewhere.
    #[error(
        "the path {path} has a segment `{dots}`, which leads to another place: such a value can't stand alone in a path"
    )]
    DotsInPath {
        /// With its values in it.
        path: String,
        /// The segment.
        dots: String,
    },
    /// The path behind the address is part of no URL.
    #[error("{path} makes no URL: {why}")]
    NoUrl {
        /// With its values in it.
        path: String,
        /// What is wrong with it.
        #[source]
        why: UrlError,
    },
    /// The profile has no base of that name.
    #[error("there is no base `{0}`")]
    NoBase(String),
    /// No header field can have that name.
    #[error("`{0}` is no name of a header field")]
    NoHeaderName(String),
    /// No header field can have that value, which may be a secret.
    #[error("a header field can't hold line ends or other control characters")]
    ControlCharacters,
    /// A statement answers, and a request is to be made.
    #[error("the query is answered by `sql`, and by no request")]
    NoRequest,
    /// A statement is to answer, and there is no database.
    #[error("there is no [database] in the profile")]
    NoDatabase,
    /// What an aggregate's id is derived from has no value.
    #[error("the id has no value")]
    NoId,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Failed {
    /// Nothing was sent: the connection was refused, or the login before it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It may have been sent, and done.
    #[error("{why}")]
    Unknown {
        /// The kind of doubt.
        doubt: Doubt,
        /// What was answered, as far as it came.
        status: Option<u16>,
        /// What happened.
        #[source]
        why: NoAnswer,
    },
}

/// Why nothing was sent.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Refused {
    /// The connection was refused. Holds the reasons in the system's words.
    #[error("{0}")]
    Connection(String),
    /// The authority of its certificate is not known. Holds the reasons in the system's words.
    #[error(
        "its certificate is not trusted: {0}; `ca = \"FILE.pem\"` in [tls] of the profile names the certificate of the authority that issued it"
    )]
    Untrusted(String),
    /// Its origin is none for the client library.
    #[error("nothing can be sent to that address: {0}")]
    NoAddress(#[source] Arc<InvalidUri>),
    /// The URL names nobody.
    #[error("the address has no host")]
    NoHost,
    /// Its path is none for the client library.
    #[error("the path makes no request: {0}")]
    NoTarget(#[source] Arc<InvalidUri>),
    /// The login before it brought no token.
    #[error(transparent)]
    Login(#[from] Redacted<LoginError>),
    /// The login before it took all the time there was.
    #[error("the login took longer than {0:?}")]
    LateLogin(Duration),
    /// The token can't be put into the request.
    #[error(transparent)]
    Unsigned(#[from] RequestError),
}

/// Why nobody knows what came of a request.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    /// The time was up.
    #[error("no answer within {0:?}")]
    Late(Duration),
    /// The time for making a connection was up.
    #[error("there was no connection within {0:?}")]
    LateConnection(Duration),
    /// The connection broke, or was never made. Holds the reasons in the system's words.
    #[error("{0}")]
    Connection(String),
    /// A connection that had not been used for so long ended. Holds the reasons in the system's words.
    #[error(
        "the connection, which had not been used for {0:?}, ended without an answer: {1}; the service may have closed it before anything came (`idle` in [limits] of the profile)"
    )]
    Idle(Duration, String),
    /// The answer ended in its midst. Holds the reasons in the system's words.
    #[error("the answer broke off: {0}")]
    BrokenOff(String),
    /// More than is read of an answer.
    #[error("the answer has more than {0} bytes; `bytes` in [limits] of the profile lets in more")]
    TooLong(usize),
    /// The service asked to be left alone, up to this try.
    #[error("the service was still busy at try {0}")]
    Busy(u32),
    /// Nothing was sent this time, but before.
    #[error(transparent)]
    Again(#[from] Refused),
    /// A redirect to nowhere.
    #[error("the answer leads to no URL: {0}")]
    LeadsNowhere(#[source] UrlError),
    /// A redirect to somebody else, whose origin this is.
    #[error("the answer leads to another origin ({0}), which is never followed")]
    LeadsAway(String),
    /// A redirect that doesn't say which request is to follow.
    #[error("a {method} was answered with {status}, which leaves open what to send on")]
    LeadsOpen {
        /// What was sent.
        method: Method,
        /// What came back.
        status: u16,
    },
    /// More redirects than are followed.
    #[error("the answer leads elsewhere more than {0} times")]
    LeadsOn(usize),
}

impl Failed {
    pub(super) fn unknown(doubt: Doubt, status: Option<u16>, why: NoAnswer) -> Self {
        Self::Unknown { doubt, status, why }
    }

    /// It without the secrets of its request.
    pub(super) fn without(self, redactor: &Redactor) -> Redacted<Self> {
        Redacted::new(self, redactor)
    }
}

impl Redacted<Failed> {
    /// What it means for a command.
    pub(super) fn outcome(&self) -> Outcome {
        match *self.as_ref() {
            Failed::Refused(_) => Outcome::NotSent(self.to_string()),
            Failed::Unknown { doubt, status, .. } => {
                Outcome::Unknown(Unknown { doubt, status, detail: self.to_string() })
            }
        }
    }

    /// What it means for a query.
    pub(super) fn seen(&self) -> Seen {
        match *self.as_ref() {
            Failed::Refused(_) => Seen::NotSent(self.to_string()),
            Failed::Unknown { doubt, status, .. } => {
                Seen::Broken(Unknown { doubt, status, detail: self.to_string() })
            }
        }
    }
}
