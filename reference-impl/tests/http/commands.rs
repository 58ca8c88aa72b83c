//! Commands: what they answer, how their bodies are read.

use super::client::{
    Call, accepted, add, call, cancel, confirming, create, furnished, open, read, remove, uuid,
};

#[tokio::test]
async fn an_order_goes_its_way() {
    let router = open();
    let id = uuid(1).to_string();
    let created = accepted(&router, create(1)).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.header("location"), format!("/orders/{id}"));
    assert_eq!((created.header("etag"), created.header("x-position")), ("\"1\"", "1"));
    assert_eq!(created.json, serde_json::json!({ "id": id, "version": 1, "position": 1 }));
    let added = accepted(&router, add(1)).await;
    assert_eq!(
        (added.status.as_u16(), added.header("etag"), added.header("x-position")),
        (200, "\"2\"", "2")
    );
    assert_eq!(added.header("location"), "");
    accepted(&router, remove(1, "p-0")).await;
    let confirmed = accepted(&router, confirming(1)).await;
    assert_eq!(confirmed.json, serde_json::json!({ "id": id, "version": 4, "position": 4 }));
    let order = accepted(&router, read(1)).await;
    assert_eq!((&order.json["status"], &order.json["total"]), (&"confirmed".into(), &"0.20".into()));
    accepted(&router, create(2)).await;
    accepted(&router, cancel(2)).await;
    assert_eq!(accepted(&router, read(2)).await.json["status"], "cancelled");
}

#[tokio::test]
async fn decimals_keep_every_digit() {
    let router = furnished().await;
    for (number, price, total) in [
        (10, "0.10", "0.10"),
        (11, "\"0.10\"", "0.10"),
        (12, "12345678901234.1234", "12345678901234.1234"),
        (13, "79228162514264337593543950335", "79228162514264337593543950335"),
        (14, "1e2", "100"),
    ] {
        let items = format!(r#"[{{"product":"p","quantity":1,"price":{price}}}]"#);
        let body = format!(r#"{{"id":"{}","customer":"c","items":{items}}}"#, uuid(number));
        accepted(&router, Call::post("/orders").json(&body)).await;
        let order = accepted(&router, read(number)).await.json;
        assert_eq!((&order["total"], &order["items"][0]["price"]), (&total.into(), &total.into()));
    }
}

#[tokio::test]
async fn a_body_that_is_not_in_shape_is_refused_and_changes_nothing() {
    let router = furnished().await;
    let before = accepted(&router, read(1)).await.json;
    let item = |line: &str| Call::post(format!("/orders/{}/items", uuid(1))).json(line);
    for body in [
        "",
        "null",
        "[]",
        "\"text\"",
        "{",
        "{}}",
        "{\"product\":\"p\"",
        r#"["p", 1, "1"]"#,
        r#"{"product":"p","quantity":1}"#,
        r#"{"product":null,"quantity":1,"price":"1"}"#,
        r#"{"product":["p"],"quantity":1,"price":"1"}"#,
        r#"{"product":{},"quantity":1,"price":"1"}"#,
        r#"{"product":"p","quantity":"1","price":"1"}"#,
        r#"{"product":"p","quantity":1.5,"price":"1"}"#,
        r#"{"product":"p","quantity":99999999999999999999,"price":"1"}"#,
        r#"{"product":"p","quantity":1,"price":"a lot"}"#,
        r#"{"product":"p","quantity":1,"price":1e400}"#,
        r#"{"product":"p","quantity":1,"price":[]}"#,
        r#"{"product":"p","quantity":1,"price":"1","price":"2"}"#,
        r#"{"product":"\ud800","quantity":1,"price":"1"}"#,
        r#"{"product":"  ","quantity":1,"price":"1"}"#,
        // Each is a number, but their product can't be held exactly.
        r#"{"product":"p","quantity":9223372036854775807,"price":79228162514264337593543950335}"#,
    ] {
        let reply = call(&router, item(body)).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (400, "Malformed"), "{body}: {reply:?}");
    }
    let items = r#"[["p", 1, "1"]]"#;
    let body = format!(r#"{{"id":"{}","customer":"c","items":{items}}}"#, uuid(9));
    assert_eq!(call(&router, Call::post("/orders").json(&body)).await.code(), "Malformed");
    let invalid_utf8 = item("").bytes(&b"{\"product\":\"\xff\",\"quantity\":1,\"price\":\"1\"}"[..]);
    assert_eq!(call(&router, invalid_utf8).await.code(), "Malformed");
    accepted(&router, add(1)).await;
    let after = accepted(&router, read(1)).await.json;
    assert!(before["version"].as_u64() < after["version"].as_u64());
}

#[tokio::test]
async fn unknown_fields_are_passed_by() {
    let router = furnished().await;
    let line = r#"{"product":"p","quantity":1,"price":"1","note":[{"x":1}]}"#;
    accepted(&router, Call::post(format!("/orders/{}/items", uuid(1))).json(line)).await;
    accepted(&router, confirming(1).json(r#"{"because":"so"}"#)).await;
}

#[tokio::test]
async fn only_json_is_read() {
    let router = furnished().await;
    let line = r#"{"product":"p","quantity":1,"price":"1"}"#;
    let send = |content_type: &str| add(1).json(line).header("content-type", content_type);
    let alone = |content_type: &'static str| {
        let mut call = send(content_type);
        call.headers.remove("content-type");
        call.header("content-type", content_type)
    };
    for content_type in
        ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"]
    {
        accepted(&router, alone(content_type)).await;
    }
    for content_type in ["text/plain", "application/jsonp", "json", "", "application/x-www-form-urlencoded"] {
        assert_eq!(call(&router, alone(content_type)).await.status, 415, "{content_type}");
    }
    let packed = alone("application/json").header("content-encoding", "gzip");
    assert_eq!(call(&router, packed).await.status, 415);
}

#[tokio::test]
async fn a_product_may_have_any_name() {
    let router = furnished().await;
    let line = r#"{"product":"a/b ?#%ü","quantity":1,"price":"1"}"#;
    accepted(&router, Call::post(format!("/orders/{}/items", uuid(1))).json(line)).await;
    accepted(&router, remove(1, "a%2Fb%20%3F%23%25%C3%BC")).await;
}

#[tokio::test]
async fn events_keep_what_the_client_says_of_its_command() {
    let router = furnished().await;
    let (command, cause) = (uuid(71).to_string(), uuid(72).to_string());
    let request = add(1).header("x-command-id", &command).header("x-causation-id", &cause);
    accepted(&router, request).await;
    let trail = accepted(&router, Call::get(format!("/orders/{}/audit-trail", uuid(1)))).await.json;
    let last = trail["events"].as_array().and_then(|events| events.last()).expect("an event");
    assert_eq!((&last["command_id"], &last["causation_id"]), (&command.into(), &cause.into()));
    assert_eq!(call(&router, add(1).header("x-command-id", "7")).await.code(), "Malformed");
}
