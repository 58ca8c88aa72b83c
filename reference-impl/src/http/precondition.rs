//! Preconditions (RFC 9110, section 13): entity tags as versions.
//!
//! An order's entity tag is its version, `"3"`: the same number in the read models as in the event
//! store, so what was read can be expected. A condition on a command is held against the event store,
//! in the same step as the append.

use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName};

use super::problem::{Problem, STALE};
use crate::store::{ExpectedVersion, Version};

/// What a command expects of its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expectation {
    /// Nothing was said.
    Unsaid,
    /// `If-Match: *`: that it exists.
    Exists,
    /// `If-None-Match: *`, or `If-Match` with one version.
    Version(ExpectedVersion),
    /// Something that no order ever fulfils, such as a tag that we never give out.
    Never,
}

impl Expectation {
    /// What the headers of a command say.
    pub(super) fn of_command(headers: &HeaderMap) -> Result<Self, Problem> {
        let matching = tags(headers, &IF_MATCH)?;
        let absent = match tags(headers, &IF_NONE_MATCH)? {
            None => false,
            Some(Tags::Any) => true,
            Some(Tags::These(_)) => {
                return Err(Problem::malformed("on a command, If-None-Match can be * only"));
            }
        };
        let expected = match matching {
            None if absent => Self::Version(ExpectedVersion::NoStream),
            None => Self::Unsaid,
            // One of the two fails, whatever there is.
            Some(_) if absent => Self::Never,
            Some(Tags::Any) => Self::Exists,
            Some(Tags::These(tags)) => one_of(&tags)?,
        };
        Ok(expected)
    }
}

/// `If-Match` compares strongly (RFC 9110, section 13.1.1): a weak tag never matches.
fn one_of(tags: &[Tag<'_>]) -> Result<Expectation, Problem> {
    let mut versions = tags.iter().filter(|tag| !tag.weak).filter_map(Tag::version);
    match (versions.next(), versions.next()) {
        (None, _) => Ok(Expectation::Never),
        (Some(version), None) => Ok(Expectation::Version(ExpectedVersion::Exact(version))),
        (Some(_), Some(_)) => Err(Problem::malformed("on a command, If-Match can name one version only")),
    }
}

/// The answer to a command whose precondition can't hold.
pub(super) fn never_holds() -> Problem {
    Problem::new(&STALE, "no order can fulfil this precondition")
}

/// Whether a read that found `version` needs no body, since the client has it (304).
pub(super) fn not_modified(headers: &HeaderMap, version: Version) -> Result<bool, Problem> {
    let holds = match tags(headers, &IF_MATCH)? {
        None | Some(Tags::Any) => true,
        Some(Tags::These(tags)) => tags.iter().any(|tag| !tag.weak && tag.version() == Some(version)),
    };
    if !holds {
        let detail = format!("what was read is at version {version}");
        return Err(Problem::new(&STALE, detail));
    }
    // `If-None-Match` compares weakly (RFC 9110, section 13.1.2).
    Ok(match tags(headers, &IF_NONE_MATCH)? {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::These(tags)) => tags.iter().any(|tag| tag.version() == Some(version)),
    })
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, PartialEq, Eq)]
enum Tags<'a> {
    Any,
    These(Vec<Tag<'a>>),
}

/// An entity tag (RFC 9110, section 8.8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag<'a> {
    weak: bool,
    opaque: &'a [u8],
}

impl Tag<'_> {
    /// The version whose tag this is, if we ever gave it out.
    fn version(&self) -> Option<Version> {
        let text = std::str::from_utf8(self.opaque).ok()?;
        let number: u64 = text.parse().ok()?;
        (number.to_string() == text).then_some(Version::new(number))
    }
}

fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<Tags<'a>>, Problem> {
    let mut values = headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii()).peekable();
    if values.peek().is_none() {
        return Ok(None);
    }
    let malformed = || Problem::malformed(format!("{name} must be * or entity tags in quotes"));
    let mut all = Vec::new();
    for value in values.by_ref() {
        if value == b"*" && all.is_empty() {
            return if values.next().is_none() { Ok(Some(Tags::Any)) } else { Err(malformed()) };
        }
        list(value, &mut all).ok_or_else(malformed)?;
    }
    Ok(Some(Tags::These(all)))
}

/// Reads `"1", W/"2"` on to the end of `all`; empty members don't count (RFC 9110, section 5.6.1).
fn list<'a>(value: &'a [u8], all: &mut Vec<Tag<'a>>) -> Option<()> {
    let mut rest = value;
    let before = all.len();
    loop {
        rest = rest.trim_ascii_start();
        while let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
        }
        if rest.is_empty() {
            return (all.len() > before).then_some(());
        }
        let (weak, quoted) = rest.strip_prefix(b"W/").map_or((false, rest), |quoted| (true, quoted));
        let text = quoted.strip_prefix(b"\"")?;
        let end = text.iter().position(|byte| *byte == b'"')?;
        let opaque = &text[..end];
        if opaque.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
            return None;
        }
        all.push(Tag { weak, opaque });
        rest = text[end + 1..].trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
}

#[cfg(test)]
mod tests;
