//! Which outcome word each kind of answer becomes. One row each; nothing but the answer differs.

use proofmark::adapter::Target as _;
use proofmark::protocol::{Outcome, Seen};

use super::server::{Reaction, Server, answer, nobody, with};
use super::{ask, confirm, http, submit};

/// Limits small enough to be met in a test.
const PROFILE: &str = r#"
[limits]
total = "300ms"
bytes = 1000
depth = 5
values = 20
digits = 40
redirects = 2
[[answer]]
status = 412
is = "rejected"
code = "ConcurrencyConflict"
[[answer]]
status = 500
like = "/concurrent(ly)? updated/"
is = "rejected"
code = "ConcurrencyConflict"
[[answer]]
at = "$.errors[0]"
is = "rejected"
code = { from = "$.errors[0].message", map = { "/not found/" = "OrderNotFound" } }
[[answer]]
command = "ConfirmOrder"
status = ["4xx"]
at = "$.code"
is = "rejected"
code = { from = "$.code", map = { DONE = "OrderNotPending" } }
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm"
[query.GetOrderDetails]
request = "GET /orders/${on}"
absent = [404]
"#;

const HTML: &str = "content-type: text/html\r\n";
const TEXT: &str = "content-type: text/plain\r\n";

fn cut(status: u16) -> Reaction {
    let Reaction::Bytes(mut bytes) = answer(status, r#"{"id": "o-1"}"#) else { unreachable!() };
    bytes.truncate(bytes.len() - 5);
    Reaction::Bytes(bytes)
}

fn moved(status: u16, to: &str) -> Reaction {
    with(status, &format!("location: {to}\r\n"), b"")
}

/// Some 300 bytes that gzip unpacks to 200,000 spaces and an order: sound JSON, and far more than is read.
const BOMB: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x21\x11\x00\x20\x14\x05\xb0\x2a\xff\x9e\x47\x60\
    \xc9\x83\x41\x11\x80\xa3\x3b\x19\xf0\xdb\xaa\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x5f\x27\x6b\x66\x64\xb7\x9e\xfb\x00\x4d\xe7\
    \x35\xa3\x4c\x0d\x03\x00";

type Kind = (&'static str, Reaction, &'static str, &'static str);

/// What is broken in the framing, not in what is said (RFC 9112).
fn broken() -> Vec<Kind> {
    let raw = |text: &str| Reaction::Bytes(text.as_bytes().to_vec());
    let json = "content-type: application/json\r\n";
    let chunked = |chunks: &str| {
        raw(&format!(
            "HTTP/1.1 200 OK\r\n{json}transfer-encoding: chunked\r\nconnection: close\r\n\r\n{chunks}"
        ))
    };
    let endless = format!(
        "{}0\r\n\r\n",
        "40\r\n                                                                \r\n".repeat(40)
    );
    vec![
        ("200 in chunks", chunked("2\r\n{}\r\n0\r\n\r\n"), "accepted", "found {}"),
        ("chunks that break off", chunked("2\r\n{}\r\n"), "lost", "lost"),
        ("chunks without a size", chunked("zz\r\n{}\r\n0\r\n\r\n"), "lost", "lost"),
        ("chunks without end", chunked(&endless), "unreadable", "unreadable"),
        (
            "no length, until it closes",
            raw(&format!("HTTP/1.1 200 OK\r\n{json}\r\n{{}}")),
            "accepted",
            "found {}",
        ),
        (
            "two lengths",
            raw("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}"),
            "lost",
            "lost",
        ),
        ("a length that is none", raw("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n{}"), "lost", "lost"),
        (
            "a hint before the answer",
            raw(&format!(
                "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n{json}content-length: 2\r\n\r\n{{}}"
            )),
            "accepted",
            "found {}",
        ),
        (
            "an endless header",
            raw(&format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1 << 20))),
            "lost",
            "lost",
        ),
        (
            "reset behind half an answer",
            Reaction::ResetAfter(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            "lost",
            "lost",
        ),
        ("reset within the header", Reaction::ResetAfter(b"HTTP/1.1 200".to_vec()), "lost", "lost"),
        (
            "reset within a 500",
            Reaction::ResetAfter(b"HTTP/1.1 500 -\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            "5xx",
            "5xx",
        ),
    ]
}

/// Bodies that are not what they say.
fn disguised() -> Vec<Kind> {
    let packed = |coding: &str| with(200, &format!("content-type: application/json\r\n{coding}"), BOMB);
    let bom = b"\xef\xbb\xbf{}";
    vec![
        ("a bomb in gzip", packed("content-encoding: gzip\r\n"), "unreadable", "unreadable"),
        ("a bomb in x-gzip", packed("content-encoding: X-GZIP\r\n"), "unreadable", "unreadable"),
        ("a bomb in two codings", packed("content-encoding: br, gzip\r\n"), "unreadable", "unreadable"),
        ("a bomb that doesn't say so", packed(""), "unreadable", "unreadable"),
        ("a bomb as transfer coding", packed("transfer-encoding: gzip, chunked\r\n"), "lost", "lost"),
        (
            "JSON as it is, said to be identity",
            with(200, "content-encoding: identity\r\n", b"{}"),
            "accepted",
            "found {}",
        ),
        ("JSON as text", with(200, TEXT, b"{}"), "accepted", "found {}"),
        ("JSON as nothing", with(200, "", b"{}"), "accepted", "found {}"),
        (
            "JSON of a kind",
            with(200, "content-type: application/vnd.x+json\r\n", b"{}"),
            "accepted",
            "found {}",
        ),
        ("JSON as a page", with(200, HTML, b"{}"), "unreadable", "unreadable"),
        ("text as JSON", answer(200, "OK"), "unreadable", "unreadable"),
        (
            "text as JSON of a kind",
            with(200, "content-type: application/vnd.x+json\r\n", b"OK"),
            "unreadable",
            "unreadable",
        ),
        ("XML", with(200, "content-type: application/xml\r\n", b"<a/>"), "accepted", "unreadable"),
        (
            "JSON behind a byte order mark",
            with(200, "content-type: application/json\r\n", bom),
            "unreadable",
            "unreadable",
        ),
        ("two values", answer(200, "{} {}"), "unreadable", "unreadable"),
        ("NaN", answer(200, "NaN"), "unreadable", "unreadable"),
        ("half a surrogate", answer(200, "\"\\ud800\""), "unreadable", "unreadable"),
        ("400 not in UTF-8", with(400, TEXT, b"n\xff"), "rejected -: n\u{fffd}", "refused -: n\u{fffd}"),
        ("400 with deep JSON", answer(400, &"[".repeat(9)), "rejected -: [[[[[[[[[", "refused -: [[[[[[[[["),
        (
            "400 packed",
            with(400, "content-encoding: gzip\r\n", b"\x1f\x8b"),
            "rejected -: \u{1f}\u{fffd}",
            "refused -: \u{1f}\u{fffd}",
        ),
    ]
}

/// Every class of status, where nothing else is told.
fn statuses() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for (status, command, query) in [
        (203, "accepted", "unreadable"),
        (205, "accepted", "unreadable"),
        (206, "accepted", "unreadable"),
        (226, "accepted", "unreadable"),
        (305, "unreadable", "unreadable"),
        (399, "unreadable", "unreadable"),
        (401, "rejected -", "refused -"),
        (405, "rejected -", "refused -"),
        (410, "rejected -", "refused -"),
        (422, "rejected -", "refused -"),
        (429, "timeout", "timeout"),
        (451, "rejected -", "refused -"),
        (499, "rejected -", "refused -"),
        (501, "5xx", "5xx"),
        (502, "5xx", "5xx"),
        (504, "5xx", "5xx"),
        (599, "5xx", "5xx"),
        (600, "unreadable", "unreadable"),
        (999, "unreadable", "unreadable"),
    ] {
        kinds.push(("a bare status", with(status, "", b""), command, query));
    }
    kinds
}

/// The kind of answer, the answer, what it means for a command and what for a query.
fn kinds() -> Vec<Kind> {
    let deep = format!("{}1{}", "[".repeat(9), "]".repeat(9));
    let huge = format!("\"{}\"", "x".repeat(2000));
    vec![
        ("200 with JSON", answer(200, "{\"total\": 0.10}"), "accepted", "found {\"total\":0.10}"),
        ("201 with a bare id", answer(201, "\"o-1\""), "accepted", "found \"o-1\""),
        ("200 with a huge number", answer(200, "{\"n\": 1e400}"), "accepted", "found {\"n\":1e400}"),
        ("204", with(204, "", b""), "accepted", "unreadable"),
        ("202", answer(202, ""), "accepted", "unreadable"),
        ("200 in plain words", with(200, TEXT, b"OK"), "accepted", "unreadable"),
        ("200 with a page", with(200, HTML, b"<html>Log in</html>"), "unreadable", "unreadable"),
        ("200 with broken JSON", answer(200, "{\"id\": "), "unreadable", "unreadable"),
        ("200 with one name twice", answer(200, "{\"a\":1,\"a\":2}"), "unreadable", "unreadable"),
        ("200 with deep JSON", answer(200, &deep), "unreadable", "unreadable"),
        ("200 with many values", answer(200, &format!("[{}1]", "1,".repeat(30))), "unreadable", "unreadable"),
        ("200 with a long number", answer(200, &"7".repeat(41)), "unreadable", "unreadable"),
        ("200 with too much", answer(200, &huge), "unreadable", "unreadable"),
        ("400 with too much", answer(400, &huge), "unreadable", "unreadable"),
        (
            "200 not in UTF-8",
            with(200, "content-type: application/json\r\n", b"\"\xff\""),
            "unreadable",
            "unreadable",
        ),
        ("200 packed", with(200, "content-encoding: gzip\r\n", b"\x1f\x8b\x08"), "unreadable", "unreadable"),
        ("400 in plain words", with(400, TEXT, b"no"), "rejected -: no", "refused -: no"),
        ("404 without words", with(404, "", b""), "rejected -", "absent"),
        ("403 with a page", with(403, HTML, b"<html>"), "rejected -: <html>", "refused -: <html>"),
        (
            "409 with a mapped code",
            answer(409, "{\"code\":\"DONE\"}"),
            "rejected OrderNotPending: {\"code\":\"DONE\"}",
            "refused -: {\"code\":\"DONE\"}",
        ),
        (
            "409 with the contract's code",
            answer(409, "{\"code\":\"OrderNotPending\",\"detail\":\"d\"}"),
            "rejected OrderNotPending: d",
            "refused -: d",
        ),
        (
            "409 with a foreign code",
            answer(409, "{\"code\":\"NOPE\",\"detail\":\"d\"}"),
            "rejected -: d",
            "refused -: d",
        ),
        (
            "412 by its status",
            with(412, "", b""),
            "rejected ConcurrencyConflict",
            "refused ConcurrencyConflict",
        ),
        (
            "200 with errors",
            answer(200, "{\"errors\":[{\"message\":\"not found\"}]}"),
            "rejected OrderNotFound: {\"errors\":[{\"message\":\"not found\"}]}",
            "refused OrderNotFound: {\"errors\":[{\"message\":\"not found\"}]}",
        ),
        ("200 with no errors", answer(200, "{\"errors\":null}"), "accepted", "found {\"errors\":null}"),
        (
            "500 that is a conflict",
            with(500, TEXT, b"tuple concurrently updated"),
            "rejected ConcurrencyConflict: tuple concurrently updated",
            "refused ConcurrencyConflict: tuple concurrently updated",
        ),
        ("500", answer(500, "{}"), "5xx", "5xx"),
        ("503 without a pause", answer(503, ""), "5xx", "5xx"),
        ("500 that breaks off", cut(500), "5xx", "5xx"),
        ("200 that breaks off", cut(200), "lost", "lost"),
        ("no answer", Reaction::Hang(Vec::new()), "timeout", "timeout"),
        (
            "half an answer",
            Reaction::Hang(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            "timeout",
            "timeout",
        ),
        ("half a header", Reaction::Hang(b"HTTP/1.1 200".to_vec()), "timeout", "timeout"),
        ("closed without an answer", Reaction::Bytes(Vec::new()), "lost", "lost"),
        ("reset", Reaction::Reset, "lost", "lost"),
        ("something else than HTTP", Reaction::Bytes(b"SSH-2.0-x\r\n".to_vec()), "lost", "lost"),
        ("304", with(304, "", b""), "unreadable", "unreadable"),
        ("300", answer(300, "{}"), "unreadable", "unreadable"),
        ("302 out of the origin", moved(302, "http://other.invalid/x"), "unreadable", "unreadable"),
        ("307 to another port", moved(307, "http://127.0.0.1:1/x"), "unreadable", "unreadable"),
        ("307 to https", moved(307, "https://127.0.0.1/x"), "unreadable", "unreadable"),
        ("307 for ever", moved(307, "/orders/o-1/confirm"), "unreadable", "unreadable"),
        ("redirect to no URL", moved(307, "http://[bad"), "unreadable", "unreadable"),
    ]
}

fn command_word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted(_) => "accepted".into(),
        Outcome::Rejected(rejection) => named("rejected", rejection),
        Outcome::Unknown(unknown) => unknown.doubt.word().into(),
        Outcome::NotSent(_) => "not sent".into(),
    }
}

