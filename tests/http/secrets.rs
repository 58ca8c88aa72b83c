//! A canary: the secret comes back in every way a service can think of, and shows up nowhere.

use proofmark::adapter::{Session as _, World as _};
use std::fmt::Write as _;

use proofmark::protocol::{Actor, Query, Verdict};
use proofmark::value::Record;

use super::server::{Reaction, Server, answer, with};
use super::{ask, check, confirm, http, http_with, submit, world};

const CANARY: &str = "hunter2-token";
/// `ann:hunter2-token` as RFC 7617 encodes it.
const BASIC: &str = "YW5uOmh1bnRlcjItdG9rZW4=";

const MESSAGES: &str = r#"
[limits]
total = "300ms"
[version]
order = "opaque"
read = "header ETag"
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm?api=${secret:API}"
[query.GetOrderDetails]
request = "GET /orders/${on}"
fields = { customer = "header ETag" }
"#;

const CREDENTIALS: [&str; 3] = [
    "kind = \"bearer\"\ntoken = \"${secret:TOKEN}\"",
    "kind = \"basic\"\nuser = \"ann\"\npassword = \"${secret:PASSWORD}\"",
    "kind = \"header\"\nname = \"X-Api-Key\"\nvalue = \"${secret:TOKEN}\"",
];

fn echoes() -> Vec<Reaction> {
    let both = format!("{CANARY} {BASIC}");
    vec![
        answer(200, &format!("{{\"{CANARY}\": [\"{both}\"], \"id\": \"{both}\"}}")),
        answer(409, &format!("{{\"detail\": \"{both}\"}}")),
        with(400, "content-type: text/plain\r\n", both.as_bytes()),
        answer(500, &both),
        with(200, "content-type: text/html\r\n", both.as_bytes()),
        with(200, &format!("etag: \"{both}\"\r\ncontent-type: application/json\r\n"), b"{}"),
        with(307, &format!("location: http://{CANARY}.invalid/{BASIC}\r\n"), b""),
        Reaction::Hang(both.into_bytes()),
        Reaction::Reset,
    ]
}

#[test]
fn secrets_show_up_nowhere() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for credential in CREDENTIALS {
        let profile = format!("[auth]\n{credential}\n{MESSAGES}");
        for echo in echoes() {
            let server = runtime.block_on(Server::script(vec![echo]));
            let target = http(&server.url, &profile);
            let mut told = format!("{target:?}");
            runtime.block_on(async {
                let _ = write!(told, "{:?}", submit(&target, &confirm(None)).await);
                let _ = write!(told, "{:?}", ask(&target).await);
            });
            let sent = server.requests();
            let sent = format!("{:?}", sent.first().expect("a request"));
            assert!(sent.contains(CANARY), "the secret is sent: {sent}");
            assert!(!told.contains(CANARY), "{told}");
            assert!(!told.contains(BASIC) || !credential.contains("basic"), "{told}");
        }
    }
}

