//! Commands made wrong, one way each. They have to be refused as the client's mistake, and to leave nothing behind.

mod ways;

use std::sync::Arc;

use self::ways::{Way, ways};
use super::bases::{Base, bases};
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::Counterexample;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::conform::rest::Rest;
use crate::protocol::{ClauseId, Doubt, Outcome, Unknown};

const CLAUSE: ClauseId = ClauseId::Ch2;
/// Malformed commands that are enough, and how often all of them are tried for that: small contracts have few.
const LEAST: u32 = 12;
const ROUNDS: usize = 3;
const FIRST: &str =
    "look at where the body is read: what is missing or of another type must not become a default";

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let all = bases(&lab, "right command", CLAUSE).await?;
    if all.is_empty() {
        lab.ledger.doubt(CLAUSE, "no valid command was accepted that could be made wrong");
    }
    // Each attempt is an experiment of its own.
    let mut number = 0;
    for _ in 0..ROUNDS {
        for base in &all {
            if lab.over() {
                return Ok(());
            }
            each(&lab, base, &mut number).await?;
        }
        let tally = lab.ledger.of(CLAUSE);
        let tried = tally.evidence.get(&Unit::Malformed).copied().unwrap_or(0);
        if tried >= LEAST || tally.broken > 0 {
            break;
        }
    }
    Ok(())
}

/// What came of wrong commands in one experiment.
#[derive(Default)]
struct Found {
    refused: u32,
    wrong: Option<Wrong>,
}

struct Wrong {
    example: Counterexample,
    /// Whether it is only what was seen later, which others may have brought about.
    seen_later: bool,
}

/// All ways for one kind of command together, and one by one where something is wrong: the story is short then.
async fn each(lab: &Lab, base: &Base, number: &mut u64) -> Result<(), Unreachable> {
    let ways = ways(lab, base);
    let together = attempt(lab, base, &ways, number).await?;
    let Some(wrong) = together.wrong else {
        lab.ledger.count(CLAUSE, Unit::Malformed, together.refused);
        return Ok(());
    };
    let wrong_anyway = wrong_anyway(lab, base, number).await?;
    if wrong_anyway {
        let kind = &base.command.name;
        lab.ledger.doubt(CLAUSE, format!("where no malformed {kind} is sent, reads are wrong as well"));
    }
    let mut alone = false;
    for way in ways.chunks(1) {
        match attempt(lab, base, way, number).await?.wrong.filter(|wrong| !(wrong_anyway && wrong.seen_later))
        {
            Some(wrong) => {
                alone = true;
                lab.broken(CLAUSE, wrong.example);
            }
            None if lab.over() => return Ok(()),
            None => {}
        }
    }
    if alone || (wrong_anyway && wrong.seen_later) {
        return Ok(());
    }
    let again = if wrong.seen_later { attempt(lab, base, &ways, number).await?.wrong } else { Some(wrong) };
    match again {
        Some(wrong) => lab.broken(CLAUSE, wrong.example),
        None => lab.ledger.doubt(
            CLAUSE,
            format!(
                "an effect of malformed commands of the kind {} was seen once, and not again",
                base.command.name
            ),
        ),
    }
    Ok(())
}

/// Whether the same goes wrong without anything malformed: then what is seen later is not its doing.
async fn wrong_anyway(lab: &Lab, base: &Base, number: &mut u64) -> Result<bool, Unreachable> {
    *number += 1;
    let Some(mut case) = base.stage(lab, "malformed", *number).await? else { return Ok(false) };
    Ok(matches!(left_behind(&mut case, base).await, Behind::Something(_)))
}

async fn attempt(lab: &Lab, base: &Base, ways: &[Way], number: &mut u64) -> Result<Found, Unreachable> {
    let mut found = Found::default();
    *number += 1;
    let Some(mut case) = base.stage(lab, "malformed", *number).await? else { return Ok(found) };
    for way in ways {
        match send(&mut case, base, way).await {
            Sent::Refused => found.refused += 1,
            Sent::Undecided => {}
            Sent::Wrong(wrong) => {
                found.wrong = Some(Wrong { example: case.example(wrong, FIRST), seen_later: false });
                return Ok(found);
            }
        }
    }
    if found.refused == 0 {
        return Ok(found);
    }
    match left_behind(&mut case, base).await {
        Behind::Nothing => {}
        Behind::Unseen => {
            lab.ledger.doubt(CLAUSE, "the target did not come to rest behind malformed commands");
            found.refused = 0;
        }
        Behind::Something(wrong) => {
            found.wrong = Some(Wrong { example: case.example(wrong, FIRST), seen_later: true });
        }
    }
    Ok(found)
}

enum Sent {
    Refused,
    Wrong(String),
    /// It could not be sent like that, or nobody knows what came of it.
    Undecided,
}

async fn send(case: &mut Case<'_>, base: &Base, way: &Way) -> Sent {
    let (words, outcome) = match way {
        Way::Fields(words, command) => {
            let bound = Arc::new(case.bound(command));
            (words.clone(), case.submit(0, bound, 0).await)
        }
        Way::Wire(how) => {
            let bound = case.bound(&base.command);
            match case.misbehave(&bound, how).await {
                Some(reaction) => (format!("sent {}", how.words()), reaction.outcome),
                None => return Sent::Undecided,
            }
        }
    };
    let name = &base.command.name;
    match outcome {
        Outcome::Rejected(_) => Sent::Refused,
        Outcome::Accepted(_) if matches!(way, Way::Fields(..)) && is_the_same(case, base) => {
            case.lab
                .remark(format!("{name} {words} is the same request: the profile does not send that field"));
            Sent::Undecided
        }
        Outcome::Accepted(_) => Sent::Wrong(format!("{name} {words} is accepted")),
        Outcome::Unknown(Unknown { doubt: Doubt::ServerError | Doubt::Lost, detail, .. }) => {
            Sent::Wrong(format!("{name} {words} is answered with {detail}"))
        }
        Outcome::Unknown(_) | Outcome::NotSent(_) => Sent::Undecided,
    }
}

/// Whether the request that was sent last is the right one: then the service never saw what was wrong.
fn is_the_same(case: &Case<'_>, base: &Base) -> bool {
    base.request.is_some() && case.last_request() == base.request
}

enum Behind {
    Nothing,
    Something(String),
    Unseen,
}

/// What commands that were refused have left behind: in reads, and in what is decided next.
async fn left_behind(case: &mut Case<'_>, base: &Base) -> Behind {
    let name = &base.command.name;
    let before = [case.world.clone()];
    match case.rest(&before).await {
        Rest::Shows(_) => {}
        Rest::Other => {
            return Behind::Something(format!("a malformed {name} is refused, and reads show another state"));
        }
        Rest::Restless => return Behind::Unseen,
    }
    let outcome = case.send(0, &base.command).await;
    match outcome {
        Outcome::Accepted(_) => {}
        Outcome::Rejected(_) => {
            return Behind::Something(format!(
                "since a malformed {name} was refused, the right one is {outcome}"
            ));
        }
        Outcome::Unknown(_) | Outcome::NotSent(_) => return Behind::Unseen,
    }
    let behind = [case.world.clone()];
    match case.rest(&behind).await {
        Rest::Shows(_) => Behind::Nothing,
        Rest::Other => Behind::Something(format!(
            "since a malformed {name} was refused, reads show another state behind the right one"
        )),
        Rest::Restless => Behind::Unseen,
    }
}
