//! The end of the log in memory: what was appended last is what is read next, by every read model.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use reference_impl::store::{Position, RecordedEvent};

/// How many events are kept in memory.
const LENGTH: usize = 4096;

/// The last events of the log, without a gap. Events never change, so what is here is as good as what is
/// in the database.
#[derive(Debug, Default)]
pub(crate) struct Tail(RwLock<VecDeque<Arc<RecordedEvent>>>);

impl Tail {
    /// Takes in what was committed. If another process has appended in between, what came before is let go.
    pub(crate) fn extend(&self, events: Vec<Arc<RecordedEvent>>) {
        let Some(first) = events.first() else { return };
        let mut tail = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if tail.back().is_some_and(|last| last.position.next() != first.position) {
            tail.clear();
        }
        tail.extend(events);
        let surplus = tail.len().saturating_sub(LENGTH);
        tail.drain(..surplus);
    }

    /// At most `limit` events after `after`, if the first of them is here.
    pub(crate) fn after(&self, after: Position, limit: usize) -> Option<Vec<Arc<RecordedEvent>>> {
        let tail = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let first = tail.front()?.position;
        let skipped = usize::try_from(after.next().get().checked_sub(first.get())?).ok()?;
        // Nothing here after that: there may be something in the database.
        (skipped < tail.len()).then(|| tail.iter().skip(skipped).take(limit).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use reference_impl::clock::Timestamp;
    use reference_impl::domain::{OrderEvent, OrderId};
    use reference_impl::store::{EventMetadata, Version};
    use uuid::Uuid;

    use super::*;

    fn events(positions: std::ops::RangeInclusive<u64>) -> Vec<Arc<RecordedEvent>> {
        let event = |position| {
            Arc::new(RecordedEvent {
                position: Position::new(position),
                order: OrderId::new(Uuid::nil()),
                version: Version::new(position),
                event: OrderEvent::OrderConfirmed {},
                metadata: EventMetadata {
                    event_id: Uuid::nil().into(),
                    time: Timestamp::default(),
                    command_id: Uuid::nil().into(),
                    causation: None,
                    actor: None,
                },
            })
        };
        positions.map(event).collect()
    }

    fn found(tail: &Tail, after: u64, limit: usize) -> Option<Vec<u64>> {
        let found = tail.after(Position::new(after), limit)?;
        Some(found.iter().map(|event| event.position.get()).collect())
    }

    #[test]
    fn only_what_is_here_is_given() {
        let tail = Tail::default();
        assert_eq!(found(&tail, 0, 10), None);
        tail.extend(events(3..=5));
        tail.extend(events(6..=7));
        assert_eq!(found(&tail, 2, 2), Some(vec![3, 4]));
        assert_eq!(found(&tail, 5, 10), Some(vec![6, 7]));
        assert_eq!((found(&tail, 1, 10), found(&tail, 7, 10)), (None, None));
        tail.extend(events(9..=9));
        assert_eq!((found(&tail, 6, 10), found(&tail, 8, 10)), (None, Some(vec![9])), "8 is not known here");
    }

    #[test]
    fn it_does_not_grow() {
        let tail = Tail::default();
        for first in 0..100 {
            tail.extend(events(first * 100 + 1..=first * 100 + 100));
        }
        assert_eq!(found(&tail, 10_000 - 4096, 1), Some(vec![10_001 - 4096]));
        assert_eq!(found(&tail, 9_999 - 4096, 1), None);
    }
}
