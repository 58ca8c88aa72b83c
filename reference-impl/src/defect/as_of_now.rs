//! `as-of-now`: the past is shown as if it were today.
//!
//! The bug behind it: a snapshot is newer than the version asked for, and the fold starts from it all the same.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::store::Version;

pub(super) const DEFECT: Defect = Defect {
    name: "as-of-now",
    summary: "who asks for an earlier version of an order is shown the last one",
    default_rate: Rate::Always,
    breaks: &["EV-7"],
    may_break: &["BR-6"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(AsOfNow { strike, versions: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct AsOfNow {
    strike: Strike,
    versions: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for AsOfNow {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn as_of(&self, asked: Version, last: Version) -> Version {
        let struck = self.strike.hits(self.versions.of(&asked.to_string()));
        if struck { last } else { self.inner.as_of(asked, last) }
    }
}
