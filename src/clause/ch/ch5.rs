//! CH-5: everything is answered.

use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Shows, Suite, Unit};
use crate::history::{Act, Deed};
use crate::protocol::{ClauseId, Doubt, Outcome, Seen, Unknown};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ch5,
    level: Level::Must,
    suite: Suite::Core,
    statement: "No command and no query is answered with a 5xx or a dropped connection, under concurrency and for unknown ids neither.",
    why: "After such an answer nobody knows what happened, and clients repeat what was done already.",
    source: "RFC 9110 section 15.6",
    how: "Every answer of the whole run is watched.",
    needs: &[],
    least: &[Least { count: 300, of: Unit::Answers }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: Check::EVERY, judge }],
};

const FIRST: &str = "look for the last of these requests in the service's log";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for (at, operation) in evidence.ended() {
        let (name, unknown) = match &operation.act {
            Act::Submit { command, outcome: Outcome::Unknown(unknown), .. } => (&command.name, Some(unknown)),
            Act::Submit { command, .. } => (&command.name, None),
            Act::Ask { query, answer } => match &answer.seen {
                Seen::Broken(unknown) => (&query.name, Some(unknown)),
                _ => (&query.name, None),
            },
            Act::Quiet(_) => continue,
        };
        match unknown {
            // That no answer comes from a service that we kill is our own doing.
            Some(_) if is_killed(evidence, at) => {}
            Some(Unknown { doubt: Doubt::ServerError | Doubt::Lost, detail, .. }) => {
                let wrong = format!("{name} was answered with {detail}");
                judged.broken_as(wrong, Shows::Operations(led_to(evidence, at)), Vec::new(), FIRST);
            }
            Some(_) => {}
            None => judged.count(Unit::Answers),
        }
    }
    judged
}

/// Whether the service was killed while the operation at this place was under way.
fn is_killed(evidence: &Evidence<'_>, at: usize) -> bool {
    let operation = &evidence.operations[at];
    let end = operation.end.map_or(u64::MAX, |end| end.index);
    evidence
        .deeds
        .iter()
        .filter(|done| done.deed == Deed::Restart)
        .any(|done| done.call.index < end && done.end.is_none_or(|over| over.index > operation.call.index))
}

/// What may have led to what happened at this place: all commands that were called before it ended, and itself.
fn led_to(evidence: &Evidence<'_>, at: usize) -> Vec<usize> {
    let until = evidence.operations[at].end.map_or(u64::MAX, |end| end.index);
    let commands = evidence.operations.iter().enumerate().filter(|(place, operation)| {
        *place == at || matches!(operation.act, Act::Submit { .. }) && operation.call.index < until
    });
    commands.map(|(place, _)| place).collect()
}
