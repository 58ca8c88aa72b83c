//! Commands one by one, each looked for in every read model until it shows, and then for a while longer.

use std::sync::Arc;
use std::time::Duration;

use super::choice::{change, graph};
use super::overtaken::is_overtaken;
use crate::adapter::Unreachable;
use crate::clause::{Unit, given_up};
use crate::conform::Staleness;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::contract::explore::{Graph, samples};
use crate::contract::rules::World;
use crate::protocol::{Outcome, Query};
use crate::value::Record;

/// Accepted commands in one case.
const LENGTH: usize = 4;
/// Between two polls, at first and at most.
pub(super) const PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);
/// How often a read model is looked at again once it has shown an effect, and how far apart.
const AGAIN: usize = 3;
const APART: Duration = Duration::from_millis(15);
/// So much longer than for three bounds an effect is waited for on a busy machine, at most.
const LONGEST_HELD: Duration = Duration::from_secs(20);
/// So many times as often where one has not stayed, once its time is up: a copy that is behind for good is met then.
const LOOKS: usize = 3;

/// All in one place: what is shown of one aggregate must not come from another one. Some cases end early; others are begun until
/// there is enough, which is more than the least that clauses ask for: two read models have something in common in only a part of them (CV-1).
pub(super) static ONE_BY_ONE: &[Experiment] = &[Experiment {
    name: "probe",
    cases: 400,
    lanes: 16,
    enough: &[(Unit::ProbedWrites, 200)],
    shared: true,
    act: |case, number| Box::pin(probe(case, number)),
    ..PLAIN
}];

async fn probe(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let graph = graph(case.lab, number);
    early(case, graph).await;
    let mut turn = usize::try_from(number).unwrap_or(0);
    for _ in 0..LENGTH {
        if case.lab.over() {
            return Ok(());
        }
        // Of each kind one that reads can tell: another command of that kind may come to what is there already.
        let told = change(case, graph, turn as u64).map(|(command, _)| command);
        let Some(command) = told.or_else(|| case.next(graph, turn)) else { break };
        turn = turn / 2 + 1;
        let before = case.world.clone();
        if !matches!(case.send(0, &command).await, Outcome::Accepted(_)) {
            return Ok(());
        }
        if !shows(case, graph, &before).await {
            // Read models may not even agree on what they show instead.
            case.look().await;
            return Ok(());
        }
    }
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
                let sample = samples(&case.lab.naming, field, &graph.subjects);
                Some((&*field.name, sample.into_iter().next()?))
            })
            .collect();
        let query = Query { name: def.name.clone(), on, fields };
        case.ask(0, &query).await;
    }
}

/// A read model that has not shown an effect yet.
struct Waiting {
    query: Query,
    bound: Duration,
    /// How long behind the command it was last asked without showing it.
    missed: Option<Duration>,
}

impl Waiting {
    fn new(lab: &Lab, query: &Query) -> Self {
        Self { query: query.clone(), bound: bound(lab, query), missed: None }
    }

    /// Whether the last read of it, in whatever case, took longer than the longest pause between two polls.
    fn is_slow(&self, lab: &Lab) -> bool {
        lab.notes().takes.get(&self.query.name).is_some_and(|took| *took > LONGEST_PAUSE)
    }

    /// Asks once, and takes note of when it showed.
    async fn shows(&mut self, case: &mut Case<'_>, accepted: Duration) -> bool {
        let lab = case.lab;
        let since = || lab.engine.clock.now().saturating_sub(accepted);
        let asked = since();
        let answer = case.ask(0, &self.query).await;
        let answered = since();
        lab.notes().takes.insert(self.query.name.clone(), answered.saturating_sub(asked));
        if !case.tells(&case.world, &self.query, &answer) {
            self.missed = Some(asked);
            return false;
        }
        // What a read shows that took long may have been there long before it ended.
        let is_late = !self.bound.is_zero() && self.missed.is_some_and(|missed| missed >= self.bound);
        staleness(lab, &self.query.name, |staleness| {
            staleness.visible_after.push(answered);
            staleness.late += usize::from(is_late);
        });
        true
    }
}

