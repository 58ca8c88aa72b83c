//! How much this machine keeps from us: a service must not be blamed for what we were too busy to see.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::run::Clock;

/// Between two beats.
const PERIOD: Duration = Duration::from_millis(5);
/// How late a beat comes on a machine that has nothing else to do, at most.
const USUAL: Duration = Duration::from_millis(3);

/// Beats regularly, and keeps count of how much too late it was: so long nobody else was let run either, and that is the
/// service, too, where it shares the machine.
#[derive(Debug)]
pub(crate) struct Pulse {
    late_ns: Arc<AtomicU64>,
    clock: Arc<dyn Clock>,
    beating: JoinHandle<()>,
}

impl Pulse {
    /// Begins to beat. Must be called within a Tokio runtime.
    pub(crate) fn start(clock: &Arc<dyn Clock>) -> Self {
        let late_ns = Arc::new(AtomicU64::new(0));
        let (sum, own) = (late_ns.clone(), clock.clone());
        let beating = tokio::spawn(async move {
            loop {
                let due = own.now() + PERIOD;
                own.until(due).await;
                let late = own.now().saturating_sub(due);
                if late > USUAL {
                    sum.fetch_add(u64::try_from(late.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
                }
            }
        });
        Self { late_ns, clock: clock.clone(), beating }
    }

    /// How much it was late since it began, all in all.
    pub(crate) fn late(&self) -> Duration {
        Duration::from_nanos(self.late_ns.load(Ordering::Relaxed))
    }

    /// The same, once the beat that is due has come.
    pub(crate) async fn late_by_now(&self) -> Duration {
        self.clock.until(self.clock.now() + PERIOD * 2).await;
        self.late()
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.beating.abort();
    }
}
