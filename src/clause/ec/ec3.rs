//! EC-3: what a read model shows is explained by commands.

use crate::clause::probe::effects;
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit, burst,
};
use crate::history::Act;
use crate::judge::{Cause, Mismatch, MismatchKind};
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ec3,
    level: Level::Must,
    suite: Suite::Core,
    statement: "Every fact that a read model shows is explained by commands.",
    why: "A fact from nowhere can't be mended, since nothing made it.",
    source: "Viotti & Vukolić, \"Consistency in Non-Transactional Distributed Storage Systems\", ACM Computing Surveys 49(1), 2016, arXiv:1512.00168; Burckhardt, \"Principles of Eventual Consistency\", 2014",
    how: "Each read has to be explained by some prefix of the history that real time and all outcomes allow.",
    needs: &[Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 150, of: Unit::ProbedWrites }, Least { count: 60, of: Unit::Bursts }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[
        Check { experiment: "conflict", judge: raced },
        Check { experiment: "sum", judge: raced },
        Check { experiment: "probe", judge: probed },
        Check { experiment: "session", judge: on_its_way },
        Check { experiment: "reconnected", judge: on_its_way },
    ],
};

const SOURCE: &str = "look at where the read model gets what it shows from";
/// Of so many that raced at most, every selection is looked at.
const MOST: usize = 6;

fn raced(evidence: &Evidence<'_>) -> Judged {
    let mut judged = burst::counted(evidence, |_| true);
    let is_read = |mismatch: &&Mismatch| mismatch.kind != MismatchKind::Outcome;
    for mismatch in evidence.judgement().mismatches.iter().filter(is_read) {
        if is_from_nowhere(evidence, &mismatch.message) {
            judged.broken_by(mismatch, SOURCE);
        }
    }
    judged
}

fn probed(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for effect in effects(evidence) {
        if effect.is_shown() && !effect.is_doubtful() {
            judged.count(Unit::ProbedWrites);
        }
        // What was never so is from nowhere; what only lags is late.
        if let Some(look) = effect.never().next()
            && is_told(evidence, &look.query.name)
        {
            let query = &look.query.name;
            let first = format!("look at where {query} gets what it shows from");
            judged.broken_in(query, look.at + 1, format!("{query} shows what no command explains"), &first);
        }
    }
    unexplained(evidence, &mut judged);
    judged
}

/// While effects are on their way, reads may lag; what they show was so at some time all the same. Commands come close together here: what
/// shows one of them without those before it is seen at no other time.
fn on_its_way(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    unexplained(evidence, &mut judged);
    judged
}

/// Reads that nothing explains, however far read models lag, or only what is broken here.
fn unexplained(evidence: &Evidence<'_>, judged: &mut Judged) {
    let seen = &evidence.judgement().mismatches;
    for mismatch in seen.iter().filter(|mismatch| mismatch.kind == MismatchKind::Unexplained) {
        let causes = evidence.causes(&mismatch.message);
        if !causes.is_empty() && causes.iter().all(|cause| !cause.breaks.contains(&ClauseId::Ec3)) {
            continue;
        }
        let anywhere = || format!("look at where {} gets what it shows from", mismatch.message);
        let first = causes.first().map_or_else(anywhere, Cause::first);
        judged.broken_by(mismatch, &first);
        let likely = (!causes.is_empty()).then(|| Cause::either(&causes));
        judged.findings.last_mut().into_iter().for_each(|finding| finding.likely.clone_from(&likely));
    }
}

/// Whether what a query did not show in time is told here: it showed something that was never so.
pub(super) fn is_told(evidence: &Evidence<'_>, query: &str) -> bool {
    evidence.is_phantom(evidence.operations) && !evidence.is_of_others(query, ClauseId::Ec3)
}

/// Whether reads of a query show what was never so, even if some of the commands that raced had been lost: what is there without them was
/// made by the others. Other queries may have lost others, or none.
fn is_from_nowhere(evidence: &Evidence<'_>, query: &str) -> bool {
    let racers = evidence.races().into_iter().flatten().filter(Submitted::is_accepted);
    let racers: Vec<usize> = racers.map(|racer| racer.at).collect();
    let others = evidence.operations.iter().enumerate().filter(
        |(_, operation)| matches!(&operation.act, Act::Ask { query: asked, .. } if *asked.name != *query),
    );
    let others: Vec<usize> = others.map(|(place, _)| place).collect();
    // A handful race at most. What none of them is needed for was there before.
    let some = 0..(1_u32 << racers.len().min(MOST)).saturating_sub(1);
    let mut lost = some.map(|some| {
        let racers = racers.iter().enumerate();
        racers.filter(|(at, _)| some >> at & 1 == 1).map(|(_, racer)| *racer).collect::<Vec<_>>()
    });
    let all = evidence.operations.len();
    // Nor is what lacks only what one kind of command did that raced none.
    lost.all(|lost| evidence.is_phantom(&evidence.without(&[lost, others.clone()].concat(), all)))
        && !burst::lacks_one_alone(evidence, query)
}
