//! The future type that the ports speak.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A boxed future. A port is used as `dyn Port`, and a trait with `async fn` is not object-safe.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Waits for all of them at the same time; their outputs, in their order.
pub(crate) async fn join_all<T>(futures: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut running: Vec<_> = futures.into_iter().map(|future| (Some(future), None)).collect();
    poll_fn(|context| {
        let mut waiting = false;
        for (future, output) in &mut running {
            if let Some(polled) = future {
                match polled.as_mut().poll(context) {
                    Poll::Ready(value) => (*future, *output) = (None, Some(value)),
                    Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn outputs_come_in_the_order_of_the_futures() {
        let (send, receive) = tokio::sync::oneshot::channel();
        let late: BoxFuture<'_, u8> = Box::pin(async { receive.await.unwrap_or(0) });
        let early: BoxFuture<'_, u8> = Box::pin(async move { send.send(1).map_or(0, |()| 2) });
        assert_eq!(join_all(vec![late, early]).await, [1, 2]);
        assert!(join_all(Vec::<BoxFuture<'_, u8>>::new()).await.is_empty());
    }
}
