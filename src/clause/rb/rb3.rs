//! RB-3: what comes meanwhile is not lost.

use crate::clause::rebuilds::Rebuilds;
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Submitted, Suite, Unit};
use crate::judge::MismatchKind;
use crate::protocol::{Capability, ClauseId};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Rb3,
    level: Level::Must,
    suite: Suite::Operable,
    statement: "Commands that are accepted during a rebuild appear.",
    why: "A rebuild of a live system takes hours, and the world doesn't wait.",
    source: "Fowler, \"Event Sourcing\", 2005 (complete rebuild)",
    how: "Commands are sent while a rebuild is under way, and looked for behind it.",
    needs: &[Need::Capability(Capability::Rebuild)],
    least: &[Least { count: 1, of: Unit::Rebuilds }, Least { count: 10, of: Unit::Commands }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "rebuild-meanwhile", judge }],
};

const FIRST: &str = "look at what becomes of events that come in while a rebuild reads the older ones";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let Some((rebuilds, _)) = Rebuilds::behind_what_was_right(evidence, &mut judged) else { return judged };
    let accepted = evidence.submitted().filter(Submitted::is_accepted);
    let meanwhile = accepted.filter(|sent| rebuilds.is_meanwhile(evidence, sent.at)).count();
    let judgement = evidence.judgement();
    let lost = judgement.mismatches.iter().find(|mismatch| mismatch.kind != MismatchKind::Outcome);
    if meanwhile == 0 {
        return judged;
    }
    if let Some(mismatch) = lost {
        let wrong = format!("behind a rebuild that was under way meanwhile: {mismatch}");
        judged.broken(wrong, FIRST);
    } else if !judged.is_set_aside(judgement) {
        judged.counted.push((Unit::Commands, u32::try_from(meanwhile).unwrap_or(u32::MAX)));
        judged.count(Unit::Rebuilds);
    }
    judged
}
