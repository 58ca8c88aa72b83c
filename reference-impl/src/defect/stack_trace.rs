//! `stack-trace`: problems tell where in the code they came up.
//!
//! The bug behind it: the error page of development is on in production (CWE-209).

use std::sync::Arc;

use serde_json::Value;

use super::occasions::Occasions;
use super::{Defect, Points, Rate, Shows, Strike, WirePoint};

/// What a backtrace looks like where one is asked for.
const TRACE: &str = "stack backtrace:\n   0: reference_impl::application::command_handler::handle\n             \
                     at ./src/application/command_handler.rs:42:13\n   1: tokio::runtime::task::core::poll";

pub(super) const DEFECT: Defect = Defect {
    name: "stack-trace",
    summary: "every problem document holds a stack trace",
    default_rate: Rate::Always,
    breaks: &["SE-3"],
    may_break: &[],
    shows: Shows::Wire,
    install: |points, strike| Points {
        wire: Arc::new(StackTrace { strike, problems: Occasions::default(), inner: points.wire }),
        ..points
    },
};

#[derive(Debug)]
struct StackTrace {
    strike: Strike,
    problems: Occasions,
    inner: Arc<dyn WirePoint>,
}

impl WirePoint for StackTrace {
    fn inner(&self) -> Option<&dyn WirePoint> {
        Some(&*self.inner)
    }

    fn problem(&self, document: &[u8]) -> Option<Vec<u8>> {
        let inner = self.inner.problem(document);
        if !self.strike.hits(self.problems.next()) {
            return inner;
        }
        let mut told: Value = serde_json::from_slice(inner.as_deref().unwrap_or(document)).ok()?;
        told.as_object_mut()?.insert("trace".to_owned(), Value::from(TRACE));
        Some(told.to_string().into_bytes())
    }
}
