//! In which order the feed has what two clients wrote, each behind what it had read of the other's.

use std::time::Duration;

use super::choice::{at, own};
use super::stream::Stream;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::contract::explore::Subject;

/// How often the clients take turns.
const TURNS: usize = 3;
/// Between two looks, at first and at most.
const PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// What others do meanwhile is in the feed as well.
pub(super) static AT_ONCE: &[Experiment] = &[Experiment {
    name: "order",
    cases: 64,
    lanes: 4,
    enough: &[(Unit::Commands, 70)],
    shared: true,
    act: |case, number| Box::pin(course(case, number)),
    ..PLAIN
}];

/// Two clients write to two aggregates each, in turn, as soon as they see what the other one did.
async fn course(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let stream = Stream::of_all(case).await;
    let kinds: Vec<&str> = lab.contract.aggregates().map(|aggregate| &*aggregate.name).collect();
    let Some(kind) = kinds.get(at(number, kinds.len())) else { return Ok(()) };
    let subjects: [Subject; 2] = [1, 2].map(|number| lab.naming.subject(kind, number));
    let sessions = [0, case.session().await?];
    for turn in 0..TURNS {
        let session = sessions[turn % 2];
        if turn > 0 {
            until_shown(case, session).await;
        }
        for (subject, more) in subjects.iter().zip(0..) {
            // What can only be created is created anew.
            let next = || lab.naming.subject(kind, subject.number + 2 * turn);
            let turn = number + more + turn as u64;
            let Some(command) = own(case, subject, turn).or_else(|| own(case, &next(), turn)) else {
                return Ok(());
            };
            if lab.over() || !case.send(session, &command).await.is_accepted() {
                return Ok(());
            }
        }
    }
    if let Err(why) = stream.at_rest(case).await {
        case.gives_up(why.to_string());
    }
    Ok(())
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
