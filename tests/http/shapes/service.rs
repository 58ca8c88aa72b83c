//! What the services of all shapes share: the orders they keep, and the steps that each has to get right.

use std::collections::BTreeMap;
use std::sync::Mutex;

use proofmark::protocol::Verdict;
use proofmark::value::{Limits, Value};

use crate::http::server::{Reaction, Request, Server, answer, with};
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
    run_steps(profile, STEPS, handler);
}

/// Queries as plain as can be, for services whose shape is in their commands.
pub(super) const QUERIES: &str = r#"
[query.GetOrderDetails]
request = "GET /read/${on}"
absent = [404]
[query.ListCustomerOrders]
request = "GET /read?customer=${.customer}&page=${.page}&size=${.page_size}"
"#;

/// The answer to a request of these; `None` for all others.
pub(super) fn read(orders: &Orders, request: &Request) -> Option<Reaction> {
    let rest = request.target.strip_prefix("/read")?;
    let show = |(id, order): (&String, &Order)| {
        let status = if order.status == "OPEN" { "pending" } else { "cancelled" };
        let id = if id.parse::<u64>().is_ok() { id.clone() } else { format!("{id:?}") };
        format!(
            r#"{{"order": {id}, "customer": {}, "status": "{status}", "items": {}, "total": 9.00}}"#,
            order.customer.to_json(),
            order.items.to_json()
        )
    };
    let orders = orders.lock().expect("no panic");
    Some(match rest.strip_prefix('/') {
        Some(id) => match orders.get_key_value(id) {
            Some(found) => answer(200, &show(found)),
            None => with(404, "", b""),
        },
        None => {
            let customer = rest.strip_prefix("?customer=").unwrap_or_default();
            let own = orders.iter().filter(|(_, order)| text(Some(&order.customer)) == customer);
            let rows: Vec<_> = own.map(show).collect();
            answer(200, &format!("[{}]", rows.join(",")))
        }
    })
}

/// The same with steps of its own.
pub(super) fn run_steps(
    profile: &str,
    steps: &str,
    handler: impl Fn(&Request) -> Reaction + Send + Sync + 'static,
) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(handler));
    check(&runtime, http(&server.url, profile), steps, Verdict::Pass);
}
