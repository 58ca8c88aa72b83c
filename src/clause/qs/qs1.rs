//! QS-1: queries change nothing.

use std::collections::BTreeMap;

use crate::clause::feed::Readings;
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit,
};
use crate::history::{Act, Operation};
use crate::protocol::{ClauseId, Outcome, Seen, Version};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Qs1,
    level: Level::Must,
    suite: Suite::Core,
    statement: "Queries change nothing.",
    why: "What is looked at more often must not become something else.",
    source: "RFC 9110 section 9.2.1 (safe methods); Meyer, \"Object-Oriented Software Construction\", 1988 (command-query separation)",
    how: "Each query is asked many times; then reads and the event feed are compared with what they were, and outcomes and versions with those of a twin that nobody asks anything.",
    needs: &[Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 30, of: Unit::Queries }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "asked", judge }],
};

const WRITES: &str =
    "look at what the query writes: a row that it makes, a counter, an entity that is saved as it was loaded";
const EVENTS: &str =
    "look at what the query writes: an event of its own, or an entity that is saved as it was loaded";
/// How often reads have to show something else before that is what there is: a copy that is behind now and then is no change.
const LOOKS: usize = 3;

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let Some(twin) = evidence.twin() else { return judged };
    // What is wrong where nobody asks is no query's doing.
    if judged.is_set_aside(twin.judgement()) {
        return judged;
    }
    let (sent, unasked): (Vec<_>, Vec<_>) = (evidence.submitted().collect(), twin.submitted().collect());
    let pairs = sent.iter().zip(&unasked).take_while(|(sent, unasked)| {
        let is_same = sent.command.name == unasked.command.name;
        is_same && sent.outcome.is_known() && unasked.is_accepted()
    });
    let pairs: Vec<_> = pairs.collect();
    let all = !pairs.is_empty() && pairs.len() == sent.len();
    for (sent, unasked) in pairs {
        if let Some(wrong) = differs((evidence, sent), (twin, unasked)) {
            judged.broken(wrong, WRITES);
            return judged;
        }
        if !stays(evidence, sent, &mut judged) {
            return judged;
        }
    }
    if let Some(wrong) = happened(evidence) {
        judged.broken(wrong, EVENTS);
        return judged;
    }
    let asked = times(evidence);
    if let (true, Some(each)) = (all, asked.values().min()) {
        judged.counted.push((Unit::Queries, *each));
    }
    judged
}

/// How a command came to something else than its twin did.
fn differs(
    (evidence, sent): (&Evidence<'_>, &Submitted<'_>),
    (twin, unasked): (&Evidence<'_>, &Submitted<'_>),
) -> Option<String> {
    let name = &sent.command.name;
    match (sent.outcome, unasked.outcome) {
        (outcome @ Outcome::Rejected(_), Outcome::Accepted(_)) => {
            Some(format!("{name} was {outcome} after queries were asked, and without them it is accepted"))
        }
        (Outcome::Accepted(asked), Outcome::Accepted(without)) => {
            let (Some(Version::Number(asked)), Some(Version::Number(without))) =
                (&asked.version, &without.version)
            else {
                return None;
            };
            // A number that all aggregates share only grows: whoever comes later has the higher one.
            let end = evidence.operations[sent.at].end?;
            let is_later = end.index < twin.operations[unasked.at].call.index;
            (is_later && asked > without).then(|| {
                format!("{name} led to version {asked} after queries were asked, and without them it is version {without}")
            })
        }
        _ => None,
    }
}

/// What came to the feed while nothing was sent and queries were asked.
fn happened(evidence: &Evidence<'_>) -> Option<String> {
    let readings = Readings::of(evidence);
    readings.all.iter().zip(1..).find_map(|(before, next)| {
        let mut later = readings.all[next..].iter();
        let again =
            later.find(|later| later.asks_for_the_same(before) && readings.is_still(before, later))?;
        let asked = |one: &Operation| matches!(one.act, Act::Ask { .. }) && one.call.index > before.end;
        let is_asked = evidence.operations.iter().any(|one| asked(one) && one.call.index < again.call);
        let (before, after) = (before.events.len(), again.events.len());
        let wrong = format!("there were {before} events, and {after} after queries were asked");
        (is_asked && before != after).then_some(wrong)
    })
}

/// Whether reads are as they must be behind a command, and still are once everything was asked many times.
fn stays(evidence: &Evidence<'_>, sent: &Submitted<'_>, judged: &mut Judged) -> bool {
    let end = evidence.submitted().map(|next| next.at).find(|at| *at > sent.at);
    let looks = looks(evidence, sent.at + 1, end.unwrap_or(evidence.operations.len()));
    let is_answered = |look: &Vec<usize>| look.iter().all(|at| is_answered(&evidence.operations[*at]));
    let [first, later @ ..] = &looks[..] else { return false };
    let (Some(last), true) = (later.last(), looks.iter().all(is_answered)) else { return false };
    if judged.is_set_aside(&shown(evidence, first)) {
        return false;
    }
    let is_wrong = |look: &Vec<usize>| !shown(evidence, look).mismatches.is_empty();
    if later.len() >= LOOKS && later.iter().all(is_wrong) {
        let wrong = "reads were as they must be, and after queries were asked they were not any more";
        judged.broken(wrong, WRITES);
        return false;
    }
    !judged.is_set_aside(&shown(evidence, last))
}

/// What a look proves by itself: no other answer has a part in it.
fn shown(evidence: &Evidence<'_>, look: &[usize]) -> crate::judge::Judgement {
    let end = look.last().map_or(0, |last| last + 1);
    let is_other = |at: &usize| matches!(evidence.operations[*at].act, Act::Ask { .. }) && !look.contains(at);
    let others: Vec<usize> = (0..end).filter(is_other).collect();
    evidence.judge(&evidence.without(&others, end))
}

/// The looks at everything between two places: what is asked right behind a rest, until something is asked once more.
fn looks(evidence: &Evidence<'_>, from: usize, to: usize) -> Vec<Vec<usize>> {
    let mut looks: Vec<Vec<usize>> = Vec::new();
    let mut looking = false;
    for (at, operation) in evidence.operations.iter().enumerate().take(to).skip(from) {
        let Act::Ask { query, .. } = &operation.act else {
            looking = matches!(operation.act, Act::Quiet(_));
            if looking {
                looks.push(Vec::new());
            }
            continue;
        };
        let Some(look) = looks.last_mut().filter(|_| looking) else { continue };
        let is_same = |other: &usize| matches!(&evidence.operations[*other].act, Act::Ask { query: other, .. } if other == query);
        looking = !look.iter().any(is_same);
        if looking {
            look.push(at);
        }
    }
    looks
}

/// How often each query was asked; nothing where one of them was not answered.
fn times<'a>(evidence: &Evidence<'a>) -> BTreeMap<&'a str, u32> {
    let mut times = BTreeMap::new();
    for operation in evidence.operations {
        let Act::Ask { query, .. } = &operation.act else { continue };
        if !is_answered(operation) {
            return BTreeMap::new();
        }
        *times.entry(&*query.name).or_default() += 1;
    }
    times
}

fn is_answered(operation: &Operation) -> bool {
    matches!(&operation.act, Act::Ask { answer, .. } if matches!(answer.seen, Seen::Found(_) | Seen::Absent))
}
