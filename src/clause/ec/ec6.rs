//! EC-6: reads say what they reflect.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Shows, Suite, Unit,
};
use crate::history::Act;
use crate::protocol::{ClauseId, Seen};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ec6,
    level: Level::May,
    suite: Suite::Session,
    statement: "Reads state the position that they reflect.",
    why: "A client that knows how old an answer is can decide whether that will do.",
    source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994 (version vectors of sessions)",
    how: "Answers to queries are looked at.",
    needs: &[Need::Matter(Matter::Query)],
    least: &[Least { count: 30, of: Unit::Answers }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: Check::EVERY, judge }],
};

const FIRST: &str = "tell the position of the last event that the read model has taken in";

/// What is absent has no version, and need not have a position.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for (at, operation) in evidence.ended() {
        let Act::Ask { query, answer } = &operation.act else { continue };
        if !matches!(answer.seen, Seen::Found(_)) {
            continue;
        }
        // An entity tag is a version, whether or not the profile takes it for one.
        let tagged = evidence.head(at).is_some_and(|head| head.etag.is_some());
        if answer.position.is_some() || answer.version.is_some() || tagged {
            judged.count(Unit::Answers);
        } else {
            let wrong = format!("the answer to {} states neither a position nor a version", query.name);
            judged.broken_as(wrong, Shows::Operations(vec![at]), Vec::new(), FIRST);
        }
    }
    judged
}
