//! Commands that are only taken in: each comes to one end, and whoever asks again is told the same.

use std::sync::Arc;

use super::choice::{change, refused};
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::protocol::{ClauseId, Doubt, Outcome, Stands, Unknown};

const CLAUSE: ClauseId = ClauseId::Ch4;
const FIRST: &str =
    "look at who writes the status, and whether a retry or a second worker may write it once more";
/// Commands that are followed to their end; somewhat more than the least.
const COMMANDS: usize = 24;
/// Experiments at most: some commands may be answered at once.
const MOST: u64 = 80;
/// Once it was broken so often, more is not needed.
const BROKEN: u64 = 3;
/// How often each is asked for once it has ended, right behind it. All are asked for once more at the very end.
const AGAIN: usize = 3;

/// A command that has ended.
struct Ended<'l> {
    case: Case<'l>,
    session: usize,
    name: Arc<str>,
    end: Stands,
}

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let mut all: Vec<Ended<'_>> = Vec::new();
    for number in 0..MOST {
        if lab.over() || all.len() >= COMMANDS || lab.ledger.of(CLAUSE).broken >= BROKEN {
            break;
        }
        all.extend(follow(&lab, number).await?);
    }
    if all.is_empty() {
        lab.ledger.doubt(CLAUSE, "no command was only taken in: all were answered at once, or not at all");
    }
    for mut one in all {
        if lab.over() {
            return Ok(());
        }
        if stays(&mut one).await {
            lab.ledger.count(CLAUSE, Unit::Commands, 1);
        }
    }
    Ok(())
}

/// Sends one and follows it to its end. Every third is one that has to be refused.
async fn follow(lab: &Lab, number: u64) -> Result<Option<Ended<'_>>, Unreachable> {
    let graph = lab.graph(number);
    let mut case = Case::open(lab, "taken in", number).await?;
    if number % 2 == 1 && !case.set_up(graph, 0).await {
        return Ok(None);
    }
    let command = match number % 3 {
        2 => refused(&case, graph, number),
        _ => change(&case, graph, number).map(|(command, _)| command),
    };
    let Some(command) = command else { return Ok(None) };
    let session = case.session().await?;
    let bound = Arc::new(case.bound(&command));
    let name = command.name;
    let outcome = case.submit(session, bound, 0).await;
    let Some(now) = case.progress(session).await else { return Ok(None) };
    let end = match (outcome, now) {
        (Outcome::Accepted(_), _) => Stands::Done,
        (Outcome::Rejected(rejection), _) => Stands::Refused(rejection),
        (Outcome::Unknown(Unknown { doubt: Doubt::Timeout, detail, .. }), Stands::Open(_)) => {
            lab.broken(
                CLAUSE,
                case.example(format!("{name} was taken in and came to no end: {detail}"), FIRST),
            );
            return Ok(None);
        }
        (outcome @ (Outcome::Unknown(_) | Outcome::NotSent(_)), _) => {
            lab.ledger.doubt(CLAUSE, format!("{name} was taken in, and what became of it is {outcome}"));
            return Ok(None);
        }
    };
    let mut one = Ended { case, session, name, end };
    for _ in 0..AGAIN {
        if !stays(&mut one).await {
            return Ok(None);
        }
    }
    Ok(Some(one))
}

/// Whether one that has ended is told to have ended in the same way.
async fn stays(one: &mut Ended<'_>) -> bool {
    let Some(now) = one.case.progress(one.session).await else { return false };
    let same = match (&one.end, &now) {
        (Stands::Done, Stands::Done) => true,
        (Stands::Refused(first), Stands::Refused(now)) => first.code == now.code,
        // A status that is kept for a while only is no other one.
        (_, Stands::Unclear(why)) => {
            one.case.lab.ledger.doubt(CLAUSE, format!("the end of a {} was not told again: {why}", one.name));
            return false;
        }
        _ => false,
    };
    if !same {
        let wrong = format!("{} had ended: {}; and later it is {now}", one.name, one.end);
        one.case.lab.broken(CLAUSE, one.case.example(wrong, FIRST));
    }
    same
}
