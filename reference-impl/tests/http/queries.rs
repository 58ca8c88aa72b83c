//! Queries over the wire: read models, the past, the feed, waiting, rebuilding.

use std::time::Duration;

use axum::http::Method;
use reference_impl::http::{Api, router};
use serde_json::{Value, json};

use super::client::{Call, accepted, add, call, cancel, create, deliver, furnished, open, read, uuid};
use crate::support::{LAG, eventual};

#[tokio::test]
async fn an_order_shows_all_there_is_to_it() {
    let router = furnished().await;
    let reply = accepted(&router, read(1)).await;
    assert_eq!((reply.header("etag"), reply.header("x-position")), ("\"2\"", "4"));
    let order = reply.json;
    let line = |product: &str| json!({ "product": product, "quantity": 1, "price": "1" });
    assert_eq!(order["id"], uuid(1).to_string());
    assert_eq!(order["items"], json!([line("p-0"), line("p-1")]));
    assert_eq!((&order["total"], &order["item_count"]), (&"2".into(), &2.into()));
    assert_eq!((&order["status"], &order["customer"]), (&"pending".into(), &"c".into()));
    assert_eq!(order["created_at"], "2023-11-14T22:13:20.000Z");
    assert!(order["deliver_at"].is_null());
    accepted(&router, deliver(1, "2026-03-02T01:30:07.0139+02:00")).await;
    assert_eq!(accepted(&router, read(1)).await.json["deliver_at"], "2026-03-01T23:30:07.013Z");
    let feed = accepted(&router, Call::get("/events?after=4")).await.json;
    assert_eq!(feed["events"][0]["data"], json!({ "deliver_at": "2026-03-02T01:30:07.013+02:00" }));
    for no_moment in ["2026-03-02T01:30:07", "2026-03-02", "2026-02-30T01:30:07Z", ""] {
        assert_eq!(call(&router, deliver(1, no_moment)).await.code(), "Malformed", "{no_moment}");
    }
    assert!(order["customer_name"].is_string() && order["customer_email"].is_string());
}

#[tokio::test]
async fn an_order_that_is_not_there_is_absent_as_of_a_position() {
    let router = furnished().await;
    let reply = call(&router, read(9)).await;
    assert_eq!((reply.code(), reply.header("x-position")), ("OrderNotFound", "4"));
    assert_eq!(call(&router, Call::new(Method::HEAD, read(9).target)).await.status, 404);
}

#[tokio::test]
async fn the_past_can_be_read() {
    let router = furnished().await;
    accepted(&router, cancel(1)).await;
    let as_of = |version: &str| Call::get(format!("{}?as_of={version}", read(1).target));
    let then = accepted(&router, as_of("1")).await;
    assert_eq!((then.header("etag"), then.header("x-position")), ("\"1\"", "5"));
    assert_eq!((&then.json["status"], &then.json["item_count"]), (&"pending".into(), &1.into()));
    assert_eq!(accepted(&router, as_of("3")).await.json["status"], "cancelled");
    for never in ["0", "4", "18446744073709551615"] {
        assert_eq!(call(&router, as_of(never)).await.code(), "OrderNotFound", "{never}");
    }
    for malformed in ["-1", "x", "", "18446744073709551616"] {
        assert_eq!(call(&router, as_of(malformed)).await.code(), "Malformed", "{malformed}");
    }
}

#[tokio::test]
async fn a_customers_orders_come_in_pages_newest_first() {
    let router = open();
    for number in 1..=5 {
        accepted(&router, create(number)).await;
    }
    let page = |query: &str| Call::get(format!("/customers/c/orders{query}"));
    let numbers = |reply: &Value| -> Vec<String> {
        let rows = reply["orders"].as_array().expect("rows");
        rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
    };
    let ids = |wanted: &[u128]| wanted.iter().map(|number| uuid(*number).to_string()).collect::<Vec<_>>();
    let first = accepted(&router, page("?page_size=2")).await;
    assert_eq!(first.header("x-position"), "5");
    assert_eq!(
        (&first.json["total_count"], &first.json["page"], &first.json["page_size"]),
        (&5.into(), &1.into(), &2.into())
    );
    assert_eq!(numbers(&first.json), ids(&[5, 4]));
    assert_eq!(numbers(&accepted(&router, page("?page=3&page_size=2")).await.json), ids(&[1]));
    assert_eq!(numbers(&accepted(&router, page("?page=4294967295")).await.json), ids(&[]));
    assert_eq!(accepted(&router, page("")).await.json["page_size"], 20);
    let nobody = accepted(&router, Call::get("/customers/nob%20ody/orders")).await;
    assert_eq!((&nobody.json["orders"], &nobody.json["total_count"]), (&json!([]), &0.into()));
    for wrong in ["?page=0", "?page=-1", "?page_size=0", "?page_size=101", "?page=x", "?page=1&page=2"] {
        assert_eq!(call(&router, page(wrong)).await.code(), "Malformed", "{wrong}");
    }
}

