//! Shapes of rejections.

use std::sync::Mutex;

use super::service::{Orders, QUERIES, close, json, open, read, run, run_steps, text};
use crate::http::server::{Reaction, Request, answer, with};

const COMMANDS: &str = r#"
[command.CreateOrder]
request = "PUT /orders/${on}"
body = { customer = "${.customer}", items = "${.items}" }
[command.CancelOrder]
request = "POST /orders/${on}/cancel"
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm"
"#;

const TEXT: &str = "content-type: text/plain\r\n";

/// A service that says no in its own way: `refused` is given why.
fn service(orders: &Orders, request: &Request, refused: impl Fn(&str) -> Reaction) -> Reaction {
    if let Some(found) = read(orders, request) {
        return found;
    }
    let id = request.target.split('/').nth(2).unwrap_or_default();
    if request.method == "PUT" {
        let body = json(&request.body);
        if body.get("items").is_none_or(|items| items.as_list().is_none()) {
            return refused("UNREADABLE");
        }
        open(orders, id, body.get("customer"), body.get("items"));
        return with(201, "", b"");
    }
    close(orders, id).map_or_else(refused, |()| with(204, "", b""))
}

/// Every no is a 400 in plain words, whether a rule was broken or the body could not be read.
#[test]
fn rules_and_unreadable_bodies_as_400_in_plain_words() {
    let profile = r#"
[[answer]]
status = 400
like = "could not be read"
is = "rejected"
code = "Malformed"
[[answer]]
status = 400
like = "/no order|unknown order/"
is = "rejected"
code = "OrderNotFound"
[[answer]]
status = 400
like = "is closed"
is = "rejected"
code = "OrderNotPending"
"#;
    let steps = r#"let $c = unique "cust"
let $o = new Order
when CreateOrder on $o { customer: $c, items: "none" }
then rejected Malformed
when CreateOrder on $o { customer: $c, items: [{ product: "tea", quantity: 2, price: 4.50 }] }
then accepted
given CancelOrder on $o { reason: "too late" }
when ConfirmOrder on $o
then rejected OrderNotPending
when ConfirmOrder on new Order
then rejected OrderNotFound"#;
    let orders = Orders::default();
    run_steps(&format!("{profile}{COMMANDS}{QUERIES}"), steps, move |request| {
        service(&orders, request, |why| {
            let said = match why {
                "UNREADABLE" => "the body could not be read",
                "CLOSED" => "order is closed",
                _ => "there is no order of that id",
            };
            with(400, TEXT, said.as_bytes())
        })
    });
}

/// A rule that is broken is a 403, as if somebody had no right to it.
#[test]
fn a_403_for_a_rule() {
    let profile = r#"
[[answer]]
status = 403
is = "rejected"
code = "OrderNotPending"
[[answer]]
status = 404
command = "ConfirmOrder"
is = "rejected"
code = "OrderNotFound"
"#;
    let orders = Orders::default();
    run(&format!("{profile}{COMMANDS}{QUERIES}"), move |request| {
        service(&orders, request, |why| with(if why == "CLOSED" { 403 } else { 404 }, "", b""))
    });
}

/// The only thing that tells one no from another is a sentence in `detail`.
#[test]
fn codes_in_the_detail() {
    let profile = r#"
[[answer]]
status = ["4xx"]
at = "$.detail"
is = "rejected"
code = { from = "$.detail", map = { "/^\\[E17\\]/" = "OrderNotPending", "/^\\[E4\\]/" = "OrderNotFound" } }
"#;
    let orders = Orders::default();
    run(&format!("{profile}{COMMANDS}{QUERIES}"), move |request| {
        service(&orders, request, |why| {
            let detail = if why == "CLOSED" { "[E17] not open" } else { "[E4] nothing there" };
            answer(422, &format!(r#"{{"title": "Unprocessable", "detail": "{detail}"}}"#))
        })
    });
}

/// Whoever comes second is told so by a 500.
#[test]
fn a_conflict_as_a_500() {
    let profile = r#"
[version]
order = "opaque"
read = "header ETag"
write = { header = "If-Match", value = "${version}" }
[[answer]]
status = 500
like = "tuple concurrently updated"
is = "rejected"
code = "ConcurrencyConflict"
"#;
    let steps = r#"let $o = new Order
given CreateOrder on $o { customer: "c", items: [{ product: "tea", quantity: 2, price: 4.50 }] } -> $v = version
when ConfirmOrder on $o at version $v
then accepted
when CancelOrder on $o at version $v { reason: "r" }
then rejected ConcurrencyConflict"#;
    let current = Mutex::new(0);
    run_steps(&format!("{profile}{COMMANDS}{QUERIES}"), steps, move |request| {
        let mut current = current.lock().expect("no panic");
        let expected = request.header("if-match").unwrap_or_default();
        if !expected.is_empty() && expected != format!("W/\"{current}\"") {
            return with(500, TEXT, b"ERROR: tuple concurrently updated");
        }
        *current += 1;
        with(200, &format!("etag: W/\"{current}\"\r\n"), b"")
    });
}

/// GraphQL: one route for all, mutations and queries as text, and every answer is a 200.
#[test]
fn graphql() {
    let profile = r#"
[[answer]]
at = "$.errors[0]"
is = "rejected"
code = { from = "$.errors[0].extensions.code", map = { CLOSED = "OrderNotPending", NOT_FOUND = "OrderNotFound" } }
[command.CreateOrder]
request = "POST /graphql"
body = { query = "mutation($i: NewOrder!) { createOrder(input: $i) { id } }", variables = { i = { id = "${on}", customer = "${.customer}", items = "${.items}" } } }
[command.CancelOrder]
request = "POST /graphql"
body = { query = "mutation($i: ID!) { cancelOrder(id: $i) { id } }", variables = { i = "${on}" } }
[command.ConfirmOrder]
request = "POST /graphql"
body = { query = "mutation($i: ID!) { confirmOrder(id: $i) { id } }", variables = { i = "${on}" } }
"#;
    let orders = Orders::default();
    run(&format!("{profile}{QUERIES}"), move |request| {
        if let Some(found) = read(&orders, request) {
            return found;
        }
        let body = json(&request.body);
        let input = body.get("variables").and_then(|variables| variables.get("i")).expect("an input");
        if text(body.get("query")).contains("createOrder") {
            open(&orders, &text(input.get("id")), input.get("customer"), input.get("items"));
            return answer(200, r#"{"data": {"createOrder": {}}}"#);
        }
        match close(&orders, &text(Some(input))) {
            Ok(()) => answer(200, r#"{"data": {}, "errors": null}"#),
            Err(code) => answer(
                200,
                &format!(
                    r#"{{"data": null, "errors": [{{"message": "no", "extensions": {{"code": "{code}"}}}}]}}"#
                ),
            ),
        }
    });
}
