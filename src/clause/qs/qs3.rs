//! QS-3: at rest, pages bring each row once.

use super::pages::{Walk, WrongPages, set_aside, walks};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit};
use crate::history::Act;
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Qs3,
    level: Level::Must,
    suite: Suite::Core,
    statement: "At rest, pages bring each row once, in the same order.",
    why: "What falls between two pages is never seen by anybody.",
    source: "Winand, \"SQL Performance Explained\", 2012, \"Paging Through Results\"",
    how: "All pages of lists longer than one page are read twice. A row that no answer of the list has is no matter of pages.",
    needs: &[Need::Matter(Matter::PagedView)],
    least: &[Least { count: 10, of: Unit::Walks }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "pages", judge }],
};

const ORDER: &str = "order by something that no two rows share, and cut pages from that order alone";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for pair in walks(evidence).chunks(2) {
        let [one, other] = pair else { break };
        let rest = evidence.submitted().map(|sent| sent.at).take_while(|at| *at < one.first()).last();
        let Some(rest) = rest else { continue };
        let still = evidence.submitted().all(|sent| sent.at <= rest || sent.at > other.last());
        if still && one.is_like(other) && is_at_rest(evidence, (rest, one.first())) {
            walked(evidence, rest, (one, other), &mut judged);
        }
    }
    judged
}

fn is_at_rest(evidence: &Evidence<'_>, (behind, before): (usize, usize)) -> bool {
    evidence.operations[behind + 1..before].iter().any(|one| matches!(one.act, Act::Quiet(_)))
}

fn walked(evidence: &Evidence<'_>, rest: usize, (one, other): (&Walk<'_>, &Walk<'_>), judged: &mut Judged) {
    let answered = one.is_answered && other.is_answered;
    if !(answered && one.is_clear(evidence, one.first(), judged)) {
        return;
    }
    let view = one.query.name.to_string();
    let moved = one.ended && other.ended && one.rows(evidence) != other.rows(evidence);
    let unsteady = || moved.then(|| WrongPages::Unsteady { view: view.clone() }).map(|wrong| (one, wrong));
    let misses = [one, other].into_iter().find_map(|walk| Some((walk, walk.misses(evidence)?)));
    let Some((walk, wrong)) = misses.or_else(unsteady) else {
        if one.ended && other.ended {
            judged.counted.push((Unit::Walks, 2));
        }
        return;
    };
    if [one, other].iter().any(|walk| walk.met_others(evidence)) {
        judged.doubts.push(format!("others have rows in {view}, so that it may not have been at rest"));
    } else if walk.is_of_pages(evidence, &wrong, (rest, other.last() + 1)) {
        judged.broken(wrong.to_string(), ORDER);
    } else {
        set_aside(&wrong, judged);
    }
}
