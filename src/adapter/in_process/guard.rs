use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::Duration;

use crate::protocol::{Doubt, Unknown};

/// What `work` brings; a doubt where it panics or takes longer than `deadline`. What else it held on to is dropped.
pub(super) async fn guarded<T>(deadline: Duration, work: impl Future<Output = T>) -> Result<T, Unknown> {
    let mut work = pin!(work);
    let caught = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => std::task::Poll::Ready(Err(told(&*panic))),
    });
    match tokio::time::timeout(deadline, caught).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(said)) => Err(doubt(Doubt::ServerError, format!("the system panicked: {said}"))),
        Err(_) => Err(doubt(Doubt::Timeout, format!("no answer within {deadline:?}"))),
    }
}

fn doubt(doubt: Doubt, detail: String) -> Unknown {
    Unknown { doubt, status: None, detail }
}

pub(super) fn told(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".to_owned())
}
