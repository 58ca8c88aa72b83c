//! Shapes of answers: versions, forms of values, queries that are hidden or remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use proofmark::adapter::{Session as _, Target as _, World as _};
use proofmark::protocol::{Actor, Query, Verdict};
use proofmark::value::{Record, Value};

use super::service::{Orders, close, json, open, run, text};
use crate::http::server::{Reaction, Request, Server, answer, with};
use crate::http::{check, http, world};

/// A write with the version that was told, and one with a version that was told before it.
const STALE: &str = r#"let $o = new Order
given CreateOrder on $o { customer: "c", items: [{ product: "tea", quantity: 1, price: 1.00 }] } -> $v = version
when AddItem on $o { product: "cup", quantity: 1, price: 1.00 } at version $v
then accepted
when ConfirmOrder on $o at version $v
then rejected ConcurrencyConflict"#;

/// How a service of [`STALE`] says no.
const CONFLICT: &str = r#"
[[answer]]
status = 412
is = "rejected"
code = "ConcurrencyConflict"
[command."*"]
request = "POST /orders/${on}"
body = { type = "${name}", data = "${fields}" }
[query.GetOrderDetails]
none = true
[query.ListCustomerOrders]
none = true
"#;

/// A service that counts what it accepted, and tells that as `told` makes it; `asked` finds what a request expects.
fn versioned(
    profile: &str,
    told: impl Fn(u64) -> Reaction + Send + Sync + 'static,
    asked: impl Fn(&Request) -> Option<String> + Send + Sync + 'static,
    tag: impl Fn(u64) -> String + Send + Sync + 'static,
) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let version = Mutex::new(0);
    let server = runtime.block_on(Server::start(move |request| {
        let mut version = version.lock().expect("no panic");
        if asked(request).is_some_and(|asked| asked != tag(*version)) {
            return answer(412, "{}");
        }
        *version += 1;
        told(*version)
    }));
    check(&runtime, http(&server.url, &format!("{profile}{CONFLICT}")), STALE, Verdict::Pass);
}

fn if_match(request: &Request) -> Option<String> {
    request.header("if-match").map(str::to_owned)
}

#[test]
fn weak_entity_tags() {
    let profile = r#"
[version]
order = "number"
read = 'header ETag ~ /W/"(\d+)"/'
write = { header = "If-Match", value = 'W/"${version}"' }
"#;
    let tag = |version| format!("W/\"{version}\"");
    versioned(profile, move |v| with(204, &format!("etag: {}\r\n", tag(v)), b""), if_match, tag);
}

