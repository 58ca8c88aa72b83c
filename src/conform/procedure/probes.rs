//! Commands one by one, each looked for in every read model until it shows, and then for a while longer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::adapter::{AnyWorld, Unreachable, WorldSeed};
use crate::clause::Unit;
use crate::conform::Staleness;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::contract::explore::Graph;
use crate::contract::rules::{Expected, Model as _, World};
use crate::judge::MismatchKind;
use crate::protocol::{Answer, ClauseId, Command, Outcome, Query, Seen};
use crate::value::Record;

/// Writes that are probed; somewhat more than the least that clauses ask for, since some may be refused.
const WRITES: u32 = 160;
/// Experiments at most.
const MOST: u64 = 400;
/// Accepted commands in one experiment.
const LENGTH: usize = 4;
/// Experiments at the same time.
const LANES: usize = 16;
/// Between two polls, at first and at most.
const PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);
/// How often a read model is looked at again once it has shown an effect, and how far apart.
const AGAIN: usize = 3;
const APART: Duration = Duration::from_millis(15);

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    // One place for all: what is shown of one aggregate must not come from another one.
    let seed = lab.engine.seed.of_scenario("probe", "");
    let place: Arc<dyn AnyWorld> =
        crate::run::place(&*lab.engine.target, WorldSeed(seed.0), &*lab.engine.clock, lab.outside())
            .await?
            .into();
    let mut running = JoinSet::new();
    let mut number = 0;
    loop {
        // Some experiments end early; others are begun until there is enough.
        let enough =
            || lab.ledger.of(ClauseId::Ec2).evidence.get(&Unit::ProbedWrites).is_some_and(|n| *n >= WRITES);
        while number < MOST && running.len() < LANES && !lab.over() && !enough() {
            let (lab, place) = (lab.clone(), place.clone());
            running.spawn(async move { case(&lab, place, number).await });
            number += 1;
        }
        match running.join_next().await {
            None => return Ok(()),
            Some(Ok(done)) => done?,
            Some(Err(_)) => lab.ledger.doubt(ClauseId::Ec1, "a probe broke down"),
        }
    }
}

async fn case(lab: &Lab, place: Arc<dyn AnyWorld>, number: u64) -> Result<(), Unreachable> {
    let graph = &lab.graphs[usize::try_from(number).unwrap_or(0) % lab.graphs.len()];
    let mut case = Case::within(lab, "probe", number, place).await?;
    early(&mut case, graph).await;
    let mut turn = usize::try_from(number).unwrap_or(0);
    for _ in 0..LENGTH {
        if lab.over() {
            return Ok(());
        }
        let Some(command) = case.next(graph, turn) else { break };
        turn = turn / 2 + 1;
        let before = case.world.clone();
        if !matches!(case.send(0, &command).await, Outcome::Accepted(_)) {
            return Ok(());
        }
        match probe(&mut case, &before, &command).await {
            Probed::Kept => {}
            Probed::HeldUp => {
                lab.ledger.doubt(ClauseId::Ec1, "this machine was too busy to see when some effects showed");
                break;
            }
            Probed::Broken => {
                // Read models may not even agree on what they show instead.
                if case.calm().await {
                    for query in case.reads() {
                        case.ask(0, &query).await;
                    }
                    agree(&case);
                }
                return Ok(());
            }
        }
    }
    conclude(&mut case).await;
    Ok(())
}

/// Asks before there is anything: the declared absence, an empty list.
async fn early(case: &mut Case<'_>, graph: &Graph) {
    let contract = case.lab.contract.clone();
    for def in contract.queries().filter(|def| case.lab.engine.target.knows(&def.name)) {
        let on = match &def.aggregate {
            Some(kind) => match graph.subjects.iter().find(|subject| *subject.kind == **kind) {
                Some(subject) => Some(subject.id.clone()),
                None => continue,
            },
            None => None,
        };
        let required = def.fields.iter().filter(|field| field.is_required());
        let fields: Record = required
            .filter_map(|field| {
                let sample = crate::contract::explore::samples(&case.lab.naming, field, &graph.subjects);
                Some((&*field.name, sample.into_iter().next()?))
            })
            .collect();
        let query = Query { name: def.name.clone(), on, fields };
        let answer = case.ask(0, &query).await;
        early_answer(case, &query, &answer);
    }
}

