//! Waiting until the read side has caught up. Never told early: a read model says how far it is
//! only once a query would see it.

use std::time::Duration;

use tokio::time::timeout;

use super::ReadModels;
use crate::store::{Position, StoreError};

/// Why a wait did not end well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    /// The time is up.
    #[error("the read models reached position {reached} of {position} within {timeout:?}")]
    TimedOut {
        /// What was waited for.
        position: Position,
        /// Where the last of the read models was when the time was up.
        reached: Position,
        /// How long was waited.
        timeout: Duration,
    },
    /// The head can't be known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Waits until every read model reflects `position`.
pub(crate) async fn wait_for(
    read_models: &ReadModels,
    position: Position,
    limit: Duration,
) -> Result<(), WaitError> {
    if reached(read_models) >= position {
        return Ok(());
    }
    let all = async {
        for read_model in read_models.iter() {
            // Fails only if the read model is gone, and we hold it.
            let _ = read_model.progress().wait_for(|reached| *reached >= position).await;
        }
    };
    timeout(limit, all).await.map_err(|_| WaitError::TimedOut {
        position,
        reached: reached(read_models),
        timeout: limit,
    })
}

/// Where the last of the read models is.
fn reached(read_models: &ReadModels) -> Position {
    let positions = read_models.iter().map(|read_model| *read_model.progress().borrow());
    positions.min().unwrap_or_default()
}
