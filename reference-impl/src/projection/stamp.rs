//! What a projection makes of a few events that never change: so that one that was changed is
//! noticed, even where its version was forgotten.

use std::sync::Arc;

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Projection, ProjectionStamp};
use crate::clock::Timestamp;
use crate::domain::{Item, OffsetDateTime, OrderEvent, OrderId};
use crate::store::{EventMetadata, Position, RecordedEvent, StoreError, Version};

/// The stamp of a projection as it is now. It can't see a change that makes no difference to the
/// sample: the sample has each kind of event, lines of one product and of several, an order that
/// was never opened, and totals with and without trailing zeros.
pub(super) async fn stamp<P: Projection>() -> Result<ProjectionStamp, StoreError> {
    let projection = P::sample();
    let mut digest = Fnv::new();
    let mut rows: Vec<(OrderId, Arc<P::Row>)> = Vec::new();
    for event in sample() {
        let at = rows.iter().position(|(order, _)| *order == event.order);
        let before = at.map(|at| Arc::clone(&rows[at].1));
        let Some(row) = projection.project(before.as_deref(), &event).await? else {
            digest.add(b"-");
            continue;
        };
        let text = serde_json::to_vec(&row)
            .map_err(|error| StoreError::Corrupt { reason: format!("a row can't be written: {error}") })?;
        digest.add(&text);
        match at {
            Some(at) => rows[at].1 = Arc::new(row),
            None => rows.push((event.order, Arc::new(row))),
        }
    }
    Ok(ProjectionStamp { version: P::VERSION, digest: digest.0 })
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv): the same on every machine and for ever.
struct Fnv(u64);

impl Fnv {
    const fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

/// Events of a few orders. Never changed: a new kind of event is added at the end, and raises the version of every projection.
fn sample() -> Vec<RecordedEvent> {
    let item = |product: &str, quantity, price| Item::new(product, quantity, price);
    let created = |customer: &str, items| OrderEvent::OrderCreated { customer: customer.into(), items };
    let added =
        |product: &str, quantity, price| OrderEvent::ItemAdded { product: product.into(), quantity, price };
    let cents = |cents| Decimal::new(cents, 2);
    let deliver_at = OffsetDateTime::new(Timestamp::from_unix_millis(1_772_355_907_013), 120);
    let steps = [
        (1, created("ada", vec![item("p-1", 2, cents(2999)), item("p-2", 1, cents(10))])),
        (2, created("grace", vec![item("p-1", 1, Decimal::new(12_345_678_901_234_567, 4))])),
        (1, added("p-1", 3, cents(500))),
        (3, OrderEvent::OrderConfirmed {}),
        (1, OrderEvent::ItemRemoved { product: "p-2".into() }),
        (2, added("p-3", 10, Decimal::new(1, 3))),
        (1, OrderEvent::ItemRemoved { product: "p-1".into() }),
        (1, added("p-4", 4, cents(250))),
        (1, OrderEvent::OrderConfirmed {}),
        (2, OrderEvent::OrderCancelled { reason: "changed my mind".to_owned() }),
        (4, created("grace", vec![item("p-1", 1, cents(100))])),
        (4, OrderEvent::DeliveryRequested { deliver_at }),
    ];
    let mut versions = [0_u64; 5];
    let mut record = |(position, (number, event)): (u64, (u8, OrderEvent))| {
        let version = &mut versions[usize::from(number)];
        *version += 1;
        RecordedEvent {
            position: Position::new(position),
            order: OrderId::new(Uuid::from_u128(number.into())),
            version: Version::new(*version),
            event,
            metadata: EventMetadata {
                event_id: Uuid::from_u128(100 + u128::from(position)).into(),
                time: Timestamp::from_unix_millis(
                    1_700_000_000_000 + 1000 * i64::try_from(position).unwrap_or(0),
                ),
                command_id: Uuid::from_u128(200 + u128::from(position)).into(),
                causation: None,
                actor: None,
            },
        }
    };
    (1..).zip(steps).map(&mut record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::{CustomerOrders, OrderSummaries};

    /// A projection that makes other rows than before must have another version: raise `VERSION`,
    /// and put the new stamp here. Databases then build the read model anew.
    #[tokio::test]
    async fn a_projection_that_changes_has_a_new_version() {
        let stamps = [stamp::<OrderSummaries>().await, stamp::<CustomerOrders>().await];
        let stamps = stamps.map(|stamp| stamp.expect("a stamp")).map(|stamp| (stamp.version, stamp.digest));
        assert_eq!(stamps, [(2, 408_865_819_613_177_155), (2, 16_317_309_467_576_599_080)]);
    }

    #[tokio::test]
    async fn the_sample_has_every_kind_of_event() {
        let names: std::collections::BTreeSet<_> = sample().iter().map(|event| event.event.name()).collect();
        assert_eq!(names.len(), 6, "a new kind of event belongs into the sample: {names:?}");
    }
}
