//! What the clauses about bursts have in common: commands that overlap on one aggregate, a rest, decisions that show what the
//! write side believes, and another rest.

use super::{Evidence, Judged, Submitted, Unit, Wrong};
use crate::history::{Act, Operation};
use crate::protocol::{Command, Outcome, Version};
use crate::value::Value;

/// Racers of which subsets are looked at.
const MOST: usize = 6;
/// Why a decision is set aside that no race explains.
pub(super) const DECIDED_SO_ANYWAY: &str =
    "a decision is wrong whichever of the commands that raced it knew of";

/// Why a read is set aside that no race explains.
pub(super) const LOST_ANYWAY: &str = "what is missing is what a command did that raced none";

/// The first thing to look at where something is lost.
pub(super) const APPEND: &str =
    "look at whether an append compares versions, and whether every event reaches the read models";

/// Whether two commands are about an aggregate that both of them name.
pub(crate) fn meet(one: &Command, other: &Command) -> bool {
    let names = |command: &Command, on: &Option<Value>| {
        on.is_some()
            && (command.on == *on || command.fields.iter().any(|(_, value)| Some(value) == on.as_ref()))
    };
    names(one, &other.on) || names(other, &one.on)
}

/// Whether some of the commands that raced are about one aggregate.
pub(super) fn on_one_aggregate(racers: &[Submitted<'_>]) -> bool {
    let meets = |(at, one): (usize, &Submitted<'_>)| {
        racers[at + 1..].iter().any(|other| meet(one.command, other.command))
    };
    racers.iter().enumerate().any(meets)
}

/// What a burst speaks for, as far as no mismatch speaks against it; only races that are `fit` for that.
pub(super) fn counted(evidence: &Evidence<'_>, fit: impl Fn(&[Submitted<'_>]) -> bool) -> Judged {
    let mut judged = Judged::default();
    let seen = evidence.judgement();
    for undecided in &seen.undecided {
        let why = "what came of a race could not be decided";
        judged.aside(why, Wrong::Said(undecided.why.clone()), &[]);
    }
    for racers in evidence.races() {
        let last = &racers[racers.len() - 1];
        let settled = evidence.is_settled(last.at, evidence.operations.len());
        let sent = racers.iter().all(|racer| !matches!(racer.outcome, Outcome::NotSent(_)));
        if settled && sent && seen.undecided.is_empty() && evidence.overlapped(&racers) && fit(&racers) {
            judged.count(Unit::Bursts);
        }
    }
    judged
}

/// Whether all that was decided up to a place is right if some of the commands that a race accepted had taken no effect: whoever decided
/// did not know of them. What is wrong with them left out as well has nothing to do with the race.
pub(super) fn is_decided_without_some(evidence: &Evidence<'_>, at: usize) -> bool {
    let decided = |left_out: &[usize]| {
        let read = |operation: &Operation| !matches!(operation.act, Act::Submit { .. });
        let reads = evidence.operations[..=at].iter().enumerate().filter(|(_, operation)| read(operation));
        let places: Vec<usize> = reads.map(|(place, _)| place).chain(left_out.iter().copied()).collect();
        evidence.judge(&evidence.without(&places, at + 1)).mismatches.is_empty()
    };
    evidence.races().iter().any(|racers| {
        let others = racers.iter().filter(|racer| racer.at != at);
        let (accepted, refused): (Vec<_>, Vec<_>) = others.partition(|racer| racer.is_accepted());
        let places = |racers: Vec<&Submitted<'_>>| racers.iter().map(|racer| racer.at).collect::<Vec<_>>();
        // Those that were refused may have known of what is lost by now, and have no effect themselves.
        let (accepted, refused) = (places(accepted), places(refused));
        subsets(&accepted).any(|some| decided(&[some, refused.clone()].concat()))
    })
}

/// All of them but the empty one, the smallest first; of the first few places, which are all that ever race.
fn subsets(places: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let few = &places[..places.len().min(MOST)];
    let mut all: Vec<Vec<usize>> = (1..1_usize << few.len())
        .map(|chosen| {
            let is_chosen = |at: &usize| chosen >> at & 1 == 1;
            (0..few.len()).filter(is_chosen).map(|at| few[at]).collect()
        })
        .collect();
    all.sort_by_key(Vec::len);
    all.into_iter()
}

