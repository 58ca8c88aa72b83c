//! Commands sent again under their key, under another one, with another body, and several at the same time.

use std::sync::Arc;

use super::choice::{behind, change, changes, graph, refused, repeatable};
use super::lanes::in_lanes;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::conform::rest::Rest;
use crate::contract::explore::Graph;
use crate::protocol::{ClauseId, Command, Outcome};
use crate::run::same_outcome;

/// Experiments of each kind; somewhat more than the least that clauses ask for, since some prove nothing.
const RETRIES: u64 = 24;
const OTHER_BODIES: u64 = 18;
const BURSTS: u64 = 48;
const PAIRS: u64 = 18;
/// Experiments at the same time. Their races take turns.
const LANES: usize = 12;
/// Copies of one command in a burst, two or three.
const COPIES: usize = 3;

/// What is sent one by one.
pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let cases = |id, cases| if lab.wants(id) { cases } else { 0 };
    let (retries, others, pairs) =
        (cases(ClauseId::Id1, RETRIES), cases(ClauseId::Id2, OTHER_BODIES), cases(ClauseId::Id4, PAIRS));
    let lanes = LANES / 3;
    tokio::try_join!(
        in_lanes(&lab, (lanes, retries), &[ClauseId::Id1], |lab, n| async move { retry(&lab, n).await }),
        in_lanes(&lab, (lanes, others), &[ClauseId::Id2], |lab, n| async move { other_body(&lab, n).await }),
        in_lanes(&lab, (lanes, pairs), &[ClauseId::Id4], |lab, n| async move { two_keys(&lab, n).await }),
    )?;
    Ok(())
}

/// What is sent at the same time.
pub(super) async fn gather_bursts(lab: Arc<Lab>) -> Result<(), Unreachable> {
    in_lanes(&lab, (LANES, BURSTS), &[ClauseId::Id3], |lab, n| async move { copies(&lab, n).await }).await
}

/// An experiment with something in it already, or with nothing.
async fn opened<'l>(
    lab: &'l Lab,
    name: &str,
    number: u64,
    least: u64,
) -> Result<Option<(Case<'l>, &'l Graph)>, Unreachable> {
    let graph = graph(lab, number);
    let mut case = Case::open(lab, name, number).await?;
    let steps = number % 3 + least;
    if steps > 0 && !case.set_up(graph, usize::try_from(steps - 1).unwrap_or(0)).await {
        return Ok(None);
    }
    Ok(Some((case, graph)))
}

/// The command as it is sent, under the key of that name.
fn keyed(case: &mut Case<'_>, command: &Command, key: &str) -> Arc<Command> {
    let key = Some(case.key(key));
    Arc::new(Command { key, ..case.bound(command) })
}

/// ID-1, with a command that is accepted and one that is refused.
async fn retry(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let Some((mut case, graph)) = opened(lab, "retry", number, 0).await? else { return Ok(()) };
    if let Some((command, once)) = change(&case, graph, number) {
        let twice = behind(&case, &once, &command);
        let mut worlds = vec![once.clone()];
        worlds.extend(twice);
        let sent = keyed(&mut case, &command, "key1");
        let first = case.submit(0, sent.clone(), 0).await;
        if !matches!(first, Outcome::Accepted(_)) {
            return Ok(());
        }
        case.world = once;
        if case.rest_for(ClauseId::Id1, &worlds[..1]).await != Rest::Shows(0) {
            return Ok(());
        }
        // A client that tries again has often lost its connection.
        let session = if number.is_multiple_of(2) { 0 } else { case.session().await? };
        let second = case.submit(session, sent, 1).await;
        if !same(&case, &command, &first, &second) {
            return Ok(());
        }
        match case.rest_for(ClauseId::Id1, &worlds).await {
            Rest::Shows(0) => lab.ledger.count(ClauseId::Id1, Unit::Retries, 1),
            Rest::Shows(_) => {
                let wrong = format!("{} was sent twice under one key, and took effect twice", command.name);
                lab.broken(ClauseId::Id1, case.example(wrong, REMEMBER));
                return Ok(());
            }
            Rest::Other | Rest::Restless => return Ok(()),
        }
    }
    let Some(command) = refused(&case, graph, number) else { return Ok(()) };
    let sent = keyed(&mut case, &command, "key2");
    let first = case.submit(0, sent.clone(), 0).await;
    if !matches!(first, Outcome::Rejected(_)) {
        return Ok(());
    }
    let second = case.submit(0, sent, 1).await;
    if same(&case, &command, &first, &second) {
        lab.ledger.count(ClauseId::Id1, Unit::Retries, 1);
    }
    Ok(())
}

const REMEMBER: &str =
    "look at where the outcome of a key is kept, and whether that is in one transaction with the events";

/// Whether the retry came to the same; it is told where it did not. What is unknown is neither.
fn same(case: &Case<'_>, command: &Command, first: &Outcome, second: &Outcome) -> bool {
    if matches!(second, Outcome::Unknown(_) | Outcome::NotSent(_)) {
        return false;
    }
    // Where the answers tell nothing that could be compared, the effect decides alone.
    let same = same_outcome(first, second) != Some(false);
    if !same {
        let wrong = format!("{} was {first}, and under the same key again {second}", command.name);
        case.lab.broken(ClauseId::Id1, case.example(wrong, REMEMBER));
    }
    same
}

