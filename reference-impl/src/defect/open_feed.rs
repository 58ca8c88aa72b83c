//! `open-feed`: one route is open to strangers.
//!
//! The bug behind it: the feed was added for another service on the inside, its route was registered before the
//! middleware that asks for credentials, and later the port was opened to the outside.

use std::sync::Arc;

use super::occasions::Occasions;
use super::{Defect, Points, Rate, Shows, Strike, WirePoint};

pub(super) const DEFECT: Defect = Defect {
    name: "open-feed",
    summary: "who has no credentials reads the first tenant's event feed",
    default_rate: Rate::Always,
    breaks: &["SE-1"],
    may_break: &[],
    shows: Shows::Tenants,
    install: |points, strike| Points {
        wire: Arc::new(OpenFeed { strike, requests: Occasions::default(), inner: points.wire }),
        ..points
    },
};

#[derive(Debug)]
struct OpenFeed {
    strike: Strike,
    requests: Occasions,
    inner: Arc<dyn WirePoint>,
}

impl WirePoint for OpenFeed {
    fn inner(&self) -> Option<&dyn WirePoint> {
        Some(&*self.inner)
    }

    fn open_to_strangers(&self, path: &str) -> bool {
        (path == "/events" && self.strike.hits(self.requests.next())) || self.inner.open_to_strangers(path)
    }
}
