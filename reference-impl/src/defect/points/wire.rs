//! The points of the HTTP API. A system that is driven in-process never passes them.

use std::borrow::Cow;
use std::fmt::Debug;

/// Where a request comes in over HTTP.
pub trait WirePoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say
    /// itself is what that says.
    fn inner(&self) -> Option<&dyn WirePoint> {
        None
    }

    /// The body as it is read. Correct: as it was sent.
    fn body<'a>(&self, sent: &'a [u8]) -> Cow<'a, [u8]> {
        match self.inner() {
            Some(inner) => inner.body(sent),
            None => Cow::Borrowed(sent),
        }
    }

    /// Whether a body that is nested too deep is foreseen, and refused as the client's mistake. Correct: yes.
    fn foresees_depth(&self) -> bool {
        match self.inner() {
            Some(inner) => inner.foresees_depth(),
            None => true,
        }
    }

    /// What a problem document becomes on its way out; nothing for what it is. Correct: that.
    fn problem(&self, document: &[u8]) -> Option<Vec<u8>> {
        self.inner().and_then(|inner| inner.problem(document))
    }

    /// Whether the route is open to strangers where there are tenants. Correct: no route to data is.
    fn open_to_strangers(&self, path: &str) -> bool {
        match self.inner() {
            Some(inner) => inner.open_to_strangers(path),
            None => false,
        }
    }
}
