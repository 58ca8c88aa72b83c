//! Steps that speak to the target's examiner side: events that are made to happen or must have happened, and read
//! models that are built anew.

use std::sync::Arc;

use super::clock::{OPERATION, within};
use super::course::{Course, Stopped, broken_expression, unmet};
use super::pace::Pace;
use super::submit::is_unknown;
use super::{Finding, Seeded};
use crate::adapter::{AnyWorld as _, ControlError};
use crate::language::syntax::{Emitted, EventCall, Ident, Role};
use crate::protocol::{Capability, Event, Outcome, Verdict};
use crate::scenario::Step;
use crate::scenario::matcher::{Bound, bind_within};
use crate::text::Span;
use crate::value::{Tolerances, Value};

/// Longest text of one event in a finding.
const BRIEF: usize = 160;

/// What the feed told of each of the scenario's aggregates before the block's `when`: how many events.
///
/// It is read behind a quiet moment, so that an event of the set-up that turns up late is not taken for a new one.
#[derive(Debug)]
pub(super) struct Feed {
    /// How many commands had been sent when the block's `when` began.
    first: usize,
    before: Vec<(Value, usize)>,
    /// Where it is asked for, for what goes wrong.
    span: Span,
}

impl Course<'_> {
    /// `event … on $o`: makes an event happen.
    pub(super) async fn seed(&mut self, call: &EventCall, span: Span) -> Result<(), Stopped> {
        self.left_out = !self.claims(Capability::SeedEvents, span);
        if self.left_out {
            return Ok(());
        }
        let Some(on) = &call.on else { return Ok(()) }; // Refused when it was planned.
        let on = self.value(on)?;
        let fields = self.fields(&call.fields)?;
        let name = Arc::from(&*call.name.text);
        let event = Event { name, on, fields, version: None, position: None, id: None, causation: None };
        let outcome = within(&*self.engine.clock, OPERATION, self.lane.place.seed(&event)).await;
        self.lane.acts();
        self.waited = false;
        let told = outcome.as_ref().map_or_else(|| "unknown".to_owned(), Outcome::to_string);
        let name = event.name.clone();
        self.seeded.push(Seeded { behind: self.sent.len(), event, outcome: told.clone() });
        match outcome {
            Some(Outcome::Accepted(_)) => Ok(()),
            _ => {
                let what = format!("the event {name} could not be made to happen: {told}");
                Err(unmet(Role::Given, span, what))
            }
        }
    }

    /// `rebuild …`: what answers the query is built anew from the events.
    pub(super) async fn rebuild(&mut self, query: &Ident, step: &Step) -> Result<(), Stopped> {
        if !self.claims(Capability::Rebuild, step.span) {
            return Ok(());
        }
        // The adapter has its own deadline; ours only keeps a broken one from hanging.
        let done =
            within(&*self.engine.clock, OPERATION * 2, self.lane.place.rebuild(&query.text, OPERATION)).await;
        self.lane.acts();
        self.waited = true;
        let why = match done {
            Some(Ok(())) => return Ok(()),
            Some(Err(error)) => error.to_string(),
            None => format!("no answer within {:?}", OPERATION * 2),
        };
        let what = format!("what answers {} was not built anew: {why}", query.text);
        let what = if step.role == Role::Given { format!("the set-up failed: {what}") } else { what };
        Err(Box::new(Finding::new(Verdict::Inconclusive, step.span, what)))
    }

    /// A block's `when` begins, and `emits` will be said of it.
    pub(super) async fn watch_feed(&mut self, span: Span) -> Result<(), Stopped> {
        self.feed = None;
        if self.target.capabilities.claims(Capability::EventFeed) {
            self.lane.quiet(None).await.map_err(|late| undecided(span, late.to_string()))?;
            self.feed = Some(Feed { first: self.sent.len(), before: Vec::new(), span });
            let sent = self.sent.iter().filter_map(|sent| sent.command.on.clone());
            let known: Vec<Value> =
                sent.chain(self.seeded.iter().map(|seeded| seeded.event.on.clone())).collect();
            for on in known {
                self.before_command(Some(&on)).await?;
            }
        }
        Ok(())
    }

    /// A command is about to be sent: what has happened to its aggregate before must not be taken for its effect.
    pub(super) async fn before_command(&mut self, on: Option<&Value>) -> Result<(), Stopped> {
        let (Some(feed), Some(on)) = (&self.feed, on) else { return Ok(()) };
        if feed.before.iter().all(|(known, _)| known != on) {
            let span = feed.span;
            let count = self.read_feed(on, span).await?.len();
            if let Some(feed) = &mut self.feed {
                feed.before.push((on.clone(), count));
            }
        }
        Ok(())
    }

    /// `emits …`: exactly this has happened since, to the aggregates that the scenario has to do with.
    pub(super) async fn emits(&mut self, events: &[Emitted], span: Span) -> Result<(), Stopped> {
        if !self.claims(Capability::EventFeed, span) || self.left_out {
            return Ok(());
        }
        let Some(feed) = &self.feed else { return Ok(()) };
        if let Some(unknown) = self.sent.iter().skip(feed.first).find(|sent| is_unknown(&sent.outcome)) {
            let what = format!(
                "the outcome of {} is {}, and this rests on it",
                unknown.command.name, unknown.outcome
            );
            return Err(undecided(span, what));
        }
        let mut expected: Vec<(&Emitted, Option<Bound>)> = Vec::with_capacity(events.len());
        for event in events {
            let told = self.target.promises.events.get(&*event.name.text).cloned().unwrap_or_default();
            let told = Tolerances::of_moments(told);
            let fields = event.fields.as_ref().map(|fields| bind_within(fields, &self.scope(), &told));
            let fields = fields.transpose();
            expected.push((event, fields.map_err(broken_expression)?));
        }
        self.lane.quiet(None).await.map_err(|late| undecided(span, late.to_string()))?;
        self.waited = true;
        let deadline = self.lane.acted().unwrap_or_default() + self.target.promises.longest_bound();
        let mut pace = Pace::until(deadline, None);
        loop {
            let seen = self.emitted(span).await?;
            let Err(stopped) = compare(&seen, &expected, span) else { return Ok(()) };
            // What has happened stays; only what is missing may still turn up, and, where there are several
            // aggregates, in between.
            let several = self.feed.as_ref().is_some_and(|feed| feed.before.len() > 1);
            let may_come = seen.len() < expected.len() && (several || stopped.mismatches.is_empty());
            let next = if may_come { pace.next(self.engine.clock.now()) } else { None };
            let Some(at) = next else { return Err(stopped) };
            self.engine.clock.until(at).await;
        }
    }

    /// What has happened since the block's commands began, in order.
    async fn emitted(&mut self, span: Span) -> Result<Vec<Event>, Stopped> {
        let mut seen = Vec::new();
        let before = self.feed.as_ref().map(|feed| feed.before.clone()).unwrap_or_default();
        let mut touched = 0;
        for (on, count) in &before {
            let known = seen.len();
            seen.extend(self.read_feed(on, span).await?.into_iter().skip(*count));
            touched += usize::from(seen.len() > known);
        }
        if touched > 1 {
            if seen.iter().any(|event| event.position.is_none()) {
                let what =
                    "the feed tells no positions, so the order of events of several aggregates is unknown";
                return Err(undecided(span, what.into()));
            }
            seen.sort_by_key(|event| event.position);
        }
        Ok(seen)
    }

    async fn read_feed(&mut self, on: &Value, span: Span) -> Result<Vec<Event>, Stopped> {
        let read = within(&*self.engine.clock, OPERATION, self.lane.place.events(Some(on), None)).await;
        let read =
            read.unwrap_or_else(|| Err(ControlError::Failed(format!("no answer within {OPERATION:?}"))));
        read.map_err(|error| undecided(span, format!("the event feed can't be read: {error}")))
    }
}

