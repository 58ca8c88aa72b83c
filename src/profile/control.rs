use std::collections::BTreeMap;

use std::time::Duration;

use super::definition::{Body, Command, Request};
use super::extract::Extraction;
use crate::value::Path;

/// What a service does for its examiner, where the profile says how to ask for it.
#[derive(Clone, Default, Debug)]
pub(crate) struct Controls {
    pub(crate) events: Option<Feed>,
    pub(crate) seed: Option<Command>,
    pub(crate) rebuild: Option<Command>,
    pub(crate) reset: Option<Command>,
    /// By the query's name.
    pub(crate) temporal: BTreeMap<String, Command>,
    pub(crate) exec: Option<Exec>,
}

/// `[events]`: where what happened can be read.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) request: Request,
    pub(crate) body: Option<Body>,
    pub(crate) rows: Option<Path>,
    pub(crate) fields: FeedFields,
    /// The service's name of an event and the contract's.
    pub(crate) names: Vec<(String, String)>,
    /// Events of the service that the contract doesn't have.
    pub(crate) ignore: Vec<String>,
    /// Whether it tells of one aggregate at a time.
    pub(crate) of_one: bool,
    /// Whether it is read on from a position.
    pub(crate) paged: bool,
    /// How long reading all of it may take.
    pub(crate) within: Duration,
}

impl Feed {
    /// The contract's name of what the service calls `theirs`.
    pub(crate) fn name_in<'a>(&'a self, theirs: &'a str) -> &'a str {
        let pair = self.names.iter().find(|(name, _)| name == theirs);
        pair.map_or(theirs, |(_, ours)| ours)
    }

    /// What the service calls the event `ours`.
    pub(crate) fn name_out<'a>(&'a self, ours: &'a str) -> &'a str {
        let pair = self.names.iter().find(|(_, name)| name == ours);
        pair.map_or(ours, |(theirs, _)| theirs)
    }
}

/// Where the parts of an event stand, in its row.
#[derive(Clone, Debug)]
pub(crate) struct FeedFields {
    pub(crate) name: Extraction,
    pub(crate) data: Option<Extraction>,
    pub(crate) aggregate: Option<Extraction>,
    pub(crate) version: Option<Extraction>,
    pub(crate) position: Option<Extraction>,
    pub(crate) id: Option<Extraction>,
    pub(crate) causation: Option<Extraction>,
}

/// `[exec]`: the service is started by us.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Exec {
    pub(crate) command: String,
    /// How long it may take to end when it is asked to.
    pub(crate) grace: Option<Duration>,
}
