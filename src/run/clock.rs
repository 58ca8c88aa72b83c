use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::target::BoxFuture;

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
pub(super) async fn within<T>(
    clock: &dyn Clock,
    limit: Duration,
    operation: impl Future<Output = T>,
) -> Option<T> {
    let mut operation = pin!(operation);
    // What answers at once, as most systems in this very process do, needs no timer; to make one costs more than a command.
    if let Poll::Ready(brought) = poll_fn(|context| Poll::Ready(operation.as_mut().poll(context))).await {
        return Some(brought);
    }
    let deadline = clock.until(clock.now().saturating_add(limit));
    tokio::select! {
        biased;
        brought = operation => Some(brought),
        () = deadline => None,
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
