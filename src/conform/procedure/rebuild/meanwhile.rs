//! Commands and queries while a read model is built anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{RebuildTrouble, rebuild};
use crate::adapter::{AnyWorld, Unreachable};
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::history::{Act, Operation};
use crate::judge::MismatchKind;
use crate::protocol::{ClauseId, Outcome, Query, Seen};
use crate::run::threaded;

/// Rounds at most, and commands in one of them.
const ROUNDS: u64 = 60;
const COMMANDS: usize = 6;
/// Commands and answers that are enough.
const ENOUGH: u32 = 16;
/// Rebuilds in one round at most: where one is over at once, the next one is begun, until something has met one.
const REBUILDS: usize = 400;

pub(super) async fn gather(
    lab: &Arc<Lab>,
    place: &Arc<dyn AnyWorld>,
    names: &[String],
    cases: &mut [Case<'_>],
) -> Result<(), Unreachable> {
    let (mut commands, mut answers) = (0, 0);
    for number in 0..ROUNDS {
        let each = usize::try_from(number).unwrap_or(0);
        if lab.over() || (commands >= ENOUGH && answers >= ENOUGH && each >= names.len()) {
            break;
        }
        let Some(name) = names.get(each % names.len().max(1)) else { break };
        let mut case = Case::within(lab, "rebuild-meanwhile", number, place.clone()).await?;
        let count = cases.len().max(1);
        let round = round(lab, place, name, &mut case, cases.get_mut(each % count), number).await;
        match round {
            Ok((sent, asked)) => {
                commands += sent;
                answers += asked;
            }
            Err(why) => {
                for id in [ClauseId::Rb3, ClauseId::Rb4] {
                    lab.ledger.doubt(id, why.clone());
                }
                break;
            }
        }
    }
    if commands < ENOUGH || answers < ENOUGH {
        lab.ledger.doubt(ClauseId::Rb3, "rebuilds are over before much can be done meanwhile");
        lab.ledger.doubt(ClauseId::Rb4, "rebuilds are over before much can be done meanwhile");
    }
    Ok(())
}

/// From when to when a rebuild was under way.
type Span = (Duration, Duration);

/// Rebuilds one after the other until `over`, and says so once the first has begun.
async fn build(
    lab: &Lab,
    place: &Arc<dyn AnyWorld>,
    name: &str,
    begun: oneshot::Sender<()>,
    over: &AtomicBool,
) -> Result<Vec<Span>, RebuildTrouble> {
    let mut spans = Vec::new();
    let mut begun = Some(begun);
    loop {
        let from = lab.engine.clock.now();
        if let Some(begun) = begun.take() {
            // Whoever waits for it may have been stopped.
            let _ = begun.send(());
        }
        rebuild(lab, place, name).await?;
        spans.push((from, lab.engine.clock.now()));
        if over.load(Ordering::Acquire) || spans.len() >= REBUILDS {
            return Ok(spans);
        }
        // Others may deliver in between.
        tokio::task::yield_now().await;
    }
}

/// One round of rebuilds; how many commands were accepted, and how many queries answered, while one was under way.
async fn round(
    lab: &Arc<Lab>,
    place: &Arc<dyn AnyWorld>,
    name: &str,
    case: &mut Case<'_>,
    other: Option<&mut Case<'_>>,
    number: u64,
) -> Result<(u32, u32), RebuildTrouble> {
    let over = Arc::new(AtomicBool::new(false));
    let (begun, begins) = oneshot::channel();
    let building = {
        let (lab, place, name, over) = (lab.clone(), place.clone(), name.to_owned(), over.clone());
        let building = async move { build(&lab, &place, &name, begun, &over).await };
        // On a thread of its own: in this process it may never have to wait, and commands would wait for it.
        match threaded() {
            Some(runtime) => tokio::task::spawn_blocking(move || runtime.block_on(building)),
            None => tokio::spawn(building),
        }
    };
    // Where it breaks down before, it is told below.
    let _ = begins.await;
    let mut turn = usize::try_from(number).unwrap_or(0);
    let mut reading = Vec::new();
    let mut other = other;
    for _ in 0..COMMANDS {
        let sound = match case.next(lab.graph(number), turn) {
            Some(command) => matches!(case.send(0, &command).await, Outcome::Accepted(_)),
            None => false,
        };
        turn = turn / 2 + 1;
        if let Some(other) = other.as_deref_mut() {
            let reads: Vec<Query> = other.reads().into_iter().filter(|query| *query.name == *name).collect();
            for query in reads {
                other.ask(0, &query).await;
                reading.extend(other.operations.last().cloned());
            }
        }
        if !sound || building.is_finished() {
            break;
        }
    }
    over.store(true, Ordering::Release);
    let spans = building.await.map_err(|_| RebuildTrouble::BrokeDown)??;
    let meanwhile = |operation: &&Operation| {
        let during = |(began, ended): &Span| {
            operation.call.at <= *ended && operation.end.is_some_and(|end| end.at >= *began)
        };
        spans.iter().any(during)
    };
    let accepted = case
        .operations
        .iter()
        .filter(meanwhile)
        .filter(|operation| matches!(&operation.act, Act::Submit { outcome: Outcome::Accepted(_), .. }));
    let accepted = u32::try_from(accepted.count()).unwrap_or(u32::MAX);
    let asked = answered(other.as_deref(), reading.iter().filter(meanwhile));
    if accepted > 0 && appears(case).await {
        lab.ledger.count(ClauseId::Rb3, Unit::Commands, accepted);
        lab.ledger.count(ClauseId::Rb3, Unit::Rebuilds, 1);
    }
    if asked > 0 {
        lab.ledger.count(ClauseId::Rb4, Unit::Answers, asked);
        lab.ledger.count(ClauseId::Rb4, Unit::Rebuilds, 1);
    }
    Ok((accepted, asked))
}

/// Whether what was done meanwhile shows behind the rebuild.
async fn appears(case: &mut Case<'_>) -> bool {
    if !case.settle().await {
        case.lab.ledger.doubt(ClauseId::Rb3, "the target does not catch up behind a rebuild");
        return false;
    }
    let judged = case.judged().await;
    let lost = judged.mismatches.iter().find(|mismatch| mismatch.kind != MismatchKind::Outcome);
    if let Some(mismatch) = lost {
        let first = "look at what becomes of events that come in while a rebuild reads the older ones";
        let wrong = format!("behind a rebuild that was under way meanwhile: {mismatch}");
        case.lab.broken(ClauseId::Rb3, case.example(wrong, first));
        return false;
    }
    true
}

/// How many of the reads were answered. What they ask about was there before.
fn answered<'o>(case: Option<&Case<'_>>, reading: impl Iterator<Item = &'o Operation>) -> u32 {
    let Some(case) = case else { return 0 };
    let mut count = 0;
    for operation in reading {
        let Act::Ask { query, answer } = &operation.act else { continue };
        let wrong = match &answer.seen {
            Seen::NotSent(_) => continue,
            Seen::Absent if was_found(case, query) => "is said not to be there",
            Seen::Found(_) | Seen::Absent => {
                count += 1;
                continue;
            }
            Seen::Refused(_) | Seen::Broken(_) => "is not answered",
        };
        let wrong =
            format!("while the read model of {} is built anew, what it showed before {wrong}", query.name);
        let first = "let the read model answer until the new one has caught up, and then change them over";
        let took = operation.end.map_or(Duration::ZERO, |end| end.at.saturating_sub(operation.call.at));
        let mut example = case.example(wrong, first);
        example.story.push(format!("the last of these, during the rebuild, took {took:?}"));
        case.lab.broken(ClauseId::Rb4, example);
    }
    count
}

/// Whether the query found something the first time it was asked at rest.
fn was_found(case: &Case<'_>, query: &Query) -> bool {
    let mut all = case.operations.iter().rev().filter_map(|operation| match &operation.act {
        Act::Ask { query: asked, answer } if **asked == *query => Some(&answer.seen),
        _ => None,
    });
    all.any(|seen| matches!(seen, Seen::Found(_)))
}
