//! RB-2: a rebuild does nothing but read.

use crate::clause::feed::{Reading, Readings, key, sentence};
use crate::clause::rebuilds::{Rebuilds, Shot};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::judge::MismatchKind;
use crate::protocol::{Capability, ClauseId, Event, Outcome, Seen, Version};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Rb2,
    level: Level::Must,
    suite: Suite::Operable,
    statement: "A rebuild emits no events and has no side effects.",
    why: "Otherwise every customer gets last year's mails once more.",
    source: "Fowler, \"Event Sourcing\", 2005 (external updates)",
    how: "The feed's end, the versions and the decisions are compared before and behind a rebuild.",
    needs: &[Need::Capability(Capability::Rebuild)],
    least: &[Least { count: 1, of: Unit::Rebuilds }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "rebuild", judge }],
};

const HANDLES: &str = "look at what handles events when they are read again: only projections may";
const COUNTS: &str = "look at whether a rebuild counts events that it reads again";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let Some((rebuilds, _)) = Rebuilds::behind_what_was_right(evidence, &mut judged) else { return judged };
    let Some((begun, over)) = rebuilds.span() else { return judged };
    let readings = Readings::of(evidence);
    if let Some((wrong, more)) = happened(&readings, (begun, over)) {
        judged.broken_as(wrong, Shows::Whole, more, HANDLES);
    } else if let Some(shot) = rebuilds.shots(evidence).iter().find(|shot| is_higher(evidence, shot)) {
        let wrong = format!("{} tells another version since its read model was built anew", shot.query.name);
        judged.broken(wrong, COUNTS);
    } else if let Some(mismatch) =
        evidence.judgement().mismatches.iter().find(|one| {
            one.kind == MismatchKind::Outcome && evidence.operations[one.operation].call.index > over
        })
    {
        let first =
            format!("look at which state {} is decided on, and what a rebuild does to it", mismatch.message);
        judged.broken_by_then(mismatch.operation + 1, format!("since a rebuild: {mismatch}"), &first);
    } else {
        judged.counted.push((Unit::Rebuilds, rebuilds.count()));
    }
    judged
}

/// What came to the feed, or is gone from it, by the rebuilds.
fn happened(readings: &Readings<'_, '_>, (begun, over): (u64, u64)) -> Option<(&'static str, Vec<String>)> {
    let before = readings.all.iter().rev().filter(|reading| reading.end < begun);
    before.into_iter().find_map(|before| {
        let mut later =
            readings.all.iter().filter(|later| later.call > over && readings.is_still(before, later));
        let later: &Reading = later.find(|later| later.asks_for_the_same(before))?;
        let (was, now) = (&before.events, &later.events);
        let is_in = |event: &&Event, all: &[Event]| all.iter().any(|other| key(other) == key(event));
        let fresh = now.iter().find(|event| !is_in(event, was));
        let gone = was.iter().find(|event| !is_in(event, now));
        let (wrong, event) = match (fresh, gone) {
            (Some(event), _) => ("a rebuild has emitted an event", event),
            (None, Some(event)) => ("since a rebuild, an event is gone from the feed", event),
            (None, None) if was.len() == now.len() => return None,
            (None, None) => ("since a rebuild, the feed tells events twice", now.last()?),
        };
        let counts = format!("before the rebuild, {} events; behind it, {}", was.len(), now.len());
        Some((wrong, vec![counts, sentence(event)]))
    })
}

/// Whether the version behind has come to what was not there: the one before was that of all that had been done.
fn is_higher(evidence: &Evidence<'_>, shot: &Shot<'_>) -> bool {
    let own =
        evidence.submitted().filter(|sent| sent.command.on.is_some() && sent.command.on == shot.query.on);
    let mut told = own.filter_map(|sent| match sent.outcome {
        Outcome::Accepted(receipt) => receipt.version.as_ref(),
        _ => None,
    });
    let is_all = |told: Option<&Version>| told.is_some() && told == shot.before.version.as_ref();
    if !shot.proved && !is_all(told.next_back()) {
        return false;
    }
    let Some(behind) = shot.behind.filter(|answer| matches!(answer.seen, Seen::Found(_))) else {
        return false;
    };
    match (&shot.before.version, &behind.version) {
        (Some(Version::Number(before)), Some(Version::Number(now))) => now > before,
        _ => false,
    }
}
