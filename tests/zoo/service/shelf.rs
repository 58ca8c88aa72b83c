//! A read model: what it shows of each pen, from when on.

use std::collections::HashMap;
use std::time::Duration;

use rust_decimal::Decimal;
use tokio::time::Instant;

use super::pen::{Change, Pen};
use crate::zoo::fault::Fault;
use crate::zoo::oddity::Oddity::*;
use crate::zoo::setup::{LAG, Setup};

/// Between two states that a slow read model passes through.
const BETWEEN: Duration = Duration::from_millis(15);

/// So many pens there is room for, where some are forgotten.
const ROOM: usize = 100;

/// A state of one pen, and when each replica shows it.
#[derive(Clone, Debug)]
struct State {
    /// The number of the change that led to it.
    change: u64,
    pen: Option<Pen>,
    from: [Instant; 2],
}

/// One read model.
#[derive(Debug)]
pub(super) struct Shelf {
    setup: Setup,
    /// Whether it is the one of single pens: most faults are of that one.
    single: bool,
    states: HashMap<String, Vec<State>>,
    changes: u64,
    fed: u64,
    reads: u64,
    /// When all that happened shows.
    caught_up: Option<Instant>,
}

impl Shelf {
    pub(super) fn new(setup: &Setup, single: bool) -> Self {
        Self {
            setup: setup.clone(),
            single,
            states: HashMap::new(),
            changes: 0,
            fed: 0,
            reads: 0,
            caught_up: None,
        }
    }

    /// Takes in what happened to a pen just now.
    pub(super) fn take_in(&mut self, id: &str, change: &Change) {
        self.changes += 1;
        let states = self.states.entry(id.to_owned()).or_default();
        let before = states.last();
        let from = self.setup.times(self.changes, self.single, before.map(|state| state.from));
        self.caught_up = self.caught_up.max(Some(from[0].max(from[1])));
        let before = before.and_then(|state| state.pen.clone());
        let mut pen = Pen::behind(before.clone(), change);
        if matches!(change, Change::Fed { .. }) {
            self.fed += 1;
        }
        let loses = match change {
            Change::Fed { .. } => self.setup.is(Fault::LostEffect) && self.fed.is_multiple_of(4),
            Change::Labelled(_) => self.setup.is(Fault::IgnoredField),
            _ => false,
        };
        match (pen.as_mut(), before, change) {
            (Some(pen), Some(before), _) if self.single && loses => {
                *pen = Pen { version: pen.version, ..before };
            }
            // Who loses updates has lost them for everybody.
            (Some(pen), _, Change::Fed { to, .. }) if self.setup.is(Fault::LostUpdate) => pen.feed = *to,
            _ => {}
        }
        states.push(State { change: self.changes, pen, from });
        if self.single && self.setup.is(Fault::Evicts) && self.states.len() > ROOM {
            self.forget();
        }
    }

    /// Forgets the pen that nothing has happened to for longest.
    fn forget(&mut self) {
        let last = |states: &Vec<State>| states.last().map(|state| state.change);
        let oldest = self.states.iter().min_by_key(|(_, states)| last(states)).map(|(id, _)| id.clone());
        if let Some(id) = oldest {
            self.states.remove(&id);
        }
    }

    /// What a pen looks like by now.
    pub(super) fn pen(&mut self, id: &str, now: Instant) -> Option<Pen> {
        self.reads += 1;
        let replica = usize::from(self.setup.has(Replicas) && self.reads.is_multiple_of(2));
        let states = self.states.get(id)?;
        let mut at = states.iter().rposition(|state| state.from[replica] <= now)?;
        if self.single && self.setup.is(Fault::GoesBack) && self.reads.is_multiple_of(3) {
            at = at.saturating_sub(1);
        }
        let mut pen = states[at].pen.clone()?;
        if self.single && self.setup.is(Fault::CentsCut) {
            pen.feed = pen.feed.trunc();
        }
        if self.single && self.setup.is(Fault::SwappedFields) {
            std::mem::swap(&mut pen.label, &mut pen.opened.keeper);
        }
        if self.single && self.setup.is(Fault::TimeCut) {
            pen.opened.since = pen.opened.since.map(|since| since.day());
        }
        Some(pen)
    }

    /// All that are open by now, in the order in which they were opened.
    pub(super) fn open(&mut self, now: Instant) -> Vec<(String, Pen)> {
        self.reads += 1;
        let replica = usize::from(self.setup.has(Replicas) && self.reads.is_multiple_of(2));
        let shown = self.states.iter().filter_map(|(id, states)| {
            let state = states.iter().rfind(|state| state.from[replica] <= now)?;
            state.pen.clone().filter(|pen| !pen.closed).map(|pen| (id.clone(), pen))
        });
        let mut shown: Vec<_> = shown.collect();
        shown.sort_by_key(|(_, pen)| pen.number);
        shown
    }

    /// When all that happened up to now shows; nothing if it does.
    pub(super) fn caught_up(&self) -> Option<Instant> {
        self.caught_up
    }
}

impl Setup {
    /// When a change shows that happens now, behind one that shows at these times.
    fn times(&self, number: u64, single: bool, before: Option<[Instant; 2]>) -> [Instant; 2] {
        let now = Instant::now();
        let mut lag = LAG;
        if self.has(Hiccups) && number.is_multiple_of(20) {
            lag *= 10;
        }
        let mut from = [now + lag; 2];
        if self.has(Replicas) {
            from[1] += self.bound() / 5;
        }
        if self.is(Fault::StaleReads) && single && number.is_multiple_of(10) {
            from = [now + self.bound() * 10; 2];
        }
        if let Some(before) = before {
            for (from, before) in from.iter_mut().zip(before) {
                let slow = if self.has(EqualStates) && single { BETWEEN } else { Duration::ZERO };
                // However many wait, the bound is kept.
                let latest = (now + self.bound() / 2).max(*from);
                *from = (*from).max(before + slow).min(latest).max(before);
            }
        }
        from
    }
}

/// The sum of what pens hold.
pub(super) fn feed<'a>(pens: impl Iterator<Item = &'a Pen>) -> Decimal {
    pens.map(|pen| pen.feed).sum()
}