/// Whether what others than this query show of each race can't be without any of the commands that it accepted: then all of them were written, and
/// it is this query that lacks something.
pub(super) fn shows_elsewhere(evidence: &Evidence<'_>, query: &str) -> bool {
    let is_possible = |left_out: &[usize]| is_right(evidence, |asked| asked != query, left_out);
    let races = evidence.races();
    let all_show = |racers: &Vec<Submitted<'_>>| !lost_in(racers).any(|lost| is_possible(&lost));
    !races.is_empty() && is_possible(&[]) && races.iter().all(all_show)
}

/// Whether what a query shows is right without what one kind of command did that raced none, and wrong whichever of the racers are left out:
/// nothing was lost in the race.
pub(super) fn is_lost_anyway(evidence: &Evidence<'_>, query: &str) -> bool {
    let is_own = |lost: Vec<usize>| is_right(evidence, |asked| asked == query, &lost);
    lacks_one_alone(evidence, query) && !evidence.races().iter().any(|racers| lost_in(racers).any(is_own))
}

/// Whether what a query shows is right without the accepted commands of some name that raced none: what a read model never takes in is missing
/// behind a race as well.
pub(super) fn lacks_one_alone(evidence: &Evidence<'_>, query: &str) -> bool {
    let raced: Vec<usize> = evidence.races().iter().flatten().map(|racer| racer.at).collect();
    let mut by_name: Vec<(&Command, Vec<usize>)> = Vec::new();
    for sent in evidence.submitted().filter(|sent| sent.is_accepted() && !raced.contains(&sent.at)) {
        match by_name.iter_mut().find(|(command, _)| command.name == sent.command.name) {
            Some((_, places)) => places.push(sent.at),
            None => by_name.push((sent.command, vec![sent.at])),
        }
    }
    by_name.iter().any(|(_, places)| is_right(evidence, |asked| asked == query, places))
}

/// What a race may have lost: some of the commands that it accepted. What was refused has no effect that would show, and was refused for what is
/// left out, so it is left out as well.
fn lost_in(racers: &[Submitted<'_>]) -> impl Iterator<Item = Vec<usize>> {
    let (accepted, refused): (Vec<_>, Vec<_>) = racers.iter().partition(|racer| racer.is_accepted());
    let places = |racers: Vec<&Submitted<'_>>| racers.iter().map(|racer| racer.at).collect::<Vec<_>>();
    let (accepted, refused) = (places(accepted), places(refused));
    let all: Vec<_> = subsets(&accepted).map(|some| [some, refused.clone()].concat()).collect();
    all.into_iter()
}

/// Whether all outcomes, and what these queries show, are as they must be without the commands at these places.
fn is_right(evidence: &Evidence<'_>, is_asked: impl Fn(&str) -> bool, left_out: &[usize]) -> bool {
    let is_other =
        |operation: &Operation| matches!(&operation.act, Act::Ask { query, .. } if !is_asked(&query.name));
    let others = evidence.operations.iter().enumerate().filter(|(_, operation)| is_other(operation));
    let places: Vec<usize> = others.map(|(place, _)| place).chain(left_out.iter().copied()).collect();
    evidence.judge(&evidence.without(&places, evidence.operations.len())).mismatches.is_empty()
}

/// Whether the last version that was told is the one that the rules count: then each accepted event is there.
pub(super) fn wrote_all(evidence: &Evidence<'_>) -> bool {
    let mut accepted = evidence.submitted().filter(Submitted::is_accepted);
    let told = |outcome: &Outcome| match outcome {
        Outcome::Accepted(receipt) => receipt.version.clone(),
        _ => None,
    };
    let last = accepted.by_ref().rev().find_map(|sent| Some((sent.command.on.clone()?, told(sent.outcome)?)));
    let Some((on, Version::Number(told))) = last else { return false };
    evidence
        .world(evidence.operations.len())
        .entries()
        .iter()
        .any(|entry| entry.id == on && entry.version == told)
}
