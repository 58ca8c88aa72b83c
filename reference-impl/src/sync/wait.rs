//! Waiting until the read side has caught up. Never told early: a read model says how far it is
//! only once a query would see it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::projection::Projector;
use crate::store::{Position, StoreError};

/// There is no read model of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no read model `{name}`; there are {}", known.join(", "))]
pub struct UnknownReadModel {
    /// The name asked for.
    pub name: String,
    /// The names there are.
    pub known: Vec<&'static str>,
}

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
    /// There is no read model of that name.
    #[error(transparent)]
    Unknown(#[from] UnknownReadModel),
    /// The head can't be known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Waits until every one of `read_models` reflects `position`.
pub(crate) async fn wait_for(
    read_models: &[Arc<dyn Projector>],
    position: Position,
    limit: Duration,
) -> Result<(), WaitError> {
    if reached(read_models) >= position {
        return Ok(());
    }
    let all = async {
        for read_model in read_models {
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
fn reached(read_models: &[Arc<dyn Projector>]) -> Position {
    let positions = read_models.iter().map(|read_model| *read_model.progress().borrow());
    positions.min().unwrap_or_default()
}
