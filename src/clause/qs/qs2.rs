//! QS-2: an early question has an answer.

use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit};
use crate::contract::rules::{Expected, Model as _, World};
use crate::history::Act;
use crate::protocol::{Answer, ClauseId, Query, Seen};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Qs2,
    level: Level::Must,
    suite: Suite::Core,
    statement: "An empty list is an answer, something absent is the declared absence, and neither is ever a failure, while read models lag behind neither.",
    why: "A client that asks early must be able to tell \"not yet\" from \"broken\".",
    source: "RFC 9110 sections 15.3.1 (200) and 15.5.5 (404)",
    how: "Queries are asked before anything is there, and right behind each command.",
    needs: &[Need::Matter(Matter::Query)],
    least: &[Least { count: 30, of: Unit::Queries }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "probe", judge }],
};

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let mut begun = false;
    for operation in evidence.operations {
        match &operation.act {
            Act::Submit { .. } => begun = true,
            Act::Ask { query, answer } if begun => lagging(query, answer, &mut judged),
            Act::Ask { query, answer } => early(evidence, (query, answer), &mut judged),
            Act::Quiet(_) => {}
        }
    }
    judged
}

/// Before there is anything: the declared absence, or an empty list.
fn early(evidence: &Evidence<'_>, (query, answer): (&Query, &Answer), judged: &mut Judged) {
    let wrong = match (&answer.seen, evidence.model().answer(&World::new(), query)) {
        (Seen::Refused(_) | Seen::Broken(_), _) => "it was no answer",
        (Seen::Found(_), Ok(Expected::Absent)) => "something was found that nobody made",
        (Seen::Absent, Ok(Expected::Rows(_))) => "an empty list is an answer, not an absence",
        (Seen::NotSent(_), _) => return,
        _ => return judged.count(Unit::Queries),
    };
    let wrong = format!("{} was asked before there was anything, and {wrong}", query.name);
    judged.broken(wrong, "look at what the query does where it finds nothing");
}

/// While read models lag, a query is answered all the same.
fn lagging(query: &Query, answer: &Answer, judged: &mut Judged) {
    match &answer.seen {
        Seen::Found(_) | Seen::Absent => judged.count(Unit::Queries),
        Seen::Refused(_) | Seen::Broken(_) => {
            let wrong = format!("{} was asked right behind a command, and there was no answer", query.name);
            judged.broken(wrong, "look at what the query does while its read model lags");
        }
        Seen::NotSent(_) => {}
    }
}
