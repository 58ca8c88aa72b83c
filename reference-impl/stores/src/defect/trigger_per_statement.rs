//! `trigger-per-statement`: the trigger is called once for each statement, and takes it for one row.
//!
//! The bug behind it: `FOR EACH STATEMENT` and a query that takes the first changed row. As long as each statement changes
//! one order nobody notices; when several commands are written at once, all but one of them never show.

use std::sync::Arc;

use super::registry::Needs;
use super::{StoreDefect, StorePoint};

pub(super) const DEFECT: StoreDefect = StoreDefect {
    name: "trigger-per-statement",
    summary: "the trigger that keeps read models is called once a statement, and follows one order of those it changed",
    breaks: &["EC-1", "EC-4"],
    needs: Needs::PostgresTriggers,
    install: |inner| Arc::new(TriggerPerStatement { inner }),
};

#[derive(Debug)]
struct TriggerPerStatement {
    inner: Arc<dyn StorePoint>,
}

impl StorePoint for TriggerPerStatement {
    fn inner(&self) -> Option<&dyn StorePoint> {
        Some(&*self.inner)
    }

    fn trigger_per_statement(&self) -> bool {
        true
    }
}
