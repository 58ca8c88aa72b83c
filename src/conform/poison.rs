//! A target that does not recover: canaries notice it, the last requests before are named, and each is tried again in a fresh
//! instance, where there can be one.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::Counterexample;
use super::canary::{Health, look};
use super::case::Case;
use super::lab::Lab;
use crate::adapter::{AnyWorld as _, ControlError, Malformation, Unreachable};
use crate::protocol::{Capability, ClauseId, Command};
use crate::run::{Came, Remembered, What};
use crate::step::{asked, submit_in_words};
use crate::value::inert_within;

/// Between two canaries.
const EVERY: Duration = Duration::from_secs(2);
/// Requests that are named.
const NAMED: usize = 5;
/// Requests that are tried again, at most, and for how long.
const TRIED: usize = 30;
const PATIENCE: Duration = Duration::from_secs(60);
/// How much of a request a sentence shows, in characters.
const SHOWN: usize = 160;

const FIRST: &str = "send this request to a fresh instance, and look at what of it stays: a lock that is held, an event that no projection \
                     gets past, a worker that has ended";

/// Waits until the target is not well any more, and says how it is then.
pub(super) async fn sickness(lab: &Lab) -> Health {
    loop {
        lab.engine.clock.until(lab.engine.clock.now().saturating_add(EVERY)).await;
        let now = look(lab).await;
        if now != Health::Well {
            return now;
        }
    }
}

/// The target was not well while it was busy with these clauses, and is again: what they lack is not to be had at that pace.
pub(super) fn busy<'c>(lab: &Lab, clauses: impl Iterator<Item = &'c ClauseId>, health: &Health) {
    if let Health::Sick { why, .. } = health {
        for id in clauses {
            lab.ledger.doubt(*id, format!("it was given up, since the target was not well meanwhile: {why}"));
        }
    }
}

/// Finds out what did it, and takes note of what can't be tried any more.
pub(super) async fn diagnose(lab: &Lab, answers: bool, why: &str) {
    let all = lab.engine.recorder.remembered();
    let suspects = suspects(lab, &all);
    let named: Vec<String> =
        suspects.iter().take(NAMED).map(|one| format!("`{}`", words(&one.what))).collect();
    lab.remark(format!(
        "the target did not recover: {why}; the last requests before that: {}",
        named.join(", ")
    ));
    let found = tried_again(lab, &all, &suspects, answers).await;
    lab.remark(found.clone());
    for id in &lab.wanted {
        lab.ledger.doubt(*id, format!("the target did not recover ({why}), so the rest could not be tried"));
    }
}

/// Tries each of them once more, and says in a sentence what came of it.
async fn tried_again(lab: &Lab, all: &[Remembered], suspects: &[Remembered], answers: bool) -> String {
    if !lab.claims(Capability::Restart) {
        return "which of them did it was not tried: the target can't be started again from here (`--exec`)"
            .into();
    }
    let deadline = lab.engine.clock.now().saturating_add(PATIENCE);
    let mut count = 0;
    for suspect in suspects.iter().take(TRIED) {
        if lab.engine.clock.now() >= deadline || lab.engine.stop.is_stopped() {
            break;
        }
        match poisons(lab, all, suspect, count).await {
            Err(why) => return format!("which of them did it could not be tried: {why}"),
            Ok(None) => count += 1,
            Ok(Some(example)) => {
                let (suspect, example) = earliest(lab, all, suspect, example, count, deadline).await;
                let wrong = example.wrong.clone();
                lab.brought_about(clause(&suspect.what, answers), example);
                return wrong;
            }
        }
    }
    format!("{count} of them were sent to a fresh instance each, alone, and none of them did it")
}

/// The earliest request that does it, of one that did behind what its aggregate was sent before: any of that may have done it already,
/// and what came last would be taken for it.
async fn earliest<'r>(
    lab: &Lab,
    all: &'r [Remembered],
    mut suspect: &'r Remembered,
    mut example: Counterexample,
    mut number: u64,
    deadline: Duration,
) -> (&'r Remembered, Counterexample) {
    while lab.engine.clock.now() < deadline && !lab.engine.stop.is_stopped() {
        let Some(last) = before(all, suspect).last() else { break };
        number += 1;
        let Ok(Some(shorter)) = poisons(lab, all, last, number).await else { break };
        (suspect, example) = (last, shorter);
    }
    (suspect, example)
}

