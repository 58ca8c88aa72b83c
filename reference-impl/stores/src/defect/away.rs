//! How far away a database is.

use std::time::Duration;

/// The way to a database and back: the least that lies between one transaction and the next.
const ROUND_TRIP: Duration = Duration::from_millis(1);

/// Goes there and back.
pub(super) async fn round_trip() {
    tokio::time::sleep(ROUND_TRIP).await;
}