/// Polls every read model until it shows the last command, and then again. `false` where one does not in time.
async fn shows(case: &mut Case<'_>, graph: &Graph, before: &World<Record>) -> bool {
    let lab = case.lab;
    let (accepted, late) = (lab.engine.clock.now(), lab.pulse.late());
    // What looks the same before and behind it shows nothing of it; in between it may look otherwise for a moment.
    let mut reads = case.reads();
    reads.retain(|query| lab.differs(query, before, &case.world));
    let mut waiting: Vec<Waiting> = reads.iter().map(|query| Waiting::new(lab, query)).collect();
    let (mut pause, mut tried) = (PAUSE, false);
    while !waiting.is_empty() {
        let (mut still, mut open) = (Vec::new(), waiting.into_iter());
        while let Some(mut one) = open.next() {
            let now = lab.engine.clock.now().saturating_sub(accepted);
            // A read that takes long would keep those from being seen in time that show at once.
            let others = still.iter().chain(open.as_slice());
            if one.is_slow(lab) && others.into_iter().any(|other| !other.is_slow(lab) && now < other.bound) {
                still.push(one);
                continue;
            }
            if one.shows(case, accepted).await {
                continue;
            }
            let (asked, bound) = (one.missed.unwrap_or_default(), one.bound);
            let over = |late_now: Duration| {
                let held = kept_waiting(lab, bound, late_now.saturating_sub(late));
                bound.is_zero() || asked >= given_up(bound, bound).saturating_add(held)
            };
            let is_over = over(lab.pulse.late()) && over(lab.pulse.late_by_now().await);
            // Once: whoever was not overtaken then shares the lot of those behind it.
            let is_busy = !is_over && asked >= given_up(bound, bound);
            let has_time = is_busy && !std::mem::replace(&mut tried, true);
            if is_over || has_time && is_overtaken(case, graph, (before, &one.query)).await {
                staleness(lab, &one.query.name, |staleness| staleness.never += 1);
                return false;
            }
            still.push(one);
        }
        waiting = still;
        // One look falls on the end of each bound, and one on when it is given up.
        let now = lab.engine.clock.now();
        let ends = waiting.iter().flat_map(|one| [one.bound, given_up(one.bound, one.bound)]);
        let ends = ends.map(|end| accepted.saturating_add(end));
        let next = ends.filter(|end| *end > now).fold(now + pause, Duration::min);
        if !waiting.is_empty() {
            lab.engine.clock.until(next).await;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    if !stays(case, &reads).await {
        // As long as its time is not up, another copy may be without it. Behind that, nothing may.
        let longest = reads.iter().map(|query| bound(lab, query)).max().unwrap_or_default();
        let held = kept_waiting(lab, longest, lab.pulse.late_by_now().await.saturating_sub(late));
        lab.engine.clock.until(accepted.saturating_add(longest).saturating_add(held)).await;
        for _ in 0..LOOKS {
            stays(case, &reads).await;
        }
    }
    true
}

/// Reads everything a few times more. Whether all of it was as it must be.
async fn stays(case: &mut Case<'_>, reads: &[Query]) -> bool {
    let clock = case.lab.engine.clock.clone();
    let mut stays = true;
    for _ in 0..AGAIN {
        clock.until(clock.now() + APART).await;
        for query in reads {
            let answer = case.ask(0, query).await;
            stays &= case.tells(&case.world, query, &answer);
        }
    }
    stays
}

/// How much longer an effect is waited for where this machine was held up for so long: a machine that never comes to rest, perhaps since these
/// very reads keep it busy, would have no end of it. What was not waited for is a doubt.
fn kept_waiting(lab: &Lab, bound: Duration, held: Duration) -> Duration {
    if lab.over() { Duration::ZERO } else { held.min(bound.saturating_mul(3).saturating_add(LONGEST_HELD)) }
}

fn bound(lab: &Lab, query: &Query) -> Duration {
    lab.engine.target.describe().promises.bound_of(&query.name)
}

fn staleness(lab: &Lab, query: &Arc<str>, note: impl FnOnce(&mut Staleness)) {
    let bound = lab.engine.target.describe().promises.bound_of(query);
    let mut notes = lab.notes();
    note(notes.staleness.entry(query.clone()).or_insert_with(|| Staleness { bound, ..Staleness::default() }));
}
