//! Short bursts of commands that overlap on one aggregate, settled and compared; then decisions that show what the write
//! side believes.

use std::sync::Arc;

use super::lanes::in_lanes;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::blame::ONE_BY_ONE;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::contract::explore::Graph;
use crate::generate::Pair;
use crate::history::Act;
use crate::judge::{Judgement, Mismatch, MismatchKind};
use crate::protocol::{ClauseId, Command, Outcome, Version};

/// Bursts of each kind that are tried; some may not overlap.
const BURSTS: u64 = 90;
/// Pairs without a wait between them that are enough, and experiments for them at most: not in every state is there one.
const PAIRS: u32 = 32;
const ROWS: u64 = 128;
/// The clauses that bursts are evidence for.
const RACED: &[ClauseId] = &[ClauseId::Br5, ClauseId::Oc5, ClauseId::Ec3, ClauseId::Ec4];
/// Why a burst is set aside.
const WITHOUT: &str = "what is wrong behind a race is wrong without one, too";
/// Experiments at the same time. Their races take turns.
const LANES: usize = 12;
/// Decisions behind a burst.
const TRAILING: usize = 3;

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    in_lanes(&lab, (LANES, 2 * BURSTS), RACED, |lab, n| async move { burst(&lab, n / 2, n % 2 == 0).await })
        .await?;
    if lab.wants(ClauseId::Br4) {
        in_lanes(&lab, (LANES, ROWS), &[ClauseId::Br4], |lab, n| async move { in_a_row(&lab, n).await })
            .await?;
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

/// An experiment up to its race, and what races in it; the same for the same number.
async fn prepared(
    lab: &Lab,
    number: u64,
    conflicting: bool,
) -> Result<Option<(Case<'_>, Vec<Command>)>, Unreachable> {
    let name = if conflicting { "conflict" } else { "sum" };
    let graph = graph(lab, number);
    let mut case = Case::open(lab, name, number).await?;
    let more = usize::try_from(number % 3).unwrap_or(0);
    // The very first event is raced for as well.
    let from_nothing = conflicting && number % 4 == 3;
    if !from_nothing && !case.set_up(graph, more).await {
        return Ok(None);
    }
    let options = case.options(graph);
    let pairs = if conflicting { options.conflicting(lab) } else { options.commuting(lab) };
    let Some(pair) = pick(pairs, number).cloned() else { return Ok(None) };
    let mut commands = vec![pair.first, pair.second];
    if !conflicting && number % 2 == 1 {
        commands.extend(commands.clone());
    }
    Ok(Some((case, commands)))
}

async fn burst(lab: &Lab, number: u64, conflicting: bool) -> Result<(), Unreachable> {
    let graph = graph(lab, number);
    let Some((mut case, commands)) = prepared(lab, number, conflicting).await? else { return Ok(()) };
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
    let judged = case.judged().await;
    for undecided in &judged.undecided {
        for id in RACED {
            lab.ledger.set_aside(*id, "what came of a race could not be decided", &undecided.why, &[]);
        }
    }
    if !judged.mismatches.is_empty()
        && let Some(wrong) = wrong_in_turn(lab, number, conflicting).await?
    {
        for id in RACED {
            lab.ledger.set_aside(*id, WITHOUT, &wrong, ONE_BY_ONE);
        }
        return Ok(());
    }
    if settled && overlapped && judged.undecided.is_empty() {
        for id in RACED {
            lab.ledger.count(*id, Unit::Bursts, 1);
        }
    }
    conclude(&case, &judged, &commands);
    Ok(())
}

/// What the same commands bring that is wrong one by one, too, with ids of their own: then it is no race's doing.
async fn wrong_in_turn(lab: &Lab, number: u64, conflicting: bool) -> Result<Option<String>, Unreachable> {
    let Some((mut case, commands)) = prepared(lab, number, conflicting).await? else { return Ok(None) };
    for command in &commands {
        case.send(0, command).await;
    }
    if !case.settle().await {
        return Ok(None);
    }
    trailing(&mut case, graph(lab, number), number).await;
    case.settle().await;
    let judged = case.judged().await;
    Ok(case.wrong(&judged))
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
    if lab.ledger.of(ClauseId::Br4).evidence.get(&Unit::Pairs).is_some_and(|pairs| *pairs >= PAIRS) {
        return Ok(());
    }
    let graph = graph(lab, number);
    let mut case = Case::open(lab, "in-a-row", number).await?;
    // Each behind a rest: what stands before the pair is not what is tried.
    for _ in 0..=number % 2 {
        if !case.set_up(graph, 0).await || !case.calm().await {
            return Ok(());
        }
    }
    let options = case.options(graph);
    let Some(pair) = pick(options.conflicting(lab), number).cloned() else { return Ok(()) };
    if !matches!(case.send(0, &pair.first).await, Outcome::Accepted(_)) {
        return Ok(());
    }
    case.send(0, &pair.second).await;
    let judged = case.judged().await;
    match judged.mismatches.first() {
        Some(mismatch) if mismatch.kind == MismatchKind::Outcome => {
            let first = format!("look at which state {} is decided on", mismatch.message);
            lab.broken(ClauseId::Br4, case.example_of(mismatch, &first));
        }
        Some(_) => {
            let wrong = case.wrong(&judged).unwrap_or_default();
            lab.ledger.set_aside(
                ClauseId::Br4,
                "something else is wrong than a decision",
                &wrong,
                ONE_BY_ONE,
            );
        }
        None => lab.ledger.count(ClauseId::Br4, Unit::Pairs, 1),
    }
    Ok(())
}

fn conclude(case: &Case<'_>, judged: &Judgement, raced: &[Command]) {
    for mismatch in &judged.mismatches {
        for id in clauses(case, mismatch, raced) {
            let first = match id {
                ClauseId::Br5 => "look at what keeps two commands from deciding on the same state",
                ClauseId::Ec3 => "look at where the read model gets what it shows from",
                _ => {
                    "look at whether an append compares versions, and whether every event reaches the read models"
                }
            };
            case.lab.broken(id, case.example_of(mismatch, first));
        }
    }
}

fn clauses(case: &Case<'_>, mismatch: &Mismatch, raced: &[Command]) -> Vec<ClauseId> {
    match mismatch.kind {
        MismatchKind::Unexplained => vec![ClauseId::Ec3],
        MismatchKind::Outcome => {
            let act = &case.operations[mismatch.operation].act;
            let own =
                matches!(act, Act::Submit { command, .. } if raced.iter().any(|r| r.name == command.name));
            if own { vec![ClauseId::Br5] } else { vec![ClauseId::Br5, ClauseId::Oc5] }
        }
        MismatchKind::Settled | MismatchKind::Immediate => {
            let mut broken = vec![ClauseId::Ec4];
            // What the write side has all of, the read side has lost.
            if !wrote_all(case) {
                broken.push(ClauseId::Oc5);
            }
            if case.is_phantom() {
                broken.push(ClauseId::Ec3);
            }
            broken
        }
    }
}

/// Whether the last version that was told is the one that the rules count: then each accepted event is there.
fn wrote_all(case: &Case<'_>) -> bool {
    let last = case.operations.iter().rev().find_map(|operation| match &operation.act {
        Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
            Some((case.named(command.on.as_ref()?), receipt.version.clone()?))
        }
        _ => None,
    });
    let Some((on, Version::Number(told))) = last else { return false };
    case.world.entries().iter().any(|entry| entry.id == on && entry.version == told)
}
