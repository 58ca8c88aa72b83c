//! A read model that comes to where it must be by way of states that look the same: what it showed on the way proves nothing
//! of where it stands.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::protocol::{Answer, Rejection, Seen};
use proofmark::value::{Record, Value};
use serde::Deserialize;
use tokio::time::Instant;

use super::services::{found, passes};

const CONTRACT: &str = "tests/generating/valves.contract";
/// Between two events of a valve on their way to readers.
const APART: Duration = Duration::from_millis(20);
/// By when the events of a dozen commands have come there.
const BOUND: Duration = Duration::from_millis(400);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bug {
    /// A valve that readers have seen open twice is never shown shut any more.
    StaysOpen,
    /// Every second read shows the state before the last one, for ever.
    Flaps,
}

#[derive(Deserialize)]
enum Do {
    Fit,
    Open,
    Shut,
}

#[derive(Deserialize)]
enum Show {
    GetValve,
}

#[derive(Default)]
struct Valve {
    open: bool,
    shown: Option<bool>,
    before: Option<bool>,
    reads: usize,
    opened: usize,
    coming: VecDeque<(Instant, bool)>,
}

impl Valve {
    fn turn(&mut self, open: bool) {
        self.open = open;
        let last = self.coming.back().map_or_else(Instant::now, |(due, _)| (*due).max(Instant::now()));
        self.coming.push_back((last + APART, open));
    }

    fn shown(&mut self, bug: Option<Bug>) -> Option<bool> {
        while self.coming.front().is_some_and(|(due, _)| *due <= Instant::now()) {
            let (_, open) = self.coming.pop_front().expect("there is one");
            if bug == Some(Bug::StaysOpen) && self.opened >= 2 {
                continue;
            }
            self.opened += usize::from(open);
            self.before = self.shown.replace(open);
        }
        self.reads += 1;
        if bug == Some(Bug::Flaps) && self.reads.is_multiple_of(2) { self.before } else { self.shown }
    }
}

fn valves(bug: Option<Bug>) -> InProcess<Mutex<BTreeMap<String, Valve>>> {
    InProcess::builder("valves", |_| Mutex::new(BTreeMap::<String, Valve>::new()))
        .speaks("valves")
        .ids(IdForm::Text)
        .bound(BOUND)
        .commands(|valves, sent: Sent<Do>| async move {
            let mut valves = valves.lock().expect("no panic");
            let refused = |code: &str| Err(Rejection::named(code));
            match (sent.command, valves.get_mut(&sent.on)) {
                (Do::Fit, None) => valves.entry(sent.on).or_default().turn(false),
                (Do::Fit, Some(_)) => return refused("FittedAlready"),
                (Do::Open, Some(valve)) if !valve.open => valve.turn(true),
                (Do::Open, _) => return refused("NotShut"),
                (Do::Shut, Some(valve)) if valve.open => valve.turn(false),
                (Do::Shut, _) => return refused("NotOpen"),
            }
            Ok(())
        })
        .queries(move |valves, asked: Asked<Show>| async move {
            let Show::GetValve = asked.query;
            let mut valves = valves.lock().expect("no panic");
            let on = asked.on.unwrap_or_default();
            let shown = valves.get_mut(&on).and_then(|valve| valve.shown(bug));
            Answer::new(shown.map_or(Seen::Absent, |open| {
                let status = if open { "open" } else { "shut" };
                Seen::Found(Record::from([("valve", Value::from(on)), ("status", status.into())]).into())
            }))
        })
        .build()
}

#[test]
fn states_that_look_the_same_convict_nobody() {
    passes(valves(None), CONTRACT);
}

/// What is looked at again behind the bound may meet the right state: some sequence meets the wrong one.
#[test]
fn a_state_that_comes_and_goes_is_found() {
    found(|| valves(Some(Bug::Flaps)), CONTRACT, 5);
}

#[test]
fn what_never_shows_is_found_behind_them() {
    found(|| valves(Some(Bug::StaysOpen)), CONTRACT, 9);
}
