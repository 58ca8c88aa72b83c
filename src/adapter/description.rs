use std::sync::Arc;
use std::time::Duration;

use crate::protocol::{Capabilities, Capability, IdForm, Promises};

/// What is known of a target before anything is asked. Made by [`Description::new`] and its setters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Description {
    /// Its name in reports.
    pub name: String,
    /// Its version, where it tells one.
    pub version: Option<String>,
    /// The one contract it speaks; `None` where that is not known. Scenarios of another one are refused: all their
    /// commands would be rejected, and that might look like promises kept.
    pub speaks: Option<String>,
    /// What it gives the means for.
    pub capabilities: Capabilities,
    /// What drawing and judging go by.
    pub promises: Arc<Promises>,
}

impl Description {
    /// A target of this name that claims nothing, speaks any contract, and makes the [default](Promises::default) promises.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: None,
            speaks: None,
            capabilities: Capabilities::default(),
            promises: Arc::default(),
        }
    }

    /// Its version.
    #[must_use]
    pub fn version(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }

    /// The one contract it speaks.
    #[must_use]
    pub fn speaks(self, contract: impl Into<String>) -> Self {
        Self { speaks: Some(contract.into()), ..self }
    }

    /// One more capability that it gives the means for.
    #[must_use]
    pub fn claims(self, capability: Capability) -> Self {
        Self { capabilities: self.capabilities.with(capability), ..self }
    }

    /// What drawing and judging go by, all at once.
    #[must_use]
    pub fn promises(self, promises: Promises) -> Self {
        Self { promises: promises.into(), ..self }
    }

    /// How ids of new aggregates look.
    #[must_use]
    pub fn ids(mut self, ids: IdForm) -> Self {
        Arc::make_mut(&mut self.promises).ids = ids;
        self
    }

    /// How long an accepted effect may take to show in queries that have no bound of their own. Zero is "at once".
    #[must_use]
    pub fn bound(mut self, bound: Duration) -> Self {
        Arc::make_mut(&mut self.promises).bound = bound;
        self
    }

    /// How long an accepted effect may take to show in this query.
    #[must_use]
    pub fn bound_for(mut self, query: impl Into<Arc<str>>, bound: Duration) -> Self {
        Arc::make_mut(&mut self.promises).bounds.insert(query.into(), bound);
        self
    }
}
