//! The points of the HTTP API. A system that is driven in-process never passes them.

use std::borrow::Cow;
use std::fmt::Debug;

/// Where a request comes in over HTTP.
pub trait WirePoint: Send + Sync + Debug {
    /// The body as it is read. Correct: as it was sent.
    fn body<'a>(&self, sent: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Borrowed(sent)
    }

    /// Whether a body that is nested too deep is foreseen, and refused as the client's mistake. Correct: yes.
    fn foresees_depth(&self) -> bool {
        true
    }

    /// Whether the route is open to strangers where there are tenants. Correct: no route to data is.
    fn open_to_strangers(&self, _path: &str) -> bool {
        false
    }
}
