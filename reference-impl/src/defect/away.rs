//! How far away things are in a system that is not all in memory.

use std::time::Duration;

/// The way to a database and back. What races can only be seen racing where it takes time.
const ROUND_TRIP: Duration = Duration::from_millis(1);

/// Goes there and back.
pub(super) async fn round_trip() {
    tokio::time::sleep(ROUND_TRIP).await;
}
