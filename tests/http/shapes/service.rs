//! What the services of all shapes share: the orders they keep, and the steps that each has to get right.

use std::collections::BTreeMap;
use std::sync::Mutex;

use proofmark::protocol::Verdict;
use proofmark::value::{Limits, Value};

use crate::http::server::{Reaction, Request, Server};
use crate::http::{check, http};

/// What every shape below has to get right. Nothing in it knows of any of them.
pub(super) const STEPS: &str = r#"let $c = unique "cust"
let $o = new Order
given CreateOrder on $o { customer: $c, items: [{ product: "tea", quantity: 2, price: 4.50 }] }
when CancelOrder on $o { reason: "too late" }
then accepted
and eventually GetOrderDetails on $o shows { order: $o, customer: $c, status: "cancelled", items: [{ product: "tea", quantity: 2, price: 4.50 }], total: 9.00 }
when ConfirmOrder on $o
then rejected OrderNotPending
and ListCustomerOrders { customer: $c } shows [{ order: $o, total: 9.00 }]
when ConfirmOrder on new Order
then rejected OrderNotFound"#;

/// One order as a service of these tests keeps it.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) customer: Value,
    pub(super) items: Value,
    pub(super) status: &'static str,
}

pub(super) type Orders = Mutex<BTreeMap<String, Order>>;

pub(super) fn json(text: &str) -> Value {
    Value::from_json(text, &Limits::default()).unwrap_or(Value::Null)
}

pub(super) fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_text).unwrap_or_default().to_owned()
}

/// Cancels, or says why not: the code.
pub(super) fn close(orders: &Orders, id: &str) -> Result<(), &'static str> {
    let mut orders = orders.lock().expect("no panic");
    let order = orders.get_mut(id).ok_or("NOT_FOUND")?;
    if order.status != "OPEN" {
        return Err("CLOSED");
    }
    order.status = "CANCELLED";
    Ok(())
}

pub(super) fn open(orders: &Orders, id: &str, customer: Option<&Value>, items: Option<&Value>) {
    let (customer, items) = (customer.cloned().unwrap_or(Value::Null), items.cloned().unwrap_or(Value::Null));
    orders.lock().expect("no panic").insert(id.to_owned(), Order { customer, items, status: "OPEN" });
}

pub(super) fn run(profile: &str, handler: impl Fn(&Request) -> Reaction + Send + Sync + 'static) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(handler));
    check(&runtime, http(&server.url, profile), STEPS, Verdict::Pass);
}
