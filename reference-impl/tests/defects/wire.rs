//! Defects that show over HTTP only.

use axum::{Extension, Router};
use reference_impl::http::{Api, Connection, Tenant, Token, router};

use super::common::pair;
use crate::http::client::{Call, accepted, add, call, create, read, unchecked, uuid};

fn routers(defect: &str) -> [Router; 2] {
    pair(defect).map(|system| router(Api::open(system)))
}

#[tokio::test]
async fn lenient_body_makes_a_malformed_command_fit() {
    let [clean, broken] = routers("lenient-body");
    for (router, status) in [(clean, 400), (broken, 200)] {
        accepted(&router, create(1)).await;
        for body in [
            r#"{"product":"p-1","price":"1"}"#,
            r#"{"product":"p-1","quantity":"3","price":"1"}"#,
            r#"{"product":"p-1","quantity":null,"price":"1"}"#,
        ] {
            let items = format!("/orders/{}/items", uuid(1));
            assert_eq!(call(&router, Call::post(items).json(body)).await.status, status, "{body}");
        }
        // Other mistakes are refused as ever.
        for body in ["{", r#"{"quantity":1,"price":"1"}"#, r#"{"product":"p-1","quantity":0,"price":"1"}"#] {
            let items = format!("/orders/{}/items", uuid(1));
            assert!(call(&router, Call::post(items).json(body)).await.status.is_client_error(), "{body}");
        }
        let order = accepted(&router, read(1)).await;
        assert_eq!(order.json["version"], if status == 200 { 4 } else { 1 });
    }
}

#[tokio::test]
async fn deep_json_is_answered_as_a_failure() {
    let [clean, broken] = routers("deep-json");
    for (router, status) in [(clean, 400), (broken, 500)] {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100), "]".repeat(100));
        assert_eq!(call(&router, Call::post("/orders").json(&deep)).await.status, status);
        assert_eq!(call(&router, Call::post("/orders").json("{")).await.status, 400);
        accepted(&router, create(1)).await;
    }
}

#[tokio::test]
async fn wrong_status_says_another_one_in_every_problem() {
    let [clean, broken] = routers("wrong-status");
    for (router, said) in [(clean, 404), (broken, 500)] {
        let missing = unchecked(&router, read(1)).await;
        assert_eq!((missing.status.as_u16(), &missing.json["status"]), (404, &said.into()));
        assert_eq!(missing.json["code"], "OrderNotFound");
        assert_eq!(accepted(&router, create(1)).await.status, 201);
    }
}

#[tokio::test]
async fn stack_trace_tells_one_in_every_problem() {
    let [clean, broken] = routers("stack-trace");
    for (router, traced) in [(clean, false), (broken, true)] {
        let missing = call(&router, read(1)).await;
        let told = missing.json["trace"].as_str().is_some_and(|trace| trace.contains("stack backtrace:"));
        assert_eq!((missing.status.as_u16(), told), (404, traced));
    }
}

#[tokio::test]
async fn open_feed_tells_strangers() {
    let [clean, broken] = pair("open-feed").map(|system| {
        let token = Token::new("secret").expect("a token");
        router(Api::for_tenants(vec![Tenant { name: "acme".into(), token, system }]).expect("a tenant"))
    });
    for (router, status) in [(clean, 401), (broken, 200)] {
        accepted(&router, create(1).header("authorization", "Bearer secret")).await;
        for stranger in [Call::get("/events"), Call::get("/events").header("authorization", "Bearer wrong")] {
            assert_eq!(call(&router, stranger).await.status, status);
        }
        assert_eq!(call(&router, read(1)).await.status, 401);
    }
}

#[tokio::test]
async fn connection_replica_goes_back_for_who_connects_anew() {
    let mut went_back = Vec::new();
    for router in routers("connection-replica") {
        let over = |connection: u64| router.clone().layer(Extension(Connection(connection)));
        let items = |order: serde_json::Value| order["items"].as_array().map_or(0, Vec::len);
        let (first, second) = (over(1), over(2));
        let mut times = 0;
        for number in 0..20 {
            accepted(&first, create(number)).await;
            accepted(&first, read(number)).await;
            accepted(&first, add(number)).await;
            let mut seen = [Vec::new(), Vec::new()];
            for _ in 0..4 {
                for (router, seen) in [&first, &second].into_iter().zip(&mut seen) {
                    seen.push(items(accepted(router, read(number)).await.json));
                }
            }
            assert_eq!(seen[0], [2; 4], "the connection that saw it first");
            assert!(seen[1].is_sorted() && seen[1][3] == 2, "none goes back by itself: {seen:?}");
            times += usize::from(seen[1][0] == 1);
        }
        // Who comes without a connection is never shown anything old.
        assert_eq!(items(accepted(&router, read(1)).await.json), 2);
        went_back.push(times);
    }
    assert!(went_back[0] == 0 && (3..=17).contains(&went_back[1]), "{went_back:?}");
}
