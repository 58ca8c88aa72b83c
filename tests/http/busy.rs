//! Services that ask to be left alone for a while.

use proofmark::protocol::Outcome;

use super::server::{Server, answer, with};
use super::{ask, confirm, http, submit};

const PROFILE: &str = r#"
[key]
header = "Idempotency-Key"
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm"
[query.GetOrderDetails]
request = "GET /orders/${on}"
"#;

const NOW: &str = "retry-after: 0\r\n";

#[tokio::test]
async fn a_429_is_asked_again_a_few_times() {
    let server = Server::script(vec![with(429, NOW, b""), with(429, NOW, b""), answer(200, "{}")]).await;
    let outcome = submit(&http(&server.url, PROFILE), &confirm(None)).await;
    assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome}");
    assert_eq!(server.requests().len(), 3);

    let never = Server::script(vec![with(429, NOW, b"")]).await;
    let outcome = submit(&http(&never.url, PROFILE), &confirm(None)).await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome}");
    assert_eq!(never.requests().len(), 5);
}

#[tokio::test]
async fn a_429_that_means_something_is_no_reason_to_wait() {
    let rule = "[[answer]]\nstatus = 429\nis = \"rejected\"\ncode = \"OrderNotPending\"\n";
    let server = Server::script(vec![with(429, NOW, b"")]).await;
    let outcome = submit(&http(&server.url, &format!("{rule}{PROFILE}")), &confirm(None)).await;
    assert!(matches!(outcome, Outcome::Rejected(_)), "{outcome}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_503_is_asked_again_only_where_that_does_no_harm() {
    let script = || vec![with(503, NOW, b""), answer(200, "{}")];
    let server = Server::script(script()).await;
    let outcome = submit(&http(&server.url, PROFILE), &confirm(None)).await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "without a key it may have been done: {outcome}");

    let server = Server::script(script()).await;
    let outcome = submit(&http(&server.url, PROFILE), &confirm(Some("k"))).await;
    assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome}");
    let keys: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("idempotency-key").map(str::to_owned))
        .collect();
    assert_eq!(keys, [Some("k".to_owned()), Some("k".to_owned())]);

    let server = Server::script(script()).await;
    ask(&http(&server.url, PROFILE)).await;
    assert_eq!(server.requests().len(), 2);
}
