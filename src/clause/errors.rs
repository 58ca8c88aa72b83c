//! The errors that a target answers with over HTTP, as clauses look at them.

use super::{Evidence, Shows};
use crate::history::Act;
use crate::protocol::Head;
use crate::value::inert_within;

/// How much of an answer a sentence shows, in characters.
pub(super) const SHOWN: usize = 200;

/// An answer that tells of an error.
pub(super) struct Error<'e> {
    /// What it is the answer to.
    pub(super) what: String,
    pub(super) head: &'e Head,
    /// Whether the service itself gives it: what is wrong with a request as such may be turned away before.
    pub(super) is_own: bool,
    /// What of the case shows it.
    pub(super) shows: Shows,
}

impl Error<'_> {
    /// The answer in words.
    pub(super) fn in_words(&self) -> String {
        let Self { what, head, .. } = self;
        let kind = inert_within(head.content_type.as_deref().unwrap_or("no media type"), SHOWN);
        let body = inert_within(head.body.as_deref().unwrap_or_default(), SHOWN);
        format!("{what} → {} ({kind}): {body}", head.status)
    }
}

/// All of them in a case.
pub(super) fn errors<'e>(evidence: &'e Evidence<'_>) -> impl Iterator<Item = Error<'e>> {
    let operations = evidence.ended().filter_map(|(at, operation)| {
        let what = match &operation.act {
            Act::Submit { command, .. } => command.name.to_string(),
            Act::Ask { query, .. } => query.name.to_string(),
            Act::Quiet(_) => return None,
        };
        Some(Error { what, head: evidence.head(at)?, is_own: true, shows: Shows::Operations(vec![at]) })
    });
    let spoiled = evidence.spoiled().map(|(at, spoiled)| {
        let what = format!("{} sent {}", spoiled.name, spoiled.how.words());
        (at, what, spoiled)
    });
    let spoiled = spoiled.filter_map(|(at, what, spoiled)| {
        let is_own = !spoiled.how.is_of_request();
        Some(Error { what, head: spoiled.head.as_ref()?, is_own, shows: Shows::Deed(at) })
    });
    operations.chain(spoiled).filter(|error| error.head.status >= 400)
}
