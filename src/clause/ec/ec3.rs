//! EC-3: what a read model shows is explained by commands.

use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Submitted, Suite, Unit, burst};
use crate::judge::{Mismatch, MismatchKind};
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ec3,
    level: Level::Must,
    suite: Suite::Core,
    statement: "Every fact that a read model shows is explained by commands.",
    why: "A fact from nowhere can't be mended, since nothing made it.",
    source: "Viotti & Vukolić, \"Consistency in Non-Transactional Distributed Storage Systems\", ACM Computing Surveys 49(1), 2016, arXiv:1512.00168; Burckhardt, \"Principles of Eventual Consistency\", 2014",
    how: "Each read has to be explained by some prefix of the history that real time and all outcomes allow.",
    needs: &[],
    least: &[Least { count: 150, of: Unit::ProbedWrites }, Least { count: 60, of: Unit::Bursts }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "conflict", judge }, Check { experiment: "sum", judge }],
};

/// Of so many that raced at most, every selection is looked at.
const MOST: usize = 6;

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = burst::counted(evidence);
    let is_read = |mismatch: &&Mismatch| mismatch.kind != MismatchKind::Outcome;
    let reads: Vec<&Mismatch> = evidence.judgement().mismatches.iter().filter(is_read).collect();
    if !reads.is_empty() && is_from_nowhere(evidence) {
        for mismatch in reads {
            judged.broken_by(mismatch, "look at where the read model gets what it shows from");
        }
    }
    judged
}

/// Whether reads show what was never so, even if some of the commands that raced had been lost: what is there without them was
/// made by the others.
fn is_from_nowhere(evidence: &Evidence<'_>) -> bool {
    let racers = evidence.races().into_iter().flatten().filter(Submitted::is_accepted);
    let racers: Vec<usize> = racers.map(|racer| racer.at).collect();
    // A handful race at most. What none of them is needed for was there before.
    let some = 1..(1_u32 << racers.len().min(MOST)).saturating_sub(1);
    let mut lost = some.map(|some| {
        let racers = racers.iter().enumerate();
        racers.filter(|(at, _)| some >> at & 1 == 1).map(|(_, racer)| *racer).collect::<Vec<_>>()
    });
    let all = evidence.operations.len();
    evidence.is_phantom(evidence.operations)
        && lost.all(|lost| evidence.is_phantom(&evidence.without(&lost, all)))
}
