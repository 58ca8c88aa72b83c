use std::time::Duration;

use super::{AddressError, Bound, Found, SqlError};
use crate::profile::{Limits, Statement};

/// None: this build has no databases.
#[derive(Debug)]
pub(in crate::adapter) enum Database {}

/// Nothing is ever prepared.
#[derive(Debug)]
pub(in crate::adapter) enum Prepared {}

impl Database {
    pub(in crate::adapter) fn at(_url: &str, _limits: &Limits) -> Result<Self, AddressError> {
        Err(AddressError::NoDatabases)
    }

    #[allow(clippy::unused_async, reason = "as with the feature")]
    pub(in crate::adapter) async fn prepare(&self, _statement: &Statement) -> Result<Prepared, SqlError> {
        match *self {}
    }

    #[allow(clippy::unused_async, reason = "as with the feature")]
    pub(in crate::adapter) async fn read(
        &self,
        _rows: &Bound<'_>,
        _total: Option<&Bound<'_>>,
        _within: Duration,
    ) -> Result<Found, SqlError> {
        match *self {}
    }

    pub(in crate::adapter) fn command(&self, _variable: Option<&str>, _sql: &str) -> Vec<String> {
        match *self {}
    }
}
