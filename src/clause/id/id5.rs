//! ID-5: a retry behind a lost answer has one effect.

use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Submitted, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Id5,
    level: Level::Must,
    suite: Suite::Idempotent,
    statement: "A retry after a lost answer has one effect.",
    why: "It is what the key is for.",
    source: "Internet-Draft draft-ietf-httpapi-idempotency-key-header; Helland, \"Idempotence Is Not a Medical Condition\", ACM Queue 10(4), 2012",
    how: "The service is killed at random points while a command is under way, started again, and the command is sent again under its key.",
    needs: &[Need::Capability(Capability::Idempotency), Need::Capability(Capability::Restart)],
    least: &[Least { count: 15, of: Unit::Retries }],
    stochastic: true,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "crash-under-way", judge }],
};

const TOGETHER: &str = "look at whether a key and the effect of its command are written in one transaction";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let sent: Vec<Submitted<'_>> = evidence.submitted().collect();
    let Some(first) = sent.iter().find(|sent| sent.attempt == 0 && !sent.outcome.is_known()) else {
        return judged;
    };
    let again = |one: &&Submitted<'_>| one.attempt > 0 && one.command.key == first.command.key;
    let Some(again) = sent.iter().find(again).filter(|again| again.outcome.is_known()) else {
        return judged;
    };
    let end = evidence.operations.len();
    // Something was wrong before the retry: that is not its doing.
    if again.command.key.is_none() || !evidence.judge(&evidence.operations[..again.at]).mismatches.is_empty()
    {
        return judged;
    }
    if !evidence.is_seen_at_rest(again.at, end) {
        return judged;
    }
    let seen = evidence.judge(&evidence.operations[..end]);
    // As a command of its own, whatever was said of it: accepted for a second time, or refused for what the first one did.
    let apart = evidence.instead(again.at, end, |command, _| command.key = None);
    if seen.mismatches.is_empty() {
        if !judged.is_set_aside(&seen) {
            judged.count(Unit::Retries);
        }
    } else if evidence.explains(&apart) {
        let wrong = format!(
            "the service was killed while {} was under way; sent again under its key it was {}, as if it were a command of its own behind the first",
            first.command.name, again.outcome
        );
        judged.broken_by_then(end, wrong, TOGETHER);
    } else {
        judged.is_set_aside(&seen);
    }
    judged
}
