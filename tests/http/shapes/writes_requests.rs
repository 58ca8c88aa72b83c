//! Shapes of the requests that commands are.

use super::service::{Orders, QUERIES, close, json, open, read, run, run_steps, text};
use crate::http::server::{Reaction, answer, with};

/// Rejections by their statuses, for services whose shape is elsewhere.
const STATUSES: &str = r#"
[[answer]]
status = 404
command = "ConfirmOrder"
is = "rejected"
code = "OrderNotFound"
[[answer]]
status = 409
is = "rejected"
code = "OrderNotPending"
"#;

fn closed(orders: &Orders, id: &str) -> Reaction {
    match close(orders, id) {
        Ok(()) => with(204, "", b""),
        Err("CLOSED") => answer(409, "{}"),
        Err(_) => answer(404, "{}"),
    }
}

/// All commands on an order are a PATCH of it, and a constant in the body says which.
#[test]
fn one_route_and_a_constant() {
    let profile = r#"
[command.CreateOrder]
request = "POST /orders"
body = { action = "create", order = { id = "${on}", customer = "${.customer}", items = "${.items}" } }
[command.CancelOrder]
request = "PATCH /orders/${on}"
body = { action = "cancel", because = "${.reason}" }
[command.ConfirmOrder]
request = "PATCH /orders/${on}"
body = { action = "confirm" }
"#;
    let orders = Orders::default();
    run(&format!("{STATUSES}{profile}{QUERIES}"), move |request| {
        if let Some(found) = read(&orders, request) {
            return found;
        }
        let body = json(&request.body);
        match (&*request.method, &*text(body.get("action"))) {
            ("POST", "create") => {
                let order = body.get("order").expect("an order");
                open(&orders, &text(order.get("id")), order.get("customer"), order.get("items"));
                with(201, "", b"")
            }
            ("PATCH", action @ ("cancel" | "confirm")) => {
                assert_eq!(body.get("because").is_some(), action == "cancel");
                closed(&orders, request.target.trim_start_matches("/orders/"))
            }
            other => panic!("{other:?}"),
        }
    });
}

/// Everything stands in the query string, and nothing has a body.
#[test]
fn commands_in_the_query_string() {
    let profile = r#"
[command.CreateOrder]
request = "POST /do?cmd=create&order=${on}&customer=${.customer}&items=${.items}"
[command.CancelOrder]
request = "POST /do?cmd=cancel&order=${on}&reason=${.reason}"
[command.ConfirmOrder]
request = "POST /do?cmd=confirm&order=${on}"
"#;
    let orders = Orders::default();
    run(&format!("{STATUSES}{profile}{QUERIES}"), move |request| {
        if let Some(found) = read(&orders, request) {
            return found;
        }
        assert!(request.body.is_empty() && request.header("content-type").is_none(), "{request:?}");
        let url = reqwest::Url::parse(&format!("http://x{}", request.target)).expect("a URL");
        let part =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let id = part("order").expect("an order");
        if part("cmd").as_deref() == Some("create") {
            let items = json(&part("items").expect("items"));
            open(&orders, &id, part("customer").map(Into::into).as_ref(), Some(&items));
            return with(204, "", b"");
        }
        assert!(part("cmd").as_deref() == Some("confirm") || part("reason").as_deref() == Some("too late"));
        closed(&orders, &id)
    });
}

/// An order lies below its customer.
#[test]
fn two_ids_in_the_path() {
    let profile = r#"
[command.CreateOrder]
request = "PUT /customers/${.customer}/orders/${on}"
body = "${.items}"
[command.CancelOrder]
request = "DELETE /customers/${opened.customer}/orders/${on}"
[command.ConfirmOrder]
request = "POST /customers/${opened.customer}/orders/${on}/confirm"
"#;
    let steps = r#"let $c = unique "cust"
let $o = new Order
given CreateOrder on $o { customer: $c, items: [{ product: "tea", quantity: 2, price: 4.50 }] }
when CancelOrder on $o { reason: "too late" }
then accepted
and GetOrderDetails on $o shows { customer: $c, status: "cancelled" }
when ConfirmOrder on $o
then rejected OrderNotPending"#;
    let orders = Orders::default();
    run_steps(&format!("{STATUSES}{profile}{QUERIES}"), steps, move |request| {
        if let Some(found) = read(&orders, request) {
            return found;
        }
        let parts: Vec<&str> = request.target.split('/').collect();
        let ["", "customers", customer, "orders", id, ..] = &*parts else { panic!("{request:?}") };
        if request.method == "PUT" {
            open(&orders, id, Some(&(*customer).into()), Some(&json(&request.body)));
            return with(201, "", b"");
        }
        assert_eq!(text(orders.lock().expect("no panic").get(*id).map(|order| &order.customer)), *customer);
        closed(&orders, id)
    });
}
