//! Which connection a request came over.

tokio::task_local! {
    static CURRENT: Connection;
}

/// A connection, by its number. [`Server`](super::Server) puts it among the extensions of each request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Connection(pub u64);

impl Connection {
    /// That of the request that is being answered, where it is known.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(|current| *current).ok()
    }

    /// Does what answers a request that came over this one.
    pub(super) async fn answering<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }
}
