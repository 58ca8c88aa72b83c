//! Shapes of commands, ids, outcomes and credentials.

use std::sync::Mutex;

use proofmark::protocol::Verdict;
use proofmark::value::Value;

use super::service::{Order, Orders, close, json, open, run, text};
use crate::http::server::{Server, answer, with};
use crate::http::{check, http};

/// One endpoint for all commands; rejections as 200 with errors; a wrapper around data; cents; other names.
#[test]
fn one_endpoint_with_errors_in_a_200() {
    let profile = r#"
[[answer]]
at = "$.errors[0]"
is = "rejected"
code = { from = "$.errors[0].message", map = { "/^no order/" = "OrderNotFound", "is closed" = "OrderNotPending" } }
[command."*"]
request = "POST /commands"
body = { type = "${name}", aggregateId = "${on}", data = "${fields}" }
[type.Item]
product = "productId"
price = { field = "unit_price_cents", as = "cents" }
[query.GetOrderDetails]
request = "POST /query"
body = { get = "${on}" }
rows = "$.data.order"
absent = { at = "$.data.order", is = "null" }
fields = { order = "$.id", status = "$.state | lower | map(open=pending)", total = "$.cents | cents" }
[query.ListCustomerOrders]
request = "POST /query"
body = { customer = "${.customer}", page = "${.page}", first = "${.page_size}" }
rows = "$.data.orders"
fields = { order = "$.id", total = "$.cents | cents" }
"#;
    let orders = Orders::default();
    run(profile, move |request| {
        let body = json(&request.body);
        let id = text(body.get("aggregateId"));
        let show = |id: &str, order: &Order| {
            format!(
                r#"{{"id": "{id}", "customer": {}, "state": "{}", "items": {}, "cents": 900}}"#,
                order.customer.to_json(),
                order.status,
                order.items.to_json()
            )
        };
        let refused = |code: &str| {
            let message = if code == "CLOSED" { "is closed" } else { "no order of that id" };
            answer(200, &format!(r#"{{"errors": [{{"message": "{message}"}}]}}"#))
        };
        match (&*request.target, &*text(body.get("type"))) {
            ("/commands", "CreateOrder") => {
                let data = body.get("data");
                let items = data.and_then(|data| data.get("items"));
                assert!(
                    items
                        .expect("items")
                        .to_json()
                        .contains(r#""productId":"tea","quantity":2,"unit_price_cents":450"#)
                );
                open(&orders, &id, data.and_then(|data| data.get("customer")), items);
                answer(200, "{}")
            }
            ("/commands", _) => close(&orders, &id).map_or_else(refused, |()| answer(200, "{}")),
            _ => {
                let orders = orders.lock().expect("no panic");
                let found = orders.get(&text(body.get("get")));
                let one = found.map_or("null".into(), |order| show(&text(body.get("get")), order));
                let own = orders.iter().filter(|(_, order)| Some(&order.customer) == body.get("customer"));
                let all: Vec<_> = own.map(|(id, order)| show(id, order)).collect();
                answer(200, &format!(r#"{{"data": {{"order": {one}, "orders": [{}]}}}}"#, all.join(",")))
            }
        }
    });
}

/// Ids that the service makes up, whole numbers, told in `Location` of a 201 without a body; plain words for a no.
#[test]
fn captured_ids_and_plain_words() {
    let profile = r#"
[id.Order]
by = "captured"
as = "int"
take = ["$.id", 'header Location ~ /([^/]+)$/ | number']
[[answer]]
status = [400, 422]
like = "/already|closed/"
is = "rejected"
code = "OrderNotPending"
[[answer]]
command = "ConfirmOrder"
status = 404
is = "rejected"
code = "OrderNotFound"
[command.CreateOrder]
request = "POST /orders"
body = { owner = "${.customer}", lines = "${.items}" }
[command.CancelOrder]
request = "DELETE /orders/${on}?reason=${.reason}"
[command.ConfirmOrder]
request = "PUT /orders/${on}/confirmed"
[query.GetOrderDetails]
request = "GET /orders/${on}"
absent = [404]
fields = { order = "$.id", customer = "$.owner", items = "$.lines", status = "$.state | map(OPEN=pending, CANCELLED=cancelled)", total = "$.total | decimal" }
[query.ListCustomerOrders]
request = "GET /orders?owner=${.customer}&page=${.page}&size=${.page_size}"
fields = { order = "$.id", total = "$.total | decimal" }
"#;
    let orders = Orders::default();
    run(profile, move |request| {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let id = path.split('/').nth(2).unwrap_or_default();
        let show = |id: &str, order: &Order| {
            let (owner, lines, state) = (order.customer.to_json(), order.items.to_json(), order.status);
            format!(
                r#"{{"id": {id}, "owner": {owner}, "lines": {lines}, "state": "{state}", "total": "9.00"}}"#
            )
        };
        match (&*request.method, id) {
            ("POST", _) => {
                let id = (orders.lock().expect("no panic").len() + 7).to_string();
                let body = json(&request.body);
                open(&orders, &id, body.get("owner"), body.get("lines"));
                with(201, &format!("location: /orders/{id}\r\n"), b"")
            }
            ("GET", "") => {
                let orders = orders.lock().expect("no panic");
                let own = orders
                    .iter()
                    .filter(|(_, order)| query == format!("owner={}", text(Some(&order.customer))));
                let rows: Vec<_> = own.map(|(id, order)| show(id, order)).collect();
                answer(200, &format!("[{}]", rows.join(",")))
            }
            ("GET", id) => match orders.lock().expect("no panic").get(id) {
                Some(order) => answer(200, &show(id, order)),
                None => with(404, "", b""),
            },
            (method, id) => {
                assert!(method == "PUT" || query == "reason=too%20late", "{query}");
                assert!(id.parse::<u64>().is_ok(), "a whole number is sent: {id}");
                match close(&orders, id) {
                    Ok(()) => with(204, "", b""),
                    Err("CLOSED") => with(422, "content-type: text/plain\r\n", b"the order is closed"),
                    Err(_) => with(404, "", b""),
                }
            }
        }
    });
}

/// A list of everything, page by page, filtered on this side; a key for every command, in the body; derived ids;
/// exception classes as codes.
#[test]
fn a_global_list_and_derived_ids() {
    let profile = r#"
[key]
field = "requestId"
required = true
[id.Order]
by = "derived"
from = "${on | uuid5}"
[[answer]]
status = "4xx"
at = "$.title"
is = "rejected"
code = { from = "$.title", map = { "/NotFoundException$/" = "OrderNotFound", "/ClosedException$/" = "OrderNotPending" } }
[command.CreateOrder]
request = "POST /orders"
body = { CreateOrder = { id = "${on}", customer = "${.customer}", items = "${.items}" } }
[command.CancelOrder]
request = "POST /orders/${on}"
body = { CancelOrder = { why = "${.reason}" } }
[command.ConfirmOrder]
request = "POST /orders/${on}"
body = { ConfirmOrder = true }
[query.GetOrderDetails]
request = "GET /orders/${on}"
fields = { order = "$.id", status = "$.state | map(CANCELLED=cancelled)" }
[query.ListCustomerOrders]
request = "GET /all"
rows = "$.page.rows"
keep = { "$.customer" = "${.customer}" }
page = { style = "page", number = "p", size = "n", first = 0, max = 2 }
fields = { order = "$.id" }
"#;
    let orders = Orders::default();
    for other in ["a", "b", "c"] {
        open(&orders, other, Some(&Value::from("another")), None);
    }
    run(profile, move |request| {
        let body = json(&request.body);
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let id = path.split('/').nth(2).unwrap_or_default();
        let show = |id: &str, order: &Order| {
            let (customer, items, state) = (order.customer.to_json(), order.items.to_json(), order.status);
            format!(
                r#"{{"id": "{id}", "customer": {customer}, "items": {items}, "state": "{state}", "total": 9.00}}"#
            )
        };
        let refused = |code: &str| {
            let class = if code == "CLOSED" { "OrderClosedException" } else { "OrderNotFoundException" };
            answer(400, &format!(r#"{{"title": "com.example.{class}"}}"#))
        };
        match (&*request.method, path) {
            ("POST", "/orders") => {
                assert!(!text(body.get("requestId")).is_empty(), "every command has a key");
                let data = body.get("CreateOrder").expect("tagged by its name");
                let id = text(data.get("id"));
                assert_eq!(id.as_bytes().get(14), Some(&b'5'), "a UUID of version 5: {id}");
                open(&orders, &id, data.get("customer"), data.get("items"));
                with(201, "", b"")
            }
            ("POST", _) => close(&orders, id).map_or_else(refused, |()| with(204, "", b"")),
            (_, "/all") => {
                let page: usize =
                    query.strip_prefix("p=").and_then(|q| q.split('&').next()?.parse().ok()).expect("a page");
                let orders = orders.lock().expect("no panic");
                let rows: Vec<_> =
                    orders.iter().skip(page * 2).take(2).map(|(id, order)| show(id, order)).collect();
                answer(200, &format!(r#"{{"page": {{"rows": [{}]}}}}"#, rows.join(",")))
            }
            _ => match orders.lock().expect("no panic").get(id) {
                Some(order) => answer(200, &show(id, order)),
                None => refused("NOT_FOUND"),
            },
        }
    });
}

/// Credentials that an aggregate was opened with, and versions in the body.
#[test]
fn credentials_of_the_aggregate_and_versions_in_the_body() {
    let profile = r#"
[auth]
kind = "basic"
user = "${on}"
password = "${opened.customer}"
[version]
order = "number"
read = "$.version"
write = { field = "expectedVersion" }
[[answer]]
status = 409
is = "rejected"
code = "ConcurrencyConflict"
[command.CreateOrder]
request = "POST /orders/${on}"
body = { customer = "${.customer}" }
[command.ConfirmOrder]
request = "POST /orders/${on}"
[query.GetOrderDetails]
none = true
"#;
    let steps = r#"let $o = new Order
given CreateOrder on $o { customer: "wellknown", items: [] } -> $v = version
when ConfirmOrder on $o at version $v
then accepted
when ConfirmOrder on $o at version $v
then rejected ConcurrencyConflict"#;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let version = Mutex::new(0_i64);
    let server = runtime.block_on(Server::start(move |request| {
        let expected = json(&request.body)
            .get("expectedVersion")
            .and_then(Value::as_number)
            .and_then(proofmark::value::Number::to_i64);
        assert!(request.header("authorization").is_some_and(|value| value.starts_with("Basic ")));
        let mut version = version.lock().expect("no panic");
        if expected.is_some_and(|expected| expected != *version) {
            return answer(409, "{}");
        }
        *version += 1;
        answer(200, &format!(r#"{{"version": {version}}}"#))
    }));
    let target = http(&server.url, profile);
    check(&runtime, target.clone(), steps, Verdict::Pass);
    let credentials: Vec<_> =
        server.requests().iter().map(|request| request.header("authorization").map(str::to_owned)).collect();
    assert!(credentials.windows(2).all(|pair| pair[0] == pair[1]), "{credentials:?}");
    let told = check(&runtime, target, "then GetOrderDetails on \"o\" absent", Verdict::NotClaimed);
    assert!(told.contains("the target has no GetOrderDetails"), "{told}");
}
