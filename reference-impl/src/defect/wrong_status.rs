//! `wrong-status`: every problem document says the same status.
//!
//! The bug behind it: one helper makes all error bodies, with the status it was first written for, and the framework sets
//! the answer's own elsewhere. Clients that go by the document try again what can't succeed.

use std::sync::Arc;

use serde_json::Value;

use super::occasions::Occasions;
use super::{Defect, Points, Rate, Shows, Strike, WirePoint};

pub(super) const DEFECT: Defect = Defect {
    name: "wrong-status",
    summary: "every problem document says that its status is 500",
    default_rate: Rate::Always,
    breaks: &["CH-3"],
    may_break: &[],
    shows: Shows::Wire,
    install: |points, strike| Points {
        wire: Arc::new(WrongStatus { strike, problems: Occasions::default(), inner: points.wire }),
        ..points
    },
};

#[derive(Debug)]
struct WrongStatus {
    strike: Strike,
    problems: Occasions,
    inner: Arc<dyn WirePoint>,
}

impl WirePoint for WrongStatus {
    fn inner(&self) -> Option<&dyn WirePoint> {
        Some(&*self.inner)
    }

    fn problem(&self, document: &[u8]) -> Option<Vec<u8>> {
        let inner = self.inner.problem(document);
        if !self.strike.hits(self.problems.next()) {
            return inner;
        }
        let mut told: Value = serde_json::from_slice(inner.as_deref().unwrap_or(document)).ok()?;
        told.as_object_mut()?.insert("status".to_owned(), Value::from(500));
        Some(told.to_string().into_bytes())
    }
}
