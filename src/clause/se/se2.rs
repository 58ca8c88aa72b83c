//! SE-2: hostile input does no harm.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Shows, Suite, Unit,
};
use crate::history::{Role, Spoiled};
use crate::protocol::{ClauseId, Doubt, Malformation, Outcome, Unknown};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Se2,
    level: Level::Must,
    suite: Suite::Core,
    statement: "Oversized or deep input is refused as the client's mistake, no hostile input makes the service fail, and it stays healthy.",
    why: "One request must not take everybody else's service away.",
    source: "OWASP API Security Top 10, 2023: API4 (unrestricted resource consumption); RFC 9110 section 15.5.14 (413)",
    how: "Requests that are made to hurt, each followed by a plain command and a look at what it did. Lists within lists and texts of megabytes must be refused; a text or a number that the contract allows may be taken, however odd it is; a header or a path that is too long may be answered by closing the connection.",
    needs: &[Need::Wire, Need::Matter(Matter::Command)],
    least: &[Least { count: 12, of: Unit::Attacks }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "attack", judge }],
};

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
