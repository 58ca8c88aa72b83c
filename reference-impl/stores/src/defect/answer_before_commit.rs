//! `answer-before-commit`: the answer is under way before the transaction is.
//!
//! The bug behind it: the commit is left to a task in the background, or to a driver that batches; or the disk is not
//! waited for. Whoever is told that a command was accepted may find it gone after a crash, or after a commit that fails.

use std::sync::Arc;

use reference_impl::BoxFuture;
use reference_impl::store::StoreError;

use super::away::round_trip;
use super::registry::Needs;
use super::{StoreDefect, StorePoint};

pub(super) const DEFECT: StoreDefect = StoreDefect {
    name: "answer-before-commit",
    summary: "a command is answered before its transaction is committed, and whatever becomes of it",
    breaks: &["FT-2"],
    needs: Needs::Nothing,
    install: |inner| Arc::new(AnswerBeforeCommit { inner }),
};

#[derive(Debug)]
struct AnswerBeforeCommit {
    inner: Arc<dyn StorePoint>,
}

impl StorePoint for AnswerBeforeCommit {
    fn inner(&self) -> Option<&dyn StorePoint> {
        Some(&*self.inner)
    }

    fn settle(
        &self,
        commit: BoxFuture<'static, Result<(), StoreError>>,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            round_trip().await;
            // Nobody is left who could be told.
            let _ = inner.settle(commit).await;
        });
        Box::pin(async { Ok(()) })
    }
}
