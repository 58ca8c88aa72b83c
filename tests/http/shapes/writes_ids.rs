//! Shapes of ids that the service makes up.

use proofmark::adapter::{Session as _, World as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proofmark::protocol::{Actor, Command, Expected, Outcome};
use proofmark::value::{Record, Value};

use super::service::{Orders, QUERIES, close, json, open, read, run};
use crate::http::server::{Reaction, Server, answer, with};
use crate::http::{http, world};

/// What these services have in common but for the ids.
const COMMANDS: &str = r#"
[[answer]]
status = 404
command = "ConfirmOrder"
is = "rejected"
code = "OrderNotFound"
[[answer]]
status = 409
is = "rejected"
code = "OrderNotPending"
[command.CreateOrder]
request = "POST /orders"
body = { customer = "${.customer}", items = "${.items}" }
[command.CancelOrder]
request = "POST /orders/${on}/cancel"
body = { reason = "${.reason}" }
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm"
"#;

fn closed(orders: &Orders, target: &str) -> Reaction {
    match close(orders, target.split('/').nth(2).unwrap_or_default()) {
        Ok(()) => with(204, "", b""),
        Err("CLOSED") => answer(409, "{}"),
        Err(_) => answer(404, "{}"),
    }
}

/// A 201 whose body is the id, a JSON text and nothing else.
#[test]
fn a_bare_text_is_the_id() {
    let profile = r#"
[id.Order]
by = "captured"
as = "string"
take = "$"
"#;
    let orders = Orders::default();
    run(&format!("{profile}{COMMANDS}{QUERIES}"), move |request| {
        if let Some(found) = read(&orders, request) {
            return found;
        }
        if request.target == "/orders" {
            let id = format!("ord-{}", orders.lock().expect("no panic").len());
            let body = json(&request.body);
            open(&orders, &id, body.get("customer"), body.get("items"));
            return answer(201, &format!("{id:?}"));
        }
        closed(&orders, &request.target)
    });
}

/// Who makes up ids makes another order of a command that is sent twice: so it is sent once, unless a key says that it is
/// the same one.
#[test]
fn an_order_that_there_is_is_not_created_again() {
    let captured = "[id.Order]\nby = \"captured\"\nas = \"string\"\ntake = \"$\"\n[[answer]]\nstatus = 409\nis = \"rejected\"\ncode = \"OrderHasNoItems\"\n[key]\nheader = \"Idempotency-Key\"\n";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let check = |keys: [Option<&str>; 2], told: &str, sent: usize| {
        let arrived = Arc::new(AtomicUsize::new(0));
        let count = arrived.clone();
        let outcomes = runtime.block_on(async move {
            let server = Server::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
                0 => answer(409, "{}"),
                number => answer(201, &format!("\"ord-{number}\"")),
            })
            .await;
            let target = http(&server.url, &format!("{captured}{COMMANDS}"));
            let mut session = world(&target).await.open(&Actor::default()).await.expect("a session");
            // The first one is refused: nothing was created, so it may be tried again.
            let mut outcomes = Vec::new();
            for key in [keys[0], keys[0], keys[1]] {
                outcomes.push(session.submit(&create(key)).await.outcome.to_string());
            }
            outcomes
        });
        assert!(outcomes[0].contains("OrderHasNoItems"), "{outcomes:?}");
        assert!(outcomes[1].contains("accepted"), "{outcomes:?}");
        assert!(outcomes[2].contains(told), "{outcomes:?}");
        assert_eq!(arrived.load(Ordering::Relaxed), sent);
    };
    let refused = "not sent: the service makes up the ids of Order: CreateOrder would create another one";
    check([None, None], refused, 2);
    check([Some("k-1"), Some("k-2")], refused, 2);
    check([Some("k-1"), Some("k-1")], "accepted", 3);
}

