//! What takes more than one request, where it goes wrong; whose connection is whose; what a replay looks like.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proofmark::adapter::{Session as _, Target as _, World as _};
use proofmark::protocol::{Actor, Capability, Outcome};

use super::server::{Reaction, Server, answer, nobody, with};
use super::{ask, confirm, http, submit, world};

const MESSAGES: &str = r#"
[command.ConfirmOrder]
request = "POST /orders/${on}/confirm"
[query.GetOrderDetails]
request = "GET /orders/${on}"
"#;

const OPERATION: &str = r#"
[[answer]]
at = "$.code"
is = "rejected"
code = { from = "$.code" }
[[answer]]
at = "$.perhaps"
is = "unknown"
[[answer]]
at = "$.fine"
is = "accepted"
[operation]
when = [202]
poll = "header Location"
state = "$.state"
done = ["done"]
failed = ["failed"]
within = "150ms"
"#;

/// What becomes of a command that was taken in, when this is told of it for ever.
async fn taken_in(location: &str, told: Reaction) -> Outcome {
    let first = with(202, &format!("location: {location}\r\n"), b"");
    let server =
        Server::start(move |request| if request.method == "POST" { first.clone() } else { told.clone() })
            .await;
    submit(&http(&server.url, &format!("{OPERATION}{MESSAGES}")), &confirm(None)).await
}

