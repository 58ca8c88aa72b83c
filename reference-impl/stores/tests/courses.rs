//! Commands and events to try stores with.

use reference_impl::clock::Timestamp;
use reference_impl::domain::{
    AddItem, CancelOrder, ConfirmOrder, CreateOrder, Item, OrderCommand, OrderEvent, OrderId, RemoveItem,
    ReplaceItem, RequestDelivery,
};
use reference_impl::seed::Seed;
use reference_impl::store::{
    ActorKey, Append, CommandKey, EventMetadata, ExpectedVersion, KeyedCommand, NewEvent, Version,
};
use rust_decimal::Decimal;
use uuid::Uuid;

pub(crate) fn order(number: u128) -> OrderId {
    OrderId::new(Uuid::from_u128(number))
}

pub(crate) fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a decimal")
}

pub(crate) fn create(customer: &str) -> CreateOrder {
    CreateOrder { customer: customer.into(), items: vec![Item::new("p-0", 1, Decimal::ONE)] }
}

pub(crate) fn add(product: &str) -> AddItem {
    AddItem { product: product.into(), quantity: 2, price: decimal("0.10") }
}

pub(crate) fn deliver(at: &str) -> RequestDelivery {
    RequestDelivery { deliver_at: at.parse().expect("a moment") }
}

pub(crate) fn at(version: u64) -> ExpectedVersion {
    ExpectedVersion::Exact(Version::new(version))
}

pub(crate) fn created(customer: &str) -> OrderEvent {
    OrderEvent::OrderCreated { customer: customer.into(), items: vec![Item::new("p-0", 1, Decimal::ONE)] }
}

pub(crate) fn added(product: &str) -> OrderEvent {
    OrderEvent::ItemAdded { product: product.into(), quantity: 2, price: decimal("0.10") }
}

/// An append whose metadata is drawn from `number`; no two may have the same.
pub(crate) fn append(
    number: u128,
    order: OrderId,
    expected: ExpectedVersion,
    events: Vec<OrderEvent>,
) -> Append {
    let stamp = |(index, event): (u128, OrderEvent)| NewEvent {
        event,
        metadata: EventMetadata {
            event_id: Uuid::from_u128((number << 32) | index).into(),
            time: Timestamp::from_unix_millis(1_700_000_000_000 + i64::try_from(index).unwrap_or(0)),
            command_id: Uuid::from_u128(number << 32).into(),
            causation: number.is_multiple_of(2).then(|| Uuid::from_u128(number).into()),
            actor: number.is_multiple_of(3).then(|| "ann".into()),
        },
    };
    Append { order, expected, events: (0..).zip(events).map(stamp).collect(), key: None }
}

pub(crate) fn key(
    actor: Option<&str>,
    key: &str,
    order: OrderId,
    command: impl Into<OrderCommand>,
) -> CommandKey {
    CommandKey {
        key: ActorKey { actor: actor.map(Into::into), key: key.into() },
        command: KeyedCommand { order, command: command.into() }.into(),
    }
}

/// Texts that a store may get wrong.
pub(crate) const TEXTS: [&str; 8] = [
    "plain",
    "it's \"quoted\"",
    "\0nul\0",
    "ü 漢字 \u{10FFFF}",
    "\u{F8FF}0",
    "\\u0000 \\ \n\t",
    "%_*?$1",
    "null",
];

/// Moments that a store may get wrong: at another offset, before 1970, far away, and with milliseconds.
pub(crate) const MOMENTS: [&str; 4] = [
    "2026-03-02T01:30:07.013+02:00",
    "1969-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59.001-00:00",
    "0001-01-01T00:00:00.070Z",
];

/// A command drawn from `seed` at `index`, on one of five orders.
pub(crate) fn drawn(seed: Seed, index: u64) -> (OrderId, OrderCommand) {
    let draw = |salt: u64, below: u64| seed.draw(index * 16 + salt) % below;
    let product = |salt| format!("p-{}", draw(salt, 3));
    let price = |salt| Decimal::new(i64::try_from(draw(salt, 5000)).unwrap_or(0), 2);
    let quantity = i64::try_from(draw(5, 4)).unwrap_or(0);
    let command = match draw(1, 11) {
        0..=2 => CreateOrder {
            customer: ["ann", "bob"][usize::try_from(draw(2, 2)).unwrap_or(0)].into(),
            items: vec![Item::new(product(3), quantity, price(4))],
        }
        .into(),
        3..=5 => AddItem { product: product(3).into(), quantity, price: price(4) }.into(),
        6 => RemoveItem { product: product(3).into() }.into(),
        7 => ReplaceItem {
            product: product(3).into(),
            replacement: product(6).into(),
            quantity,
            price: price(4),
        }
        .into(),
        8 => deliver(MOMENTS[usize::try_from(draw(8, 4)).unwrap_or(0)]).into(),
        9 => ConfirmOrder {}.into(),
        _ => CancelOrder { reason: TEXTS[usize::try_from(draw(7, 8)).unwrap_or(0)].to_owned() }.into(),
    };
    (order(u128::from(draw(0, 5)) + 1), command)
}
