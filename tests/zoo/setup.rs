//! One service of the zoo: its oddities, and perhaps its fault.

use std::time::Duration;

use super::configuration::configurations;
use super::fault::{FAULTS, Fault};
use super::oddity::Oddity::{self, *};
use super::oddity::{ODDITIES, Oddities, name};

/// How long an effect mostly takes to show.
pub(super) const LAG: Duration = Duration::from_millis(3);

/// What one service is like.
#[derive(Clone, Debug, Default)]
pub(super) struct Setup {
    pub(super) oddities: Oddities,
    pub(super) fault: Option<Fault>,
}

impl Setup {
    pub(super) fn has(&self, oddity: Oddity) -> bool {
        self.oddities.contains(&oddity)
    }

    pub(super) fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// How long an effect may take to show.
    pub(super) fn bound(&self) -> Duration {
        Duration::from_millis(if self.has(NoWait) { 300 } else { 200 })
    }

    /// Whether the list has no filter.
    pub(super) fn for_everybody(&self) -> bool {
        self.has(Everybody) || self.has(Totals) || self.has(DollarRows)
    }

    /// Whether clients don't say what a new pen is called.
    pub(super) fn makes_ids(&self) -> bool {
        self.has(ServiceIds) || self.has(IntegerIds) || self.has(LookedUpIds)
    }

    /// How many rows a page has, where there are pages.
    pub(super) fn page(&self) -> Option<usize> {
        match (self.has(TinyPages), self.has(CursorPages)) {
            (true, _) => Some(2),
            (false, true) => Some(10),
            (false, false) => None,
        }
    }

    /// The service whose oddities and fault have these names, or the one of this number.
    pub(super) fn named(text: &str) -> Self {
        let mut setup = Self::default();
        for word in text.split_whitespace() {
            let oddity = ODDITIES.iter().find(|(_, name, ..)| *name == word);
            let twin = FAULTS.iter().find(|twin| twin.name == word);
            match (word.parse::<usize>(), oddity, twin) {
                (Ok(number), ..) => setup.oddities.extend(&configurations()[number]),
                (_, Some((oddity, ..)), _) => setup.oddities.extend([oddity]),
                (.., Some(twin)) => setup.fault = Some(twin.fault),
                _ => panic!("no oddity and no fault is called {word}"),
            }
        }
        setup
    }

    /// What to call it where something is wrong.
    pub(super) fn name(&self) -> String {
        let names = self.oddities.iter().map(|oddity| name(*oddity));
        let fault = FAULTS.iter().filter(|twin| self.is(twin.fault)).map(|twin| twin.name);
        format!("the service [{}]", names.chain(fault).collect::<Vec<_>>().join(" "))
    }
}
