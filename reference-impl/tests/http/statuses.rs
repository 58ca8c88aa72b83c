//! The table of statuses, row by row: every answer that the operations claim is brought about, and
//! none that they don't claim.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use hyper::body::Frame;
use reference_impl::http::{Api, Limits, Operation, Tenant, Token, operations, router};

use super::client::{
    Call, Reply, add, call, cancel, confirming, create, deliver, furnish, read, remove, replace, uuid,
};
use crate::flaky::Flaky;
use crate::support::{builder, system};

/// What the server is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    Open,
    Tenants,
    VersionsRequired,
    Contended,
}

async fn serve(server: Server) -> Router {
    let limits = Limits { body_bytes: 500, target_bytes: 300, header_fields: 20, ..Limits::default() };
    let store = Flaky::new();
    let system = match server {
        Server::Contended => builder().store(store.clone()).build().expect("a system"),
        _ => system(),
    };
    furnish(&system).await;
    store.contend();
    let api = match server {
        Server::Tenants => {
            let token = Token::new("secret").expect("a token");
            Api::for_tenants(vec![Tenant { name: "acme".into(), token, system }]).expect("a tenant")
        }
        _ => Api::open(system),
    };
    router(api.limits(limits).require_version(server == Server::VersionsRequired))
}

/// A call that goes well.
fn good(operation: &str) -> Call {
    match operation {
        "createOrder" => create(9),
        "getOrder" => read(1),
        "getOrderAuditTrail" => Call::get(format!("/orders/{}/audit-trail", uuid(1))),
        "addItem" => add(1),
        "removeItem" => remove(1, "p-1"),
        "replaceItem" => replace(1, "p-1"),
        "requestDelivery" => deliver(1, "2026-03-01T09:05:07Z"),
        "confirmOrder" => confirming(1),
        "cancelOrder" => cancel(1),
        "listCustomerOrders" => Call::get("/customers/c/orders"),
        "readEvents" => Call::get("/events"),
        "listReadModels" => Call::get("/read-models"),
        "waitForReadModel" => Call::get("/read-models/order_summary/wait"),
        "rebuildReadModel" => Call::post("/admin/read-models/order_summary/rebuild"),
        "health" => Call::get("/health"),
        "explainProblem" => Call::get("/problems/Malformed"),
        "describe" => Call::get("/openapi.json"),
        other => panic!("{other} is new: say how it goes well"),
    }
}

