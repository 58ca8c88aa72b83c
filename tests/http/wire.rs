//! The wire as judges see it: answers as they were, requests that no client would send.

use std::path::Path;

use proofmark::adapter::{Http, Malformation, NotMade, Session as _, Target as _, World as _};
use proofmark::protocol::{Actor, Came, Command, Doubt, Exchange, Response};
use proofmark::suite::ProfileFile;
use proofmark::value::{Record, Value};
use reference_impl::OrderSystem;
use reference_impl::http::{Api, Server as OrderServer};

use super::server::{Reaction, Request, Server, answer, with};
use super::{confirm, http, world};

const PROFILE: &str = r#"
[limits]
total = "300ms"
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm"
[command.AddItem]
request = "POST /orders/${on}/items"
body = { product = "${.product}", quantity = "${.quantity}", price = "${.price}" }
"#;

fn add() -> Command {
    let fields = [
        ("product", Value::from("p-1")),
        ("quantity", Value::from(2)),
        ("price", Value::from_json("0.50", &proofmark::value::Limits::default()).expect("a price")),
    ];
    Command { name: "AddItem".into(), fields: Record::from(fields), ..confirm(None) }
}

async fn last(target: &Http, command: &Command) -> Option<Exchange> {
    let mut session = world(target).await.open(&Actor::default()).await.expect("a session");
    session.submit(command).await.trace.map(|trace| trace.exchange())
}

#[tokio::test]
async fn an_answer_is_seen_as_it_was() {
    let headers = "content-type: application/problem+json\r\netag: \"7\"\r\nlocation: /orders/o-1\r\n";
    let server = Server::script(vec![
        with(503, "retry-after: 0\r\n", b""),
        with(429, "retry-after: 0\r\n", b""),
        with(409, headers, b"{\"hunter2-token\": 1"),
    ])
    .await;
    let profile = format!(
        "[key]\nheader = \"Idempotency-Key\"\n[vars]\nx = \"${{secret:X}}\"\n[headers]\nX = \"${{x}}\"\n{PROFILE}"
    );
    let exchange = last(&http(&server.url, &profile), &confirm(Some("k"))).await.expect("an exchange");
    let response = Response {
        status: 409,
        content_type: Some("application/problem+json".into()),
        location: Some("/orders/o-1".into()),
        etag: Some("\"7\"".into()),
        body: "{\"[redacted]\": 1".into(),
        whole: true,
    };
    assert_eq!(exchange.response(), Some(&response));
    assert_eq!(exchange.statuses, [Some(503), Some(429), Some(409)]);
    assert!(exchange.request.starts_with("curl -i -X POST 'http://127.0.0.1:"), "{}", exchange.request);
}

#[tokio::test]
async fn a_long_body_is_cut_and_tells_nothing_of_a_secret() {
    let body = format!("{}hunter2-token and more", "a".repeat(Response::MOST - 4));
    let server = Server::script(vec![answer(500, &body)]).await;
    let auth = "[auth]\nkind = \"bearer\"\ntoken = \"${secret:TOKEN}\"\n";
    let exchange = last(&http(&server.url, &format!("{auth}{PROFILE}")), &confirm(None)).await.expect("one");
    let response = exchange.response().expect("an answer");
    assert_eq!((response.body.len(), response.whole), (Response::MOST - 4, false));
}

#[tokio::test]
async fn no_answer_is_told_apart() {
    let check = async |reaction: Reaction, expected: Doubt, status: Option<u16>| {
        let server = Server::script(vec![reaction]).await;
        let exchange = last(&http(&server.url, PROFILE), &confirm(None)).await.expect("an exchange");
        assert_eq!(exchange.statuses, [None]);
        let Came::Lost { doubt, status: came, .. } = exchange.came else { panic!("{exchange:?}") };
        assert_eq!((doubt, came), (expected, status));
    };
    check(Reaction::Reset, Doubt::Lost, None).await;
    check(Reaction::Hang(Vec::new()), Doubt::Timeout, None).await;
    check(Reaction::Bytes(b"HTTP/1.1 200 -\r\ncontent-length: 9\r\n\r\nha".to_vec()), Doubt::Lost, Some(200))
        .await;

    let mut server = Server::script(vec![answer(200, "{}")]).await;
    let target = http(&server.url, PROFILE);
    let mut session = world(&target).await.open(&Actor::default()).await.expect("a session");
    server.stop().await;
    let trace = session.submit(&confirm(None)).await.trace;
    let exchange = trace.expect("something was on its way").exchange();
    assert!(matches!(exchange.came, Came::NotSent(_)), "{exchange:?}");
}

