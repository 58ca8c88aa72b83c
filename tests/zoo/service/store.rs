//! The write side: what was accepted, under which keys, and what comes of a command.

use std::collections::HashMap;

use super::pen::{Change, Command, Pen};
use super::shelf::Shelf;
use super::wire::Response;
use crate::zoo::fault::Fault;
use crate::zoo::oddity::Oddity::*;
use crate::zoo::setup::Setup;

/// All that the service knows.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) pens: HashMap<String, Pen>,
    versions: HashMap<String, u64>,
    /// What was answered to each key, and to which request.
    pub(super) keys: HashMap<String, (Vec<u8>, Response)>,
    pub(super) single: Shelf,
    pub(super) list: Shelf,
    pub(super) opened: u64,
    /// Pens that somebody is writing to.
    pub(super) busy: Vec<String>,
    moves: u64,
}

impl Store {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            pens: HashMap::new(),
            versions: HashMap::new(),
            keys: HashMap::new(),
            single: Shelf::new(setup, true),
            list: Shelf::new(setup, false),
            opened: 0,
            busy: Vec::new(),
            moves: 0,
        }
    }

    pub(super) fn version(&self, id: &str) -> u64 {
        self.versions.get(id).copied().unwrap_or(0)
    }

    /// What a command would bring, decided on a pen as it was read; or why it is refused.
    pub(super) fn decide(
        &mut self,
        setup: &Setup,
        id: &str,
        pen: Option<&Pen>,
        command: Command,
    ) -> Result<Vec<(String, Change)>, &'static str> {
        if let Command::Open(label, opened) = command {
            if pen.is_some() && !setup.has(Upsert) {
                return Err("PenExists");
            }
            self.opened += 1;
            // What is overwritten is as old as it was.
            let number = pen.map_or(self.opened, |pen| pen.number);
            return Ok(vec![(id.to_owned(), Change::Opened(Pen::new(label, opened, number)))]);
        }
        let pen = pen.filter(|pen| !pen.closed).ok_or("NoSuchPen")?;
        let enough = |amount| {
            setup.is(Fault::MissingRule) || pen.feed > amount || {
                pen.feed == amount && !setup.is(Fault::OffByOne)
            }
        };
        let fed = |by| Change::Fed { by, to: pen.feed + by };
        let change = match command {
            Command::Stock(amount) => fed(amount),
            Command::Take(amount) if enough(amount) => fed(-amount),
            Command::Take(amount) => {
                if setup.is(Fault::RefusedBooked) {
                    self.apply(id, &fed(-amount));
                }
                return Err("NotEnough");
            }
            Command::Relabel(label) => Change::Labelled(label),
            Command::Move(to, amount) => {
                if to == id && !setup.has(SelfMoves) {
                    return Err("SamePen");
                }
                let other = self.pens.get(&to).filter(|other| !other.closed).ok_or("NoSuchTarget")?;
                let given = Change::Fed { by: amount, to: other.feed + amount };
                if pen.feed < amount {
                    return Err("NotEnough");
                }
                self.moves += 1;
                let half = setup.is(Fault::HalfTransfer) && self.moves.is_multiple_of(2);
                return Ok(match (to == id, half) {
                    (true, _) => Vec::new(),
                    (false, true) => vec![(id.to_owned(), fed(-amount))],
                    (false, false) => vec![(id.to_owned(), fed(-amount)), (to, given)],
                });
            }
            Command::Close if pen.feed.is_zero() && setup.has(Reborn) => Change::Removed,
            Command::Close if pen.feed.is_zero() => Change::Closed,
            Command::Close => return Err("NotEmpty"),
            Command::Light(lit) if pen.lit == lit => return Err("AlreadySo"),
            Command::Light(lit) => Change::Lit(lit),
            Command::Open(..) => return Err("PenExists"),
        };
        Ok(vec![(id.to_owned(), change)])
    }

    /// Does what was decided.
    pub(super) fn apply(&mut self, id: &str, change: &Change) {
        let version = self.versions.entry(id.to_owned()).or_default();
        *version += 1;
        let version = *version;
        let change = match change {
            Change::Opened(pen) => &Change::Opened(Pen { version, ..pen.clone() }),
            other => other,
        };
        let pen = Pen::behind(self.pens.remove(id), change);
        if pen.is_none() {
            // What was removed is forgotten, its version as well.
            self.versions.remove(id);
        }
        if let Some(mut pen) = pen {
            if let Change::Fed { to, .. } = change {
                pen.feed = *to;
            }
            self.pens.insert(id.to_owned(), pen);
        }
        self.single.take_in(id, change);
        self.list.take_in(id, change);
    }
}