fn early_answer(case: &Case<'_>, query: &Query, answer: &Answer) {
    let wrong = match (&answer.seen, case.model().answer(&case.world, query)) {
        (Seen::Refused(_) | Seen::Broken(_), _) => "it was no answer",
        (Seen::Found(_), Ok(Expected::Absent)) => "something was found that nobody made",
        (Seen::Absent, Ok(Expected::Rows(_))) => "an empty list is an answer, not an absence",
        (Seen::NotSent(_), _) => return,
        _ => {
            case.lab.ledger.count(ClauseId::Qs2, Unit::Queries, 1);
            return;
        }
    };
    let wrong = format!("{} was asked before there was anything, and {wrong}", query.name);
    case.lab.broken(ClauseId::Qs2, case.example(wrong, "look at what the query does where it finds nothing"));
}

/// What became of one effect.
enum Probed {
    /// It showed in time, and went on showing.
    Kept,
    /// It showed too late, but so much of the time was kept from the target by this machine.
    HeldUp,
    /// It didn't, as was told.
    Broken,
}

/// Polls every read model until it shows the effect, and then again.
async fn probe(case: &mut Case<'_>, before: &World<Record>, command: &Command) -> Probed {
    let lab = case.lab;
    let (accepted, late) = (lab.engine.clock.now(), lab.pulse.late());
    // What looks the same before and behind it shows nothing of it; in between it may look otherwise for a moment.
    let mut reads = case.reads();
    reads.retain(|query| lab.differs(query, before, &case.world));
    if reads.is_empty() {
        return Probed::Kept;
    }
    let mut waiting: Vec<Query> = reads.clone();
    let mut pause = PAUSE;
    let mut held_up = false;
    loop {
        let mut still = Vec::new();
        for query in waiting {
            let asked = lab.engine.clock.now().saturating_sub(accepted);
            let answer = case.ask(0, &query).await;
            mid_lag(case, &query, &answer);
            if shows(case, &case.world, &query, &answer) {
                if !held_up {
                    seen(lab, &query.name, lab.engine.clock.now().saturating_sub(accepted));
                }
                continue;
            }
            let over = |late_now: Duration| {
                asked >= bound(lab, &query).saturating_add(late_now.saturating_sub(late))
            };
            if over(lab.pulse.late()) && over(lab.pulse.late_by_now().await) {
                never(case, command, &query);
                return Probed::Broken;
            }
            held_up |= asked >= bound(lab, &query);
            still.push(query);
        }
        waiting = still;
        if waiting.is_empty() {
            break;
        }
        // One look falls on the end of each bound.
        let now = lab.engine.clock.now();
        let ends = waiting.iter().map(|query| accepted.saturating_add(bound(lab, query)));
        let next = ends.filter(|end| *end > now).fold(now + pause, Duration::min);
        lab.engine.clock.until(next).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    if held_up {
        return Probed::HeldUp;
    }
    for id in [ClauseId::Ec1, ClauseId::Ec3] {
        lab.ledger.count(id, Unit::ProbedWrites, 1);
    }
    if stays(case, command, &reads).await { Probed::Kept } else { Probed::Broken }
}

/// Looks again at what has shown the effect.
async fn stays(case: &mut Case<'_>, command: &Command, reads: &[Query]) -> bool {
    for _ in 0..AGAIN {
        case.lab.engine.clock.until(case.lab.engine.clock.now() + APART).await;
        for query in reads {
            let answer = case.ask(0, query).await;
            if matches!(answer.seen, Seen::Broken(_) | Seen::NotSent(_))
                || shows(case, &case.world, query, &answer)
            {
                continue;
            }
            let wrong =
                format!("{} showed what {} did, and later it did not any more", query.name, command.name);
            let first = "look for a second copy of the read model, or a cache, that is behind the first";
            case.lab.broken(ClauseId::Ec2, case.example(wrong, first));
            return false;
        }
    }
    case.lab.ledger.count(ClauseId::Ec2, Unit::ProbedWrites, 1);
    true
}

/// While read models lag, a query is answered all the same.
fn mid_lag(case: &Case<'_>, query: &Query, answer: &Answer) {
    let lab = case.lab;
    match &answer.seen {
        Seen::Found(_) | Seen::Absent => lab.ledger.count(ClauseId::Qs2, Unit::Queries, 1),
        Seen::Refused(_) | Seen::Broken(_) => {
            let wrong = format!("{} was asked right behind a command, and there was no answer", query.name);
            lab.broken(
                ClauseId::Qs2,
                case.example(wrong, "look at what the query does while its read model lags"),
            );
        }
        Seen::NotSent(_) => {}
    }
}

/// Whether an answer is as it must be in this world, as far as the rules say.
fn shows(case: &Case<'_>, world: &World<Record>, query: &Query, answer: &Answer) -> bool {
    let Ok(expected) = case.model().answer(world, query) else { return true };
    case.fits(query, &expected, answer)
}

fn bound(lab: &Lab, query: &Query) -> Duration {
    lab.engine.target.describe().promises.bound_of(&query.name)
}

fn seen(lab: &Lab, query: &Arc<str>, after: Duration) {
    let bound = lab.engine.target.describe().promises.bound_of(query);
    let mut notes = lab.notes();
    let staleness =
        notes.staleness.entry(query.clone()).or_insert_with(|| Staleness { bound, ..Staleness::default() });
    staleness.visible_after.push(after);
}

fn never(case: &Case<'_>, command: &Command, query: &Query) {
    let lab = case.lab;
    let bound = bound(lab, query);
    lab.notes()
        .staleness
        .entry(query.name.clone())
        .or_insert_with(|| Staleness { bound, ..Staleness::default() })
        .never += 1;
    let wrong = format!("{} did not show what {} did within {bound:?}", query.name, command.name);
    let first =
        format!("look at what the read model of {} does with the events of {}", query.name, command.name);
    lab.broken(ClauseId::Ec1, case.example(wrong, &first));
    // What was never so is a phantom; what only lags is late.
    if case.is_phantom() {
        let wrong = format!("{} shows what no command explains", query.name);
        let first = format!("look at where {} gets what it shows from", query.name);
        lab.broken(ClauseId::Ec3, case.example(wrong, &first));
    }
}

/// What all reads of the experiment prove.
async fn conclude(case: &mut Case<'_>) {
    let judged = case.judged().await;
    for mismatch in judged.mismatches.iter().filter(|mismatch| mismatch.kind == MismatchKind::Unexplained) {
        let first = format!("look at where {} gets what it shows from", mismatch.message);
        case.lab.broken(ClauseId::Ec3, case.example_of(mismatch, &first));
    }
    agree(case);
}

/// Facts that two read models share are the same in both, once all is quiet.
fn agree(case: &Case<'_>) {
    let mut last: BTreeMap<&str, (&Query, &Answer)> = BTreeMap::new();
    for operation in &case.operations {
        if let crate::history::Act::Ask { query, answer } = &operation.act {
            last.insert(&query.name, (query, answer));
        }
    }
    if last.len() < 2 {
        return;
    }
    let facts = crate::conform::facts::shared(
        &case.lab.contract,
        &case.lab.engine.target.describe().promises,
        last.values().copied(),
    );
    match facts {
        Ok(0) => {}
        Ok(_) => case.lab.ledger.count(ClauseId::Cv1, Unit::Comparisons, 1),
        Err(wrong) => {
            let first = "compare how the two read models compute it";
            case.lab.broken(ClauseId::Cv1, case.example(wrong.to_string(), first));
        }
    }
}