#[tokio::test]
async fn how_an_operation_ends() {
    for (told, outcome) in [
        (answer(200, r#"{"state": "done"}"#), "accepted"),
        (answer(200, r#"{"state": "failed", "code": "OrderNotPending"}"#), "rejected OrderNotPending"),
        (answer(200, r#"{"state": "failed", "detail": "why"}"#), "rejected"),
        (answer(200, r#"{"state": "failed", "fine": 1}"#), "rejected"),
        (answer(200, r#"{"state": "failed", "perhaps": 1}"#), "unknown"),
        (answer(200, r#"{"state": "running"}"#), "its state is `running`"),
        (answer(200, "{}"), "did not end within 150ms: GET /operations/1 answers 200"),
        (answer(404, ""), "GET /operations/1 answers 404"),
        (answer(500, ""), "GET /operations/1 answers 500"),
        (Reaction::Hang(Vec::new()), "did not end within 150ms"),
        (Reaction::Reset, "did not end within 150ms"),
    ] {
        let got = taken_in("/operations/1", told).await;
        assert!(got.to_string().contains(outcome), "expected {outcome}, got {got}");
        assert_eq!(
            matches!(got, Outcome::Unknown(_)),
            !outcome.starts_with("accepted") && !outcome.starts_with("rejected"),
            "{got}"
        );
    }
}

/// Credentials never leave the origin, wherever an answer leads.
#[tokio::test]
async fn an_operation_elsewhere_is_not_asked_for() {
    let other = Server::script(vec![answer(200, r#"{"state": "done"}"#)]).await;
    for location in [&*format!("{}/operations/1", other.url), "//other.invalid/x", "http://[bad", ""] {
        let got = taken_in(location, answer(200, r#"{"state": "running"}"#)).await;
        assert!(matches!(got, Outcome::Unknown(_)), "{location}: {got}");
    }
    assert!(other.requests().is_empty());
    let none = Server::script(vec![answer(202, "")]).await;
    let got = submit(&http(&none.url, &format!("{OPERATION}{MESSAGES}")), &confirm(None)).await;
    assert!(got.to_string().contains("not where the profile says"), "{got}");
}

const LOGIN: &str = r#"
[auth]
kind = "login"
request = "POST /login"
body = { user = "ann", password = "${secret:PASSWORD}" }
take = 'header Set-Cookie ~ /(session=[^;]+)/'
send = { header = "Cookie", value = "${token}" }
[auth.bob]
kind = "login"
request = "POST /login"
body = { user = "bob", password = "${secret:PASSWORD}" }
take = "$.token"
"#;

/// A service whose sessions are good for one request each; what it says holds the token.
async fn forgetful(echo: fn(&str) -> Reaction) -> Server {
    let (given, good) = (AtomicUsize::new(0), Mutex::new(String::new()));
    Server::start(move |request| {
        let mut good = good.lock().expect("no panic");
        if request.target == "/login" {
            *good = format!("canary-{}", given.fetch_add(1, Ordering::Relaxed));
            let cookie = format!("set-cookie: session={good}; Path=/\r\ncontent-type: application/json\r\n");
            return with(200, &cookie, format!(r#"{{"token": "{good}"}}"#).as_bytes());
        }
        let sent = format!("{:?} {:?}", request.header("cookie"), request.header("authorization"));
        if good.is_empty() || !sent.contains(&**good) {
            return answer(401, "{}");
        }
        let reaction = echo(&good);
        good.clear();
        reaction
    })
    .await
}

#[tokio::test]
async fn a_token_is_renewed_once() {
    let server = forgetful(|_| answer(200, "{}")).await;
    let target = http(&server.url, &format!("{LOGIN}{MESSAGES}"));
    for _ in 0..3 {
        let outcome = submit(&target, &confirm(None)).await;
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome}");
    }
    let targets: Vec<_> = server.requests().into_iter().map(|request| request.target).collect();
    let (login, confirmed) = ("/login", "/orders/o-1/confirm");
    assert_eq!(targets, [login, confirmed, confirmed, login, confirmed, confirmed, login, confirmed]);

    let never = Server::start(|request| match &*request.target {
        "/login" => with(200, "set-cookie: session=12345\r\n", b""),
        _ => answer(401, "{}"),
    })
    .await;
    let outcome = submit(&http(&never.url, &format!("{LOGIN}{MESSAGES}")), &confirm(None)).await;
    assert!(matches!(outcome, Outcome::Rejected(_)), "{outcome}");
    assert_eq!(never.requests().len(), 4);
}

/// Sessions that begin at once share one login; each actor has a login of their own.
#[tokio::test]
async fn one_login_for_each_account() {
    let server = Server::start(|request| match &*request.target {
        "/login" if request.body.contains("bob") => answer(200, r#"{"token": "bobs-token"}"#),
        "/login" => with(200, "set-cookie: session=anns-token\r\n", b""),
        _ => answer(200, "{}"),
    })
    .await;
    let target = http(&server.url, &format!("{LOGIN}{MESSAGES}"));
    assert!(target.describe().capabilities.claims(Capability::Actors));
    let world = world(&target).await;
    let mut sessions = Vec::new();
    for actor in ["default", "bob", "default", "bob"] {
        sessions.push(world.open(&Actor::named(actor)).await.expect("a session"));
    }
    let [a, b, c, d] = &mut sessions[..] else { panic!("four") };
    let command = confirm(None);
    tokio::join!(a.submit(&command), b.submit(&command), c.submit(&command), d.submit(&command));
    let requests = server.requests();
    let logins = requests.iter().filter(|request| request.target == "/login");
    assert_eq!(logins.count(), 2);
    for (name, value) in [("cookie", "session=anns-token"), ("authorization", "Bearer bobs-token")] {
        let with_it = requests.iter().filter(|request| request.header(name) == Some(value));
        assert_eq!(with_it.count(), 2, "{requests:?}");
    }
}

#[tokio::test]
async fn who_is_not_let_in_has_sent_nothing() {
    for (login, why) in [
        (answer(403, r#"{"detail": "wrong password hunter2-token"}"#), "was answered with 403"),
        (answer(200, r#"{"t": "canary"}"#), "the token is not where the profile says"),
        (with(200, "set-cookie: session=\r\n", b""), "the token is not where the profile says"),
        (Reaction::Reset, "the login (POST /login) failed"),
        (Reaction::Hang(Vec::new()), "the login took longer than 200ms"),
    ] {
        let server = Server::script(vec![login]).await;
        let profile = format!("[limits]\ntotal = \"200ms\"\n{LOGIN}{MESSAGES}");
        let outcome = submit(&http(&server.url, &profile), &confirm(None)).await;
        assert!(matches!(&outcome, Outcome::NotSent(told) if told.contains(why)), "{why}: {outcome}");
        assert!(!outcome.to_string().contains("hunter2") && !outcome.to_string().contains("canary"));
        assert!(server.requests().iter().all(|request| request.target == "/login"));
    }
}

/// A token is a secret like any other, in every way a service can say it, as is the cookie's value alone.
#[tokio::test]
async fn tokens_show_up_nowhere() {
    let echoes: [fn(&str) -> Reaction; 6] = [
        |token| answer(200, &format!(r#"{{"{token}": ["session={token}"]}}"#)),
        |token| answer(409, &format!(r#"{{"detail": "{token}"}}"#)),
        |token| with(400, "content-type: text/plain\r\n", token.as_bytes()),
        |token| answer(500, token),
        |token| with(307, &format!("location: http://{token}.invalid/\r\n"), b""),
        |token| with(200, "content-type: text/html\r\n", token.as_bytes()),
    ];
    for echo in echoes {
        for actor in ["default", "bob"] {
            let server = forgetful(echo).await;
            let target = http(&server.url, &format!("{LOGIN}{MESSAGES}"));
            let mut session = world(&target).await.open(&Actor::named(actor)).await.expect("a session");
            let mut told = format!("{target:?}");
            let submission = session.submit(&confirm(None)).await;
            let exchange = submission.trace.as_ref().map(proofmark::protocol::Trace::exchange);
            let _ = write!(told, "{submission:?} {exchange:?}");
            let _ = write!(told, "{:?}", ask(&target).await);
            let sent = server.requests();
            assert!(sent.iter().any(|request| format!("{request:?}").contains("canary")), "{sent:?}");
            assert!(!told.contains("canary"), "{told}");
            assert!(told.contains("redacted"), "{told}");
        }
    }
}

const REPLAYED: &str = "[key]\nheader = \"K\"\nreplayed = { status = [409], like = \"already\" }\n";

/// What would be a no otherwise is a yes if it answers a key that was sent before, and only then.
#[tokio::test]
async fn a_replay_may_look_different() {
    let server =
        Server::script(vec![answer(200, "{}"), answer(409, "already done"), answer(409, "no")]).await;
    let target = http(&server.url, &format!("{REPLAYED}{MESSAGES}"));
    let world = world(&target).await;
    let mut session = world.open(&Actor::default()).await.expect("a session");
    let command = confirm(Some("k"));
    assert!(matches!(session.submit(&command).await.outcome, Outcome::Accepted(_)));
    assert!(matches!(session.submit(&command).await.outcome, Outcome::Accepted(_)), "the same key: a replay");
    assert!(
        matches!(session.submit(&command).await.outcome, Outcome::Rejected(_)),
        "that doesn't look like one"
    );

    let server = Server::script(vec![answer(409, "already done")]).await;
    let target = http(&server.url, &format!("{REPLAYED}{MESSAGES}"));
    let first = submit(&target, &confirm(Some("k"))).await;
    assert!(matches!(first, Outcome::Rejected(_)), "nothing was sent that this could replay: {first}");

    let busy = with(503, "retry-after: 0\r\n", b"");
    let server = Server::script(vec![busy, answer(409, "already done")]).await;
    let target = http(&server.url, &format!("{REPLAYED}{MESSAGES}"));
    let again = submit(&target, &confirm(Some("k"))).await;
    assert!(matches!(again, Outcome::Accepted(_)), "the first try may have done it: {again}");
}

#[tokio::test]
async fn every_base_has_to_be_there() {
    let here = Server::script(vec![answer(200, "{}")]).await;
    let there = nobody().await;
    let target = http(&here.url, &format!("[base.reads]\nurl = \"{there}\"\n{MESSAGES}"));
    let error = target.world(proofmark::adapter::WorldSeed(0)).await.expect_err("one is missing");
    assert!(error.to_string().contains(&there), "{error}");
}

#[tokio::test]
async fn claims_without_a_section() {
    let claims = "[claims]\nactors = true\nfault-hooks = true\nexclusive = false\n";
    let server = Server::script(vec![answer(200, "{}")]).await;
    let capabilities = http(&server.url, &format!("{claims}{MESSAGES}")).describe().capabilities;
    assert!(capabilities.claims(Capability::Actors) && capabilities.claims(Capability::FaultHooks));
    assert!(!capabilities.claims(Capability::Exclusive) && !capabilities.claims(Capability::Asynchronous));
    let operated = http(&server.url, &format!("{OPERATION}{MESSAGES}")).describe().capabilities;
    assert!(operated.claims(Capability::Asynchronous));
}
