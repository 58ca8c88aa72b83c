use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::adapter::BoxFuture;

/// Where all time of a run comes from.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Since the run began. Never falls.
    fn now(&self) -> Duration;

    /// Completes once [`now`](Self::now) has reached `at`.
    fn until(&self, at: Duration) -> BoxFuture<'static, ()>;
}

/// How long one operation on a target may take at most, whatever its adapter's own limits are.
pub(crate) const OPERATION: Duration = Duration::from_secs(30);

/// What `operation` brings; `None` if it takes longer than `limit`.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    limit: Duration,
    operation: impl Future<Output = T>,
) -> Option<T> {
    let (mut operation, deadline) = (pin!(operation), clock.now().saturating_add(limit));
    // What answers at once, as most systems in this very process do, needs no timer.
    if let Poll::Ready(brought) = poll_fn(|context| Poll::Ready(operation.as_mut().poll(context))).await {
        return Some(brought);
    }
    tokio::select! {
        biased;
        brought = operation => Some(brought),
        () = clock.until(deadline) => None,
    }
}

/// Tokio's time: the machine's own, or the one that a paused runtime advances by itself.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    began: tokio::time::Instant,
}

impl TokioClock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self { began: tokio::time::Instant::now() }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn until(&self, at: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep_until(self.began + at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock that counts how often it is to wake somebody, and does so at once.
    #[derive(Default, Debug)]
    struct Woken(std::sync::atomic::AtomicU32);

    impl Clock for Woken {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        fn until(&self, _: Duration) -> BoxFuture<'static, ()> {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Box::pin(std::future::ready(()))
        }
    }

    #[tokio::test]
    async fn only_what_has_to_be_waited_for_has_a_timer() {
        let clock = Woken::default();
        let timers = || clock.0.load(std::sync::atomic::Ordering::Relaxed);
        assert_eq!(within(&clock, OPERATION, std::future::ready(7)).await, Some(7));
        assert_eq!(timers(), 0);
        assert_eq!(within(&clock, OPERATION, std::future::pending::<u8>()).await, None);
        assert_eq!(timers(), 1);
    }
}
