//! EC-2: what was visible stays visible.

use crate::clause::probe::effects;
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit};
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ec2,
    level: Level::Must,
    suite: Suite::Core,
    statement: "An effect that was visible once stays visible, and so does a value that the service chose.",
    why: "What comes and goes was believed by somebody in between.",
    source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994 (monotonic reads); Viotti & Vukolić, \"Consistency in Non-Transactional Distributed Storage Systems\", ACM Computing Surveys 49(1), 2016, arXiv:1512.00168",
    how: "Polling goes on behind the first sight of an effect; where it is gone again, until its bound has passed. Only what is gone then counts: before, another copy may be without it, which SG-2 tells of. In all that is read, a `chosen` value is held against the one that was shown before, unless what it belongs to was removed in between; one that is `chosen on change` only at proved rest, with no command in between.",
    needs: &[Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 150, of: Unit::ProbedWrites }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[
        Check { experiment: "probe", judge },
        Check { experiment: Check::EVERY, judge: crate::clause::chosen::judge },
    ],
};

/// An effect that was seen so often again has stayed.
const AGAIN: usize = 3;

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for effect in effects(evidence).iter().filter(|effect| effect.is_shown()) {
        if let Some(gone) = effect.gone().next() {
            let (query, command) = (&gone.query.name, &effect.command.name);
            let wrong = format!("{query} showed what {command} did, and later it did not any more");
            let first = "look for a second copy of the read model, or a cache, that is behind the first";
            judged.broken_by_then(gone.at + 1, wrong, first);
        } else if effect.seen_again() >= AGAIN {
            judged.count(Unit::ProbedWrites);
        }
    }
    judged
}
