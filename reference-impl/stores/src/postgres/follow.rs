//! Hears of events that other processes append: by notification, and by looking every now and then.

use std::sync::{Arc, Weak};
use std::time::Duration;

use reference_impl::store::Position;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::watch;
use tokio::time::timeout;

use super::write::PostgresWriteSide;
use crate::store::{Database, announce};

/// The channel on which an append says how far the log goes, once it is committed.
pub(super) const CHANNEL: &str = "orders_head";

/// How long is waited for a notification. They are not kept for whoever isn't connected: after this long,
/// and after each time the connection was lost, is looked instead.
const PATIENCE: Duration = Duration::from_secs(1);

/// Follows the head until nobody wants to know.
pub(super) async fn follow(
    pool: PgPool,
    database: Weak<PostgresWriteSide>,
    heads: Weak<watch::Sender<Position>>,
) {
    let mut listener = None;
    loop {
        if listener.is_none() {
            listener = listen(&pool).await;
        }
        let Some(known) = look(&database, &heads).await else { return };
        if !known {
            listener = None;
        }
        let Some(listening) = &mut listener else {
            tokio::time::sleep(PATIENCE).await;
            continue;
        };
        // As long as notifications come, there is nothing to look for.
        while let Ok(notified) = timeout(PATIENCE, listening.try_recv()).await {
            let Ok(Some(notification)) = notified else {
                listener = None;
                break;
            };
            let Some(heads) = heads.upgrade() else { return };
            if let Ok(head) = notification.payload().parse() {
                announce(&heads, Position::new(head));
            }
        }
    }
}

async fn listen(pool: &PgPool) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(pool).await.ok()?;
    listener.listen(CHANNEL).await.ok()?;
    Some(listener)
}

/// Looks how far the log goes. Gives whether the database has answered; nothing once nobody wants to know.
async fn look(database: &Weak<PostgresWriteSide>, heads: &Weak<watch::Sender<Position>>) -> Option<bool> {
    let (database, heads): (Arc<_>, Arc<_>) = (database.upgrade()?, heads.upgrade()?);
    let head = database.head().await;
    Some(head.map(|head| announce(&heads, head)).is_ok())
}
