use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::protocol::{Capabilities, Capability, Deviation};
use crate::value::{Demand, Tolerances};

/// How a target wants the ids of new aggregates that its clients choose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IdForm {
    /// A UUID (RFC 9562), version 4 in its bits, drawn from the seed.
    #[default]
    Uuid,
    /// Short text that begins with the aggregate's name.
    Text,
}

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
    /// How ids of new aggregates look.
    pub ids: IdForm,
    /// The promise for queries that have none of their own: how long an accepted effect may take to show.
    /// Zero is "at once".
    pub bound: Duration,
    /// The promise query by query.
    pub bounds: BTreeMap<Arc<str>, Duration>,
    /// Where it is known to depart from its contract, and means to.
    pub deviations: Vec<Deviation>,
    /// How far numbers may be off in a query's answers, where it is asked for: scenarios and judges both compare
    /// with that, and reports say so.
    pub tolerances: BTreeMap<Arc<str>, Tolerances>,
    /// Queries that only the owner of what they show may ask.
    pub private: BTreeSet<Arc<str>>,
    /// What it can take in fields of these names, where that is less than the contract says.
    pub demands: BTreeMap<Arc<str>, Demand>,
}

impl Description {
    /// How long an accepted effect may take to show, unless the target says otherwise.
    const BOUND: Duration = Duration::from_secs(5);

    /// A target of this name that claims nothing, speaks any contract, takes UUIDs as ids, and shows effects within 5 s.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: None,
            speaks: None,
            capabilities: Capabilities::default(),
            ids: IdForm::default(),
            bound: Self::BOUND,
            bounds: BTreeMap::new(),
            deviations: Vec::new(),
            tolerances: BTreeMap::new(),
            private: BTreeSet::new(),
            demands: BTreeMap::new(),
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

    /// How ids of new aggregates look.
    #[must_use]
    pub fn ids(self, ids: IdForm) -> Self {
        Self { ids, ..self }
    }

    /// How long an accepted effect may take to show in queries that have no bound of their own. Zero is "at once".
    #[must_use]
    pub fn bound(self, bound: Duration) -> Self {
        Self { bound, ..self }
    }

    /// How long an accepted effect may take to show in this query.
    #[must_use]
    pub fn bound_for(mut self, query: impl Into<Arc<str>>, bound: Duration) -> Self {
        self.bounds.insert(query.into(), bound);
        self
    }

    /// How far numbers may be off in the answers of `query`; not at all where nothing is said.
    pub fn tolerances_of(&self, query: &str) -> &Tolerances {
        const EXACT: &Tolerances = &Tolerances::EXACT;
        self.tolerances.get(query).unwrap_or(EXACT)
    }

    /// What whoever reads of a run against it has to know, in sentences without a full stop: how it is judged more
    /// leniently, and where it is known to depart from its contract.
    pub fn remarks(&self) -> Vec<String> {
        let off = self.tolerances.iter().flat_map(|(query, tolerances)| {
            tolerances.iter().map(move |(field, by)| {
                format!("`{field}` of {query} may be off by {by}: the profile asks for that tolerance")
            })
        });
        off.chain(self.deviations.iter().map(ToString::to_string)).collect()
    }

    /// How long an accepted effect may take to show in `query`.
    pub fn bound_of(&self, query: &str) -> Duration {
        self.bounds.get(query).copied().unwrap_or(self.bound)
    }

    /// The longest promise of all.
    pub fn longest_bound(&self) -> Duration {
        self.bounds.values().copied().fold(self.bound, Duration::max)
    }
}