/// ID-2.
async fn other_body(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let Some((mut case, graph)) = opened(lab, "other-body", number, 0).await? else { return Ok(()) };
    // A command, and the same with something else in it that would be accepted behind it, or in its place.
    let all = changes(&case, graph);
    let pairs: Vec<_> = all
        .iter()
        .flat_map(|(first, once)| {
            let like = all.iter().map(|(other, _)| other);
            let like = like.filter(|other| {
                other.name == first.name && other.on == first.on && other.fields != first.fields
            });
            like.take(4).map(move |other| (first.clone(), once.clone(), other.clone()))
        })
        .take(24)
        .collect();
    let Some((first, once, other)) = pairs.get(super::choice::at(number.wrapping_mul(7), pairs.len())) else {
        return Ok(());
    };
    let sent = keyed(&mut case, first, "key1");
    if !matches!(case.submit(0, sent, 0).await, Outcome::Accepted(_)) {
        return Ok(());
    }
    let mut worlds = vec![once.clone()];
    worlds.extend(behind(&case, once, other));
    worlds.extend(behind(&case, &case.world, other).filter(|instead| case.tells_apart(once, instead)));
    case.world = once.clone();
    if case.rest_for(ClauseId::Id2, &worlds[..1]).await != Rest::Shows(0) {
        return Ok(());
    }
    let altered = keyed(&mut case, other, "key1");
    let first_thing =
        "compare the request with the one that is kept under its key, and refuse it where they differ";
    match case.submit(0, altered, 0).await {
        Outcome::Accepted(_) => {
            let wrong = format!("{} was accepted under the key of another {}", other.name, first.name);
            lab.broken(ClauseId::Id2, case.example(wrong, first_thing));
        }
        Outcome::Rejected(_) => match case.rest_for(ClauseId::Id2, &worlds).await {
            Rest::Shows(0) => lab.ledger.count(ClauseId::Id2, Unit::Retries, 1),
            Rest::Shows(_) => {
                let wrong = format!("{} was refused for its key, and took effect all the same", other.name);
                lab.broken(
                    ClauseId::Id2,
                    case.example(wrong, "look at what is done before the key is looked up"),
                );
            }
            Rest::Other | Rest::Restless => {}
        },
        Outcome::Unknown(_) | Outcome::NotSent(_) => {}
    }
    Ok(())
}

/// ID-3.
async fn copies(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let Some((mut case, graph)) = opened(lab, "copies", number, 1).await? else { return Ok(()) };
    let count = COPIES - usize::from(number.is_multiple_of(2));
    let Some((command, worlds)) = repeatable(&case, graph, count, number) else {
        lab.ledger.doubt(ClauseId::Id3, "no command has an effect each time it is sent");
        return Ok(());
    };
    let sent = keyed(&mut case, &command, "key1");
    let (outcomes, overlapped) = case.burst(vec![sent; count]).await?;
    let known = |outcome: &Outcome| !matches!(outcome, Outcome::Unknown(_) | Outcome::NotSent(_));
    // A copy may be refused while the first one is under way; not all of them.
    if !outcomes.iter().all(known) || !outcomes.iter().any(|o| matches!(o, Outcome::Accepted(_))) {
        return Ok(());
    }
    case.world = worlds[0].clone();
    match case.rest_for(ClauseId::Id3, &worlds).await {
        Rest::Shows(0) if overlapped => lab.ledger.count(ClauseId::Id3, Unit::Bursts, 1),
        Rest::Shows(more) if more > 0 => {
            let times = more + 1;
            let wrong = format!(
                "{count} copies of one {} came at the same time, and {times} took effect",
                command.name
            );
            let first = "take the key before the command is decided on, in a way that only one can";
            lab.broken(ClauseId::Id3, case.example(wrong, first));
        }
        _ => {}
    }
    Ok(())
}

/// ID-4.
async fn two_keys(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let Some((mut case, graph)) = opened(lab, "two-keys", number, 1).await? else { return Ok(()) };
    let Some((command, worlds)) = repeatable(&case, graph, 2, number) else {
        lab.ledger.doubt(ClauseId::Id4, "no command has an effect each time it is sent");
        return Ok(());
    };
    let before = case.world.clone();
    let first = keyed(&mut case, &command, "key1");
    let first = case.submit(0, first, 0).await;
    case.world = worlds[0].clone();
    if !matches!(first, Outcome::Accepted(_))
        || case.rest_for(ClauseId::Id4, &worlds[..1]).await != Rest::Shows(0)
    {
        return Ok(());
    }
    let second = keyed(&mut case, &command, "key2");
    let second = case.submit(0, second, 0).await;
    case.world = worlds[1].clone();
    let first_thing = "look at what a key is compared with: it has to be the key alone, and all of it";
    let said = match &second {
        Outcome::Accepted(_) => same_outcome(&first, &second),
        Outcome::Rejected(_) => Some(true),
        Outcome::Unknown(_) | Outcome::NotSent(_) => return Ok(()),
    };
    let shown = case.rest_for(ClauseId::Id4, &[worlds[1].clone(), worlds[0].clone(), before]).await;
    match (shown, said) {
        (Rest::Shows(0), _) => lab.ledger.count(ClauseId::Id4, Unit::Pairs, 1),
        // Accepted as something new, and it doesn't show: that is the read model's business.
        (Rest::Shows(1), Some(true) | None) => {
            let wrong = format!("{} was sent under two keys, and took effect once", command.name);
            lab.broken(ClauseId::Id4, case.example(wrong, first_thing));
        }
        _ => {}
    }
    Ok(())
}