#[tokio::test]
async fn the_feed_is_read_on_from_any_position() {
    let router = furnished().await;
    let all = accepted(&router, Call::get("/events")).await;
    assert_eq!((all.header("x-position"), &all.json["next"], &all.json["head"]), ("4", &4.into(), &4.into()));
    let events = all.json["events"].as_array().expect("events").clone();
    assert_eq!(
        events.iter().map(|event| event["position"].as_u64()).collect::<Vec<_>>(),
        [1, 2, 3, 4].map(Some)
    );
    for (after, limit) in [(0, 1), (1, 2), (3, 100), (4, 100), (99, 1)] {
        let part = accepted(&router, Call::get(format!("/events?after={after}&limit={limit}"))).await;
        let expected: Vec<_> = events.iter().skip(after).take(limit).cloned().collect();
        assert_eq!(part.json["events"], json!(expected), "after {after}");
        let next = expected.last().map_or(json!(after), |last| last["position"].clone());
        assert_eq!(part.json["next"], next);
    }
    let one = accepted(&router, Call::get(format!("/events?order={}&after=1", uuid(1)))).await;
    assert_eq!(one.json["events"], json!([events[2]]));
    let trail = accepted(&router, Call::get(format!("/orders/{}/audit-trail", uuid(1)))).await;
    assert_eq!(trail.json["events"], json!([events[0], events[2]]));
    assert_eq!(trail.header("etag"), "\"2\"");
    for wrong in ["limit=0", "limit=1001", "limit=x", "after=-1", "order=7"] {
        assert_eq!(call(&router, Call::get(format!("/events?{wrong}"))).await.code(), "Malformed", "{wrong}");
    }
}

#[tokio::test]
async fn events_say_what_happened() {
    let router = furnished().await;
    accepted(&router, cancel(1)).await;
    let feed = accepted(&router, Call::get("/events")).await.json;
    let event = |index: usize| (feed["events"][index]["type"].clone(), feed["events"][index]["data"].clone());
    let line = json!({ "product": "p-1", "quantity": 1, "price": "1" });
    assert_eq!(event(2), (json!("ItemAdded"), line));
    assert_eq!(event(3), (json!("OrderConfirmed"), json!({})));
    assert_eq!(event(4), (json!("OrderCancelled"), json!({ "reason": "changed my mind" })));
}

#[tokio::test(start_paused = true)]
async fn waiting_is_over_when_the_read_model_shows_it() {
    let router = router(Api::open(eventual()));
    let position = accepted(&router, create(1)).await.header("x-position").to_owned();
    assert_eq!(call(&router, read(1)).await.status, 404);
    let wait = |query: &str| Call::get(format!("/read-models/order_summary/wait?{query}"));
    let late = call(&router, wait(&format!("position={position}&timeout_ms=1"))).await;
    assert_eq!((late.code(), late.header("x-position")), ("NotCaughtUp", "0"));
    let started = tokio::time::Instant::now();
    let there = accepted(&router, wait(&format!("position={position}"))).await;
    assert!(started.elapsed() < LAG + Duration::from_millis(10));
    assert_eq!((there.header("x-position"), &there.json["name"]), ("1", &"order_summary".into()));
    assert_eq!(accepted(&router, read(1)).await.json["version"], 1);
    // Without a position: all that has happened so far.
    accepted(&router, add(1)).await;
    accepted(&router, wait("")).await;
    assert_eq!(accepted(&router, read(1)).await.json["version"], 2);
    let listed = accepted(&router, Call::get("/read-models")).await;
    let names: Vec<_> = listed.json.as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["order_summary", "customer_orders"]);
}

#[tokio::test]
async fn a_read_model_is_built_anew() {
    let router = furnished().await;
    let before = accepted(&router, read(1)).await.json;
    let rebuilt = accepted(&router, Call::post("/admin/read-models/order_summary/rebuild")).await;
    assert_eq!((rebuilt.header("x-position"), &rebuilt.json["position"]), ("4", &4.into()));
    assert_eq!(accepted(&router, read(1)).await.json, before);
    assert_eq!(accepted(&router, Call::get("/events")).await.json["head"], 4);
    let unknown = call(&router, Call::post("/admin/read-models/nothing/rebuild")).await;
    assert_eq!((unknown.status.as_u16(), unknown.code()), (404, "ReadModelNotFound"));
}
