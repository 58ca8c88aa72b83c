//! SE-1: what is somebody's is nobody else's.

use std::sync::Arc;

use crate::clause::feed::sentence;
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Submitted, Suite, Unit,
};
use crate::history::{Act, Fed, Feed, Operation};
use crate::protocol::{Actor, Capability, ClauseId, Expected, Outcome, Query, Receipt, Seen};
use crate::value::Value;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Se1,
    level: Level::Must,
    suite: Suite::Secure,
    statement: "Without credentials, or with somebody else's, there is no read, no effect, no feed and no replay of a key.",
    why: "What one customer can see of another is a breach, whatever the rest of the service does.",
    source: "OWASP API Security Top 10, 2023: API1 (broken object level authorization), API2 (broken authentication); RFC 9110 sections 15.5.2 (401) and 15.5.4 (403)",
    how: "Everything that one actor may do is tried without credentials and as another one.",
    needs: &[Need::Capability(Capability::Actors)],
    least: &[Least { count: 20, of: Unit::Intrusions }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "stranger", judge }],
};

const EACH: &str =
    "look at where it is decided who may do this: it must be asked for each request and each aggregate";
/// Of so many commands of strangers at most, every selection is looked at.
const MOST: usize = 5;

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    listens(evidence, &mut judged);
    let strange = |at: &usize| evidence.stranger(*at).is_some();
    let Some(first) = (0..evidence.operations.len()).find(strange) else { return judged };
    // What is wrong without strangers is none of their doing.
    if judged.is_set_aside(&evidence.judge(&of_owner(evidence, first, &[]))) {
        return judged;
    }
    for (at, operation) in evidence.operations.iter().enumerate() {
        match (evidence.stranger(at), &operation.act) {
            (Some(stranger), Act::Ask { query, answer }) => {
                reads(evidence, stranger, (query, &answer.seen), &mut judged);
            }
            (Some(_), Act::Submit { .. } | Act::Quiet(_)) | (None, _) => {}
        }
    }
    let sent: Vec<Submitted<'_>> = evidence.submitted().collect();
    let is_owned = |one: &Submitted<'_>| {
        let mut owned = sent.iter().filter(|own| own.at < one.at && evidence.stranger(own.at).is_none());
        owned.any(|own| own.is_accepted() && own.command.on == one.command.on)
    };
    let intrusions: Vec<&Submitted<'_>> =
        sent.iter().filter(|one| evidence.stranger(one.at).is_some() && is_owned(one)).collect();
    for one in &intrusions {
        if let (Some(stranger), true) = (evidence.stranger(one.at), one.is_accepted()) {
            let name = &one.command.name;
            let what = if one.attempt > 0 {
                "is answered as the owner was, by a replay of the owner's key"
            } else {
                "is accepted"
            };
            judged.broken(format!("{name} by {stranger} on somebody else's aggregate {what}"), EACH);
        }
    }
    effects(evidence, &intrusions, &mut judged);
    judged
}

/// The feed tells strangers of nothing that is ours.
fn listens(evidence: &Evidence<'_>, judged: &mut Judged) {
    let feeds = evidence.deeds.iter().filter_map(|done| done.feed());
    for Feed { who, came, .. } in feeds.filter(|feed| feed.who != Actor::Default) {
        match came {
            Fed::Told(events) => match events.iter().find(|event| evidence.has_ours(&event.on)) {
                Some(event) => {
                    let wrong = format!("the feed tells {who} of somebody else's aggregate");
                    let read = format!("{who} reads: {}", sentence(event));
                    judged.broken_as(wrong, Shows::Whole, vec![read], EACH);
                }
                None => judged.count(Unit::Intrusions),
            },
            Fed::Denied => judged.count(Unit::Intrusions),
            // Any other failure says nothing about what strangers may see.
            Fed::Failed(_) => {}
        }
    }
}

/// Of a private query nothing is shown that is ours.
fn reads(evidence: &Evidence<'_>, stranger: &Actor, (query, seen): (&Query, &Seen), judged: &mut Judged) {
    if !evidence.is_private(&query.name) {
        return;
    }
    let leaks = match seen {
        Seen::Found(Value::List(rows)) => rows.iter().any(|row| evidence.has_ours(row)),
        Seen::Found(_) => true,
        Seen::Absent | Seen::Refused(_) => false,
        Seen::Broken(_) | Seen::NotSent(_) => return,
    };
    if leaks {
        judged.broken(format!("{} shows {stranger} what is somebody else's", query.name), EACH);
    } else {
        judged.count(Unit::Intrusions);
    }
}

/// Of what strangers sent nothing comes, whatever they were told.
fn effects(evidence: &Evidence<'_>, intrusions: &[&Submitted<'_>], judged: &mut Judged) {
    let Some(last) = intrusions.last() else { return };
    let all = evidence.operations.len();
    if !evidence.is_seen_at_rest(last.at, all) {
        return;
    }
    let seen = evidence.judge(&of_owner(evidence, all, &[]));
    let mut selections = (1..1_u32 << intrusions.len().min(MOST)).map(|some| {
        let chosen = intrusions.iter().enumerate().filter(|(at, _)| some >> at & 1 == 1);
        chosen.map(|(_, one)| one.at).collect::<Vec<_>>()
    });
    let took_effect = |some: Vec<usize>| {
        let explained = evidence.explains(&of_owner(evidence, all, &some));
        explained.then(|| some.first().and_then(|at| evidence.stranger(*at))).flatten()
    };
    if let Some(stranger) = (!seen.mismatches.is_empty()).then(|| selections.find_map(took_effect)).flatten()
    {
        judged.broken(format!("what {stranger} sent had an effect"), EACH);
    } else if !judged.is_set_aside(&seen) {
        let refused = intrusions.iter().filter(|one| matches!(one.outcome, Outcome::Rejected(_)));
        refused.for_each(|_| judged.count(Unit::Intrusions));
    }
}

/// What the owner did up to a place, as if these commands of strangers had been accepted as well.
fn of_owner(evidence: &Evidence<'_>, before: usize, accepted: &[usize]) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (at, operation) in evidence.operations[..before].iter().enumerate() {
        let mut operation = operation.clone();
        if evidence.stranger(at).is_some() {
            let Act::Submit { command, attempt, outcome } = &mut operation.act else { continue };
            if !accepted.contains(&at) {
                continue;
            }
            let command = Arc::make_mut(command);
            (command.key, command.expected) = (None, Expected::Any);
            (*attempt, *outcome) = (0, Outcome::Accepted(Receipt::default()));
        }
        operations.push(operation);
    }
    operations
}
