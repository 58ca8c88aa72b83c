//! `position-sequence`: positions come from a sequence of the database, and readers trust them.
//!
//! The bug behind it: `position BIGSERIAL`. Numbers are drawn in one order and transactions are committed in another. A
//! reader that has seen 8 asks for what comes after 8, and 7, which is committed a moment later, is never read.

use std::sync::Arc;

use super::registry::Needs;
use super::{StoreDefect, StorePoint};

pub(super) const DEFECT: StoreDefect = StoreDefect {
    name: "position-sequence",
    summary: "positions are drawn from a sequence by writers at the same time, so that a later one can be read before an \
              earlier one",
    breaks: &["EC-1", "EC-4", "EV-5"],
    needs: Needs::PostgresEvents,
    install: |inner| Arc::new(PositionSequence { inner }),
};

/// It begins where the log ends; once it was drawn from, it is left alone.
const SEQUENCE: &str = "
    CREATE SEQUENCE IF NOT EXISTS loose_positions;
    SELECT setval('loose_positions', greatest(s.head, 1), s.head > 0) FROM store s, loose_positions l
    WHERE NOT l.is_called";

#[derive(Debug)]
struct PositionSequence {
    inner: Arc<dyn StorePoint>,
}

impl StorePoint for PositionSequence {
    fn inner(&self) -> Option<&dyn StorePoint> {
        Some(&*self.inner)
    }

    fn position_sequence(&self) -> bool {
        true
    }

    fn opening(&self) -> Vec<&'static str> {
        let mut opening = self.inner.opening();
        opening.push(SEQUENCE);
        opening
    }
}
