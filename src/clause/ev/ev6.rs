//! EV-6: events have names and causes.

use std::collections::{HashMap, HashSet};

use crate::clause::feed::{Readings, count, sentence};
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Submitted, Suite, Unit,
};
use crate::protocol::{Capability, ClauseId, Event, Outcome};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ev6,
    level: Level::Should,
    suite: Suite::EventSourced,
    statement: "Event ids are unique, and causation names the command.",
    why: "Readers that see an event twice have to notice; whoever asks why has to find out.",
    source: "CloudEvents 1.0.2, \"id\"; Hohpe & Woolf, \"Enterprise Integration Patterns\", 2003 (Correlation Identifier)",
    how: "All events that were read are looked at.",
    needs: &[Need::Capability(Capability::EventFeed)],
    least: &[Least { count: 150, of: Unit::Events }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "feed", judge }],
};

const IDS: &str = "look at what gives an event its id";
const CAUSES: &str = "look at what an event is stored with as its cause";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let readings = Readings::of(evidence);
    for reading in readings.whole() {
        let mut seen: HashMap<&str, &Event> = HashMap::new();
        for event in &reading.events {
            let Some(own) = &event.id else {
                judged.doubts.push("the feed tells no ids".to_owned());
                return judged;
            };
            if let Some(other) = seen.insert(own, event) {
                let story = [other, event].map(|event| format!("{}, id {own}", sentence(event)));
                judged.broken_as("two events have the same id", Shows::Whole, story.into(), IDS);
                return judged;
            }
        }
        let (own, sent) = (readings.own(reading), evidence.submitted().collect::<Vec<_>>());
        if let Some((wrong, story)) = causes(&own, &sent) {
            judged.broken_as(wrong, Shows::Whole, story, CAUSES);
            return judged;
        }
        judged.counted.push((Unit::Events, count(own.len())));
    }
    judged
}

type Wrong = Option<(&'static str, Vec<String>)>;

/// What is wrong with what the events name as their causes.
fn causes(events: &[&Event], sent: &[Submitted<'_>]) -> Wrong {
    let mut names: HashSet<&str> = HashSet::new();
    for one in sent {
        names.insert(&one.command.id);
        names.extend(one.command.key.as_deref());
    }
    let told = || events.iter().filter_map(|event| event.causation.as_deref());
    told().next()?;
    if let Some(event) = events.iter().find(|event| event.causation.is_none()) {
        return Some(("an event names no cause, and others do", vec![sentence(event)]));
    }
    // Whether these are our commands' ids or keys at all is seen by the first that is. Many services give their commands
    // ids of their own: then each command has one, and no two have the same.
    let ours = told().any(|cause| names.contains(cause));
    let mut by_cause: HashMap<&str, (&Event, &Submitted<'_>)> = HashMap::new();
    for event in events {
        let cause = event.causation.as_deref().unwrap_or_default();
        let story = |event: &Event| format!("{}, caused by {cause}", sentence(event));
        if ours && !names.contains(cause) {
            return Some(("an event names a cause that is no command of ours", vec![story(event)]));
        }
        let Some(by) = origin(event, sent) else { continue };
        if ours && cause != &*by.command.id && by.command.key.as_deref() != Some(cause) {
            let really = format!("that version came of the command {} ({})", by.command.id, by.command.name);
            return Some(("an event names another command as its cause", vec![story(event), really]));
        }
        if let Some((other, theirs)) = by_cause.insert(cause, (event, by))
            && theirs.command.id != by.command.id
        {
            let story = vec![story(other), story(event)];
            return Some(("events of two commands name one cause", story));
        }
    }
    None
}

/// The command that brought an aggregate to the event's version.
fn origin<'s, 'e>(event: &Event, sent: &'s [Submitted<'e>]) -> Option<&'s Submitted<'e>> {
    let version = |sent: &Submitted<'e>| match sent.outcome {
        Outcome::Accepted(receipt) => receipt.version.clone(),
        _ => None,
    };
    sent.iter().find(|one| {
        one.command.on.as_ref() == Some(&event.on) && event.version.is_some() && version(one) == event.version
    })
}
