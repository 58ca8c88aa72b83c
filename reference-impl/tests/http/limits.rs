//! Limits: what is too much is refused, and the next request is answered.

use axum::http::Method;
use reference_impl::http::{Api, Limits, router};

use super::client::{Call, accepted, add, call, confirming, furnish, furnished, remove};
use crate::support::system;

#[tokio::test]
async fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
    let system = system();
    furnish(&system).await;
    let line = r#"{"product":"p","quantity":1,"price":"1"}"#;
    let limits = Limits { body_bytes: line.len(), ..Limits::default() };
    let router = router(Api::open(system).limits(limits));
    accepted(&router, add(1).bytes(line)).await;
    for longer in [
        add(1).bytes(format!("{line} ")),
        remove(1, "p-1").json(&format!("{line} ")),
        confirming(1).bytes("x".repeat(1000)),
    ] {
        assert_eq!(call(&router, longer).await.status, 413);
    }
    // Announced, it is refused before it is sent.
    let announced = add(1).bytes(line).header("content-length", "100000000000");
    assert_eq!(call(&router, announced).await.status, 413);
    accepted(&router, add(1).bytes(line)).await;
}

#[tokio::test]
async fn nesting_has_an_end() {
    let router = furnished().await;
    let nested = |levels: usize| {
        let inner = format!("{}{}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        add(1).bytes(format!(r#"{{"product":"p","quantity":1,"price":"1","more":{inner}}}"#))
    };
    accepted(&router, nested(32)).await;
    for levels in [33, 1000, 400_000] {
        let reply = call(&router, nested(levels)).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (400, "Malformed"), "{levels}");
    }
    let open = add(1).bytes("[".repeat(500_000));
    assert_eq!(call(&router, open).await.status, 400);
}

#[tokio::test]
async fn targets_and_headers_have_an_end() {
    let router = furnished().await;
    let long = Call::get(format!("/customers/{}/orders", "c".repeat(8 * 1024)));
    assert_eq!(call(&router, long).await.status, 414);
    let wide = Call::get("/health").header("x-wide", &"w".repeat(16 * 1024));
    assert_eq!(call(&router, wide).await.status, 431);
    let many = (0..65).fold(Call::get("/health"), |call, _| call.header("x-many", "m"));
    assert_eq!(call(&router, many).await.status, 431);
    accepted(&router, Call::get("/health")).await;
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let router = furnished().await;
    let reply = accepted(&router, Call::new(Method::HEAD, "/events")).await;
    assert_eq!((reply.header("x-position"), reply.json.is_null()), ("4", true));
}
