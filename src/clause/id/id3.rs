//! ID-3: copies that come at the same time have one effect.

use std::sync::Arc;

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit,
};
use crate::history::{Act, Operation};
use crate::protocol::{Capability, ClauseId, Outcome, Receipt};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Id3,
    level: Level::Must,
    suite: Suite::Idempotent,
    statement: "Duplicates that arrive at the same time have one effect.",
    why: "An impatient client sends the second one while the first is still under way.",
    source: "Internet-Draft draft-ietf-httpapi-idempotency-key-header (a retry while the first request is outstanding)",
    how: "Several copies of one command are let go at a barrier.",
    needs: &[Need::Capability(Capability::Idempotency), Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 30, of: Unit::Bursts }],
    stochastic: true,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "copies", judge }],
};

const TAKE: &str = "take the key before the command is decided on, in a way that only one can";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for copies in evidence.races() {
        // A copy may be refused while the first one is under way; not all of them.
        let of_one_key = copies[0].command.key.is_some()
            && copies.iter().all(|copy| copy.command.key == copies[0].command.key);
        let known = copies.iter().all(|copy| copy.outcome.is_known());
        if of_one_key && known && copies.iter().any(Submitted::is_accepted) {
            copied(evidence, &copies, &mut judged);
        }
    }
    judged
}

fn copied(evidence: &Evidence<'_>, copies: &[Submitted<'_>], judged: &mut Judged) {
    let accepted = || copies.iter().filter(|copy| copy.is_accepted());
    if accepted().any(|one| accepted().any(|other| one.is_told_as_another_than(other))) {
        let (count, name) = (copies.len(), &copies[0].command.name);
        let wrong =
            format!("{count} copies of one {name} came at the same time, and they were told different ids");
        judged.broken_by_then(copies[copies.len() - 1].at + 1, wrong, TAKE);
        return;
    }
    let last = &copies[copies.len() - 1];
    let end = evidence.until_next(last);
    if !evidence.is_seen_at_rest(last.at, end) {
        return;
    }
    let refused: Vec<usize> = copies.iter().filter(|copy| !copy.is_accepted()).map(|copy| copy.at).collect();
    let once = evidence.without(&refused, end);
    let took_effect = |times: &usize| evidence.blames(&once, [with_effects(evidence, copies, *times, end)]);
    let times = (2..=copies.len()).find(took_effect);
    if let Some(times) = times {
        let (count, name) = (copies.len(), &last.command.name);
        let wrong = format!("{count} copies of one {name} came at the same time, and {times} took effect");
        judged.broken(wrong, TAKE);
    } else if !judged.is_set_aside(&evidence.judge(&once)) && evidence.overlapped(copies) {
        judged.count(Unit::Bursts);
    }
}

/// What would have been if so many of the copies had taken effect, whatever they were told.
fn with_effects(
    evidence: &Evidence<'_>,
    copies: &[Submitted<'_>],
    times: usize,
    end: usize,
) -> Vec<Operation> {
    let (accepted, refused): (Vec<&Submitted<'_>>, Vec<&Submitted<'_>>) =
        copies.iter().partition(|copy| copy.is_accepted());
    let mut in_order = accepted.into_iter().chain(refused).map(|copy| copy.at);
    let effective: Vec<usize> = in_order.by_ref().take(times).collect();
    let rest: Vec<usize> = in_order.collect();
    let mut operations = evidence.operations[..end].to_vec();
    for at in effective {
        if let Act::Submit { command, outcome, .. } = &mut operations[at].act {
            Arc::make_mut(command).key = None;
            *outcome = Outcome::Accepted(Receipt::default());
        }
    }
    let kept = operations.into_iter().enumerate().filter(|(at, _)| !rest.contains(at));
    kept.map(|(_, operation)| operation).collect()
}
