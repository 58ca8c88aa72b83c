//! `recovered-twice`: a restart has a read model take in again what each of its rows took in last.
//!
//! The bug behind it: a recovery that goes on a little before the last checkpoint, to be sure that nothing is missed, and
//! rows that are not told from those to come by the event they already have (a guard that says `<` for `<=`, or none). A change that says
//! "set" bears it; one that says "add" counts twice.

use std::sync::Arc;

use super::registry::Needs;
use super::{StoreDefect, StorePoint};

pub(super) const DEFECT: StoreDefect = StoreDefect {
    name: "recovered-twice",
    summary: "a read model that is opened again takes in once more the last event of each row",
    breaks: &["FT-2", "FT-4"],
    needs: Needs::Events,
    install: |inner| Arc::new(RecoveredTwice { inner }),
};

/// So that the last event of a row counts as one to come.
const GUARD: &str = "UPDATE order_summary_rows SET position = position - 1 WHERE position > 0";

/// A hundred events back.
const CHECKPOINT: &str = "
    UPDATE generations SET checkpoint = CASE WHEN checkpoint > 100 THEN checkpoint - 100 ELSE 0 END
    WHERE read_model = 'order_summary'";

#[derive(Debug)]
struct RecoveredTwice {
    inner: Arc<dyn StorePoint>,
}

impl StorePoint for RecoveredTwice {
    fn inner(&self) -> Option<&dyn StorePoint> {
        Some(&*self.inner)
    }

    fn opening(&self) -> Vec<&'static str> {
        let mut opening = self.inner.opening();
        opening.extend([GUARD, CHECKPOINT]);
        opening
    }
}
