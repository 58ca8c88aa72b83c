//! EC-4: no effect is skipped under load.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, ONE_BY_ONE, Suite, Unit, Wrong,
    burst,
};
use crate::judge::MismatchKind;
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ec4,
    level: Level::Must,
    suite: Suite::Core,
    statement: "No accepted effect is skipped under concurrent load.",
    why: "A read model that is busy loses exactly what many care about.",
    source: "Burckhardt, \"Principles of Eventual Consistency\", 2014 (eventual visibility)",
    how: "Bursts of commands, settled, and compared with the model.",
    needs: &[Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 60, of: Unit::Bursts }],
    stochastic: true,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "conflict", judge }, Check { experiment: "sum", judge }],
};

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = burst::counted(evidence, |_| true);
    let at_rest = |kind| matches!(kind, MismatchKind::Settled | MismatchKind::Immediate);
    for mismatch in evidence.judgement().mismatches.iter().filter(|one| at_rest(one.kind)) {
        if burst::is_lost_anyway(evidence, &mismatch.message) {
            judged.aside(burst::LOST_ANYWAY, Wrong::Mismatch(mismatch.clone()), ONE_BY_ONE);
        } else {
            judged.broken_by(mismatch, burst::APPEND);
        }
    }
    judged
}
