//! A plain command and a look at what it did: whether the target is well.

use std::time::Duration;

use super::case::Case;
use super::lab::Lab;
use crate::protocol::{Outcome, Query};
use crate::run::Pace;

/// How long an effect may take to show beyond twice what is promised, before the read side counts as stuck.
const PATIENCE: Duration = Duration::from_secs(2);
/// Before a target that is not well is looked at again.
const AGAIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// What its cases are called.
pub(super) const CANARY: &str = "canary";

/// How the target is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Health {
    Well,
    /// It does not do what it did before.
    Sick {
        /// Whether commands are still answered.
        answers: bool,
        /// What it does not do, in a sentence without a full stop.
        why: String,
    },
}

/// How the target is now. What is not well is looked at again, and again: it may have been busy.
pub(crate) async fn look(lab: &Lab) -> Health {
    let mut now = once(lab).await;
    for pause in AGAIN {
        let waited = matches!(now, Health::Sick { answers: true, .. }) && pause != AGAIN[0];
        // An effect that did not show twice was waited for long enough.
        if now == Health::Well || waited {
            break;
        }
        lab.engine.clock.until(lab.engine.clock.now().saturating_add(pause)).await;
        now = once(lab).await;
    }
    now
}

async fn once(lab: &Lab) -> Health {
    let since = lab.engine.recorder.next();
    let now = health(lab).await;
    if now == Health::Well {
        lab.was_well(since);
    }
    now
}

/// Sends the first command that there is to a fresh aggregate, and waits until it shows in all that shows it.
async fn health(lab: &Lab) -> Health {
    let mut case = match Case::open(lab, CANARY, lab.another_canary()).await {
        Ok(case) => case,
        Err(unreachable) => return Health::Sick { answers: false, why: unreachable.to_string() },
    };
    lab.canaries_client(case.client());
    let first = || lab.graphs.iter().find_map(|graph| case.next(graph, 0));
    let Some(command) = lab.canary.get_or_init(first).clone() else { return Health::Well };
    let name = command.name.clone();
    match case.send(0, &command).await {
        Outcome::Accepted(_) => {}
        outcome => {
            let answers = matches!(outcome, Outcome::Rejected(_));
            return Health::Sick { answers, why: format!("a plain {name} is {outcome}") };
        }
    }
    let limit = lab.engine.target.describe().promises.longest_bound() * 2 + PATIENCE;
    let (began, late) = (lab.engine.clock.now(), lab.pulse.late());
    let mut waiting = case.reads();
    let mut pace = Pace::of_rounds();
    loop {
        waiting = unseen(&mut case, waiting).await;
        let Some(query) = waiting.first() else { return Health::Well };
        // What this machine keeps from us is not the service's doing.
        let deadline = began.saturating_add(limit) + lab.pulse.late().saturating_sub(late);
        let now = lab.engine.clock.now();
        let Some(next) = pace.next(now).filter(|_| now < deadline) else {
            let why = format!("{} does not show what a plain {name} did, after {limit:?}", query.name);
            return Health::Sick { answers: true, why };
        };
        lab.engine.clock.until(deadline.min(next)).await;
    }
}

/// Those of the queries that don't show the state yet.
async fn unseen(case: &mut Case<'_>, queries: Vec<Query>) -> Vec<Query> {
    let mut unseen = Vec::new();
    for query in queries {
        let answer = case.ask(0, &query).await;
        if !super::rest::is_answer(&answer) || !case.tells(&case.world, &query, &answer) {
            unseen.push(query);
        }
    }
    unseen
}
