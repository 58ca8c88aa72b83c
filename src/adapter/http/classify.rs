use std::borrow::Cow;
use std::fmt::{self, Display};
use std::sync::Arc;

use super::capture::{ContentKind, Reply};
use crate::profile::{Looks, Meaning, Profile, RejectionCode, Rule};
use crate::protocol::{Doubt, Rejection, Unknown};
use crate::value::{Record, Value};

/// Longest text of an answer that a message quotes, in characters.
const QUOTED: usize = 200;

/// Where services commonly say in words what was wrong (RFC 9457 has `detail` and `title`).
const DETAILS: [&str; 5] = ["detail", "message", "error", "title", "reason"];

/// What an answer means, by the profile's rules and what stands behind them.
#[derive(Debug)]
pub(super) enum Meant {
    /// A yes.
    Yes,
    /// A business "no".
    No(Rejection),
    /// The declared absence.
    Absent,
    Unknown(Unknown),
}

/// An answer as messages quote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Quoted {
    pub(super) status: u16,
    /// What the service says in words, cut short.
    said: Option<String>,
}

impl Quoted {
    pub(super) fn of(reply: &Reply) -> Self {
        Self { status: reply.status, said: said(reply) }
    }
}

impl Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({})", self.status)?;
        self.said.as_ref().map_or(Ok(()), |said| write!(f, ": {said}"))
    }
}

/// The rule that an answer falls under: the first that matches.
pub(super) fn rule<'p>(profile: &'p Profile, message: &str, reply: &Reply) -> Option<&'p Rule> {
    rules(profile, message, reply).next()
}

fn rules<'p>(profile: &'p Profile, message: &str, reply: &Reply) -> impl Iterator<Item = &'p Rule> {
    profile.rules.iter().filter(move |rule| {
        let is_for = rule.messages.is_empty() || rule.messages.iter().any(|only| only == message);
        is_for && may_name(rule, reply.status) && looks(&rule.looks, reply)
    })
}

/// A service that fails says nothing of a rule, whatever its page of errors has in it: who means a 5xx names its status.
fn may_name(rule: &Rule, status: u16) -> bool {
    status < 500 || !rule.looks.statuses.is_empty() || rule.is == Meaning::Unknown
}

/// Whether an answer looks like that.
pub(super) fn looks(looks: &Looks, reply: &Reply) -> bool {
    (looks.statuses.is_empty() || within(&looks.statuses, reply.status))
        && looks.like.as_ref().is_none_or(|like| like.matches(&reply.text()))
        && looks.at.as_ref().is_none_or(|at| {
            let part = reply.json.as_ref().ok().and_then(|json| at.get(json));
            part.is_some_and(|part| !part.is_null())
        })
}

pub(super) fn within(ranges: &[(u16, u16)], status: u16) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&status))
}

/// The meaning of an answer to the command or query `message`.
pub(super) fn classify(profile: &Profile, message: &str, reply: &Reply) -> Meant {
    if let Some(rule) = rule(profile, message, reply) {
        return by_rule(profile, rule, reply);
    }
    match reply.status {
        200..300 => yes(reply),
        400..500 => Meant::No(rejection(profile, None, reply)),
        500..600 => unknown(Doubt::ServerError, reply, "the service failed"),
        300..400 => unknown(Doubt::Unreadable, reply, "the answer leads elsewhere"),
        _ => unknown(Doubt::Unreadable, reply, "the status has no meaning here"),
    }
}

/// The meaning of what is told of an operation that failed. Whatever a rule says of answers like it, it is no yes.
pub(super) fn ended_badly(profile: &Profile, message: &str, reply: &Reply) -> Meant {
    match rules(profile, message, reply).find(|rule| rule.is != Meaning::Accepted) {
        Some(rule) => by_rule(profile, rule, reply),
        None => Meant::No(rejection(profile, None, reply)),
    }
}

fn by_rule(profile: &Profile, rule: &Rule, reply: &Reply) -> Meant {
    match rule.is {
        Meaning::Accepted => Meant::Yes,
        Meaning::Rejected => Meant::No(rejection(profile, rule.code.as_ref(), reply)),
        Meaning::Absent => Meant::Absent,
        Meaning::Unknown => unknown(Doubt::Unreadable, reply, "the profile says that this is unknown"),
    }
}

/// A 2xx is a yes if what comes with it can be what was asked for.
fn yes(reply: &Reply) -> Meant {
    match (reply.kind, &reply.json) {
        (ContentKind::Html, _) => {
            unknown(Doubt::Unreadable, reply, "the answer is a page for people (text/html)")
        }
        (ContentKind::Json | ContentKind::Coded, Err(why)) => unknown(Doubt::Unreadable, reply, why),
        _ => Meant::Yes,
    }
}

fn unknown(doubt: Doubt, reply: &Reply, why: impl Display) -> Meant {
    Meant::Unknown(doubted(doubt, reply, why))
}

pub(super) fn doubted(doubt: Doubt, reply: &Reply, why: impl Display) -> Unknown {
    Unknown { doubt, status: Some(reply.status), detail: format!("{why} {}", Quoted::of(reply)) }
}

fn rejection(profile: &Profile, code: Option<&RejectionCode>, reply: &Reply) -> Rejection {
    let body = match &reply.json {
        Ok(Value::Record(record)) => record.clone(),
        _ => Record::new(),
    };
    Rejection {
        code: code.and_then(|code| named(profile, code, reply)).map(Arc::from),
        detail: said(reply).map(Arc::from),
        body,
    }
}

/// The contract's name for what the answer says.
fn named(profile: &Profile, code: &RejectionCode, reply: &Reply) -> Option<String> {
    match code {
        RejectionCode::Is(code) => Some(code.clone()),
        RejectionCode::From { from, map } => {
            let value = reply.take(from).ok().flatten().or_else(|| reply.plain(from))?;
            let word = crate::profile::text(&value);
            let mapped = map.iter().find(|(like, _)| like.is(&word)).map(|(_, code)| code.clone());
            mapped.or_else(|| profile.contract.is_rejection(&word).then_some(word))
        }
    }
}

/// What the service says in words, cut short.
fn said(reply: &Reply) -> Option<String> {
    let named = DETAILS.iter().find_map(|name| reply.json.as_ref().ok()?.get(name)?.as_text());
    let text = named.map_or_else(|| Cow::Owned(reply.text()), Cow::Borrowed);
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let cut: String = text.chars().take(QUOTED).collect();
    Some(if cut.len() < text.len() { format!("{cut}…") } else { cut })
}
