//! ID-4: two keys are two commands.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit,
};
use crate::protocol::{Capability, ClauseId, Outcome, Receipt};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Id4,
    level: Level::Must,
    suite: Suite::Idempotent,
    statement: "Different keys with the same body have an effect each.",
    why: "Two orders of the same thing are two orders.",
    source: "Internet-Draft draft-ietf-httpapi-idempotency-key-header (uniqueness of keys)",
    how: "The same command is sent under two keys, one after the other.",
    needs: &[
        Need::Capability(Capability::Idempotency),
        Need::Matter(Matter::Repeatable),
        Need::Matter(Matter::ShownEffect),
    ],
    least: &[Least { count: 10, of: Unit::Pairs }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "two-keys", judge }],
};

const WHOLE_KEY: &str = "look at what a key is compared with: it has to be the key alone, and all of it";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let sent: Vec<Submitted<'_>> = evidence.submitted().filter(|sent| sent.command.key.is_some()).collect();
    for pair in sent.windows(2) {
        let (first, second) = (&pair[0], &pair[1]);
        // What creates under an id of the target's own names no aggregate: the request is the same.
        let same = first.asks_for_the_same(second) || evidence.is_same_request(first, second);
        let two = first.command.key != second.command.key && same;
        if two && first.is_accepted() && second.outcome.is_known() {
            keyed(evidence, (first, second), &mut judged);
        }
    }
    judged
}

/// Whether two answers tell one and the same effect. An id that the command was sent to tells none.
fn tell_the_same(first: &Submitted<'_>, second: &Submitted<'_>) -> bool {
    let effect = |sent: &Submitted<'_>| match sent.outcome {
        Outcome::Accepted(receipt) if receipt.id == sent.command.on => {
            Outcome::Accepted(Receipt { id: None, ..receipt.clone() })
        }
        other => other.clone(),
    };
    effect(first).is_same(&effect(second)) == Some(true)
}

fn keyed(evidence: &Evidence<'_>, (first, second): (&Submitted<'_>, &Submitted<'_>), judged: &mut Judged) {
    if first.command.on != second.command.on && second.names_what(first) {
        let name = &second.command.name;
        let wrong = format!("{name} was sent under two keys, and both times the same id was told");
        judged.broken_by_then(second.at + 1, wrong, WHOLE_KEY);
        return;
    }
    let end = evidence.until_next(second);
    if !evidence.is_seen_at_rest(second.at, end)
        || judged.is_set_aside(&evidence.judge(&evidence.operations[..second.at]))
    {
        return;
    }
    let seen = evidence.judge(&evidence.operations[..end]);
    // Accepted as something new, and it doesn't show: that is the read model's business.
    let as_the_first = !second.is_accepted() || first.outcome.is_same(second.outcome) != Some(false);
    let once = || evidence.without(&[second.at], end);
    // What only lags, or is lost on its way, shows once as well: it takes the answer to tell.
    let told = !second.is_accepted() || tell_the_same(first, second);
    if !seen.mismatches.is_empty() && as_the_first && told && evidence.explains(&once()) {
        let name = &second.command.name;
        judged.broken(format!("{name} was sent under two keys, and took effect once"), WHOLE_KEY);
    } else if !judged.is_set_aside(&seen) {
        judged.count(Unit::Pairs);
    }
}
