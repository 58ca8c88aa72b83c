//! Orders as rows: what the state-based write model keeps of them, and what a batch of appends changes. Pure.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use reference_impl::clock::Timestamp;
use reference_impl::domain::{CustomerId, Item, Order, OrderId, OrderStatus};
use reference_impl::store::{Position, RecordedEvent, Version};

/// An order as `orders` and `order_items` have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrderState {
    pub(crate) order: Order,
    pub(crate) version: Version,
    /// When it was opened.
    pub(crate) created_at: Timestamp,
    /// The position of the first message about it.
    pub(crate) opened: Position,
    /// The position of the last one.
    pub(crate) position: Position,
}

impl OrderState {
    fn before(event: &RecordedEvent) -> Self {
        Self {
            order: Order::new(event.order),
            version: Version::START,
            created_at: event.metadata.time,
            opened: event.position,
            position: Position::START,
        }
    }

    fn take_in(&mut self, event: &RecordedEvent) {
        self.order.evolve(&event.event);
        self.version = event.version;
        self.position = event.position;
    }
}

/// A line of an order: its number, from 1, and what is in it.
pub(crate) type Line = (OrderId, i64, Item);

/// What is to be written to `orders` and `order_items`.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The orders that have changed, as they are then.
    pub(crate) orders: Vec<OrderState>,
    /// The lines that are new, or other than before.
    pub(crate) lines: Vec<Line>,
    /// Orders that have fewer lines than before: how many are left.
    pub(crate) shorter: Vec<(OrderId, i64)>,
}

impl Changes {
    /// What `events`, in their order, make of the orders that they are about.
    pub(crate) fn of(before: &HashMap<OrderId, OrderState>, events: &[Arc<RecordedEvent>]) -> Self {
        let mut after: HashMap<OrderId, OrderState> = HashMap::new();
        for event in events {
            let state = match after.entry(event.order) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let known = before.get(&event.order).cloned();
                    entry.insert(known.unwrap_or_else(|| OrderState::before(event)))
                }
            };
            state.take_in(event);
        }
        let mut changes = Self { orders: after.into_values().collect(), ..Self::default() };
        // Always in one order, so that processes that write at the same time wait for each other in one order, too.
        changes.orders.sort_unstable_by_key(|state| state.order.id());
        for state in &changes.orders {
            let id = state.order.id();
            let old = before.get(&id).map_or(&[][..], |before| before.order.items());
            let new = state.order.items();
            let differs =
                |(index, item): &(usize, &Item)| !old.get(*index).is_some_and(|old| same(old, item));
            let lines = new.iter().enumerate().filter(differs);
            changes.lines.extend(lines.map(|(index, item)| (id, number(index + 1), item.clone())));
            if new.len() < old.len() {
                changes.shorter.push((id, number(new.len())));
            }
        }
        changes
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Whether they are the same line, written the same way: 2.5 is not 2.50.
fn same(left: &Item, right: &Item) -> bool {
    left == right && left.price.scale() == right.price.scale()
}

/// Orders out of rows, one a line; those of an order come line by line.
#[derive(Debug, Default)]
pub(crate) struct Gathered(HashMap<OrderId, (Head, Vec<Item>)>);

/// The columns of `orders`, read.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) order: OrderId,
    pub(crate) version: Version,
    pub(crate) customer: CustomerId,
    pub(crate) status: OrderStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) deliver_at: Option<Timestamp>,
    pub(crate) opened: Position,
    pub(crate) position: Position,
}

impl Gathered {
    /// Takes in one row: the order, and one of its lines if it has any.
    pub(crate) fn add(&mut self, head: Head, item: Option<Item>) {
        self.0.entry(head.order).or_insert_with(|| (head, Vec::new())).1.extend(item);
    }

    pub(crate) fn into_orders(self) -> HashMap<OrderId, OrderState> {
        let orders = self.0.into_iter().map(|(id, (head, items))| {
            let Head { status, customer, version, created_at, deliver_at, opened, position, .. } = head;
            let order = Order::kept(id, status, Some(customer), items, deliver_at);
            (id, OrderState { order, version, created_at, opened, position })
        });
        orders.collect()
    }
}

#[cfg(test)]
mod tests {
    use reference_impl::domain::OrderEvent;
    use reference_impl::store::EventMetadata;
    use rust_decimal::Decimal;
    use uuid::Uuid;

    use super::*;
    use crate::wire::signed;

    fn recorded(events: Vec<OrderEvent>) -> Vec<Arc<RecordedEvent>> {
        let record = |(number, event): (u64, OrderEvent)| {
            Arc::new(RecordedEvent {
                position: Position::new(10 + number),
                order: OrderId::new(Uuid::nil()),
                version: Version::new(number),
                event,
                metadata: EventMetadata {
                    event_id: Uuid::nil().into(),
                    time: Timestamp::from_unix_millis(signed(number)),
                    command_id: Uuid::nil().into(),
                    causation: None,
                    actor: None,
                },
            })
        };
        (1..).zip(events).map(record).collect()
    }

    fn added(product: &str, price: Decimal) -> OrderEvent {
        OrderEvent::ItemAdded { product: product.into(), quantity: 1, price }
    }

    /// Only lines that differ are written, and those that are left over go.
    #[test]
    fn what_changes_is_written() {
        let id = OrderId::new(Uuid::nil());
        let items = vec![Item::new("a", 1, Decimal::ONE), Item::new("b", 1, Decimal::ONE)];
        let created = OrderEvent::OrderCreated { customer: "c".into(), items };
        let events = recorded(vec![
            created,
            added("c", Decimal::new(25, 1)),
            added("c", Decimal::new(250, 2)),
            OrderEvent::ItemRemoved { product: "b".into() },
        ]);
        let new = Changes::of(&HashMap::new(), &events[..3]);
        let lines: Vec<_> = new.lines.iter().map(|(_, line, item)| (*line, item.product.as_str())).collect();
        assert_eq!((lines, new.shorter.len()), (vec![(1, "a"), (2, "b"), (3, "c"), (4, "c")], 0));
        let state = &new.orders[0];
        assert_eq!((state.version.get(), state.opened.get(), state.position.get()), (3, 11, 13));
        let known = HashMap::from([(id, state.clone())]);
        let changed = Changes::of(&known, &events[3..]);
        let lines: Vec<_> =
            changed.lines.iter().map(|(_, line, item)| (*line, item.price.to_string())).collect();
        assert_eq!(lines, [(2, "2.5".to_owned()), (3, "2.50".to_owned())], "equal, but written otherwise");
        assert_eq!(changed.shorter, [(id, 3)]);
        assert_eq!((changed.orders[0].opened.get(), changed.orders[0].created_at.as_unix_millis()), (11, 1));
    }
}
