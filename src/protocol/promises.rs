use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::Deviation;
use crate::value::{Demand, Precision, Precisions, Tolerances};

/// How a target wants what its clients make up: the ids of new aggregates, and idempotency keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IdForm {
    /// A UUID (RFC 9562), version 4 in its bits, drawn from the seed.
    #[default]
    Uuid,
    /// Short text that begins with what it is for.
    Text,
}

/// What the versions are that a target tells of its aggregates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum VersionKind {
    /// Numbers, of which the greater one is the later one.
    #[default]
    Number,
    /// Texts, of which nothing is known but whether they are the same.
    Opaque,
}

/// What a target declares of itself for drawing and judging, made by a target profile or an in-process system. Whoever draws values
/// or judges answers reads it here, so that scenarios, generated sequences and examinations all keep it.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Promises {
    /// How long an accepted effect may take to show in queries that have no bound of their own. Zero is "at once".
    pub bound: Duration,
    /// The bound query by query.
    pub bounds: BTreeMap<Arc<str>, Duration>,
    /// How far numbers may be off in a query's answers, and how finely these tell moments: matchers and judges both compare with that,
    /// and reports say so.
    pub tolerances: BTreeMap<Arc<str>, Tolerances>,
    /// How finely moments are sent in the fields of a command or query: what is finer, the target never gets to know.
    pub sent: BTreeMap<Arc<str>, Precisions>,
    /// How finely its feed tells moments in the fields of an event.
    pub events: BTreeMap<Arc<str>, Precisions>,
    /// Where it is known to depart from its contract, and means to.
    pub deviations: Vec<Deviation>,
    /// The fields of a query's answers that are left out before anybody sees them.
    pub ignores: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// Queries whose answers come in pages, all of which are read.
    pub paged: BTreeSet<Arc<str>>,
    /// What its versions are, where it tells any.
    pub versions: VersionKind,
    /// Queries that only the owner of what they show may ask.
    pub private: BTreeSet<Arc<str>>,
    /// How ids of new aggregates look.
    pub ids: IdForm,
    /// How idempotency keys look.
    pub keys: IdForm,
    /// What it can take in fields of these names, where that is less than the contract says (`[generate]` of a profile).
    pub demands: BTreeMap<Arc<str>, Demand>,
    /// Commands that create an aggregate under an id of the target's own, each time another one: none of them can be sent to what is
    /// there.
    pub creations: BTreeSet<Arc<str>>,
}

impl Default for Promises {
    /// Effects show within 5 s, numbers and moments are exact, the contract is kept, everybody may ask everything, ids are UUIDs, keys any text.
    fn default() -> Self {
        Self {
            bound: Duration::from_secs(5),
            bounds: BTreeMap::new(),
            tolerances: BTreeMap::new(),
            sent: BTreeMap::new(),
            events: BTreeMap::new(),
            deviations: Vec::new(),
            ignores: BTreeMap::new(),
            paged: BTreeSet::new(),
            versions: VersionKind::default(),
            private: BTreeSet::new(),
            ids: IdForm::default(),
            keys: IdForm::Text,
            demands: BTreeMap::new(),
            creations: BTreeSet::new(),
        }
    }
}

impl Promises {
    /// How long an accepted effect may take to show in `query`.
    pub fn bound_of(&self, query: &str) -> Duration {
        self.bounds.get(query).copied().unwrap_or(self.bound)
    }

    /// The longest bound of all.
    pub fn longest_bound(&self) -> Duration {
        self.bounds.values().copied().fold(self.bound, Duration::max)
    }

    /// How finely the feed tells moments, by the coarsest of all its fields; nothing where it tells them as they are.
    pub fn feed_precision(&self) -> Option<Precision> {
        self.events.values().filter_map(Precisions::coarsest).max()
    }

    /// How far numbers may be off in the answers of `query`; not at all where nothing is said.
    pub fn tolerances_of(&self, query: &str) -> &Tolerances {
        const EXACT: &Tolerances = &Tolerances::EXACT;
        self.tolerances.get(query).unwrap_or(EXACT)
    }

    /// What a value has to look like that is sent in all of these fields; nothing where any will do. Of demands that no value meets
    /// together, the first goes.
    pub fn demand_on(&self, fields: &[Arc<str>]) -> Option<Demand> {
        let demands = fields.iter().filter_map(|field| self.demands.get(field));
        demands.fold(None, |all: Option<Demand>, demand| match all {
            None => Some(demand.clone()),
            Some(all) => Some(all.and(demand).unwrap_or(all)),
        })
    }

    /// What must be said of the numbers that are allowed to be off, and of moments that are not told as they are, a sentence each.
    pub fn tolerated(&self) -> Vec<String> {
        let off = self.tolerances.iter().flat_map(|(query, tolerances)| {
            tolerances.iter().map(move |(field, by)| {
                format!("`{field}` of {query} may be off by {by}: the profile asks for that tolerance")
            })
        });
        let moments = self.tolerances.iter().flat_map(|(query, tolerances)| {
            tolerances.moments().iter().map(move |(field, precision)| {
                format!(
                    "`{field}` of {query} is compared to {}: the profile says that form",
                    precision.in_words()
                )
            })
        });
        off.chain(moments).collect()
    }

    /// What whoever reads of a run has to know, in sentences without a full stop: how the target is judged more
    /// leniently, and where it is known to depart from its contract.
    pub fn remarks(&self) -> Vec<String> {
        self.tolerated().into_iter().chain(self.deviations.iter().map(ToString::to_string)).collect()
    }
}
