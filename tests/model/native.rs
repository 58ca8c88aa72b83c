//! The rules of the orders once more, in Rust: as somebody writes them who tests in-process.

use std::collections::BTreeSet;
use std::sync::Arc;

use proofmark::contract::Type;
use proofmark::contract::rules::{
    Acceptance, Decision, Entry, Expected, Model, ModelError, Row, Rows, Shown, World,
};
use proofmark::protocol::{Command, Event, Query};
use proofmark::value::{Number, Record, Value};

pub(crate) struct Orders;

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Order {
    status: &'static str,
    customer: Value,
    items: Vec<Value>,
    deliver_at: Value,
}

impl Order {
    fn has(&self, product: &Value) -> bool {
        self.items.iter().any(|item| item.get("product") == Some(product))
    }

    fn without(&self, product: &Value) -> Vec<Value> {
        self.items.iter().filter(|item| item.get("product") != Some(product)).cloned().collect()
    }

    fn total(&self) -> Number {
        let times =
            |item: &Value| item.get("quantity")?.as_number()?.mul(item.get("price")?.as_number()?).ok();
        self.items
            .iter()
            .filter_map(times)
            .fold(Number::ZERO, |sum, cost| sum.add(&cost).expect("an exact total"))
    }
}

fn number<'a>(of: impl Fn(&str) -> Option<&'a Value>, name: &str) -> Number {
    of(name).and_then(Value::as_number).cloned().expect("a number")
}

/// The reasons to refuse an item.
fn refusals(item: &Record) -> impl Iterator<Item = &'static str> {
    let of = |name: &str| item.get(name);
    let (quantity, price) = (number(of, "quantity"), number(of, "price"));
    let few = (quantity < Number::from(1)).then_some("InvalidQuantity");
    let cheap = (price <= Number::ZERO).then_some("InvalidPrice");
    let broken = (!quantity.is_whole()).then_some("Malformed");
    broken.into_iter().chain(few).chain(cheap)
}

impl Model for Orders {
    type State = Order;

