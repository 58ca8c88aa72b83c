//! The final sweep: what was left alone all the time is looked at again, before anything harmful comes and behind that.

use std::future::Future;

use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

/// Who is left alone, and when it is looked at again.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    at: watch::Sender<At>,
    tasks: Mutex<JoinSet<()>>,
}

/// How far a sweep has got.
#[derive(Clone, Copy, Debug, Default)]
struct At {
    /// Those that are left alone.
    left: usize,
    /// How often they were to be looked at.
    looks: u64,
    /// How many have not been since.
    open: usize,
    /// Whether there are no more looks.
    over: bool,
}

impl Sweep {
    /// Begins to leave something alone; what it does goes on beside all else.
    pub(super) async fn begin(&self, kept: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().await.spawn(kept);
    }

    /// Whether something was begun.
    pub(super) async fn has_begun(&self) -> bool {
        !self.tasks.lock().await.is_empty()
    }

    /// One that is left alone from now on.
    pub(super) fn leave(&self) -> Left<'_> {
        self.at.send_modify(|at| at.left += 1);
        Left { sweep: self, looks: self.at.borrow().looks, owes: false }
    }

    /// Lets all be looked at, and waits until they have been.
    pub(super) async fn look(&self) {
        self.at.send_modify(|at| (at.looks, at.open) = (at.looks + 1, at.left));
        self.until(|at| at.open == 0).await;
    }

    /// There are no more looks: waits until all of it is over; not where somebody stopped it.
    pub(super) async fn end(&self, stopped: bool) {
        self.at.send_modify(|at| at.over = true);
        let mut tasks = self.tasks.lock().await;
        if stopped {
            tasks.abort_all();
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn until(&self, is_so: impl FnMut(&At) -> bool) {
        // Who sends is this one, and is there.
        let _ = self.at.subscribe().wait_for(is_so).await;
    }
}

/// Something that is left alone.
#[derive(Debug)]
pub(super) struct Left<'s> {
    sweep: &'s Sweep,
    looks: u64,
    owes: bool,
}

impl Left<'_> {
    /// Waits until it is to be looked at once more. `false` where it is not.
    pub(super) async fn again(&mut self) -> bool {
        self.pay();
        let looks = self.looks;
        self.sweep.until(|at| at.over || at.looks > looks).await;
        let at = *self.sweep.at.borrow();
        self.owes = at.looks > looks;
        self.looks = at.looks;
        self.owes
    }

    fn pay(&mut self) {
        if std::mem::take(&mut self.owes) {
            self.sweep.at.send_modify(|at| at.open = at.open.saturating_sub(1));
        }
    }
}

impl Drop for Left<'_> {
    /// Whatever ends it, nobody waits for it.
    fn drop(&mut self) {
        let looks = self.looks;
        self.owes |= self.sweep.at.borrow().looks > looks;
        self.pay();
        self.sweep.at.send_modify(|at| at.left -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_look_waits_for_all_that_are_left_alone_and_for_nobody_else() {
        let (sweep, looked) = (Arc::new(Sweep::default()), Arc::new(AtomicUsize::new(0)));
        sweep.look().await;
        assert!(!sweep.has_begun().await);
        let (made, mut is_made) = tokio::sync::mpsc::channel(9);
        for patience in 1..=3 {
            let (kept, looked, made) = (sweep.clone(), looked.clone(), made.clone());
            let one = async move {
                let mut left = kept.leave();
                made.send(()).await.expect("somebody waits");
                for _ in 0..patience {
                    if !left.again().await {
                        break;
                    }
                    tokio::task::yield_now().await;
                    looked.fetch_add(1, Ordering::Relaxed);
                }
            };
            sweep.begin(one).await;
        }
        for _ in 0..3 {
            is_made.recv().await;
        }
        // One of them ends behind its first look.
        sweep.look().await;
        assert_eq!(looked.load(Ordering::Relaxed), 3);
        sweep.look().await;
        assert_eq!(looked.load(Ordering::Relaxed), 5);
        sweep.end(false).await;
        assert_eq!(looked.load(Ordering::Relaxed), 5, "there was no more look");
        sweep.look().await;
    }
}
