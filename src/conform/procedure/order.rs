//! In which order the feed has what two clients wrote, each behind what it had read of the other's.

use std::sync::Arc;
use std::time::Duration;

use super::choice::{at, own};
use super::stream::{Stream, told};
use crate::adapter::{AnyWorld, Unreachable, WorldSeed};
use crate::clause::{Bench, behind_reads, in_issue_order};
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::contract::explore::Subject;
use crate::protocol::{ClauseId, Event, Outcome};
use crate::value::Value;

/// Cases at most, and commands after which no further ones are begun: about half of them come behind one of their session, and about
/// half behind a read.
const CASES: u64 = 64;
const ENOUGH: usize = 150;
/// So many at the same time.
const LANES: usize = 4;
/// What they are evidence for.
const BOTH: [ClauseId; 2] = [ClauseId::Sg3, ClauseId::Sg4];
/// How often the clients take turns.
const TURNS: usize = 3;
/// Between two looks, at first and at most.
const PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let seed = lab.engine.seed.of_scenario("order", "");
    let place = crate::run::place(&*lab.engine.target, WorldSeed(seed.0), &*lab.engine.clock, lab.outside());
    let place: Arc<dyn AnyWorld> = place.await?.into();
    let stream = Stream::open(&lab, place.clone()).await;
    let mut cases: Vec<Case<'_>> = Vec::new();
    let bench = lab.bench(true);
    for number in (0..CASES).step_by(LANES) {
        let commands = |case: &Case<'_>| case.evidence(&bench).submitted().count();
        if lab.over() || cases.iter().map(commands).sum::<usize>() >= ENOUGH {
            break;
        }
        // What others do meanwhile is in the feed as well.
        let course = |more| course(&lab, &place, number + more);
        let (one, two, three, four) = tokio::try_join!(course(0), course(1), course(2), course(3))?;
        cases.extend([one, two, three, four]);
    }
    let ours: Vec<Value> = cases.iter().flat_map(Case::ours).collect();
    let entries = cases.iter().flat_map(|case| case.world.entries());
    let expected = entries.map(|entry| entry.version).sum();
    let doubt = |why: &str| BOTH.into_iter().for_each(|id| lab.ledger.doubt(id, why));
    match stream.at_rest(&lab, &ours, expected).await {
        Err(why) => doubt(&why.to_string()),
        Ok(read) if stream.of_one && read.iter().any(|event| event.position.is_none()) => {
            doubt("the feed tells of one aggregate at a time, and no positions");
        }
        Ok(read) => cases.iter().for_each(|case| judge(case, &bench, &read)),
    }
    Ok(())
}

/// Two clients write to two aggregates each, in turn, as soon as they see what the other one did.
async fn course<'l>(lab: &'l Lab, place: &Arc<dyn AnyWorld>, number: u64) -> Result<Case<'l>, Unreachable> {
    let mut case = Case::within(lab, "order", number, place.clone()).await?;
    let kinds: Vec<&str> = lab.contract.aggregates().map(|aggregate| &*aggregate.name).collect();
    let Some(kind) = kinds.get(at(number, kinds.len())) else { return Ok(case) };
    let subjects: [Subject; 2] = [1, 2].map(|number| lab.naming.subject(kind, number));
    let sessions = [0, case.session().await?];
    for turn in 0..TURNS {
        let session = sessions[turn % 2];
        if turn > 0 {
            until_shown(&mut case, session).await;
        }
        for (subject, more) in subjects.iter().zip(0..) {
            let Some(command) = own(&case, subject, number + more + turn as u64) else { return Ok(case) };
            if lab.over() || !matches!(case.send(session, &command).await, Outcome::Accepted(_)) {
                return Ok(case);
            }
        }
    }
    Ok(case)
}

/// Reads until everything shows, or the longest bound has passed.
async fn until_shown(case: &mut Case<'_>, session: usize) {
    let lab = case.lab;
    let bound = lab.engine.target.describe().promises.longest_bound();
    let end = lab.engine.clock.now().saturating_add(bound);
    let mut pause = PAUSE;
    loop {
        let mut shown = true;
        for query in case.reads() {
            let answer = case.ask(session, &query).await;
            shown &= case.tells(&case.world, &query, &answer);
        }
        if shown || lab.engine.clock.now() >= end || lab.over() {
            return;
        }
        lab.engine.clock.until(lab.engine.clock.now().saturating_add(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Holds the writes of a case against what the feed has of them.
fn judge(case: &Case<'_>, bench: &Bench, read: &[Event]) {
    let lab = case.lab;
    let ours = case.ours();
    let own: Vec<Event> = read.iter().filter(|event| ours.contains(&event.on)).cloned().collect();
    let evidence = case.evidence(bench);
    for (id, judge) in BOTH.into_iter().zip([in_issue_order, behind_reads]) {
        for finding in lab.ledger.note(id, judge(&evidence, &own), |_| String::new()) {
            let mut example = case.found(&finding);
            let named: Vec<Event> = own.iter().map(|event| in_names(case, event)).collect();
            example.story.extend(told(&named).into_iter().map(|event| format!("the feed has, at {event}")));
            lab.broken(id, example);
        }
    }
}

/// An event as it is told beside commands that name their ids.
fn in_names(case: &Case<'_>, event: &Event) -> Event {
    let fields = event.fields.fields().iter().map(|(name, value)| (name.clone(), case.named(value)));
    Event { on: case.named(&event.on), fields: fields.collect(), ..event.clone() }
}