/// The clause that a request breaks which takes the service away.
fn clause(what: &What, answers: bool) -> ClauseId {
    match what {
        What::Misbehaved(
            _,
            Malformation::Truncated | Malformation::Unparsable | Malformation::UnknownCommand,
        ) => ClauseId::Ch2,
        What::Misbehaved(..) => ClauseId::Se2,
        What::Submitted(_) | What::Asked(_) if answers => ClauseId::Ec1,
        What::Submitted(_) | What::Asked(_) => ClauseId::Ch5,
    }
}

/// Why a suspect could not be tried in a fresh instance.
#[derive(Debug, thiserror::Error)]
enum Untried {
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    #[error("the target was not started again: {0}")]
    NotStarted(#[from] ControlError),
    #[error("started again, it is not well either: {0}")]
    Sick(String),
}

/// Whether the target is not well any more once a fresh instance was sent this, behind what its aggregate was sent before.
async fn poisons(
    lab: &Lab,
    all: &[Remembered],
    suspect: &Remembered,
    number: u64,
) -> Result<Option<Counterexample>, Untried> {
    let mut case = Case::open(lab, "suspect", number).await?;
    case.place.restart().await?;
    if let Health::Sick { why, .. } = look(lab).await {
        return Err(Untried::Sick(why));
    }
    for command in before(all, suspect).filter_map(command) {
        case.submit(0, Arc::new(command.clone()), 0).await;
    }
    match &suspect.what {
        What::Submitted(command) => drop(case.submit(0, Arc::new(command.clone()), 0).await),
        What::Asked(query) => drop(case.ask(0, query).await),
        What::Misbehaved(command, how) => drop(case.misbehave(command, how).await),
    }
    match look(lab).await {
        Health::Well => Ok(None),
        Health::Sick { why, .. } => {
            let wrong = format!("`{}` poisons a fresh instance: {why}", words(&suspect.what));
            Ok(Some(case.example(wrong, FIRST)))
        }
    }
}

/// The commands that the aggregate of a request was sent before.
fn before<'r>(all: &'r [Remembered], suspect: &Remembered) -> impl Iterator<Item = &'r Remembered> {
    let on = match &suspect.what {
        What::Submitted(command) | What::Misbehaved(command, _) => command.on.clone(),
        What::Asked(query) => query.on.clone(),
    };
    let index = suspect.index;
    let earlier = all.iter().filter(move |one| one.index < index && one.came == Came::Answered);
    earlier.filter(move |one| command(one).is_some_and(|command| command.on.is_some() && command.on == on))
}

/// The command that a request is, where it is a whole one.
fn command(request: &Remembered) -> Option<&Command> {
    match &request.what {
        What::Submitted(command) => Some(command),
        _ => None,
    }
}

/// What may have done it, the likeliest first: what was sent or under way since the target was last seen to be well. What got no answer first came
/// first; else of each kind one before any other, what had the fewest kinds of commands before it on its aggregate first, and what came
/// last.
fn suspects(lab: &Lab, all: &[Remembered]) -> Vec<Remembered> {
    let well = lab.last_well();
    let since = all.iter().filter(|one| one.is_since(well) && !lab.is_canary(one.client));
    let (lost, answered): (Vec<_>, Vec<_>) = since.partition(|one| one.came == Came::Lost);
    let mut kinds = HashSet::new();
    let in_order = lost.into_iter().chain(answered.into_iter().rev());
    let behind =
        |one| before(all, one).filter_map(command).map(|command| &*command.name).collect::<BTreeSet<&str>>();
    let (mut first, more): (Vec<_>, Vec<_>) =
        in_order.partition(|one| kinds.insert((kind(&one.what), behind(one))));
    // What came with the request that did it would else be taken for it.
    first.sort_by_key(|one| (one.came != Came::Lost, behind(one).len()));
    first.into_iter().chain(more).cloned().collect()
}

fn kind(what: &What) -> (String, Option<String>) {
    match what {
        What::Submitted(command) => (command.name.to_string(), None),
        What::Asked(query) => (query.name.to_string(), None),
        What::Misbehaved(command, how) => (command.name.to_string(), Some(how.words())),
    }
}

fn words(what: &What) -> String {
    let told = match what {
        What::Submitted(command) => submit_in_words(&command.clone().into()),
        What::Asked(query) => asked(query),
        What::Misbehaved(command, how) => format!("{} sent {}", command.name, how.words()),
    };
    inert_within(&told, SHOWN)
}
