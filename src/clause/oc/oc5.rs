//! OC-5: no update is lost.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, ONE_BY_ONE, Submitted, Suite,
    Unit, Wrong, burst,
};
use crate::history::Role;
use crate::judge::{Mismatch, MismatchKind};
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Oc5,
    level: Level::Must,
    suite: Suite::Core,
    statement: "No update is lost.",
    why: "Somebody was told \"yes\", and nothing came of it.",
    source: "Berenson et al., \"A Critique of ANSI SQL Isolation Levels\", SIGMOD 1995 (P4, lost update)",
    how: "Bursts of commands whose effects add up to distinct sums (1, 2, 4, …), so that every subset of them shows; settled reads and later decisions both have to equal the model.",
    needs: &[Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 60, of: Unit::Bursts }],
    stochastic: true,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "conflict", judge }, Check { experiment: "sum", judge }],
};

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = burst::counted(evidence, |_| true);
    if let Some((name, until)) = one_id_for_two(evidence) {
        let wrong = format!("two {name} came at the same time, and both were told the same id");
        judged.broken_by_then(
            until,
            wrong,
            "look at what draws the id: two requests at once must not get the same",
        );
    }
    for mismatch in evidence.judgement().mismatches.iter().filter(|one| is_lost(evidence, one)) {
        let decided = mismatch.kind == MismatchKind::Outcome;
        if decided && !burst::is_decided_without_some(evidence, mismatch.operation) {
            judged.aside(burst::DECIDED_SO_ANYWAY, Wrong::Mismatch(mismatch.clone()), ONE_BY_ONE);
        } else if !decided && burst::is_lost_anyway(evidence, &mismatch.message) {
            judged.aside(burst::LOST_ANYWAY, Wrong::Mismatch(mismatch.clone()), ONE_BY_ONE);
        } else {
            judged.broken_by(mismatch, burst::APPEND);
        }
    }
    judged
}

/// What created two aggregates at once under one id, and behind which place that is known.
fn one_id_for_two<'a>(evidence: &Evidence<'a>) -> Option<(&'a str, usize)> {
    evidence.races().into_iter().find_map(|racers| {
        let last = racers.last()?.at;
        let is_one = |one: &Submitted<'_>, other: &Submitted<'_>| {
            one.command.on != other.command.on && one.names_what(other)
        };
        let twice = racers.iter().find(|one| racers.iter().any(|other| is_one(one, other)))?;
        Some((&*twice.command.name, last + 1))
    })
}

/// Whether what is wrong tells that the write side has lost something: a later decision does, and so does a read, unless a version or another
/// query tells that all is there.
fn is_lost(evidence: &Evidence<'_>, mismatch: &Mismatch) -> bool {
    match mismatch.kind {
        MismatchKind::Unexplained | MismatchKind::Chosen => false,
        MismatchKind::Outcome => evidence.parts[mismatch.operation].role != Role::Racer,
        MismatchKind::Settled | MismatchKind::Immediate => {
            !burst::wrote_all(evidence) && !burst::shows_elsewhere(evidence, &mismatch.message)
        }
    }
}