/// Calls that bring about that problem of that operation, and the server to send them to.
fn bad(operation: &str, code: &str) -> Vec<(Server, Call)> {
    let line =
        |quantity: i64, price: &str| format!(r#"{{"product":"p","quantity":{quantity},"price":{price}}}"#);
    let order = |number: u128, items: &str| {
        Call::post("/orders")
            .json(&format!(r#"{{"id":"{}","customer":"c","items":[{items}]}}"#, uuid(number)))
    };
    let item = |line: String| Call::post(format!("/orders/{}/items", uuid(1))).json(&line);
    let good = || good(operation);
    let open = |calls: Vec<Call>| calls.into_iter().map(|call| (Server::Open, call)).collect();
    let one = |call: Call| vec![(Server::Open, call)];
    match (operation, code) {
        (_, "Unauthorized") => vec![(Server::Tenants, good())],
        (_, "PreconditionRequired") => vec![(Server::VersionsRequired, good())],
        (_, "UriTooLong") => one(good().more_target(&"a=b&".repeat(100))),
        (_, "HeadersTooLarge") => one((0..21).fold(good(), |call, _| call.header("x-more", "1"))),
        (_, "BodyTimeout") => one(good().bytes(Body::new(Never))),
        (_, "ContentTooLarge") => one(good().bytes("x".repeat(501))),
        (_, "UnsupportedMediaType") => {
            let mut call = good().bytes("{}");
            call.headers.remove("content-type");
            one(call)
        }
        // 412 with a precondition; 409 without, where others keep writing.
        (operation, "ConcurrencyConflict") => {
            let stale = (Server::Open, good().header("if-match", "\"99\""));
            if operation == "getOrder" { vec![stale] } else { vec![stale, (Server::Contended, good())] }
        }
        (_, "KeyReused") => one(good().header("idempotency-key", "taken")),
        ("getOrder" | "getOrderAuditTrail", "Malformed") => {
            one(Call::get(good().target.replace("00000000-", "0000000-")))
        }
        ("listCustomerOrders", "Malformed") => one(good().more_target("page=0")),
        ("readEvents", "Malformed") => {
            open(vec![good().more_target("limit=0"), good().more_target("after=x")])
        }
        ("waitForReadModel", "Malformed") => one(good().more_target("timeout_ms=30001")),
        ("explainProblem", "Malformed") => one(Call::get("/problems/%FF")),
        (_, "Malformed") => open(vec![
            good().header("content-type", "application/json").bytes("{"),
            good().header("content-type", "application/json").bytes("[]"),
        ]),
        ("createOrder", "OrderAlreadyExists") => one(create(1)),
        ("createOrder", "OrderHasNoItems") => one(order(9, "")),
        ("createOrder", "InvalidQuantity") => one(order(9, &line(0, "1"))),
        ("createOrder", "InvalidPrice") => one(order(9, &line(1, "0"))),
        ("addItem", "InvalidQuantity") => one(item(line(-1, "1"))),
        ("addItem", "InvalidPrice") => one(item(line(1, "\"-0.01\""))),
        ("addItem", "OrderNotPending") => one(add(2)),
        ("replaceItem", "OrderNotPending") => one(replace(2, "p-0")),
        ("replaceItem", "ItemNotFound") => one(replace(1, "p-9")),
        ("replaceItem", "InvalidQuantity") => {
            one(replace(1, "p-1").bytes(r#"{"replacement":"p","quantity":0,"price":1}"#))
        }
        ("replaceItem", "InvalidPrice") => {
            one(replace(1, "p-1").bytes(r#"{"replacement":"p","quantity":1,"price":0}"#))
        }
        ("replaceItem", "TooManyLines") => one(replace(MANY, "p-0")),
        ("removeItem", "TooManyLines") => one(remove(MANY, "p-0")),
        ("removeItem", "OrderNotPending") => one(remove(2, "p-0")),
        ("requestDelivery", "OrderNotPending") => one(deliver(2, "2026-03-01T09:05:07Z")),
        ("confirmOrder", "OrderNotPending") => one(confirming(2)),
        ("cancelOrder", "OrderNotPending") => one(cancel(2)),
        (_, "OrderNotFound") => {
            let mut call = good();
            call.target = call.target.replace(&uuid(1).to_string(), &uuid(77).to_string());
            one(call)
        }
        ("removeItem", "ItemNotFound") => one(remove(1, "p-9")),
        // Needs an order with one item: see `the_last_item_stays`.
        ("removeItem", "OrderHasNoItems") => one(remove(3, "p-0")),
        ("waitForReadModel", "NotCaughtUp") => one(good().more_target("position=99&timeout_ms=10")),
        (_, "ReadModelNotFound") => one(Call::new(good().method, good().target.replace("order_", "no_"))),
        ("explainProblem", "NotFound") => one(Call::get("/problems/None")),
        (operation, code) => panic!("{operation} claims {code}: say how that comes about"),
    }
}

/// The order that has eleven lines of one product.
const MANY: u128 = 44;

/// A body that never arrives.
struct Never;

impl hyper::body::Body for Never {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}

async fn try_out(server: Server, request: Call) -> Reply {
    let router = serve(server).await;
    if server == Server::Open {
        // What some cases need on top: order 3 with its one item, and a key that is taken.
        let key = create(3).header("idempotency-key", "taken");
        assert_eq!(call(&router, key).await.status, 201);
        if request.target.contains(&uuid(MANY).to_string()) {
            assert_eq!(call(&router, create(MANY)).await.status, 201);
            for _ in 0..11 {
                let line = Call::post(format!("/orders/{}/items", uuid(MANY)));
                let line = line.json(r#"{"product":"p-0","quantity":1,"price":1}"#);
                assert_eq!(call(&router, line).await.status, 200);
            }
        }
    }
    call(&router, request).await
}

async fn produced(operation: &Operation) -> BTreeSet<(String, u16)> {
    let mut seen = BTreeSet::new();
    for kind in operation.problems() {
        for (server, request) in bad(operation.id, kind.code) {
            let what = format!("{operation:?} {request:?}");
            let reply = try_out(server, request).await;
            assert_eq!(reply.code(), kind.code, "{what}: {reply:?}");
            seen.insert((kind.code.to_owned(), reply.status.as_u16()));
        }
    }
    seen
}

#[tokio::test(start_paused = true)]
async fn every_problem_an_operation_claims_comes_about() {
    for operation in operations() {
        let seen = produced(operation).await;
        let claimed: BTreeSet<_> =
            operation.problems().iter().map(|kind| (kind.code.to_owned(), kind.status.as_u16())).collect();
        assert_eq!(seen, claimed, "{operation:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_operation_can_end_well() {
    for operation in operations() {
        let reply = try_out(Server::Open, good(operation.id)).await;
        let claimed = operation.successes.first().expect("a way to end well");
        assert_eq!(reply.status, claimed.status, "{operation:?}: {reply:?}");
        for header in claimed.headers {
            let present = reply.headers.contains_key(*header);
            assert!(present || *header == "Idempotency-Replayed", "{operation:?}: no {header}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_known_is_not_sent_again() {
    let reply = try_out(Server::Open, read(1).header("if-none-match", "\"2\"")).await;
    assert_eq!((reply.status.as_u16(), reply.header("etag")), (304, "\"2\""));
    assert_eq!(reply.header("x-position"), "5");
}

#[tokio::test]
async fn what_is_no_route_is_a_problem_too() {
    let router = serve(Server::Open).await;
    let nowhere = call(&router, Call::get("/nowhere")).await;
    assert_eq!((nowhere.status.as_u16(), nowhere.code()), (404, "NotFound"));
    let reply = call(&router, Call::new(axum::http::Method::PUT, "/orders")).await;
    assert_eq!((reply.status.as_u16(), reply.code()), (405, "MethodNotAllowed"));
    assert_eq!(reply.header("allow"), "POST");
}