    fn decide(&self, world: &World<Order>, command: &Command) -> Result<Vec<Decision<Order>>, ModelError> {
        let id = command.on.clone().expect("an order");
        let kind: Arc<str> = "Order".into();
        let entry = world.get(&kind, &id);
        let fields = &command.fields;
        let field = |name: &str| fields.get(name).cloned().expect("a field");
        let items: Vec<Value> = field_list(fields);
        let mut codes: BTreeSet<&'static str> = BTreeSet::new();
        match (&*command.name, entry.map(|entry| &entry.state)) {
            ("CreateOrder", existing) => {
                codes.extend(existing.map(|_| "OrderAlreadyExists"));
                codes.extend(items.is_empty().then_some("OrderHasNoItems"));
                codes.extend(items.iter().filter_map(Value::as_record).flat_map(refusals));
                // The type of an item says so, too.
                codes.extend(codes.contains("InvalidQuantity").then_some("Malformed"));
            }
            (_, None) => drop(codes.insert("OrderNotFound")),
            (name, Some(order)) => {
                codes.extend((order.status != "pending").then_some("OrderNotPending"));
                if name == "RemoveItem" || name == "ReplaceItem" {
                    let lines = order.items.len() - order.without(&field("product")).len();
                    let most = if name == "RemoveItem" { 10 } else { 3 };
                    codes.extend((lines > most).then_some("TooManyLines"));
                    codes.extend((!order.has(&field("product"))).then_some("ItemNotFound"));
                }
                if name == "RemoveItem" {
                    codes.extend(order.without(&field("product")).is_empty().then_some("OrderHasNoItems"));
                }
            }
        }
        if matches!(&*command.name, "AddItem" | "ReplaceItem") {
            codes.extend(refusals(fields));
        }
        if !codes.is_empty() {
            return Ok(codes.into_iter().map(|code| Decision::Rejected(code.into())).collect());
        }
        let before = entry.map(|entry| entry.state.clone());
        let order = before.unwrap_or(Order {
            status: "absent",
            customer: Value::Null,
            items: Vec::new(),
            deliver_at: Value::Null,
        });
        let the_same = |event: &'static str, fields: &Record| (event, fields.clone());
        let (happened, state) = match &*command.name {
            "CreateOrder" => (
                vec![the_same("OrderCreated", fields)],
                Order { status: "pending", customer: field("customer"), items, ..order },
            ),
            "AddItem" => {
                let added = order.items.iter().cloned().chain([Value::Record(fields.clone())]).collect();
                (vec![the_same("ItemAdded", fields)], Order { items: added, ..order })
            }
            "RemoveItem" => (
                vec![the_same("ItemRemoved", fields)],
                Order { items: order.without(&field("product")), ..order },
            ),
            "ReplaceItem" => {
                let removed = Record::from([("product", field("product"))]);
                let item = [("product", "replacement"), ("quantity", "quantity"), ("price", "price")];
                let item = Record::from(item.map(|(name, from)| (name, field(from))));
                let kept = order.without(&field("product")).into_iter();
                let items = kept.chain([Value::Record(item.clone())]).collect();
                (vec![("ItemRemoved", removed), ("ItemAdded", item)], Order { items, ..order })
            }
            "RequestDelivery" => (
                vec![the_same("DeliveryRequested", fields)],
                Order { deliver_at: field("deliver_at"), ..order },
            ),
            "ConfirmOrder" => {
                (vec![the_same("OrderConfirmed", fields)], Order { status: "confirmed", ..order })
            }
            _ => (vec![the_same("OrderCancelled", fields)], Order { status: "cancelled", ..order }),
        };
        let mut world = world.clone();
        let version = entry.map_or(0, |entry| entry.version) + happened.len() as u64;
        world.put(Entry { aggregate: kind, id: id.clone(), state, version, made: 1 });
        let events = happened.into_iter().map(|(name, fields)| Event {
            name: name.into(),
            on: id.clone(),
            fields,
            version: None,
            position: None,
            id: None,
            causation: None,
        });
        Ok(vec![Decision::Accepted(Acceptance { world, events: events.collect(), unspecified: false })])
    }

    fn answer(&self, world: &World<Order>, query: &Query) -> Result<Expected, ModelError> {
        let is = |name: &str, value: Value| (name.into(), Shown::Is(value));
        if &*query.name == "GetOrderDetails" {
            let id = query.on.clone().expect("an order");
            let Some(entry) = world.get(&"Order".into(), &id) else { return Ok(Expected::Absent) };
            let order = &entry.state;
            return Ok(Expected::Shows(vec![
                is("order", id),
                is("customer", order.customer.clone()),
                is("status", order.status.into()),
                is("items", Value::List(order.items.clone())),
                is("total", order.total().into()),
                is("item_count", order.items.len().into()),
                ("created_at".into(), Shown::Chosen(Type::Instant)),
                is("deliver_at", order.deliver_at.clone()),
            ]));
        }
        let whole = |name: &str, default: i64| {
            query.fields.get(name).map_or(Some(default), |value| value.as_number()?.to_i64())
        };
        let (Some(page @ 1..), Some(size @ 1..=100)) = (whole("page", 1), whole("page_size", 20)) else {
            return Ok(Expected::Malformed);
        };
        let (page, size) = (usize::try_from(page).expect("a page"), usize::try_from(size).expect("a size"));
        let of = query.fields.get("customer").expect("a customer");
        let theirs = world.entries().iter().rev().filter(|entry| entry.state.customer == *of);
        let row = |entry: &Entry<Order>| -> Row {
            vec![
                is("order", entry.id.clone()),
                is("status", entry.state.status.into()),
                is("total", entry.state.total().into()),
            ]
        };
        let rows: Vec<Row> = theirs.skip((page - 1) * size).take(size).map(row).collect();
        Ok(Expected::Rows(Rows { count: rows.len(), rows, unordered: false, total: None }))
    }
}

fn field_list(fields: &Record) -> Vec<Value> {
    fields.get("items").and_then(Value::as_list).unwrap_or_default().to_vec()
}
