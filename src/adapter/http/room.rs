//! How much of what services answer is held at once. Limits bound one answer, but many are read at the same time: of long ones, only
//! so many are as have room, and the others wait, as for a service that is busy. It is one room for the whole process, as memory is.

use tokio::sync::{Semaphore, SemaphorePermit};

/// An answer of up to so many bytes needs no room.
const FREE_BYTES: usize = 256 << 10;

/// An answer that came to fewer bytes needs none any more once it is read.
const LONG_BYTES: usize = 1 << 20;

/// So many KiB of long answers are held at once.
const KIB: u32 = 16 << 10;

/// A read of several pages needs no room as long as it has no more values.
const FREE_VALUES: usize = 10_000;

/// So many values of long reads are held at once.
const VALUES: u32 = 200_000;

static BYTES_ROOM: Semaphore = Semaphore::const_new(KIB as usize);
static VALUES_ROOM: Semaphore = Semaphore::const_new(VALUES as usize);

/// Room for one long answer, or for one long read, as long as it is held.
#[derive(Debug, Default)]
pub(super) struct Room(Option<SemaphorePermit<'static>>);

impl Room {
    /// Waits for room for an answer of which so many bytes are there, and that may come to `most`; once for each answer.
    pub(super) async fn has_bytes(&mut self, length: usize, most: usize) {
        if self.0.is_none() && length > FREE_BYTES {
            self.0 = taken(&BYTES_ROOM, most.div_ceil(1024), KIB).await;
        }
    }

    /// Gives back what an answer of so many bytes in all doesn't need.
    pub(super) fn came_to(&mut self, length: usize) {
        let Some(mut room) = self.0.take() else { return };
        if length >= LONG_BYTES {
            let more = room.num_permits().saturating_sub(length.div_ceil(1024));
            drop(room.split(more));
            self.0 = Some(room);
        }
    }

    /// Waits for room for a read that has so many values so far, and may come to `most`; once for each read.
    ///
    /// Whoever holds this room waits for that of a single answer, never the other way round.
    pub(super) async fn has_values(&mut self, count: usize, most: usize) {
        if self.0.is_none() && count > FREE_VALUES {
            self.0 = taken(&VALUES_ROOM, most, VALUES).await;
        }
    }
}

/// What needs more than there is gets all of it. Nobody closes a room.
async fn taken(room: &'static Semaphore, most: usize, all: u32) -> Option<SemaphorePermit<'static>> {
    room.acquire_many(u32::try_from(most).unwrap_or(all).min(all)).await.ok()
}
