//! Where a defect of a store can wrap it.

use std::fmt::Debug;

use reference_impl::BoxFuture;
use reference_impl::store::StoreError;

use crate::plan::Plan;

/// What a store does on the way, where it could go wrong.
pub(crate) trait StorePoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say itself is
    /// what that says.
    fn inner(&self) -> Option<&dyn StorePoint> {
        None
    }

    /// What is written of a plan, in one transaction after the other. Correct: all of it in one.
    fn parts(&self, plan: Plan) -> Vec<Plan> {
        match self.inner() {
            Some(inner) => inner.parts(plan),
            None => vec![plan],
        }
    }

    /// Called between one transaction and the next, where there are several.
    fn between(&self) -> BoxFuture<'_, ()> {
        match self.inner() {
            Some(inner) => inner.between(),
            None => Box::pin(async {}),
        }
    }

    /// Settles a transaction, after which commands are answered. Correct: commits it.
    fn settle(
        &self,
        commit: BoxFuture<'static, Result<(), StoreError>>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        match self.inner() {
            Some(inner) => inner.settle(commit),
            None => commit,
        }
    }

    /// Whether the checkpoint of a read model is committed before the rows that it stands for. Correct: with them.
    fn checkpoint_first(&self) -> bool {
        self.inner().is_some_and(StorePoint::checkpoint_first)
    }

    /// Whether positions come from a sequence, whoever commits first. Correct: they are given out under a lock that is
    /// held until the commit.
    fn position_sequence(&self) -> bool {
        self.inner().is_some_and(StorePoint::position_sequence)
    }

    /// Whether triggers are called once a statement. Correct: once a row.
    fn trigger_per_statement(&self) -> bool {
        self.inner().is_some_and(StorePoint::trigger_per_statement)
    }

    /// What is done to schema and rows when the database is opened. Correct: nothing.
    fn opening(&self) -> Vec<&'static str> {
        self.inner().map(StorePoint::opening).unwrap_or_default()
    }
}

/// The correct behaviour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Correct;

impl StorePoint for Correct {}
