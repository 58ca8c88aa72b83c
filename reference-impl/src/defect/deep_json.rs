//! `deep-json`: a hostile body is a failure of the server's own.
//!
//! The bug behind it: a recursive parser runs out of stack, and the framework makes a 500 of it, where it lives on at
//! all.

use std::sync::Arc;

use super::occasions::Occasions;
use super::{Defect, Points, Rate, Shows, Strike, WirePoint};

pub(super) const DEFECT: Defect = Defect {
    name: "deep-json",
    summary: "a body that is nested too deep is answered with a 500",
    default_rate: Rate::Always,
    breaks: &["SE-2"],
    may_break: &["CH-2", "CH-5"],
    shows: Shows::Wire,
    install: |points, strike| Points {
        wire: Arc::new(DeepJson { strike, bodies: Occasions::default(), inner: points.wire }),
        ..points
    },
};

#[derive(Debug)]
struct DeepJson {
    strike: Strike,
    bodies: Occasions,
    inner: Arc<dyn WirePoint>,
}

impl WirePoint for DeepJson {
    fn inner(&self) -> Option<&dyn WirePoint> {
        Some(&*self.inner)
    }

    fn foresees_depth(&self) -> bool {
        !self.strike.hits(self.bodies.next()) && self.inner.foresees_depth()
    }
}
