//! Tenants: each has a system of their own, and nobody else comes in.

use reference_impl::OrderSystem;
use reference_impl::http::{Api, Tenant, TenantsError, Token, operations, router};

use super::client::{Call, accepted, add, call, create, read};
use crate::support::system;

fn tenant(name: &str, token: &str, system: OrderSystem) -> Tenant {
    Tenant { name: name.into(), token: Token::new(token).expect("a token"), system }
}

fn two() -> axum::Router {
    let tenants = vec![tenant("acme", "acme-secret", system()), tenant("brook", "brook-secret", system())];
    router(Api::for_tenants(tenants).expect("two tenants"))
}

fn acme(call: Call) -> Call {
    call.header("authorization", "Bearer acme-secret")
}

fn brook(call: Call) -> Call {
    call.header("authorization", "bearer  brook-secret")
}

#[tokio::test]
async fn a_stranger_gets_nothing() {
    let router = two();
    accepted(&router, acme(create(1))).await;
    let known = read(1);
    let cases = [
        known,
        read(2),
        add(1),
        create(3),
        Call::get("/events"),
        Call::get("/read-models/none/wait"),
        Call::get("/orders/not-even-an-id"),
        Call::post("/orders").json("{"),
    ];
    let mut answers = Vec::new();
    for case in cases {
        let reply = call(&router, case).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (401, "Unauthorized"));
        assert_eq!(reply.header("www-authenticate"), "Bearer");
        answers.push(reply.json);
    }
    // Whether something is there can't be told from the answers.
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    for wrong in
        ["Bearer", "Bearer ", "Bearer acme-secre", "Bearer acme-secret2", "Basic acme-secret", "acme-secret"]
    {
        assert_eq!(call(&router, read(1).header("authorization", wrong)).await.status, 401, "{wrong}");
    }
    let both = brook(acme(read(1)));
    assert_eq!(call(&router, both).await.status, 401);
}

#[tokio::test]
async fn tenants_share_neither_orders_nor_keys_nor_feeds() {
    let router = two();
    let keyed = |call: Call| call.header("idempotency-key", "k");
    accepted(&router, acme(keyed(create(1)))).await;
    assert_eq!(call(&router, brook(read(1))).await.code(), "OrderNotFound");
    assert_eq!(call(&router, brook(add(1))).await.code(), "OrderNotFound");
    let feed = accepted(&router, brook(Call::get("/events"))).await;
    assert_eq!((&feed.json["events"], &feed.json["head"]), (&serde_json::json!([]), &0.into()));
    let list = accepted(&router, brook(Call::get("/customers/c/orders"))).await;
    assert_eq!(list.json["total_count"], 0);
    // Neither a replay of somebody else's command nor refused as another one.
    let same_key = accepted(&router, brook(keyed(create(2)))).await;
    assert_eq!(same_key.header("idempotency-replayed"), "");
    assert_eq!(same_key.header("x-position"), "1");
    accepted(&router, brook(create(1))).await;
    assert_eq!(accepted(&router, acme(read(1))).await.json["version"], 1);
    let feed = accepted(&router, acme(Call::get("/events"))).await.json;
    assert_eq!(feed["events"][0]["actor"], "acme");
}

#[tokio::test]
async fn what_holds_no_data_needs_no_token() {
    let router = two();
    for open in ["/health", "/openapi.json", "/problems/Malformed"] {
        accepted(&router, Call::get(open)).await;
    }
    let open = operations()
        .iter()
        .filter(|operation| operation.problems().iter().all(|kind| kind.code != "Unauthorized"));
    assert_eq!(open.count(), 3);
}

#[test]
fn tokens_show_nowhere_and_open_one_system_each() {
    assert!(Token::new("").is_err() && Token::new("two words").is_err());
    let same = || vec![tenant("acme", "secret", system()), tenant("brook", "secret", system())];
    assert!(!format!("{:?}", same()).contains("secret"));
    let error = Api::for_tenants(same()).expect_err("one token for two");
    assert!(!error.to_string().contains("secret"), "{error}");
    assert!(matches!(Api::for_tenants(Vec::new()), Err(TenantsError::None)));
}