/// Holds what has happened against what must have. Without mismatches where nothing is wrong but that there is too
/// little of it.
fn compare(seen: &[Event], expected: &[(&Emitted, Option<Bound>)], span: Span) -> Result<(), Stopped> {
    for (index, event) in seen.iter().enumerate() {
        let Some((wanted, fields)) = expected.get(index) else {
            return Err(differs(seen, span, format!("{} was not expected", event.name)));
        };
        if *event.name != *wanted.name.text {
            return Err(differs(seen, wanted.name.span, format!("here it was {}", event.name)));
        }
        let judged = fields.as_ref().map(|fields| fields.judge(Some(&Value::Record(event.fields.clone()))));
        if let Some(mismatches) = judged.filter(|mismatches| !mismatches.is_empty()) {
            let stopped = differs(seen, wanted.name.span, String::new());
            return Err(Box::new(stopped.mismatches(mismatches)));
        }
    }
    match expected.get(seen.len()) {
        None => Ok(()),
        Some((missing, _)) => Err(differs(seen, missing.name.span, "this has not happened".into())),
    }
}

fn differs(seen: &[Event], span: Span, label: String) -> Stopped {
    let told: Vec<String> = seen
        .iter()
        .map(|event| {
            if event.fields.is_empty() {
                return event.name.to_string();
            }
            format!("{} {}", event.name, Value::Record(event.fields.clone()).brief(BRIEF))
        })
        .collect();
    let what = match told.as_slice() {
        [] => "nothing has happened".to_owned(),
        told => format!("this has happened: {}", told.join(", ")),
    };
    Box::new(Finding::new(Verdict::Fail, span, what).label(label))
}

fn undecided(span: Span, what: String) -> Stopped {
    Box::new(Finding::new(Verdict::Inconclusive, span, what))
}
