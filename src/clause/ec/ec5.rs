//! EC-5: who has caught up shows everything.

use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit};
use crate::history::{Act, Quiet};
use crate::protocol::{Capability, ClauseId, Query};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ec5,
    level: Level::Must,
    suite: Suite::Session,
    statement: "\"Caught up\" is never said too early.",
    why: "Whoever waited for it reads what is old, and has no reason to doubt it.",
    source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994 (read your writes)",
    how: "The target is asked to wait until it has caught up; what is read at once behind that has to show everything. What shows later was waited for in vain; what never shows is lost, and no fault of the word.",
    needs: &[Need::Capability(Capability::Wait), Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 20, of: Unit::Waits }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "wait", judge }],
};

const COMPARES: &str = "look at which position the wait compares with, and which read models it asks";

/// The looks of one query behind the target's word.
struct Looks<'a> {
    query: &'a Query,
    first: usize,
    last: usize,
}

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let is_word = |(_, operation): &(usize, &crate::history::Operation)| {
        matches!(operation.act, Act::Quiet(Quiet::Proved))
    };
    for (word, _) in evidence.operations.iter().enumerate().filter(is_word) {
        said(evidence, word, &mut judged);
    }
    judged
}

fn said(evidence: &Evidence<'_>, word: usize, judged: &mut Judged) {
    let looks = looks(evidence, word);
    let Some(end) = looks.iter().map(|looks| looks.first + 1).max() else { return };
    if !evidence.is_seen_at_rest(word.saturating_sub(1), end) {
        return;
    }
    let alone = |at: usize| {
        let others: Vec<usize> = (word + 1..at).collect();
        evidence.without(&others, at + 1)
    };
    let late = looks.iter().find(|looks| {
        let is_late = || !evidence.judge(&alone(looks.first)).mismatches.is_empty();
        looks.first < looks.last && is_late() && evidence.explains(&alone(looks.last))
    });
    if let Some(late) = late {
        let name = &late.query.name;
        judged.broken(format!("the target said that it had caught up, and {name} showed it later"), COMPARES);
    } else if !judged.is_set_aside(&evidence.judge(&evidence.operations[..end])) {
        judged.count(Unit::Waits);
    }
}

/// What was read behind the word, as long as nothing else was done.
fn looks<'a>(evidence: &Evidence<'a>, word: usize) -> Vec<Looks<'a>> {
    let mut all: Vec<Looks<'_>> = Vec::new();
    for (at, operation) in evidence.operations.iter().enumerate().skip(word + 1) {
        let Act::Ask { query, .. } = &operation.act else { break };
        match all.iter_mut().find(|looks| *looks.query == **query) {
            Some(looks) => looks.last = at,
            None => all.push(Looks { query, first: at, last: at }),
        }
    }
    all
}
