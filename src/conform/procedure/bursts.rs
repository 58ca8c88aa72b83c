//! Short bursts of commands that overlap on one aggregate, settled and compared; then decisions that show what the write
//! side believes.

use std::sync::Arc;

use super::lanes::in_lanes;
use crate::check::{Mismatch, MismatchKind};
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::explore::Graph;
use crate::generate::Pair;
use crate::history::Act;
use crate::protocol::{Command, Outcome};
use crate::target::Unreachable;

/// Bursts of each kind that are tried; some may not overlap.
const BURSTS: u64 = 90;
/// Pairs without a wait between them.
const PAIRS: u64 = 32;
/// Experiments at the same time. Their races take turns.
const LANES: usize = 12;
/// Decisions behind a burst.
const TRAILING: usize = 3;

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let raced = &["BR-5", "OC-5", "EC-3", "EC-4"];
    in_lanes(&lab, (LANES, 2 * BURSTS), raced, |lab, n| async move { burst(&lab, n / 2, n % 2 == 0).await })
        .await?;
    if lab.wants("BR-4") {
        in_lanes(&lab, (LANES, PAIRS), &["BR-4"], |lab, n| async move { in_a_row(&lab, n).await }).await?;
    }
    Ok(())
}

fn graph(lab: &Lab, number: u64) -> &Graph {
    &lab.graphs[usize::try_from(number).unwrap_or(0) % lab.graphs.len()]
}

fn pick(pairs: &[Pair], number: u64) -> Option<&Pair> {
    let len = u64::try_from(pairs.len()).ok().filter(|len| *len > 0)?;
    // Neighbours in the list are much alike.
    pairs.get(usize::try_from(number.wrapping_mul(7) % len).ok()?)
}

async fn burst(lab: &Lab, number: u64, conflicting: bool) -> Result<(), Unreachable> {
    let name = if conflicting { "conflict" } else { "sum" };
    let graph = graph(lab, number);
    let mut case = Case::open(lab, name, number).await?;
    let more = usize::try_from(number % 3).unwrap_or(0);
    // The very first event is raced for as well.
    let from_nothing = conflicting && number % 4 == 3;
    if !from_nothing && !case.set_up(graph, more).await {
        return Ok(());
    }
    let options = case.options(graph);
    let pairs = if conflicting { options.conflicting(lab) } else { options.commuting(lab) };
    let Some(pair) = pick(pairs, number).cloned() else { return Ok(()) };
    let mut commands = vec![pair.first, pair.second];
    if !conflicting && number % 2 == 1 {
        commands.extend(commands.clone());
    }
    let bound: Vec<_> = commands.iter().map(|command| Arc::new(case.bound(command))).collect();
    let (outcomes, overlapped) = case.burst(bound).await?;
    // Some order in which this may have happened; the judge looks at all of them.
    for (command, outcome) in commands.iter().zip(&outcomes) {
        if matches!(outcome, Outcome::Accepted(_)) {
            case.follow(command);
        }
    }
    if !case.settle().await {
        return Ok(());
    }
    trailing(&mut case, graph, number).await;
    let settled = case.settle().await;
    if settled && overlapped {
        for id in ["BR-5", "OC-5", "EC-3", "EC-4"] {
            lab.ledger.count(id, Unit::Bursts, 1);
        }
    }
    conclude(&case, &commands);
    Ok(())
}

/// Sends what shows whether the write side believes what the reads say: the first that must be accepted and the first that
/// must be refused, of several kinds.
pub(super) async fn trailing(case: &mut Case<'_>, graph: &Graph, number: u64) {
    for step in 0..TRAILING {
        let options = case.options(graph);
        let at = usize::try_from(number).unwrap_or(0).wrapping_mul(5) + step;
        let command = if step % 2 == 1 {
            options.refused.get(at % options.refused.len().max(1))
        } else {
            options.accepted.get(at % options.accepted.len().max(1)).map(|(command, _)| command)
        };
        if let Some(command) = command {
            case.send(0, command).await;
        }
    }
}

/// Two commands, of which the first forbids the second, with nothing between them.
async fn in_a_row(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let graph = graph(lab, number);
    let mut case = Case::open(lab, "in-a-row", number).await?;
    if !case.set_up(graph, usize::try_from(number % 2).unwrap_or(0)).await {
        return Ok(());
    }
    let options = case.options(graph);
    let Some(pair) = pick(options.conflicting(lab), number).cloned() else { return Ok(()) };
    if !matches!(case.send(0, &pair.first).await, Outcome::Accepted(_)) {
        return Ok(());
    }
    case.send(0, &pair.second).await;
    let judged = case.judge();
    match judged.mismatches.first() {
        Some(mismatch) if mismatch.kind == MismatchKind::Outcome => {
            let first = format!("look at which state {} is decided on", mismatch.message);
            lab.broken("BR-4", case.example(mismatch.to_string(), &first));
        }
        Some(_) => {}
        None => lab.ledger.count("BR-4", Unit::Pairs, 1),
    }
    Ok(())
}

fn conclude(case: &Case<'_>, raced: &[Command]) {
    let judged = case.judge();
    for undecided in &judged.undecided {
        case.lab.ledger.doubt("BR-5", undecided.why.clone());
    }
    for mismatch in &judged.mismatches {
        for id in clauses(case, mismatch, raced) {
            let first = match id {
                "BR-5" => "look at what keeps two commands from deciding on the same state",
                "EC-3" => "look at where the read model gets what it shows from",
                _ => {
                    "look at whether an append compares versions, and whether every event reaches the read models"
                }
            };
            case.lab.broken(id, case.example(mismatch.to_string(), first));
        }
    }
}

fn clauses(case: &Case<'_>, mismatch: &Mismatch, raced: &[Command]) -> Vec<&'static str> {
    match mismatch.kind {
        MismatchKind::Unexplained => vec!["EC-3"],
        MismatchKind::Outcome => {
            let act = &case.operations[mismatch.operation].act;
            let own =
                matches!(act, Act::Submit { command, .. } if raced.iter().any(|r| r.name == command.name));
            if own { vec!["BR-5"] } else { vec!["BR-5", "OC-5"] }
        }
        MismatchKind::Settled | MismatchKind::Immediate => vec!["OC-5", "EC-4"],
    }
}
