use std::sync::Arc;

use hyper::body::Bytes;
use reqwest::Url;
use reqwest::header::HeaderMap;

use super::redact::Redactor;
use super::room::Room;
use crate::profile::{Extraction, FormError, Limits, Place, Way, apply_all};
use crate::protocol::Version;
use crate::value::{JsonError, JsonProblem, Value};

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Whether the request was sent before, and may have been done then.
    pub(super) again: bool,
    /// Where it came from, if the request was led there.
    pub(super) moved: Option<Box<Url>>,
    /// What it takes up, if it is long.
    pub(super) room: Room,
}

/// An answer read as far as it can be, without any secret.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) again: bool,
    /// Where it came from, if the request was led there.
    pub(super) moved: Option<Box<Url>>,
    headers: HeaderMap,
    /// The body as JSON, or why it is none.
    pub(super) json: Result<Value, NoJson>,
    /// How many values that is.
    pub(super) values: usize,
    body: Bytes,
    pub(super) kind: ContentKind,
    redactor: Redactor,
    /// As long as it is held.
    _room: Room,
}

/// Why a body is no JSON.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum NoJson {
    /// There is none.
    #[error("the body is empty")]
    Empty,
    /// Nobody unpacks it.
    #[error("the body is compressed, though that was not asked for")]
    Coded,
    /// It is something else.
    #[error("the body is no JSON: {0}")]
    Text(JsonError),
    /// It is more than is read.
    #[error("the answer is not read: {what}; `{setting}` in [limits] of the profile lets in more")]
    Over {
        what: JsonError,
        /// The limit that it goes beyond.
        setting: &'static str,
    },
}

impl From<JsonError> for NoJson {
    fn from(what: JsonError) -> Self {
        let setting = match what.what {
            JsonProblem::TooDeep(_) => "depth",
            JsonProblem::TooManyValues(_) => "values",
            JsonProblem::TooManyDigits(_) => "digits",
            _ => return Self::Text(what),
        };
        Self::Over { what, setting }
    }
}

/// What a body claims to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ContentKind {
    Empty,
    /// `application/json`, `…+json` (RFC 6839, section 3.1).
    Json,
    /// A page for people: a proxy, a login form, another site.
    Html,
    /// A compressed body, though none was asked for.
    Coded,
    Other,
}

impl Reply {
    pub(super) fn read(raw: Raw, limits: &Limits, redactor: &Redactor) -> Self {
        let kind = kind(&raw);
        let json = match kind {
            ContentKind::Empty => Err(NoJson::Empty),
            ContentKind::Coded => Err(NoJson::Coded),
            _ => Value::from_json_counted(&raw.body, &limits.json(raw.body.len())).map_err(NoJson::from),
        };
        let (json, values) = match json {
            Ok((json, values)) => (Ok(redactor.value(json)), values),
            Err(why) => (Err(why), 0),
        };
        Self {
            status: raw.status,
            again: raw.again,
            moved: raw.moved,
            json,
            values,
            body: raw.body,
            headers: raw.headers,
            kind,
            redactor: redactor.clone(),
            _room: raw.room,
        }
    }

    /// How many bytes the body has.
    pub(super) fn bytes(&self) -> usize {
        self.body.len()
    }

    /// The body as text, without any secret.
    pub(super) fn text(&self) -> String {
        self.redactor.judged(&String::from_utf8_lossy(&self.body))
    }

    /// What stands there: `None` if nothing does.
    pub(super) fn take(&self, from: &Extraction) -> Result<Option<Value>, FormError> {
        take(from, self.json.as_ref().ok(), |name| self.headers(name))
    }

    /// A body that is plain text, whatever it is called, where the whole of it is asked for (`$`).
    pub(super) fn plain(&self, from: &Extraction) -> Option<Value> {
        let whole = matches!(&from.place, Place::Body(path) if path.is_root());
        let is_text =
            whole && matches!(self.kind, ContentKind::Other | ContentKind::Json) && self.json.is_err();
        let text = is_text.then(|| Value::from(self.text().trim()))?;
        apply_all(&from.filters, text, Way::In).ok()
    }

    /// A header field's value, without any secret.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers(name).into_iter().next()
    }

    /// All the values of a header field that may stand there more than once, such as `Set-Cookie`.
    pub(super) fn headers(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| self.redactor.judged(&String::from_utf8_lossy(value.as_bytes()))).collect()
    }

    /// A version, where it can be read as the profile says.
    pub(super) fn version(&self, from: &Extraction, numbers: bool) -> Option<Version> {
        version_in(&self.take(from).ok().flatten()?, numbers)
    }

    /// A position in the target's log.
    pub(super) fn position(&self, from: Option<&Extraction>) -> Option<u64> {
        let value = self.take(from?).ok().flatten()?;
        crate::profile::text(&value).parse().ok()
    }
}

/// A version, as it is written.
pub(super) fn version_in(value: &Value, numbers: bool) -> Option<Version> {
    if value.is_null() {
        return None;
    }
    let text = crate::profile::text(value);
    if numbers { text.parse().ok().map(Version::Number) } else { Some(Version::Opaque(Arc::from(text))) }
}

/// What stands at a place of a value, or in a header field.
pub(super) fn take(
    from: &Extraction,
    body: Option<&Value>,
    headers: impl Fn(&str) -> Vec<String>,
) -> Result<Option<Value>, FormError> {
    let found = match &from.place {
        Place::Body(path) => body.and_then(|body| path.get(body)).cloned(),
        Place::Header { name, pattern } => headers(name).into_iter().find_map(|value| match pattern {
            None => Some(Value::from(value)),
            Some(pattern) => {
                let found = pattern.captures(&value)?;
                Some(Value::from(found.get(1).or_else(|| found.get(0))?.as_str()))
            }
        }),
    };
    found.map(|value| apply_all(&from.filters, value, Way::In)).transpose()
}

fn kind(raw: &Raw) -> ContentKind {
    let header = |name: &str| raw.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let coding = header("content-encoding").trim().to_ascii_lowercase();
    let media = header("content-type").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match &*media {
        _ if raw.body.is_empty() => ContentKind::Empty,
        _ if !coding.is_empty() && coding != "identity" => ContentKind::Coded,
        "application/json" | "text/json" => ContentKind::Json,
        media if media.ends_with("+json") => ContentKind::Json,
        "text/html" | "application/xhtml+xml" => ContentKind::Html,
        _ => ContentKind::Other,
    }
}
