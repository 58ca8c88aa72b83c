//! Strong: the writer itself projects what it has recorded, before it returns.

use super::{ReadModels, Synchroniser};
use crate::BoxFuture;
use crate::projection::ProjectionError;
use crate::store::Position;

#[derive(Debug)]
pub(crate) struct Strong {
    read_models: ReadModels,
}

impl Strong {
    pub(crate) fn new(read_models: ReadModels) -> Self {
        Self { read_models }
    }
}

impl Synchroniser for Strong {
    fn recorded(&self, position: Position) -> BoxFuture<'_, Result<(), ProjectionError>> {
        Box::pin(async move {
            let mut outcome = Ok(());
            // One read model in trouble doesn't keep the others from going on.
            for read_model in self.read_models.iter() {
                outcome = outcome.and(read_model.catch_up(position).await);
            }
            outcome
        })
    }
}