fn query_word(seen: &Seen) -> String {
    match seen {
        Seen::Found(value) => format!("found {}", value.to_json()),
        Seen::Absent => "absent".into(),
        Seen::Refused(rejection) => named("refused", rejection),
        Seen::Broken(unknown) => unknown.doubt.word().into(),
        Seen::NotSent(_) => "not sent".into(),
    }
}

fn named(word: &str, rejection: &proofmark::protocol::Rejection) -> String {
    let code = rejection.code.as_deref().unwrap_or("-");
    match &rejection.detail {
        Some(detail) => format!("{word} {code}: {detail}"),
        None => format!("{word} {code}"),
    }
}

#[tokio::test]
async fn each_kind_of_answer_has_its_word() {
    let mut wrong = Vec::new();
    let all = [kinds(), broken(), disguised(), statuses()].concat();
    for (kind, reaction, command, query) in all {
        let server = Server::script(vec![reaction]).await;
        let target = http(&server.url, PROFILE);
        let got =
            (command_word(&submit(&target, &confirm(None)).await), query_word(&ask(&target).await.seen));
        if got != (command.to_owned(), query.to_owned()) {
            wrong.push(format!("{kind}: {got:?}, expected: {:?}", (command, query)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn only_a_refused_connection_is_not_sent() {
    let mut server = Server::script(vec![answer(200, "{}")]).await;
    let target = http(&server.url, PROFILE);
    assert_eq!(command_word(&submit(&target, &confirm(None)).await), "accepted");
    // It goes away in mid-run.
    server.stop().await;
    assert_eq!(command_word(&submit(&target, &confirm(None)).await), "not sent");
    assert_eq!(query_word(&ask(&target).await.seen), "not sent");
    let gone = http(&nobody().await, PROFILE);
    let error = gone.world(proofmark::adapter::WorldSeed(0)).await.expect_err("nobody is there");
    assert!(error.to_string().contains("can't be reached"), "{error}");
}

#[tokio::test]
async fn redirects_within_the_origin_are_followed() {
    let server = Server::start(|request| match &*request.target {
        "/there" if request.method == "POST" => answer(200, "{\"kept\": true}"),
        "/there" => answer(200, "{\"got\": true}"),
        _ if request.method == "POST" => moved(307, "/there"),
        _ => moved(302, "/there"),
    })
    .await;
    let target = http(&server.url, PROFILE);
    let Outcome::Accepted(receipt) = submit(&target, &confirm(None)).await else { panic!("not accepted") };
    assert_eq!(receipt.body.get("kept"), Some(&true.into()));
    assert_eq!(query_word(&ask(&target).await.seen), "found {\"got\":true}");
}

/// Credentials in a URL are nobody's here (RFC 9110, section 4.2.4).
#[tokio::test]
async fn credentials_in_a_redirect_are_not_used() {
    let server = Server::start(|request| match &*request.target {
        "/there" => answer(200, "{}"),
        _ => {
            let host = request.header("host").expect("a host");
            moved(307, &format!("http://user:secret@{host}/there"))
        }
    })
    .await;
    assert_eq!(command_word(&submit(&http(&server.url, PROFILE), &confirm(None)).await), "accepted");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(!format!("{requests:?}").contains("authorization"), "{requests:?}");
}

#[tokio::test]
async fn a_post_that_is_sent_elsewhere_without_saying_how_is_unknown() {
    let server = Server::script(vec![moved(302, "/there")]).await;
    let target = http(&server.url, PROFILE);
    assert_eq!(command_word(&submit(&target, &confirm(None)).await), "unreadable");
    assert_eq!(server.requests().len(), 1);
    let see_other =
        Server::start(
            |request| {
                if request.target == "/there" { answer(200, "{}") } else { moved(303, "/there") }
            },
        )
        .await;
    assert_eq!(command_word(&submit(&http(&see_other.url, PROFILE), &confirm(None)).await), "accepted");
    let methods: Vec<_> = see_other.requests().into_iter().map(|request| request.method).collect();
    assert_eq!(methods, ["POST", "GET"]);
}

/// A connection that isn't made in time proves nothing, either: what was sent may be on its way.
#[tokio::test]
async fn a_connection_that_takes_too_long_is_unknown() {
    let mut server = Server::script(vec![answer(200, "{}")]).await;
    let target = http(&server.url, &PROFILE.replace("[limits]", "[limits]\nconnect = \"100ms\""));
    assert_eq!(command_word(&submit(&target, &confirm(None)).await), "accepted");
    let address = server.url.trim_start_matches("http://").parse().expect("an address");
    server.stop().await;
    // Nobody accepts, and when the queue is full, nobody is let into it any more.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("an option");
    socket.bind(address).expect("the same port");
    let _listener = socket.listen(1).expect("a listener");
    let mut queue = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(std::time::Duration::from_millis(100), tokio::net::TcpStream::connect(address))
            .await
    {
        queue.push(connected.expect("a place in the queue"));
        assert!(queue.len() < 100, "the queue has an end");
    }
    let outcome = submit(&target, &confirm(None)).await;
    assert_eq!(command_word(&outcome), "timeout", "{outcome}");
}

/// A rule is for the commands that it lists. Without a status it speaks of no failure of the service, whatever stands in its page.
#[tokio::test]
async fn a_rule_is_for_those_that_it_lists_and_for_no_failure() {
    let of = async |lines: &str, status: u16| {
        let server = Server::start(move |_| answer(status, r#"{"code": "DONE"}"#)).await;
        let request = "[command.ConfirmOrder]\nrequest = \"POST /orders/${on}/confirm\"\n";
        submit(&http(&server.url, &format!("{lines}{request}")), &confirm(None)).await
    };
    let rule = |only: &str| {
        format!("[[answer]]\n{only}at = \"$.code\"\nis = \"rejected\"\ncode = \"OrderNotPending\"\n")
    };
    let named = |outcome: &Outcome| matches!(outcome, Outcome::Rejected(no) if no.code.as_deref() == Some("OrderNotPending"));
    let listed = "command = [\"AddItem\", \"ConfirmOrder\"]\n";
    assert!(named(&of(&rule(listed), 409).await));
    let others = of(&rule("command = [\"AddItem\", \"RemoveItem\"]\n"), 409).await;
    assert!(matches!(&others, Outcome::Rejected(no) if no.code.is_none()), "{others:?}");
    let failed = of(&rule(listed), 500).await;
    assert!(matches!(failed, Outcome::Unknown(_)), "{failed:?}");
    assert!(named(&of(&rule("status = 500\n"), 500).await), "one who says so means it");
}

/// A service that was started a moment ago refuses connections for that moment.
#[tokio::test(start_paused = true)]
async fn a_service_that_is_just_starting_is_given_a_moment() {
    let url = nobody().await;
    let address = url.trim_start_matches("http://").to_owned();
    let started = tokio::spawn(async move {
        // The first attempt is over by then: time passes only while nothing else can be done.
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        let listener = tokio::net::TcpListener::bind(address).await.expect("the port is free");
        let (mut there, _) = listener.accept().await.expect("somebody comes");
        let mut request = [0; 1024];
        tokio::io::AsyncReadExt::read(&mut there, &mut request).await.expect("a request");
        let answer = b"HTTP/1.1 204 -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut there, answer).await.expect("an answer");
        std::future::pending::<()>().await;
    });
    let reached = http(&url, "").world(proofmark::adapter::WorldSeed(0)).await;
    started.abort();
    assert!(reached.is_ok(), "{:?}", reached.err());
    let never = http(&nobody().await, "").world(proofmark::adapter::WorldSeed(0)).await;
    assert!(never.is_err(), "nobody waits for ever");
}
