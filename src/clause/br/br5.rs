//! BR-5: commands that race are linearizable.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, ONE_BY_ONE, Suite, Unit, Wrong,
    burst,
};
use crate::judge::MismatchKind;
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Br5,
    level: Level::Must,
    suite: Suite::Core,
    statement: "Commands that race are linearizable, aggregate by aggregate.",
    why: "Two clients who were both told \"yes\" to the last piece will both come for it.",
    source: "Herlihy & Wing, \"Linearizability: A Correctness Condition for Concurrent Objects\", ACM TOPLAS 12(3), 1990",
    how: "Short bursts of commands that the model accepts alone but not together; then decisions that show what the write side believes, since a read model may look right while it is wrong.",
    needs: &[Need::Matter(Matter::Rivals), Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 60, of: Unit::Bursts }],
    stochastic: true,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "conflict", judge }, Check { experiment: "sum", judge }],
};

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = burst::counted(evidence, burst::on_one_aggregate);
    for mismatch in evidence.judgement().mismatches.iter().filter(|one| one.kind == MismatchKind::Outcome) {
        if burst::is_decided_without_some(evidence, mismatch.operation) {
            judged.broken_by(mismatch, "look at what keeps two commands from deciding on the same state");
        } else {
            judged.aside(burst::DECIDED_SO_ANYWAY, Wrong::Mismatch(mismatch.clone()), ONE_BY_ONE);
        }
    }
    judged
}
