//! How much this machine keeps from us: a service must not be blamed for what we were too busy to see.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::{Clock, Recorder};
use crate::history::{HELD_AT, HeldUp};

/// Between two beats.
const PERIOD: Duration = Duration::from_millis(5);
/// How late a beat comes on a machine that has nothing else to do, at most.
const USUAL: Duration = Duration::from_millis(3);

/// Beats regularly, and keeps count of how much too late it was: so long nobody else was let run either, and that is the
/// service, too, where it shares the machine.
#[derive(Debug)]
pub(crate) struct Pulse {
    late_ns: Arc<AtomicU64>,
    held: Arc<Mutex<Vec<HeldUp>>>,
    clock: Arc<dyn Clock>,
    /// Nothing where nobody beats.
    beating: Option<JoinHandle<()>>,
}

impl Pulse {
    /// Begins to beat. Must be called within a Tokio runtime.
    pub(crate) fn start(clock: &Arc<dyn Clock>, recorder: &Arc<Recorder>) -> Self {
        let late_ns = Arc::new(AtomicU64::new(0));
        let held = Arc::new(Mutex::new(Vec::new()));
        let (sum, all, own, recorder) = (late_ns.clone(), held.clone(), clock.clone(), recorder.clone());
        let beating = tokio::spawn(async move {
            loop {
                let due = own.now() + PERIOD;
                own.until(due).await;
                let now = own.now();
                let late = now.saturating_sub(due);
                if late > USUAL {
                    recorder.held(due, now);
                    kept(&all).push((due, now));
                    sum.fetch_add(u64::try_from(late.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
                }
            }
        });
        Self { late_ns, held, clock: clock.clone(), beating: Some(beating) }
    }

    /// One that never beats, and so was never late: for those who look at each gap themselves.
    pub(crate) fn still(clock: &Arc<dyn Clock>) -> Self {
        Self { late_ns: Arc::default(), held: Arc::default(), clock: clock.clone(), beating: None }
    }

    /// How much later something may have come since it began because this machine was held up, all in all.
    pub(crate) fn late(&self) -> Duration {
        Duration::from_nanos(self.late_ns.load(Ordering::Relaxed)) * HELD_AT
    }

    /// When it was held up, from `from` on.
    pub(crate) fn held_since(&self, from: Duration) -> Vec<HeldUp> {
        let all = kept(&self.held);
        let first = all.partition_point(|(_, to)| *to < from);
        all[first..].to_vec()
    }

    /// The same, once the beat that is due has come.
    pub(crate) async fn late_by_now(&self) -> Duration {
        self.clock.until(self.clock.now() + PERIOD * 2).await;
        self.late()
    }
}

fn kept(held: &Mutex<Vec<HeldUp>>) -> MutexGuard<'_, Vec<HeldUp>> {
    // Nothing that is done under the lock leaves it half done.
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Pulse {
    fn drop(&mut self) {
        if let Some(beating) = &self.beating {
            beating.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::BoxFuture;

    /// A machine on which everything comes so much too late.
    #[derive(Debug)]
    struct Busy(Duration, AtomicU64);

    impl Clock for Busy {
        fn now(&self) -> Duration {
            Duration::from_nanos(self.1.load(Ordering::SeqCst))
        }

        fn until(&self, at: Duration) -> BoxFuture<'static, ()> {
            let then = u64::try_from((at + self.0).as_nanos()).unwrap_or(u64::MAX);
            self.1.fetch_max(then, Ordering::SeqCst);
            Box::pin(tokio::task::yield_now())
        }
    }

    async fn late_behind_ten_beats(by: Duration) -> Duration {
        let clock: Arc<dyn Clock> = Arc::new(Busy(by, AtomicU64::new(0)));
        let pulse = Pulse::start(&clock, &Arc::new(Recorder::unwritten(clock.clone())));
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        pulse.late()
    }

    #[tokio::test]
    async fn what_comes_too_late_is_counted() {
        assert_eq!(late_behind_ten_beats(Duration::ZERO).await, Duration::ZERO);
        assert_eq!(late_behind_ten_beats(USUAL).await, Duration::ZERO, "every machine is as late as that");
        let busy = Duration::from_millis(40);
        let late = late_behind_ten_beats(busy).await;
        assert!(late >= busy * 5 * HELD_AT && late.as_nanos() % busy.as_nanos() == 0, "{late:?}");
    }
}
