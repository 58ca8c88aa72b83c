//! QS-4: pages keep their rows while others write.

use super::pages::{Order, Walk, set_aside, walks};
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit,
};
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Qs4,
    level: Level::Should,
    suite: Suite::Core,
    statement: "While others write, pages neither skip nor repeat a row that was there all along.",
    why: "Whoever works through a list does so while others work, too.",
    source: "Winand, \"SQL Performance Explained\", 2012, \"Paging Through Results\"",
    how: "All pages are read while rows are added behind those that are there, or changed in their places. A row that the list has lost is no matter of pages.",
    needs: &[Need::Matter(Matter::PagedView)],
    least: &[Least { count: 10, of: Unit::Walks }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "moving-pages", judge }],
};

const BEHIND: &str = "let a page begin behind the last row of the one before, not at a count of rows";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for walk in walks(evidence) {
        let within = |sent: &Submitted<'_>| sent.at > walk.first() && sent.at < walk.last();
        let writes: Vec<Submitted<'_>> = evidence.submitted().filter(within).collect();
        if writes.iter().all(Submitted::is_accepted) && walk.is_answered {
            walked(evidence, (&walk, &writes), &mut judged);
        }
    }
    judged
}

fn walked(evidence: &Evidence<'_>, (walk, writes): (&Walk<'_>, &[Submitted<'_>]), judged: &mut Judged) {
    if !walk.is_clear(evidence, walk.last(), judged) {
        return;
    }
    let first = &walk.order;
    let order = |before: usize| Order::of(evidence, &evidence.world(before), walk.query);
    let later: Option<Vec<Order>> = writes.iter().map(|write| order(write.at + 1)).collect();
    // Where the contract itself moves rows from page to page, no service could keep both.
    let Some(later) = later.filter(|later| later.iter().all(|later| first.stays_in(later))) else { return };
    let Some(wrong) = walk.misses(evidence) else {
        if walk.ended && !writes.is_empty() {
            judged.count(Unit::Walks);
        }
        return;
    };
    if walk.met_others(evidence) {
        let view = &walk.query.name;
        judged.doubts.push(format!("others have rows in {view}, and may have taken some away"));
    } else if !writes.is_empty()
        && walk.is_of_pages(evidence, &wrong, (walk.last() + 1, evidence.operations.len()))
    {
        let grows = later.iter().any(|later| later.rows.len() > first.rows.len());
        let means = if grows { "added" } else { "changed" };
        judged.broken(format!("{wrong}, while others were {means}"), BEHIND);
    } else {
        set_aside(&wrong, judged);
    }
}