/// A 201 with nothing in it; the order shows in a list some time later, under a whole number.
#[test]
fn an_id_that_only_a_look_up_tells() {
    let profile = r#"
[id.Order]
by = "lookup"
as = "int"
query = "GET /all"
rows = "$.orders"
where = { customer = "${.customer}" }
take = "$.number"
within = "6s"
"#;
    let orders = Orders::default();
    open(&orders, "1", Some(&"somebody else".into()), None);
    let looks = AtomicUsize::new(0);
    run(&format!("{profile}{COMMANDS}{QUERIES}"), move |request| {
        if let Some(found) = read(&orders, request) {
            return found;
        }
        match &*request.target {
            "/orders" => {
                let body = json(&request.body);
                open(&orders, "4711", body.get("customer"), body.get("items"));
                with(201, "", b"")
            }
            "/all" => {
                let late = usize::from(looks.fetch_add(1, Ordering::Relaxed) > 2);
                let orders = orders.lock().expect("no panic");
                let rows = orders.iter().take(1 + late).map(|(id, order)| {
                    format!(r#"{{"number": {id}, "customer": {}}}"#, order.customer.to_json())
                });
                answer(200, &format!(r#"{{"orders": [{}]}}"#, rows.collect::<Vec<_>>().join(",")))
            }
            target => closed(&orders, target),
        }
    });
}

/// What the first answer names helps to find the id: here, a ticket.
#[test]
fn a_look_up_may_use_the_answer() {
    let profile = r#"
[id.Order]
by = "lookup"
as = "string"
query = "GET /tickets/${$.ticket}"
take = "$.order"
"#;
    let orders = Orders::default();
    run(&format!("{profile}{COMMANDS}{QUERIES}"), move |request| {
        if let Some(found) = read(&orders, request) {
            return found;
        }
        match &*request.target {
            "/orders" => {
                let body = json(&request.body);
                open(&orders, "the-one", body.get("customer"), body.get("items"));
                answer(201, r#"{"ticket": "t 1"}"#)
            }
            "/tickets/t%201" => answer(200, r#"{"order": "the-one"}"#),
            target => closed(&orders, target),
        }
    });
}

async fn created(rows: &'static str) -> Outcome {
    let server = Server::start(move |request| match &*request.target {
        "/orders" => with(201, "", b""),
        _ => answer(200, rows),
    })
    .await;
    let profile = "[id.Order]\nby = \"lookup\"\nquery = \"GET /all\"\nwhere = { c = \"${.customer}\" }\ntake = \"$.id\"\nwithin = \"100ms\"\n";
    let target = http(&server.url, &format!("{profile}{COMMANDS}"));
    let mut session = world(&target).await.open(&Actor::default()).await.expect("a session");
    session.submit(&create(None)).await.outcome
}

fn create(key: Option<&str>) -> Command {
    Command {
        name: "CreateOrder".into(),
        on: Some(Value::from("o")),
        fields: Record::from([("customer", Value::from("ann")), ("items", Value::List(Vec::new()))]),
        key: key.map(Into::into),
        expected: Expected::Any,
        id: "c".into(),
    }
}

/// Whatever the look-up can't tell is unknown: the command was accepted, but nothing can be said of the aggregate.
#[test]
fn a_look_up_that_finds_none_or_several_is_unknown() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for (rows, why) in [
        ("[]", "did not tell the new id within 100ms: there is no such row"),
        (r#"[{"c": "bob", "id": 1}]"#, "there is no such row"),
        (r#"[{"c": "ann", "id": 1}, {"c": "ann", "id": 2}]"#, "finds 2 rows"),
        ("<", "there is no such row"),
    ] {
        let outcome = runtime.block_on(created(rows));
        assert!(
            matches!(outcome, Outcome::Unknown(_)) && outcome.to_string().contains(why),
            "{rows}: {outcome}"
        );
    }
    let outcome = runtime.block_on(created(r#"[{"c": "bob", "id": 1}, {"c": "ann", "id": 2}]"#));
    assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome}");
}

/// Two orders of one customer: the one that has its id by now is not the new one, whichever comes first and however late the new one does.
#[test]
fn a_look_up_passes_over_what_is_known() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let looks = AtomicUsize::new(0);
        let server = Server::start(move |request| match &*request.target {
            "/orders" => with(201, "", b""),
            "/all" => match looks.fetch_add(1, Ordering::Relaxed) {
                0 | 1 => answer(200, r#"[{"c": "ann", "id": "one"}]"#),
                _ => answer(200, r#"[{"c": "ann", "id": "two"}, {"c": "ann", "id": "one"}]"#),
            },
            _ => answer(404, "{}"),
        })
        .await;
        let profile = "[id.Order]\nby = \"lookup\"\nas = \"string\"\nquery = \"GET /all\"\nwhere = { c = \"${.customer}\" }\ntake = \"$.id\"\n";
        let target = http(&server.url, &format!("{profile}{COMMANDS}"));
        let mut session = world(&target).await.open(&Actor::default()).await.expect("a session");
        for on in ["o", "p"] {
            let create = Command { on: Some(Value::from(on)), ..create(None) };
            assert!(matches!(session.submit(&create).await.outcome, Outcome::Accepted(_)), "{on}");
            let confirm = Command { name: "ConfirmOrder".into(), on: Some(Value::from(on)), fields: Record::new(), ..create };
            session.submit(&confirm).await;
        }
        let requests = server.requests();
        let confirmed = requests.iter().filter(|request| request.target.ends_with("/confirm"));
        let confirmed: Vec<&str> = confirmed.map(|request| &*request.target).collect();
        assert_eq!(confirmed, ["/orders/one/confirm", "/orders/two/confirm"]);
    });
}
