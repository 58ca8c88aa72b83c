//! OC-3: of several writers at one version one wins.

use std::sync::Arc;

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit,
};
use crate::history::{Act, Operation};
use crate::protocol::{Capability, ClauseId, Expected, Outcome, Receipt, Version};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Oc3,
    level: Level::Must,
    suite: Suite::Concurrent,
    statement: "Of several writers at one version exactly one wins, at the very first event too.",
    why: "Where two win, one of them is lost; where none does, nobody gets on.",
    source: "RFC 9110 sections 13.1.1 (If-Match) and 13.1.2 (If-None-Match); Kung & Robinson, \"On Optimistic Methods for Concurrency Control\", ACM TODS 6(2), 1981",
    how: "Several commands at one version are let go at a barrier.",
    needs: &[
        Need::Capability(Capability::ExpectedVersion),
        Need::Matter(Matter::SharedChange),
        Need::Matter(Matter::ShownEffect),
    ],
    least: &[Least { count: 30, of: Unit::Bursts }],
    stochastic: true,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "one-version", judge }],
};

const APPEND: &str =
    "compare versions where the events are appended, not before: a unique key on stream and version does it";
const FIRST_COME: &str = "look at what happens to the one that comes first: it has no conflict";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for writers in evidence.races() {
        let first = writers[0].command;
        let of_one = |writer: &Submitted<'_>| {
            writer.command.on == first.on && writer.command.expected == first.expected
        };
        let Expected::Exactly(version) = &first.expected else { continue };
        if writers.iter().all(|writer| of_one(writer) && writer.outcome.is_known()) {
            raced(evidence, (&writers, version), &mut judged);
        }
    }
    judged
}

fn raced(evidence: &Evidence<'_>, (writers, version): (&[Submitted<'_>], &Version), judged: &mut Judged) {
    if judged.is_set_aside(&evidence.judge(&evidence.operations[..writers[0].at])) {
        return;
    }
    let what = if *version == Version::Number(0) { "the first event" } else { "one version" };
    let raced = format!("{} writers raced for {what}", writers.len());
    let (winners, losers): (Vec<_>, Vec<_>) = writers.iter().partition(|writer| writer.is_accepted());
    let conflict = |writer: &&Submitted<'_>| matches!(writer.outcome, Outcome::Rejected(rejection) if rejection.is_conflict());
    let behind = writers.iter().map(|writer| writer.at + 1).max().unwrap_or_default();
    match winners[..] {
        [winner] => one_won(evidence, (writers, winner, &losers), &raced, judged),
        [] if losers.iter().all(conflict) => {
            judged.broken_by_then(behind, format!("{raced}, and none won"), FIRST_COME);
        }
        [] => {
            let why = "commands that demand a version were refused for another reason";
            judged.doubts.push(why.into());
        }
        _ => judged.broken_by_then(behind, format!("{raced}, and {} won", winners.len()), APPEND),
    }
}

fn one_won(
    evidence: &Evidence<'_>,
    (writers, winner, losers): (&[Submitted<'_>], &Submitted<'_>, &[&Submitted<'_>]),
    raced: &str,
    judged: &mut Judged,
) {
    let last = &writers[writers.len() - 1];
    let end = evidence.submitted().map(|sent| sent.at).find(|at| *at > last.at);
    let end = end.unwrap_or(evidence.operations.len());
    if !evidence.is_seen_at_rest(last.at, end) {
        return;
    }
    let refused: Vec<usize> = losers.iter().map(|loser| loser.at).collect();
    let without = evidence.without(&refused, end);
    let took_effect = |loser: &&Submitted<'_>| {
        let others: Vec<usize> = refused.iter().copied().filter(|at| *at != loser.at).collect();
        let alone: Vec<usize> = others.iter().copied().chain([winner.at]).collect();
        evidence.blames(&without, [others, alone].map(|out| with_effect(evidence, loser.at, &out, end)))
    };
    if losers.iter().any(took_effect) {
        let wrong = format!("{raced}; one that was refused took effect");
        judged.broken(wrong, "look at what a writer that loses leaves behind");
    } else if !judged.is_set_aside(&evidence.judge(&without)) && evidence.overlapped(writers) {
        judged.count(Unit::Bursts);
    }
}

/// What would have been if a writer that was refused had taken effect, without those that stand in `out`.
fn with_effect(evidence: &Evidence<'_>, loser: usize, out: &[usize], end: usize) -> Vec<Operation> {
    let mut operations = evidence.operations[..end].to_vec();
    for operation in &mut operations {
        if let Act::Submit { command, .. } = &mut operation.act {
            // Whose turn it would have been is not what is asked.
            Arc::make_mut(command).expected = Expected::Any;
        }
    }
    if let Act::Submit { outcome, .. } = &mut operations[loser].act {
        *outcome = Outcome::Accepted(Receipt::default());
    }
    let kept = operations.into_iter().enumerate().filter(|(at, _)| !out.contains(at));
    kept.map(|(_, operation)| operation).collect()
}
