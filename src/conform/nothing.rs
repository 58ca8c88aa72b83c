//! Why a case came to nothing.

use super::case::Case;
use crate::clause::{Bench, is_all_shown};

const NO_STATE: &str = "no state that it could be brought to has what it takes";
const NO_MORE: &str = "it ended before that, as the time was up or the target was not well";
const TURNED_AWAY: &str = "a command that the rules accept was not accepted";
const NO_REST: &str = "not everything was read at rest";
const NO_OVERLAP: &str = "its commands did not overlap";
const NOT_TOLD: &str = "what was answered tells nothing of it";

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
