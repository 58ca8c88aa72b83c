//! Why a case came to nothing.

use self::lack::{NO_MORE, NO_OVERLAP, NO_REST, NO_STATE, NOT_TOLD, TURNED_AWAY};
use super::case::Case;
use crate::clause::{Bench, is_all_shown};

/// The reasons, in words: what is open says one of them, or several.
pub(crate) mod lack {
    pub(crate) const NO_STATE: &str = "no state that it could be brought to has what it takes";
    pub(crate) const NO_MORE: &str = "it ended before that, as the time was up or the target was not well";
    pub(crate) const TURNED_AWAY: &str = "a command that the rules accept was not accepted";
    pub(crate) const NO_REST: &str = "not everything was read at rest";
    pub(crate) const NO_OVERLAP: &str = "its commands did not overlap";
    pub(crate) const NOT_TOLD: &str = "what was answered tells nothing of it";

    /// What comes behind it is the time that there was.
    pub(crate) const TIME_UP: &str = "the time was up after";
    pub(crate) const STOPPED: &str = "somebody stopped it";

    /// All of them.
    pub(crate) const ALL: [&str; 8] =
        [TURNED_AWAY, NO_STATE, NO_REST, NOT_TOLD, NO_MORE, NO_OVERLAP, TIME_UP, STOPPED];
}

impl Case<'_> {
    /// Why it came to nothing for a clause, with what it was in particular; nothing where it said so itself.
    pub(super) fn why_nothing(&self, bench: &Bench) -> Option<(&'static str, Option<String>)> {
        if self.trouble().is_some() {
            return None;
        }
        let evidence = self.evidence(bench);
        let Some(last) = evidence.submitted().next_back() else {
            let why = if self.lab.over() { NO_MORE } else { NO_STATE };
            return Some((why, None));
        };
        if let Some(sent) = evidence.turned_away() {
            return Some((TURNED_AWAY, Some(format!("{} was {}", sent.command.name, sent.outcome))));
        }
        let races = evidence.races();
        let why = if self.lab.over() {
            NO_MORE
        } else if !races.is_empty() && !races.iter().any(|race| evidence.overlapped(race)) {
            NO_OVERLAP
        } else if last.at + 1 == evidence.operations.len() && evidence.deeds.is_empty() {
            // It looked for something to go on with.
            NO_STATE
        } else if !evidence.is_settled(last.at, evidence.operations.len()) && !is_all_shown(&evidence) {
            NO_REST
        } else {
            NOT_TOLD
        };
        Some((why, None))
    }
}