/// A secret in a header field, a parameter or a body says who is speaking as well as credentials do.
#[tokio::test]
async fn somebody_without_credentials_is_sent_no_secret() {
    let profile = r#"
[vars]
api = "k-${secret:KEY}"
[headers]
X-Api-Key = "${secret:KEY}"
X-Other = "${api}"
X-Plain = "plain"
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm?api=${secret:API}&more=${api}&plain=1"
body = { key = "${api}", plain = 1 }
[query.GetOrderDetails]
request = "GET /orders/${on}?api=${secret:API}"
[events]
request = "GET /events?api=${secret:API}"
fields = { type = "$.type", aggregate = "$.id" }
"#;
    let server = Server::script(vec![answer(200, "[]")]).await;
    let target = http(&server.url, profile);
    let query = Query { name: "GetOrderDetails".into(), on: Some("o-1".into()), fields: Record::default() };
    let place = world(&target).await;
    for actor in [Actor::default(), Actor::Nobody] {
        let mut session = place.open(&actor).await.expect("a session");
        session.submit(&confirm(None)).await;
        session.ask(&query).await;
        let control = &place;
        control.events_as(&actor, None, None).await.expect("an empty feed");
    }
    let requests = server.requests();
    let sent = |at: usize| format!("{:?}", requests[at]);
    for at in 0..3 {
        assert!(sent(at).contains(CANARY), "{}", sent(at));
        assert!(!sent(at + 3).contains(CANARY), "{}", sent(at + 3));
        assert_eq!(requests[at + 3].header("x-plain"), Some("plain"));
    }
    assert_eq!((&*requests[3].target, &*requests[3].body), ("/orders/o-1/confirm?plain=1", r#"{"plain":1}"#));
}

#[test]
fn neither_reports_nor_histories_show_a_secret() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server =
        runtime.block_on(Server::script(vec![answer(409, &format!("{{\"detail\": \"{CANARY}\"}}"))]));
    let target = http(&server.url, &format!("[auth]\n{}\n{MESSAGES}", CREDENTIALS[0]));
    let told = check(&runtime, target, "when ConfirmOrder on \"o\"\nthen accepted", Verdict::Fail);
    assert!(told.contains("[redacted]"), "{told}");
    assert!(told.contains("curl -i -X POST 'http://127.0.0.1:"), "{told}");
    assert!(told.contains("/orders/o/confirm?api=[redacted]' "), "{told}");
    assert!(told.contains("-H 'authorization: [redacted]'"), "{told}");
    assert!(!told.contains(CANARY), "{told}");
}

/// Letters, signs that JSON, HTML and URLs write in other ways, and one that is no ASCII.
const ODD: &str = "Ab/Cd+Ef=9\"é";

/// The odd secret as it may come back, and what of each must be nowhere afterwards.
const WRITTEN: &[(&str, &str)] = &[
    (r#"Ab\/Cd\u002BEf=9\"\u00e9"#, "Cd"),
    (r#"ab/cd+ef=9\"é"#, "cd+"),
    ("Ab&#47;Cd&#x2b;Ef&#61;9&quot;&#xE9;", "Cd&#"),
    ("Ab%2FCd%2BEf%3D9%22%C3%A9", "Cd%"),
    ("ab%2fcd%2bef%3d9%22%c3%a9", "cd%"),
    ("QWIvQ2QrRWY9OSLDqQ==", "Q2Qr"),
    ("YW5uOkFiL0NkK0VmPTkiw6k=", "L0Nk"),
    (r#"Ab/Cd\n+Ef=9\"é"#, "Cd"),
];

#[test]
fn a_secret_shows_up_nowhere_however_it_comes_back() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let profile = r#"
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm?api=${secret:API}"
[query.GetOrderDetails]
request = "GET /orders/${on}?api=${secret:API}"
"#;
    for (written, part) in WRITTEN {
        let told = format!("{{\"detail\": \"it was {written} once\"}}");
        for reaction in [
            answer(409, &told),
            answer(500, &told),
            with(400, "content-type: text/plain\r\n", told.as_bytes()),
            with(200, "content-type: text/html\r\n", told.as_bytes()),
        ] {
            let server = runtime.block_on(Server::script(vec![reaction]));
            let target = http_with(&server.url, profile, ODD);
            let mut told = runtime.block_on(async { format!("{:?}", ask(&target).await) });
            let mut verdict = Verdict::Fail;
            let outcome = runtime.block_on(submit(&target, &confirm(None)));
            if matches!(outcome, proofmark::protocol::Outcome::Unknown(_)) {
                verdict = Verdict::Inconclusive;
            }
            let _ = write!(told, "{outcome:?}");
            told += &check(&runtime, target, "when ConfirmOrder on \"o\"\nthen accepted", verdict);
            assert!(told.contains("[redacted") && !told.contains(part), "{written}: {told}");
        }
    }
}

#[tokio::test]
async fn an_unreachable_service_is_told_without_its_secret_address() {
    let url = super::server::nobody().await;
    let target = http(&format!("{url}/{CANARY}"), "[auth]\nkind = \"bearer\"\ntoken = \"${secret:TOKEN}\"");
    let error = proofmark::adapter::Target::world(&target, proofmark::adapter::WorldSeed(0)).await.err();
    let told = format!("{error:?}");
    assert!(told.contains("[redacted]") && !told.contains(CANARY), "{told}");
}

/// A secret that a filter can't work on is part of why nobody can be asked what came of a command.
#[tokio::test]
async fn a_secret_of_the_wrong_form_shows_up_nowhere() {
    let operation = r#"
[operation]
when = 202
poll = "GET /operations/1?key=${secret:KEY | number}"
state = "$.state"
done = ["done"]
failed = ["failed"]
"#;
    let look_up = r#"
[id.Order]
by = "lookup"
query = "GET /all?key=${secret:KEY | number}"
where = { c = "x" }
take = "$.id"
"#;
    for asked in [operation, look_up] {
        let profile = format!("[command.ConfirmOrder]\nrequest = \"POST /confirm\"\n{asked}");
        let server = Server::script(vec![answer(202, "{}")]).await;
        let told = format!("{:?}", submit(&http(&server.url, &profile), &confirm(None)).await);
        assert!(told.contains("is no number") && !told.contains(CANARY), "{told}");
    }
}

/// What is shown in a secret's place is told apart and told again, and what is sent is what the service told.
#[tokio::test]
async fn an_id_that_holds_a_secret_leads_back_to_its_aggregate() {
    let server = Server::start(|request| match (&*request.method, &*request.target) {
        ("POST", "/orders") => answer(201, &format!("{{\"id\": \"{CANARY}-7\"}}")),
        ("GET", of) if of == format!("/orders/{CANARY}-7") => answer(
            200,
            &format!("{{\"order\": \"{CANARY}-7\", \"customer\": \"{CANARY}\", \"status\": \"x\"}}"),
        ),
        _ => answer(404, ""),
    });
    let server = server.await;
    let profile = format!("[auth]\n{}\n{CAPTURED}", CREDENTIALS[0]);
    let target = http(&server.url, &profile);
    let mut session = world(&target).await.open(&Actor::Default).await.expect("a session");
    let command = proofmark::protocol::Command {
        name: "CreateOrder".into(),
        on: Some("o".into()),
        fields: Record::new(),
        key: None,
        expected: proofmark::protocol::Expected::Any,
        id: "c".into(),
    };
    let created = session.submit(&command).await.outcome;
    let query = Query { name: "GetOrderDetails".into(), on: Some("o".into()), fields: Record::new() };
    let seen = session.ask(&query).await.answer.seen;
    let proofmark::protocol::Seen::Found(row) = &seen else { panic!("{created:?} {seen:?}") };
    let told = |name: &str| row.get(name).map(proofmark::value::Value::to_json).unwrap_or_default();
    assert_ne!(told("order"), told("customer"), "what differs differs still");
    assert!(!format!("{created:?} {seen:?}").contains(CANARY), "{created:?} {seen:?}");
}

const CAPTURED: &str = r#"
[id.Order]
by = "captured"
take = "$.id"
[command.CreateOrder]
request = "POST /orders"
[query.GetOrderDetails]
request = "GET /orders/${on}"
"#;
