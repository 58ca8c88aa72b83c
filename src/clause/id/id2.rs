//! ID-2: a key that was used for something else is refused.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit,
};
use crate::history::Operation;
use crate::protocol::{Capability, ClauseId, Outcome, Receipt};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Id2,
    level: Level::Should,
    suite: Suite::Idempotent,
    statement: "The same key with another body is refused, and has no effect.",
    why: "It is a mistake of the client's, and whatever is answered to it is the answer to something else.",
    source: "Internet-Draft draft-ietf-httpapi-idempotency-key-header (error scenarios)",
    how: "A command is sent again under its key with another field.",
    needs: &[Need::Capability(Capability::Idempotency), Need::Matter(Matter::Command)],
    least: &[Least { count: 10, of: Unit::Retries }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "other-body", judge }],
};

const COMPARE: &str =
    "compare the request with the one that is kept under its key, and refuse it where they differ";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let sent: Vec<Submitted<'_>> = evidence.submitted().collect();
    for other in sent.iter().filter(|sent| sent.command.key.is_some()) {
        let is_first = |first: &&Submitted<'_>| {
            first.at < other.at
                && first.command.key == other.command.key
                && first.is_accepted()
                && !first.asks_for_the_same(other)
        };
        if let Some(first) = sent.iter().find(is_first) {
            reused(evidence, (first, other), &mut judged);
        }
    }
    judged
}

fn reused(evidence: &Evidence<'_>, (first, other): (&Submitted<'_>, &Submitted<'_>), judged: &mut Judged) {
    if judged.is_set_aside(&evidence.judge(&evidence.operations[..other.at])) {
        return;
    }
    let name = &other.command.name;
    match other.outcome {
        Outcome::Accepted(_) => {
            let wrong = format!("{name} was accepted under the key of another {}", first.command.name);
            judged.broken_by_then(other.at + 1, wrong, COMPARE);
        }
        Outcome::Rejected(_) => {
            let end = evidence.until_next(other);
            if !evidence.is_seen_at_rest(other.at, end) {
                return;
            }
            let without = evidence.without(&[other.at], end);
            if evidence.blames(&without, effects(evidence, (first, other), end)) {
                let wrong = format!("{name} was refused for its key, and took effect all the same");
                judged.broken(wrong, "look at what is done before the key is looked up");
            } else if !judged.is_set_aside(&evidence.judge(&without)) {
                judged.count(Unit::Retries);
            }
        }
        Outcome::Unknown(_) | Outcome::NotSent(_) => {}
    }
}

/// What would have been with the other one's effect: behind that of the first, or in its place.
fn effects(
    evidence: &Evidence<'_>,
    (first, other): (&Submitted<'_>, &Submitted<'_>),
    end: usize,
) -> [Vec<Operation>; 2] {
    let behind = evidence.instead(other.at, end, |command, outcome| {
        (command.key, *outcome) = (None, Outcome::Accepted(Receipt::default()));
    });
    let mut in_its_place = behind.clone();
    in_its_place.remove(first.at);
    [behind, in_its_place]
}
