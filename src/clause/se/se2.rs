//! SE-2: hostile input does no harm.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Shows, Suite, Unit,
};
use crate::history::{Act, Role, Spoiled};
use crate::protocol::{ClauseId, Doubt, Malformation, Outcome, Seen, Unknown};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Se2,
    level: Level::Must,
    suite: Suite::Core,
    statement: "Oversized or deep input is refused as the client's mistake, no hostile input makes the service fail, a number that it takes is kept, however large, and it stays healthy.",
    why: "One request must not take everybody else's service away.",
    source: "OWASP API Security Top 10, 2023: API4 (unrestricted resource consumption); RFC 9110 section 15.5.14 (413)",
    how: "Requests that are made to hurt, each followed by a plain command and a look at what it did. Lists within lists and texts of megabytes must be refused; a text or a number that the contract allows may be taken, however odd it is; a header or a path that is too long may be answered by closing the connection. Right commands, too, with numbers at the edges of what machines hold (2^31, 2^53 and one more, 2^63, 1e308), one by one and all at once, so that products and sums go beyond them (of a service with a `tolerance`, 2^31 alone): each may be refused, for whatever reason, and what is accepted is decided and shown by the contract's rules.",
    needs: &[Need::Wire, Need::Matter(Matter::Command)],
    least: &[Least { count: 12, of: Unit::Attacks }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "attack", judge }, Check { experiment: "edges", judge: at_edges }],
};

const KEEP: &str = "refuse what no column, type or library on the way can hold, where the command comes in; else keep and add up exactly";

const FIRST: &str = "bound what is read before it is parsed: bytes, depth, and what a field may hold";

/// A case brings about what it begins with, sends one hostile request, and then a plain command.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let Some((at, spoiled)) = evidence.spoiled().next() else { return judged };
    let sent = format!("{} sent {}", spoiled.name, spoiled.how.words());
    match wrong(spoiled) {
        Answer::Wrong(why) => judged.certainly_broken(format!("{sent} {why}"), Shows::Deed(at), FIRST),
        Answer::Doubt(why) => judged.doubts.push(format!("{sent}: {why}")),
        Answer::NotSent => {}
        Answer::Right => stays(evidence, spoiled, &sent, &mut judged),
    }
    judged
}

/// What an answer says.
enum Answer {
    Right,
    Wrong(String),
    Doubt(String),
    NotSent,
}

fn wrong(spoiled: &Spoiled) -> Answer {
    let how = &spoiled.how;
    match &spoiled.outcome {
        Outcome::Unknown(Unknown { doubt: Doubt::ServerError, detail, .. }) => {
            Answer::Wrong(format!("is answered with {detail}"))
        }
        Outcome::Unknown(Unknown { doubt: Doubt::Lost, detail, .. }) if !how.is_of_request() => {
            Answer::Wrong(format!("has no answer: {detail}"))
        }
        Outcome::Accepted(_) if matches!(how, Malformation::DeepNesting(_) | Malformation::Oversized(_)) => {
            Answer::Wrong("is accepted".to_owned())
        }
        Outcome::Accepted(_)
        | Outcome::Rejected(_)
        | Outcome::Unknown(Unknown { doubt: Doubt::Lost, .. }) => Answer::Right,
        Outcome::Unknown(unknown) => Answer::Doubt(unknown.detail.clone()),
        Outcome::NotSent(_) => Answer::NotSent,
    }
}

/// A case brings about what it begins with, sends a command with a number at an edge, and again, and reads everything. A no of any kind
/// will do: a contract seldom says how large a number may be.
fn at_edges(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let acts: Vec<_> = evidence.submitted().filter(|sent| sent.part.role == Role::Act).collect();
    let Some(first) = acts.first() else { return judged };
    let sent = format!("{} with a number at the edge of what machines hold", first.command.name);
    for act in &acts {
        match act.outcome {
            Outcome::Unknown(Unknown { doubt: Doubt::ServerError | Doubt::Lost, detail, .. }) => {
                judged.certainly_broken(
                    format!("{sent} is answered with {detail}"),
                    Shows::Until(act.at + 1),
                    KEEP,
                );
                return judged;
            }
            Outcome::Unknown(unknown) => judged.doubts.push(format!("{sent}: {}", unknown.detail)),
            _ => {}
        }
    }
    let refused: Vec<usize> = acts.iter().filter(|act| !act.is_accepted()).map(|act| act.at).collect();
    let came = if refused.len() == acts.len() { "refused" } else { "accepted" };
    if let Some((query, detail)) = failing_read(evidence, first.at) {
        let why = format!("since {sent} was {came}, {query} is answered with {detail}");
        judged.broken(why, KEEP);
        return judged;
    }
    let judgement = evidence.judge(&evidence.without(&refused, evidence.operations.len()));
    if let Some(mismatch) = judgement.mismatches.first() {
        judged.broken(format!("since {sent} was {came}, {mismatch}"), KEEP);
    } else {
        judged.is_set_aside(&judgement);
    }
    judged
}

/// The first query behind this place that the service fails at, and what it says.
fn failing_read<'e>(evidence: &Evidence<'e>, behind: usize) -> Option<(&'e str, &'e str)> {
    evidence.operations[behind..].iter().find_map(|operation| match &operation.act {
        Act::Ask { query, answer } => match &answer.seen {
            Seen::Broken(Unknown { doubt: Doubt::ServerError, detail, .. }) => {
                Some((&*query.name, &**detail))
            }
            _ => None,
        },
        _ => None,
    })
}

/// Whether a plain command does behind it what it did before.
fn stays(evidence: &Evidence<'_>, spoiled: &Spoiled, sent: &str, judged: &mut Judged) {
    let Some(plain) = evidence.submitted().find(|sent| sent.part.role == Role::Canary) else { return };
    let name = &plain.command.name;
    let judgement = evidence.judgement();
    if !plain.outcome.is_known() {
        let why = format!("a plain {name} is {}", plain.outcome);
        judged.broken(format!("since {sent}, the service is not well: {why}"), FIRST);
    } else if matches!(spoiled.outcome, Outcome::Accepted(_)) {
        // What it has done to the aggregate is not known: that the next command is answered is enough.
        judged.count(Unit::Attacks);
    } else if let Some(mismatch) = judgement.mismatches.first() {
        judged.broken(format!("since {sent}, the service is not well: {mismatch}"), FIRST);
    } else if !judged.is_set_aside(judgement) {
        judged.count(Unit::Attacks);
    }
}
