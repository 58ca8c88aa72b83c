//! The future type that the ports speak.

use std::future::Future;
use std::pin::Pin;

/// A boxed future. A port is used as `dyn Port`, and a trait with `async fn` is not object-safe.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
