//! ID-1: a retry under its key comes to the same.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit,
};
use crate::protocol::{Capability, ClauseId, Outcome, Receipt};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Id1,
    level: Level::Must,
    suite: Suite::Idempotent,
    statement: "The same key with the same body has one effect and the same outcome.",
    why: "A client that got no answer has to ask again; it must not pay twice for that.",
    source: "Internet-Draft draft-ietf-httpapi-idempotency-key-header; Helland, \"Idempotence Is Not a Medical Condition\", ACM Queue 10(4), 2012",
    how: "Accepted and rejected commands are sent again under their key.",
    needs: &[Need::Capability(Capability::Idempotency), Need::Matter(Matter::Command)],
    least: &[Least { count: 20, of: Unit::Retries }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "retry", judge }],
};

const REMEMBER: &str =
    "look at where the outcome of a key is kept, and whether that is in one transaction with the events";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let sent: Vec<Submitted<'_>> = evidence.submitted().collect();
    for second in sent.iter().filter(|sent| sent.attempt > 0) {
        let is_first = |first: &&Submitted<'_>| first.attempt == 0 && first.command.key == second.command.key;
        let Some(first) = sent.iter().find(is_first) else { continue };
        if first.outcome.is_known() && second.outcome.is_known() {
            retried(evidence, (first, second), &mut judged);
        }
    }
    judged
}

fn retried(evidence: &Evidence<'_>, (first, second): (&Submitted<'_>, &Submitted<'_>), judged: &mut Judged) {
    let name = &first.command.name;
    // Where the answers tell nothing that could be compared, the effect decides alone.
    if first.outcome.is_same(second.outcome) == Some(false) {
        let (once, again) = (first.outcome, second.outcome);
        let wrong = if first.is_told_as_another_than(second) {
            format!("{name} was sent twice under one key, and each time another id was told")
        } else {
            format!("{name} was {once}, and under the same key again {again}")
        };
        judged.broken_by_then(second.at + 1, wrong, REMEMBER);
        return;
    }
    if !first.is_accepted() {
        return judged.count(Unit::Retries);
    }
    let end = evidence.until_next(second);
    if !evidence.is_seen_at_rest(second.at, end) {
        return;
    }
    let seen = evidence.judge(&evidence.operations[..end]);
    let twice = || {
        evidence.instead(second.at, end, |command, outcome| {
            (command.key, *outcome) = (None, Outcome::Accepted(Receipt::default()));
        })
    };
    if evidence.blames(&evidence.operations[..end], [twice()]) {
        judged.broken_by_then(
            end,
            format!("{name} was sent twice under one key, and took effect twice"),
            REMEMBER,
        );
    } else if !judged.is_set_aside(&seen) {
        judged.count(Unit::Retries);
    }
}
