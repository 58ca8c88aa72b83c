//! Generations of rows in any database: a column in the tables of rows says which each row belongs to.
//!
//! A generation that was replaced answers nothing any more, and its readers, in whatever process, ask its successor. It
//! is cleared away once nobody in this process has it in hand.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use reference_impl::BoxFuture;
use reference_impl::projection::{Fold, Generation, GenerationId, Generations, ProjectionStamp};
use reference_impl::store::StoreError;

use crate::engine::{Engine as _, InTransaction as _};
use crate::error::corrupt;
use crate::inline::bring;
use crate::rows::RowTable;
use crate::wire::unsigned;

/// How many rows are deleted in one transaction, so that no writer waits for long.
pub(crate) const SWEEP: i64 = 5000;
/// How long readers of a replaced generation have before it is looked whether they are done.
const SWEEP_PAUSE: Duration = Duration::from_millis(50);

/// The table of generations in one database, in so far as it is about one read model.
pub(crate) trait GenerationTable: Send + Sync + 'static {
    /// The table of their rows.
    type Rows: RowTable;

    /// The table of their rows.
    fn rows(&self) -> &Self::Rows;

    /// The read model's name.
    fn read_model(&self) -> &'static str;

    /// The generation that answers queries.
    fn current(
        &self,
    ) -> impl Future<Output = Result<Option<(GenerationId, ProjectionStamp)>, StoreError>> + Send;

    /// Those that don't.
    fn others(&self) -> impl Future<Output = Result<Vec<GenerationId>, StoreError>> + Send;

    /// A new one.
    fn insert(&self, stamp: ProjectionStamp)
    -> impl Future<Output = Result<GenerationId, StoreError>> + Send;

    /// Deletes it and its rows. From the first step on it answers nothing: half of its rows would be a
    /// wrong answer.
    fn delete(&self, generation: GenerationId) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Has a generation answer in one transaction, in which nobody else appends: what the one before has taken in
/// meanwhile is brought along. False if it is not there.
async fn make_current<G: GenerationTable>(
    table: &G,
    generation: GenerationId,
    last: &dyn Fold<<G::Rows as RowTable>::Row>,
) -> Result<bool, StoreError> {
    let (rows, read_model) = (table.rows(), table.read_model());
    let engine = rows.engine();
    let mut hold = engine.hold().await?;
    let Some(new) = engine.generation(&mut hold, generation).await? else {
        hold.rollback().await?;
        return Ok(false);
    };
    if let Some(old) = engine.current(&mut hold, read_model).await? {
        bring(rows, &mut hold, new, old.checkpoint, &[], last).await?;
    }
    engine.switch(&mut hold, read_model, generation).await?;
    hold.commit().await?;
    Ok(true)
}

/// The stamp that columns hold.
pub(crate) fn stamp(
    id: i64,
    version: i64,
    digest: &str,
) -> Result<(GenerationId, ProjectionStamp), StoreError> {
    let stamp = ProjectionStamp {
        version: u32::try_from(version).map_err(corrupt)?,
        digest: u64::from_str_radix(digest, 16).map_err(corrupt)?,
    };
    Ok((GenerationId(unsigned(id)?), stamp))
}

/// A stamp's digest as a column holds it.
pub(crate) fn digest_column(stamp: ProjectionStamp) -> String {
    format!("{:016x}", stamp.digest)
}

/// The generations of one read model.
pub(crate) struct DatabaseGenerations<T, R: ?Sized> {
    repository: Box<dyn Fn(GenerationId) -> Arc<R> + Send + Sync>,
    sweeper: Arc<Sweeper<T, R>>,
}

/// Clears away what nobody needs.
struct Sweeper<T, R: ?Sized> {
    table: T,
    /// What this process has handed out.
    held: Mutex<Vec<(GenerationId, Weak<R>)>>,
}

impl<T, R: ?Sized> fmt::Debug for DatabaseGenerations<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseGenerations").finish_non_exhaustive()
    }
}

impl<T: GenerationTable, R: ?Sized + Send + Sync + 'static> DatabaseGenerations<T, R> {
    /// The generations that `table` has; `repository` gives access to the rows of one.
    pub(crate) fn new(table: T, repository: impl Fn(GenerationId) -> Arc<R> + Send + Sync + 'static) -> Self {
        let sweeper = Arc::new(Sweeper { table, held: Mutex::default() });
        Self { repository: Box::new(repository), sweeper }
    }

    fn hand_out(&self, id: GenerationId, stamp: ProjectionStamp) -> Generation<R> {
        let rows = (self.repository)(id);
        self.sweeper.hold(id, &rows);
        Generation { id, rows, stamp }
    }
}

impl<T: GenerationTable, R: ?Sized + Send + Sync + 'static> Sweeper<T, R> {
    fn hold(&self, id: GenerationId, rows: &Arc<R>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push((id, Arc::downgrade(rows)));
    }

    fn is_held(&self, id: GenerationId) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(_, rows)| rows.strong_count() > 0);
        held.iter().any(|(other, _)| *other == id)
    }

    /// Deletes the generations up to `last` that don't answer and that nobody here reads. Gives how many
    /// are left to be deleted later.
    async fn sweep(&self, last: GenerationId) -> Result<usize, StoreError> {
        let mut left = 0;
        for id in self.table.others().await?.into_iter().filter(|id| id.0 <= last.0) {
            if self.is_held(id) {
                left += 1;
            } else {
                self.table.delete(id).await?;
            }
        }
        Ok(left)
    }
}

/// Sweeps until nothing before `current` is left, or nobody needs these generations any more. What comes
/// after it may just have been begun.
async fn sweep_in_background<T: GenerationTable, R: ?Sized + Send + Sync + 'static>(
    sweeper: Weak<Sweeper<T, R>>,
    current: GenerationId,
) {
    loop {
        tokio::time::sleep(SWEEP_PAUSE).await;
        let Some(sweeper) = sweeper.upgrade() else { return };
        // What fails now is left to the next time.
        if sweeper.sweep(current).await.is_ok_and(|left| left == 0) {
            return;
        }
    }
}

impl<T, R> Generations<<T::Rows as RowTable>::Row, R> for DatabaseGenerations<T, R>
where
    T: GenerationTable,
    R: ?Sized + Send + Sync + 'static,
{
    fn current(&self) -> BoxFuture<'_, Result<Option<Generation<R>>, StoreError>> {
        Box::pin(async move {
            let current = self.sweeper.table.current().await?;
            Ok(current.map(|(id, stamp)| self.hand_out(id, stamp)))
        })
    }

    fn begin(&self, stamp: ProjectionStamp) -> BoxFuture<'_, Result<Generation<R>, StoreError>> {
        Box::pin(async move {
            self.sweeper.sweep(GenerationId(u64::MAX)).await?;
            Ok(self.hand_out(self.sweeper.table.insert(stamp).await?, stamp))
        })
    }

    fn swap_in<'a>(
        &'a self,
        generation: GenerationId,
        last: &'a dyn Fold<<T::Rows as RowTable>::Row>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if !make_current(&self.sweeper.table, generation, last).await? {
                let reason = format!("generation {} was cleared away", generation.0);
                return Err(StoreError::Unavailable { reason });
            }
            tokio::spawn(sweep_in_background(Arc::downgrade(&self.sweeper), generation));
            Ok(())
        })
    }
}
