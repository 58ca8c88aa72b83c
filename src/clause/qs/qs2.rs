//! QS-2: an early question has an answer.

use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit};
use crate::contract::rules::{Expected, Model as _, World};
use crate::history::Act;
use crate::protocol::{Answer, ClauseId, Doubt, Query, Seen, Unknown};

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

/// A read that nobody answered may be the network's doing, or that of a busy machine: so many cases tell that from chance.
const SILENT: u64 = 3;

const EARLY: &str = "look at what the query does where it finds nothing";
const LAGGING: &str = "look at what the query does while its read model lags";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let mut begun = false;
    // The first read that nobody answered stands for all of the case: what was in its way was in the way of others.
    let mut silent = None;
    for (at, operation) in evidence.ended() {
        let Act::Ask { query, answer } = &operation.act else {
            begun |= matches!(operation.act, Act::Submit { .. });
            continue;
        };
        let first = if begun { LAGGING } else { EARLY };
        match (&answer.seen, begun) {
            (Seen::NotSent(_), _) => {}
            (Seen::Refused(rejection), _) => {
                let code = rejection.code.as_deref().map(|code| format!(" with {code}")).unwrap_or_default();
                judged.broken(format!("{}, and was refused{code}", asked(query, begun)), first);
            }
            (Seen::Broken(unknown), _) => {
                let wrong = format!("{}, and there was no answer: {}", asked(query, begun), unknown.detail);
                if is_silence(unknown) {
                    silent = silent.or(Some((query, at, wrong, first)));
                } else {
                    judged.broken(wrong, first);
                }
            }
            (Seen::Found(_) | Seen::Absent, true) => judged.count(Unit::Queries),
            (Seen::Found(_) | Seen::Absent, false) => early(evidence, (query, answer), &mut judged),
        }
    }
    if let Some((query, at, wrong, first)) = silent {
        judged.broken_often_in(&query.name, at + 1, wrong, (first, SILENT));
    }
    judged
}

fn asked(query: &Query, begun: bool) -> String {
    let when = if begun { "right behind a command" } else { "before there was anything" };
    format!("{} was asked {when}", query.name)
}

/// Whether not even a part of an answer came.
fn is_silence(unknown: &Unknown) -> bool {
    unknown.status.is_none() && matches!(unknown.doubt, Doubt::Timeout | Doubt::Lost | Doubt::Idle)
}

/// Before there is anything: the declared absence, or an empty list.
fn early(evidence: &Evidence<'_>, (query, answer): (&Query, &Answer), judged: &mut Judged) {
    let wrong = match (&answer.seen, evidence.model().answer(&World::new(), query)) {
        (Seen::Found(_), Ok(Expected::Absent)) => "something was found that nobody made",
        (Seen::Absent, Ok(Expected::Rows(_))) => "an empty list is an answer, not an absence",
        _ => return judged.count(Unit::Queries),
    };
    judged.broken(format!("{}, and {wrong}", asked(query, false)), EARLY);
}
