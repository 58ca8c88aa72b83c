//! OC-1: an old version is refused.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit,
};
use crate::history::{Act, Operation};
use crate::protocol::{Capability, ClauseId, Expected, Outcome, Receipt, Version};
use crate::value::Value;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Oc1,
    level: Level::Must,
    suite: Suite::Concurrent,
    statement: "A command that expects an old version is rejected, and has no effect.",
    why: "It was decided by somebody who looked at another state.",
    source: "RFC 9110 section 13.1.1 (If-Match); Kung & Robinson, \"On Optimistic Methods for Concurrency Control\", ACM TODS 6(2), 1981",
    how: "A command that would be accepted is sent at an old version, behind one that changed the aggregate.",
    needs: &[
        Need::Capability(Capability::ExpectedVersion),
        Need::Matter(Matter::Change),
        Need::Matter(Matter::ShownEffect),
    ],
    least: &[Least { count: 20, of: Unit::Commands }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "stale", judge }],
};

const COMPARE: &str = "look at where the demanded version is compared with the stored one, in the same transaction as the append";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for stale in evidence.submitted() {
        let (Expected::Exactly(version), Some(on)) = (&stale.command.expected, &stale.command.on) else {
            continue;
        };
        if is_old(&evidence.operations[..stale.at], on, version) {
            outdated(evidence, (&stale, version), &mut judged);
        }
    }
    judged
}

/// Whether the version of an aggregate was told, and another one behind it.
fn is_old(before: &[Operation], on: &Value, version: &Version) -> bool {
    let told = before.iter().filter_map(|operation| match &operation.act {
        Act::Submit { command, outcome: Outcome::Accepted(receipt), .. }
            if command.on.as_ref() == Some(on) =>
        {
            receipt.version.as_ref()
        }
        Act::Ask { query, answer } if query.on.as_ref() == Some(on) => answer.version.as_ref(),
        _ => None,
    });
    let told: Vec<&Version> = told.collect();
    told.contains(&version) && told.last() != Some(&version)
}

fn outdated(evidence: &Evidence<'_>, (stale, version): (&Submitted<'_>, &Version), judged: &mut Judged) {
    if judged.is_set_aside(&evidence.judge(&evidence.operations[..stale.at])) {
        return;
    }
    let name = &stale.command.name;
    match stale.outcome {
        Outcome::Accepted(_) => {
            let wrong =
                format!("{name} demanded version {version}, which was not the last one, and was accepted");
            judged.broken_by_then(stale.at + 1, wrong, COMPARE);
        }
        Outcome::Rejected(_) => {
            let end = evidence.until_next(stale);
            if !evidence.is_seen_at_rest(stale.at, end) {
                return;
            }
            let without = evidence.without(&[stale.at], end);
            let took_effect = || {
                evidence.instead(stale.at, end, |command, outcome| {
                    command.expected = Expected::Any;
                    *outcome = Outcome::Accepted(Receipt::default());
                })
            };
            if evidence.blames(&without, [took_effect()]) {
                let wrong = format!("{name} was refused for its version, and took effect all the same");
                judged.broken(wrong, "look at what is done before versions are compared");
            } else if !judged.is_set_aside(&evidence.judge(&without)) {
                judged.count(Unit::Commands);
            }
        }
        Outcome::Unknown(_) | Outcome::NotSent(_) => {}
    }
}
