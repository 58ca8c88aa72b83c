//! RB-4: a rebuild is no outage.

use crate::clause::rebuilds::Rebuilds;
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::contract::rules::{Expected, Model as _};
use crate::history::Act;
use crate::protocol::{Capability, ClauseId, Query, Seen};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Rb4,
    level: Level::Should,
    suite: Suite::Operable,
    statement: "Queries are answered during a rebuild.",
    why: "Otherwise every rebuild is an outage.",
    source: "Young, \"CQRS Documents\", 2010 (the read side is replaceable)",
    how: "Queries are asked while a rebuild is under way.",
    needs: &[Need::Capability(Capability::Rebuild)],
    least: &[Least { count: 1, of: Unit::Rebuilds }, Least { count: 10, of: Unit::Answers }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "rebuild-meanwhile", judge }],
};

const FIRST: &str = "let the read model answer until the new one has caught up, and then change them over";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let rebuilds = Rebuilds::of(evidence);
    let Some((begun, _)) = rebuilds.span() else { return judged };
    let before = evidence.operations.partition_point(|operation| operation.call.index < begun);
    let mut answers = 0;
    for (at, operation) in evidence.operations.iter().enumerate() {
        let Act::Ask { query, answer } = &operation.act else { continue };
        if !rebuilds.is_meanwhile(evidence, at) {
            continue;
        }
        let wrong = match &answer.seen {
            Seen::NotSent(_) => continue,
            Seen::Absent if was_there(evidence, query, (before, at)) => "is said not to be there",
            Seen::Found(_) | Seen::Absent => {
                answers += 1;
                continue;
            }
            Seen::Refused(_) | Seen::Broken(_) => "is not answered",
        };
        let took = operation.end.map(|end| end.at.saturating_sub(operation.call.at)).unwrap_or_default();
        let wrong =
            format!("while the read model of {} is built anew, what it showed before {wrong}", query.name);
        let more = vec![format!("the last of these, during the rebuild, took {took:?}")];
        judged.broken_as(wrong, Shows::Until(at + 1), more, FIRST);
    }
    if answers > 0 {
        judged.counted.push((Unit::Answers, answers));
        judged.count(Unit::Rebuilds);
    }
    judged
}

/// Whether a query had something to show before the rebuild, and has in every state that there was since: however far it lags.
fn was_there(evidence: &Evidence<'_>, query: &Query, (before, at): (usize, usize)) -> bool {
    (before..=at).all(|place| {
        let expected = evidence.model().answer(&evidence.world(place), query);
        matches!(expected, Ok(Expected::Shows(_)))
    })
}
