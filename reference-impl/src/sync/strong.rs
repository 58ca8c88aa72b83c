//! Strong: the writer itself projects what it has recorded, before it returns.

use tokio::sync::watch;

use super::{Eventual, ReadModels, Synchroniser};
use crate::BoxFuture;
use crate::future::join_all;
use crate::projection::ProjectionError;
use crate::store::Position;

#[derive(Debug)]
pub(crate) struct Strong {
    read_models: ReadModels,
    heads: Option<watch::Receiver<Position>>,
    /// Follows what others record, whose commands don't come by here.
    _follower: Option<Eventual>,
}

impl Strong {
    /// Projects what its own writer has recorded.
    pub(crate) fn new(read_models: ReadModels) -> Self {
        Self { read_models, heads: None, _follower: None }
    }

    /// Projects whatever `heads` says is there: where each turn is a transaction, whoever has it takes
    /// along what others have recorded meanwhile, and they find it done.
    pub(crate) fn grouped(
        read_models: ReadModels,
        heads: watch::Receiver<Position>,
        follower: Eventual,
    ) -> Self {
        Self { read_models, heads: Some(heads), _follower: Some(follower) }
    }
}

impl Synchroniser for Strong {
    fn recorded(&self, position: Position) -> BoxFuture<'_, Result<(), ProjectionError>> {
        Box::pin(async move {
            let upto = self.heads.as_ref().map_or(position, |heads| position.max(*heads.borrow()));
            // One read model in trouble doesn't keep the others from going on.
            if self.heads.is_some() {
                // Nor does one that waits for a database.
                let all = self.read_models.iter().map(|read_model| read_model.catch_up(upto));
                return join_all(all.collect()).await.into_iter().collect();
            }
            let mut outcome = Ok(());
            for read_model in self.read_models.iter() {
                outcome = outcome.and(read_model.catch_up(upto).await);
            }
            outcome
        })
    }
}