async fn misbehave(target: &Http, command: &Command, how: &Malformation) -> Result<Exchange, NotMade> {
    let world = world(target).await;
    world.send_malformed(&Actor::Default, command, how).await.map(|reaction| reaction.exchange)
}

/// What arrives, and the command line for it.
async fn arrives(command: &Command, how: Malformation) -> (Request, String) {
    let server = Server::script(vec![answer(400, "{}")]).await;
    let exchange = misbehave(&http(&server.url, PROFILE), command, &how).await.expect("it is sent");
    assert_eq!(exchange.response().map(|response| response.status), Some(400), "{exchange:?}");
    (server.requests().pop().expect("a request"), exchange.request)
}

#[tokio::test]
async fn each_malformation_is_what_it_says() {
    let body = async |how| arrives(&add(), how).await.0.body;
    let whole = r#"{"product":"p-1","quantity":2,"price":0.50}"#;
    assert_eq!(body(Malformation::Unparsable).await, r#"{"unparsable": ]"#);
    assert_eq!(body(Malformation::Truncated).await, whole[..whole.len() / 2]);
    assert_eq!(body(Malformation::NoBody).await, "");
    assert_eq!(body(Malformation::DeepNesting(3)).await, r#"{"product":"p-1","quantity":2,"price":[[[]]]}"#);
    assert_eq!(body(Malformation::Oversized(4)).await, r#"{"product":"p-1","quantity":2,"price":"aaaa"}"#);
    assert_eq!(
        body(Malformation::InvalidUtf8).await,
        "{\"product\":\"p-1\",\"quantity\":2,\"price\":\"\u{fffd}\u{fffd}\"}"
    );
    assert_eq!(body(Malformation::NullByte).await, r#"{"product":"a\u0000b","quantity":2,"price":0.50}"#);
    let hostile = Malformation::HostileText("' OR 1=1".into());
    assert_eq!(body(hostile).await, r#"{"product":"' OR 1=1","quantity":2,"price":0.50}"#);
    let huge = format!(r#"{{"product":"p-1","quantity":{},"price":0.50}}"#, "9".repeat(400));
    assert_eq!(body(Malformation::HugeNumber).await, huge);

    let (request, _) = arrives(&add(), Malformation::WrongContentType).await;
    assert_eq!((request.header("content-type"), &*request.body), (Some("application/x-unknown"), whole));
    let (request, _) = arrives(&add(), Malformation::UnknownCommand).await;
    assert_eq!(request.target, "/orders/o-1/items-NoSuchCommand");
    let (request, _) = arrives(&add(), Malformation::LongPath(9)).await;
    assert_eq!(request.target, "/orders/o-1/items/xxxxxxxxx");
    let (request, _) = arrives(&add(), Malformation::ManyHeaders(20)).await;
    assert_eq!(request.headers.iter().filter(|(name, _)| name.starts_with("x-many-")).count(), 20);
}

#[tokio::test]
async fn one_endpoint_for_all_gets_the_unknown_name_in_its_body() {
    let profile =
        "[command.\"*\"]\nrequest = \"POST /commands\"\nbody = { type = \"${name}\", data = \"${fields}\" }";
    let server = Server::script(vec![answer(400, "{}")]).await;
    let target = http(&server.url, profile);
    misbehave(&target, &add(), &Malformation::UnknownCommand).await.expect("it is sent");
    let request = server.requests().pop().expect("a request");
    assert_eq!(request.target, "/commands");
    assert!(request.body.starts_with(r#"{"type":"NoSuchCommand","data":{"product":"#), "{}", request.body);
}

#[tokio::test]
async fn what_cannot_be_made_is_not_sent() {
    let server = Server::script(vec![answer(400, "{}")]).await;
    let target = http(&server.url, PROFILE);
    let check = async |how, told: &str| {
        let error = misbehave(&target, &confirm(None), &how).await.expect_err("nothing to send");
        assert_eq!(error.to_string(), told);
    };
    check(Malformation::NoBody, "ConfirmOrder can't be sent without its body: its request has no body").await;
    check(
        Malformation::NullByte,
        "ConfirmOrder can't be sent with U+0000 in a text: it has no field of that type",
    )
    .await;
    check(
        Malformation::ManyHeaders(1_000_000),
        "ConfirmOrder can't be sent with 1000000 header fields more: at most 10000 are sent",
    )
    .await;
    assert_eq!(server.requests().len(), 0);
}

/// A shell sends the same bytes as we did.
#[cfg(unix)]
#[tokio::test]
async fn the_command_line_sends_the_same() {
    for how in [
        Malformation::Truncated,
        Malformation::DeepNesting(2000),
        Malformation::Oversized(9000),
        Malformation::InvalidUtf8,
        Malformation::HostileText("100% \\n 'quoted' \"too\"".into()),
        Malformation::LongPath(500),
        Malformation::ManyHeaders(30),
    ] {
        let (sent, line) = arrives(&add(), how.clone()).await;
        assert!(line.len() < 1000, "{line}");
        let server = Server::script(vec![answer(400, "{}")]).await;
        let host = sent.header("host").expect("a host");
        let line = line.replace(host, server.url.trim_start_matches("http://"));
        let shell = tokio::task::spawn_blocking(move || {
            std::process::Command::new("sh").args(["-c", &line]).output().expect("a shell")
        });
        let output = shell.await.expect("no panic");
        let typed = server.requests().pop().unwrap_or_else(|| panic!("{how:?}: {output:?}"));
        assert_eq!((&typed.target, &typed.body), (&sent.target, &sent.body), "{how:?}");
        let many = |request: &Request| {
            request.headers.iter().filter(|(name, _)| name.starts_with("x-many-")).count()
        };
        assert_eq!(many(&typed), many(&sent), "{how:?}");
    }
}

#[tokio::test]
async fn the_order_system_refuses_each_and_stays_healthy() {
    let server = OrderServer::bind(
        OrderServer::ANY_PORT,
        Api::open(OrderSystem::builder().build().expect("a system")),
    );
    let server = server.await.expect("a port");
    let url = server.url();
    tokio::spawn(server.run(std::future::pending()));
    let file = ProfileFile::load(Path::new("scenarios/orders/reference.toml"));
    let (profile, equipment) = file.equip(true, &|_| None).expect("a sound profile");
    let target = Http::new(profile, equipment, Some(&url)).expect("a URL");
    let nothing = |command: Command| Command {
        on: Some(Value::from("3f0b6c1e-5d2a-4a7e-9a53-0c1d2e3f4a5b")),
        ..command
    };
    for how in [
        Malformation::Unparsable,
        Malformation::Truncated,
        Malformation::WrongContentType,
        Malformation::NoBody,
        Malformation::DeepNesting(100_000),
        Malformation::Oversized(10 * 1024 * 1024),
        Malformation::InvalidUtf8,
        Malformation::NullByte,
        Malformation::HostileText("<script>'; DROP TABLE orders; --".into()),
        Malformation::UnknownCommand,
        Malformation::HugeNumber,
        Malformation::LongPath(50_000),
        Malformation::ManyHeaders(5000),
    ] {
        let exchange = misbehave(&target, &nothing(add()), &how).await.expect("it is sent");
        // A server that closes before it has read all may be heard or not.
        let gone = matches!((&how, &exchange.came), (Malformation::Oversized(_), Came::Lost { .. }));
        let refused = exchange.response().is_some_and(|response| (400..500).contains(&response.status));
        assert!(refused || gone, "{how:?}: {exchange:?}");
        let world = target.world(proofmark::adapter::WorldSeed(0)).await.expect("a world");
        let mut session = world.open(&Actor::default()).await.expect("a session");
        let trace = session.submit(&nothing(confirm(None))).await.trace;
        let status = trace.and_then(|trace| trace.exchange().response().map(|seen| seen.status));
        assert_eq!(status, Some(404), "behind {how:?}");
    }
}