#[test]
fn entity_tags_that_are_hashes() {
    let profile = r#"
[version]
order = "opaque"
read = "header ETag"
write = { header = "If-Match", value = "${version}" }
"#;
    let tag = |version: u64| format!("\"{:016x}\"", version.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    versioned(profile, move |v| with(204, &format!("etag: {}\r\n", tag(v)), b""), if_match, tag);
}

#[test]
fn a_version_only_in_the_body() {
    let profile = r#"
[version]
order = "number"
read = "$.meta.revision"
write = { field = "expected" }
"#;
    let asked = |request: &Request| {
        let body = json(&request.body);
        body.get("expected").and_then(Value::as_number).map(ToString::to_string)
    };
    let told = |version| answer(200, &format!(r#"{{"meta": {{"revision": {version}}}}}"#));
    versioned(profile, told, asked, |version| version.to_string());
}

/// The version is nowhere in an answer: it is how many events a route of its own lists.
#[test]
fn a_version_that_is_the_length_of_an_events_route() {
    let profile = r#"
[version]
order = "number"
ask = "GET /orders/${on}/events"
read = "$.events | count"
write = { field = "expected" }
"#;
    let asked = |request: &Request| {
        let body = json(&request.body);
        body.get("expected").and_then(Value::as_number).map(ToString::to_string)
    };
    let events = |version| {
        let events: Vec<_> = (0..version).map(|at| format!(r#"{{"at": {at}}}"#)).collect();
        answer(200, &format!(r#"{{"events": [{}]}}"#, events.join(",")))
    };
    let version = Mutex::new(0);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(move |request| {
        let mut version = version.lock().expect("no panic");
        if request.method == "GET" {
            assert!(request.target.ends_with("/events"), "{}", request.target);
            return events(*version);
        }
        if asked(request).is_some_and(|asked| asked != version.to_string()) {
            return answer(412, "{}");
        }
        *version += 1;
        with(204, "", b"")
    }));
    check(&runtime, http(&server.url, &format!("{profile}{CONFLICT}")), STALE, Verdict::Pass);
}

/// A key in the body; wrappers; decimals as text and in cents; other words for a status.
#[test]
fn wrappers_and_forms_of_values() {
    let profile = r#"
[key]
field = "requestId"
required = true
[[answer]]
status = 409
is = "rejected"
code = "OrderNotPending"
[[answer]]
status = 404
is = "rejected"
code = "OrderNotFound"
[command."*"]
request = "POST /orders/${on}/${name}"
body = { data = "${fields}" }
[type.Item]
price = { as = "string" }
[query.GetOrderDetails]
request = "GET /orders/${on}"
rows = "$.data"
fields = { status = "$.state | map(OPEN=pending, CANCELLED=cancelled)", total = "$.total | decimal" }
[query.ListCustomerOrders]
request = "GET /orders?customer=${.customer}&page=${.page}&size=${.page_size}"
rows = "$.orders.orders"
fields = { order = "$.id", total = "$.cents | cents" }
"#;
    let orders = Orders::default();
    run(profile, move |request| {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let mut parts = path.split('/').skip(2);
        let (id, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let body = json(&request.body);
        if request.method == "POST" {
            assert!(!text(body.get("requestId")).is_empty(), "every command has a key");
        }
        match name {
            "CreateOrder" => {
                let data = body.get("data");
                let items = data.and_then(|data| data.get("items"));
                assert!(
                    items.is_some_and(|items| items.to_json().contains(r#""price":"4.50""#)),
                    "{items:?}"
                );
                open(&orders, id, data.and_then(|data| data.get("customer")), items);
                with(204, "", b"")
            }
            "" if id.is_empty() => {
                let orders = orders.lock().expect("no panic");
                let own = orders
                    .iter()
                    .filter(|(_, order)| query == format!("customer={}", text(Some(&order.customer))));
                let rows: Vec<_> = own.map(|(id, _)| format!(r#"{{"id": "{id}", "cents": 900}}"#)).collect();
                answer(200, &format!(r#"{{"orders": {{"orders": [{}]}}}}"#, rows.join(",")))
            }
            "" => {
                let orders = orders.lock().expect("no panic");
                let Some(order) = orders.get(id) else { return answer(404, "{}") };
                let (customer, items) = (order.customer.to_json(), order.items.to_json());
                let state = order.status;
                answer(
                    200,
                    &format!(
                        r#"{{"data": {{"order": "{id}", "customer": {customer}, "items": {items}, "state": "{state}", "total": "9.00"}}}}"#
                    ),
                )
            }
            _ => match close(&orders, id) {
                Ok(()) => with(204, "", b""),
                Err("CLOSED") => answer(409, "{}"),
                Err(_) => answer(404, "{}"),
            },
        }
    });
}

/// An order that is cancelled can't be seen any more. That is a rule, and stands in such a service's contract:
/// `absent when self.status == cancelled`; the profile says which answer means it.
#[test]
fn a_query_that_is_absent_once_its_aggregate_is_closed() {
    let profile = r#"
[command."*"]
request = "POST /orders/${on}/${name}"
[query.GetOrderDetails]
request = "GET /orders/${on}"
absent = [404]
"#;
    let steps = r#"let $o = new Order
given CreateOrder on $o { customer: "c", items: [{ product: "tea", quantity: 1, price: 1.00 }] }
and GetOrderDetails on $o shows { status: "pending" }
then GetOrderDetails on new Order absent
when CancelOrder on $o { reason: "late" }
then eventually GetOrderDetails on $o absent"#;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let orders = Mutex::new(BTreeMap::new());
    let server = runtime.block_on(Server::start(move |request| {
        let mut parts = request.target.split('/').skip(2);
        let (id, name) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default());
        let mut orders = orders.lock().expect("no panic");
        match name {
            "" if orders.get(&id) == Some(&true) => answer(200, r#"{"status": "pending"}"#),
            "" => answer(404, "{}"),
            name => {
                orders.insert(id, name == "CreateOrder");
                with(204, "", b"")
            }
        }
    }));
    check(&runtime, http(&server.url, profile), steps, Verdict::Pass);
}

#[test]
fn no_query_at_all() {
    let profile = r#"
[[answer]]
status = 409
is = "rejected"
code = "OrderNotPending"
[command."*"]
request = "POST /orders/${on}/${name}"
[query.GetOrderDetails]
none = true
[query.ListCustomerOrders]
none = true
"#;
    let steps = r#"let $o = new Order
given CreateOrder on $o { customer: "c", items: [{ product: "tea", quantity: 1, price: 1.00 }] }
when ConfirmOrder on $o
then accepted
when ConfirmOrder on $o
then rejected OrderNotPending"#;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let confirmed = Mutex::new(BTreeSet::new());
    let server = runtime.block_on(Server::start(move |request| {
        let is_new = confirmed.lock().expect("no panic").insert(request.target.clone());
        if is_new { with(204, "", b"") } else { answer(409, "{}") }
    }));
    let target = http(&server.url, profile);
    check(&runtime, target.clone(), steps, Verdict::Pass);
    let told = check(&runtime, target, "then GetOrderDetails on \"o\" absent", Verdict::NotClaimed);
    assert!(told.contains("the target has no GetOrderDetails"), "{told}");
}

/// A cache remembers an answer for three requests. What is measured waits for it; what is only looked up goes past it.
#[test]
fn a_cache_between() {
    let profile = r#"
[command."*"]
request = "POST /orders/${on}/${name}"
[query.GetOrderDetails]
request = "GET /orders/${on}"
absent = [404]
fresh = "z"
"#;
    let status = Mutex::new("pending");
    let cache: Mutex<BTreeMap<String, (u32, String)>> = Mutex::default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(move |request| {
        let mut status = status.lock().expect("no panic");
        if request.method == "POST" {
            if request.target.ends_with("ConfirmOrder") {
                *status = "confirmed";
            }
            return with(204, "", b"");
        }
        let mut cache = cache.lock().expect("no panic");
        let body = format!(r#"{{"status": "{status}"}}"#);
        let kept = cache.entry(request.target.clone()).or_insert((0, body.clone()));
        kept.0 += 1;
        if kept.0 > 3 {
            *kept = (0, body);
        }
        answer(200, &kept.1)
    }));
    let target = http(&server.url, profile);
    let steps = r#"let $o = new Order
given GetOrderDetails on $o shows { status: "pending" }
when ConfirmOrder on $o
then GetOrderDetails on $o shows { status: "pending" }
and eventually GetOrderDetails on $o shows { status: "confirmed" }"#;
    check(&runtime, target.clone(), steps, Verdict::Pass);
    assert!(
        server.requests().iter().all(|request| !request.target.contains("z=")),
        "no measured read is fresh"
    );
    let query = Query { name: "GetOrderDetails".into(), on: Some(Value::from("o-1")), fields: Record::new() };
    runtime.block_on(async {
        let mut session = world(&target).await.open(&Actor::default()).await.expect("a session");
        session.ask_fresh(&query).await;
        session.ask_fresh(&query).await;
    });
    assert!(target.describe().promises.tolerances.is_empty());
    let asked: Vec<_> = server.requests().iter().map(|request| request.target.clone()).collect();
    let [.., first, second] = &*asked else { panic!("{asked:?}") };
    assert!(
        first.starts_with("/orders/o-1?z=") && second.starts_with("/orders/o-1?z=") && first != second,
        "{asked:?}"
    );
}

/// Money in floats: told, and no more than asked for.
#[test]
fn money_in_floats() {
    let query = r#"
[query.GetOrderDetails]
request = "GET /orders/${on}"
"#;
    let steps = "then GetOrderDetails on \"o\" shows { total: 9.00 }\nand GetOrderDetails on \"o\" shows { total: >= 9 }\nand GetOrderDetails on \"o\" shows { items: [{ product: \"tea\", quantity: 1, price: 8.999 }] }";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(|_| {
        answer(200, r#"{"total": 8.999, "items": [{"product": "tea", "quantity": 1, "price": 8.999}]}"#)
    }));
    let tolerant = http(&server.url, &format!("{query}tolerance = {{ total = \"0.005\" }}"));
    assert_eq!(
        tolerant.describe().promises.remarks(),
        ["`total` of GetOrderDetails may be off by 0.005: the profile asks for that tolerance"]
    );
    check(&runtime, tolerant.clone(), steps, Verdict::Pass);
    check(&runtime, tolerant, "then GetOrderDetails on \"o\" shows { total: 9.01 }", Verdict::Fail);
    check(&runtime, http(&server.url, query), steps, Verdict::Fail);
}

/// A service that takes names of eight small letters and customers that are UUIDs.
#[test]
fn values_are_made_to_fit() {
    let profile = r#"
[command."*"]
request = "POST /orders/${on}/${name}"
body = "${fields}"
[generate]
customer = { as = "uuid" }
reason = { length = "2..8", alphabet = "a-z" }
"#;
    let steps = r#"let $o = new Order
let $c = unique "cust"
let $n = unique "n"
when CreateOrder on $o { customer: $c, items: [{ product: unique "tea", quantity: $n, price: 1.00 }] }
and CancelOrder on $o { reason: unique "why" }"#;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(|_| with(204, "", b"")));
    check(&runtime, http(&server.url, profile), steps, Verdict::Pass);
    let bodies: Vec<_> = server.requests().iter().map(|request| json(&request.body)).collect();
    let customer = text(bodies[0].get("customer"));
    assert_eq!((customer.len(), customer.as_bytes()[14]), (36, b'4'), "{customer}");
    let item = bodies[0].get("items").and_then(Value::as_list).and_then(<[Value]>::first).expect("an item");
    assert!(text(item.get("product")).starts_with("tea-"), "{item:?}");
    assert!(
        item.get("quantity").and_then(Value::as_number).is_some_and(|n| n.to_u64() > Some(0)),
        "{item:?}"
    );
    let reason = text(bodies[1].get("reason"));
    assert!(reason.len() == 8 && reason.bytes().all(|b| b.is_ascii_lowercase()), "{reason}");
}
