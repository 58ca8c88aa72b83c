//! Values in the path of a request: they never lead to another place.

use proofmark::adapter::{Session as _, World as _};
use proofmark::protocol::{Actor, Answer, Outcome, Query};
use proofmark::value::{Record, Value};

use super::server::{Server, answer};
use super::{confirm, http, world};

const PROFILE: &str = r#"
[command.ConfirmOrder]
request = "POST /api/orders/${on}/confirm"
[query.GetOrderDetails]
request = "GET /api/orders/.${on}"
fields = { order = "$.id" }
"#;

/// What is sent to `/api` for an order of this id, and what came of it.
async fn sent(id: &str) -> (Vec<String>, Outcome, Answer) {
    let server = Server::start(|_| answer(200, "{}")).await;
    let target = http(&server.url, PROFILE);
    let mut session = world(&target).await.open(&Actor::default()).await.expect("a session");
    let outcome = session
        .submit(&proofmark::protocol::Command { on: Some(Value::from(id)), ..confirm(None) })
        .await
        .outcome;
    let query = Query { name: "GetOrderDetails".into(), on: Some(Value::from(id)), fields: Record::new() };
    let read = session.ask(&query).await.answer;
    (server.requests().into_iter().map(|request| request.target).collect(), outcome, read)
}

#[tokio::test]
async fn slashes_and_percents_of_a_value_are_its_own() {
    for (id, shown) in [
        ("../../admin", "..%2F..%2Fadmin"),
        ("a/b", "a%2Fb"),
        (r"..\x", "..%5Cx"),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c", "a%3Fb%23c"),
        ("a;b\r\nHost: x", "a%3Bb%0D%0AHost%3A%20x"),
        ("...", "..."),
    ] {
        let (targets, ..) = sent(id).await;
        assert_eq!(
            targets,
            [format!("/api/orders/{shown}/confirm"), format!("/api/orders/.{shown}")],
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_segment_of_dots_is_not_sent() {
    let (targets, outcome, _) = sent("..").await;
    assert_eq!(targets, ["/api/orders/..."]);
    let told = outcome.to_string();
    assert!(told.contains("/api/orders/../confirm has a segment `..`"), "{told}");
    // A value of one dot behind one that the profile has.
    let (targets, outcome, read) = sent(".").await;
    assert_eq!(targets, [""; 0]);
    assert!(matches!(outcome, Outcome::NotSent(_)), "{outcome}");
    assert!(format!("{read:?}").contains("/api/orders/.. has a segment `..`"), "{read:?}");
}
