//! BR-4: decisions rest on what the write side knows.

use crate::clause::probe::behind;
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, ONE_BY_ONE, Submitted, Suite,
    Unit, Wrong,
};
use crate::contract::rules::World;
use crate::judge::{Mismatch, MismatchKind};
use crate::protocol::ClauseId;
use crate::value::Record;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Br4,
    level: Level::Must,
    suite: Suite::Core,
    statement: "Decisions rest on the write side's state, not on a read model that lags behind.",
    why: "A rule that is checked against yesterday's picture is no rule in the moment that counts.",
    source: "Young, \"CQRS Documents\", 2010 (the write side decides from its own state)",
    how: "Pairs of commands of which the first forbids the second, with no wait between them.",
    needs: &[Need::Matter(Matter::Forbidding)],
    least: &[Least { count: 30, of: Unit::Pairs }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "in-a-row", judge }],
};

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let sent: Vec<_> = evidence.submitted().collect();
    let [.., first, second] = &sent[..] else { return judged };
    if !first.is_accepted() || !second.outcome.is_known() {
        return judged;
    }
    let (seen, pair) = (evidence.judgement(), is_pair(evidence, (first, second)));
    let decided = |one: &Mismatch| pair && one.kind == MismatchKind::Outcome && one.operation == second.at;
    match seen.mismatches.first() {
        Some(mismatch) if decided(mismatch) => {
            let first = format!("look at which state {} is decided on", mismatch.message);
            judged.broken_by(mismatch, &first);
        }
        Some(mismatch) => {
            let why = "something else is wrong than a decision";
            judged.aside(why, Wrong::Mismatch(mismatch.clone()), ONE_BY_ONE);
        }
        None if !pair || judged.is_set_aside(seen) => {}
        None => judged.count(Unit::Pairs),
    }
    judged
}

/// Whether nothing stands between them, and the first forbids the second, which would have been accepted before it: what a case begins
/// with is not what is tried.
fn is_pair(evidence: &Evidence<'_>, (first, second): (&Submitted<'_>, &Submitted<'_>)) -> bool {
    let before = evidence.world(first.at);
    let accepted = |world: &World<Record>| behind(evidence, world, second.command).is_some();
    let forbids = behind(evidence, &before, first.command).is_some_and(|world| !accepted(&world));
    second.at == first.at + 1 && accepted(&before) && forbids
}
