//! EC-2: what was visible stays visible.

use crate::clause::probe::effects;
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Shows, Submitted, Suite, Unit,
};
use crate::history::{Act, Quiet};
use crate::protocol::{ClauseId, Query, Seen};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ec2,
    level: Level::Must,
    suite: Suite::Core,
    statement: "An effect that was visible once stays visible, and so does a value that the service chose.",
    why: "What comes and goes was believed by somebody in between.",
    source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994 (monotonic reads); Viotti & Vukolić, \"Consistency in Non-Transactional Distributed Storage Systems\", ACM Computing Surveys 49(1), 2016, arXiv:1512.00168",
    how: "Polling goes on behind the first sight of an effect; where it is gone again, until its bound has passed. Only what is gone then counts: before, another copy may be without it, which SG-2 tells of. A few aggregates are left alone from early on, and looked at again at the end, before anything harmful is sent and behind it. In all that is read, a `chosen` value is held against the one that was shown before, unless what it belongs to was removed in between; one that is `chosen on change` only at proved rest, with no command in between.",
    needs: &[Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 150, of: Unit::ProbedWrites }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[
        Check { experiment: "probe", judge },
        Check { experiment: "kept", judge: left_alone },
        Check { experiment: Check::EVERY, judge: crate::clause::chosen::judge },
    ],
};

const LATER: &str = "look for what takes away what is old, or makes room for others: a cache, a limit, an expiry, a projection that was begun anew";

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

/// What a query showed at rest it shows whenever it is asked again, since nobody did anything to it.
fn left_alone(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let sent: Vec<Submitted<'_>> = evidence.submitted().collect();
    let Some(last) = sent.last().filter(|_| sent.iter().all(Submitted::is_accepted)) else { return judged };
    let at_rest = |at: &usize| matches!(evidence.operations[*at].act, Act::Quiet(Quiet::Proved));
    let Some(rest) = (last.at..evidence.operations.len()).find(at_rest) else { return judged };
    let world = evidence.world(rest);
    // Those that showed what they must, and where.
    let mut seen: Vec<(&Query, usize)> = Vec::new();
    for (at, operation) in evidence.operations.iter().enumerate().skip(rest) {
        let Act::Ask { query, answer } = &operation.act else { continue };
        if !matches!(answer.seen, Seen::Found(_) | Seen::Absent) {
            continue;
        }
        let before = seen.iter().find(|(known, _)| *known == &**query).map(|(_, before)| *before);
        match (before, evidence.shows(&world, query, answer)) {
            (None, true) => seen.push((query, at)),
            (Some(before), false) => {
                let after = operation.call.at.saturating_sub(evidence.operations[before].call.at);
                let wrong = format!(
                    "{} showed at rest what was done, and {:.1} s later it does not any more, with nothing done to it in between",
                    query.name,
                    after.as_secs_f64()
                );
                let shows = sent.iter().map(|sent| sent.at).chain([before, at]).collect();
                judged.broken_as(wrong, Shows::Operations(shows), Vec::new(), LATER);
                return judged;
            }
            // Whoever tells what was wrong from the first.
            (None, false) if judged.is_nothing() => {
                judged.is_set_aside(&evidence.judge(&evidence.operations[..=at]));
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    judged
}
