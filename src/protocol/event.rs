use std::sync::Arc;

use super::Version;
use crate::value::{Record, Value};

/// Something that happened to an aggregate, as a target tells it, or as it is to be told to have happened.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Its name in the contract.
    pub name: Arc<str>,
    /// The aggregate it happened to.
    pub on: Value,
    /// Its fields.
    pub fields: Record,
    /// The aggregate's version behind it, where the target tells.
    pub version: Option<Version>,
    /// Its place among all events, where the target tells.
    pub position: Option<u64>,
    /// What names the event itself, where the target tells.
    pub id: Option<Arc<str>>,
    /// The id of the command that brought it about, where the target tells.
    pub causation: Option<Arc<str>>,
}
