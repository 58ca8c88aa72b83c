//! What a service does for its examiner, as its profile says.

use std::fmt::Write as _;

use proofmark::adapter::{ControlError, Http, Session as _, Target, World as _, WorldSeed};
use proofmark::protocol::{Capability, Event, Outcome, Version};
use proofmark::value::{Record, Value};
use reference_impl::OrderSystem;
use reference_impl::domain::{Item, OrderEvent, OrderId};
use reference_impl::http::{Api, Server as OrderServer};

use super::server::{Reaction, Server, answer, with};
use super::{http, world};
use crate::control::built_in::{ORDER, WITHIN, details, event, item, keeps_what_it_claims};

/// A feed of another shape: pages of two, names and places of its own.
const FEED: &str = r#"
[events]
request = "GET /feed?from=${position}"
rows = "$.items"
fields = { type = "$.kind", data = "$.payload", aggregate = "$.stream", position = "$.pos" }
names = { "order-cancelled" = "OrderCancelled" }
ignore = ["noise"]
within = "2s"
[type.OrderCancelled]
reason = "why"
[seed-events]
request = "POST /streams/${on}"
body = { type = "${name}", data = "${fields}" }
[rebuild]
request = "POST /models/${read_model}/rebuild"
[reset]
request = "DELETE /everything"
[query.GetOrderDetails]
request = "GET /orders/${on}"
[temporal.GetOrderDetails]
request = "GET /orders/${on}/at/${version}"
[limits]
total = "300ms"
"#;

fn row(position: u64, kind: &str) -> String {
    format!(
        r#"{{"pos": {position}, "kind": "{kind}", "stream": "o-{position}", "payload": {{"why": "late"}}}}"#
    )
}

fn pages(rows: &[String]) -> impl Fn(&super::server::Request) -> Reaction + Send + Sync + 'static {
    let rows = rows.to_vec();
    move |request| {
        let from = request.target.rsplit_once('=').and_then(|(_, from)| from.parse().ok()).unwrap_or(0);
        let page: Vec<_> = rows.iter().skip(from).take(2).cloned().collect();
        answer(200, &format!(r#"{{"items": [{}]}}"#, page.join(",")))
    }
}

async fn control_of(server: &Server) -> (Http, <Http as Target>::World) {
    let target = http(&server.url, FEED);
    let world = world(&target).await;
    (target, world)
}

#[tokio::test]
async fn the_order_system_does_over_http_what_it_claims() {
    let system = OrderSystem::builder().build().expect("a system");
    let server =
        OrderServer::bind(OrderServer::ANY_PORT, Api::open(system.clone())).await.expect("an address");
    let lines = std::fs::read_to_string("scenarios/orders/reference.toml").expect("the profile");
    let lines = lines.replace("schema = 1\n", "").replace("contract = \"orders\"\n", "");
    let target = http(&server.url(), &lines);
    tokio::spawn(server.run(std::future::pending()));
    for capability in [Capability::EventFeed, Capability::Rebuild, Capability::Temporal] {
        assert!(target.describe().capabilities.claims(capability), "{capability}");
    }
    let order = OrderId::new(ORDER.parse().expect("a UUID"));
    let (tea, milk) =
        (Item::new("tea", 2, "4.50".parse().expect("a price")), "0.10".parse().expect("a price"));
    let story = vec![
        OrderEvent::OrderCreated { customer: "ann".into(), items: vec![tea] },
        OrderEvent::ItemAdded { product: "milk".into(), quantity: 1, price: milk },
        OrderEvent::OrderCancelled { reason: "too late".into() },
    ];
    system.seed_events(order, story).await.expect("the story");
    keeps_what_it_claims(&world(&target).await).await;
}

#[tokio::test]
async fn a_feed_is_read_to_its_end_in_the_contracts_words() {
    let rows = [
        row(1, "order-cancelled"),
        row(2, "noise"),
        row(3, "noise"),
        row(4, "noise"),
        row(5, "OrderCancelled"),
    ];
    let server = Server::start(pages(&rows)).await;
    let (_, world) = control_of(&server).await;
    let control = &world;
    let told = control.events(None, None).await.expect("events");
    let seen: Vec<_> =
        told.iter().map(|event| (&*event.name, event.position, event.fields.get("reason"))).collect();
    let late = Value::from("late");
    assert_eq!(seen, [("OrderCancelled", Some(1), Some(&late)), ("OrderCancelled", Some(5), Some(&late))]);
    let asked: Vec<_> = server.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(asked, ["/feed?from=0", "/feed?from=2", "/feed?from=4", "/feed?from=5"]);
    let later = control.events(None, Some(1)).await.expect("events");
    assert_eq!(later, told[1..]);
    let of_one = control.events(Some(&Value::from("o-5")), None).await.expect("events");
    assert_eq!(of_one, told[1..]);
}

#[tokio::test]
async fn a_feed_that_can_not_be_read_says_why() {
    for (answered, why) in [
        (
            answer(200, r#"{"items": [{"pos": 1, "kind": "Lost", "stream": "o"}]}"#),
            "the contract has no event `Lost`",
        ),
        (answer(200, &format!(r#"{{"items": [{}]}}"#, row(1, "noise"))), "the feed does not move on"),
        (answer(200, r#"{"items": 3}"#), "a list, not a number"),
        (answer(200, "{}"), "there is nothing at `$.items`"),
        (answer(200, r#"{"items": [{"pos": 1}]}"#), "an event has no name"),
        (answer(404, "{}"), "the feed was not told (404)"),
        (Reaction::Hang(Vec::new()), "no answer within 300ms"),
    ] {
        let server = Server::script(vec![answered]).await;
        let (_, world) = control_of(&server).await;
        let failed = world.events(None, None).await;
        let Err(ControlError::Failed(told) | ControlError::Denied(told)) = failed else {
            panic!("{why}: {failed:?}")
        };
        assert!(told.contains(why), "{told}");
    }
}

#[tokio::test]
async fn a_feed_that_somebody_may_not_read_is_told_from_one_that_fails() {
    for (status, denied) in [(401, true), (403, true), (404, true), (400, false), (429, false), (500, false)]
    {
        let server = Server::script(vec![answer(status, "{}")]).await;
        let (_, world) = control_of(&server).await;
        let failed = world.events(None, None).await;
        assert_eq!(matches!(failed, Err(ControlError::Denied(_))), denied, "{status}: {failed:?}");
    }
}

#[tokio::test]
async fn events_are_seeded_in_the_services_words() {
    let server =
        Server::script(vec![answer(201, ""), answer(409, ""), answer(500, ""), Reaction::Hang(Vec::new())])
            .await;
    let (_, world) = control_of(&server).await;
    let control = &world;
    let cancelled =
        Event { on: Value::from("o-1"), ..event("OrderCancelled", [("reason", Value::from("late"))]) };
    assert!(matches!(control.seed(&cancelled).await, Outcome::Accepted(_)));
    assert!(matches!(control.seed(&cancelled).await, Outcome::Rejected(_)));
    assert!(matches!(control.seed(&cancelled).await, Outcome::Unknown(_)));
    assert!(matches!(control.seed(&cancelled).await, Outcome::Unknown(_)));
    let sent = &server.requests()[0];
    assert_eq!((&*sent.method, &*sent.target), ("POST", "/streams/o-1"));
    assert_eq!(sent.body, r#"{"type":"order-cancelled","data":{"why":"late"}}"#);
    let unknown = Event { name: "OrderLost".into(), ..cancelled };
    let Outcome::NotSent(why) = control.seed(&unknown).await else { panic!("it was sent") };
    assert_eq!(why, "the contract has no event OrderLost");
}

#[tokio::test]
async fn rebuilding_and_resetting_are_done_when_the_service_says_so() {
    let server = Server::script(vec![
        with(204, "", b""),
        with(204, "", b""),
        answer(503, ""),
        answer(500, ""),
        Reaction::Hang(Vec::new()),
    ])
    .await;
    let (_, world) = control_of(&server).await;
    let control = &world;
    assert_eq!(control.rebuild("orders", WITHIN).await, Ok(()));
    assert_eq!(control.reset().await, Ok(()));
    let asked: Vec<_> =
        server.requests().into_iter().map(|sent| format!("{} {}", sent.method, sent.target)).collect();
    assert_eq!(asked, ["POST /models/orders/rebuild", "DELETE /everything"]);
    for _ in 0..3 {
        let failed = control.rebuild("orders", std::time::Duration::from_millis(300)).await;
        let Err(ControlError::Failed(why)) = failed else { panic!("{failed:?}") };
        assert!(why.starts_with("POST /models/orders/rebuild: "), "{why}");
    }
}

#[tokio::test]
async fn what_the_profile_does_not_say_is_not_offered() {
    let server = Server::script(vec![answer(200, "{}")]).await;
    let target = http(&server.url, "");
    let world = world(&target).await;
    let control = &world;
    assert_eq!(control.rebuild("orders", WITHIN).await, Err(ControlError::NotOffered));
    assert_eq!(control.reset().await, Err(ControlError::NotOffered));
    assert_eq!(control.restart().await, Err(ControlError::NotOffered));
    assert_eq!(control.events(None, None).await, Err(ControlError::NotOffered));
    assert_eq!(control.as_of(&details(), &Version::Number(1)).await, Err(ControlError::NotOffered));
    assert!(matches!(control.seed(&event("OrderConfirmed", [])).await, Outcome::NotSent(_)));
    assert_eq!(server.requests().len(), 0);
}

/// A canary: the service says the secret in every answer, and it shows up nowhere.
#[tokio::test]
async fn no_secret_comes_back() {
    const CANARY: &str = "hunter2-token";
    let profile = format!("[auth]\nkind = \"bearer\"\ntoken = \"${{secret:TOKEN}}\"\n{FEED}");
    let row = format!(
        r#"{{"pos": 1, "kind": "OrderCancelled", "stream": "{CANARY}", "payload": {{"why": "{CANARY}"}}}}"#
    );
    for echo in [
        answer(200, &format!(r#"{{"items": [{row}], "id": "{CANARY}"}}"#)),
        answer(200, &format!(r#"{{"items": [{{"pos": 1, "kind": "{CANARY}"}}]}}"#)),
        answer(409, &format!(r#"{{"detail": "{CANARY}"}}"#)),
        answer(500, CANARY),
        with(307, &format!("location: http://{CANARY}.invalid/\r\n"), b""),
        Reaction::Hang(CANARY.into()),
    ] {
        let server = Server::script(vec![echo]).await;
        let target = http(&server.url, &profile);
        let world = target.world(WorldSeed(0)).await.expect("a world");
        let control = &world;
        let mut told = String::new();
        let soon = std::time::Duration::from_millis(300);
        let _ = write!(told, "{:?}", control.events(None, None).await);
        let _ = write!(told, "{:?}", control.seed(&event("OrderConfirmed", [])).await);
        let _ = write!(told, "{:?}", control.rebuild("orders", soon).await);
        let _ = write!(told, "{:?}", control.reset().await);
        let _ = write!(told, "{:?}", control.as_of(&details(), &Version::Number(1)).await);
        let sent = server.requests();
        assert!(sent.len() >= 5 && sent.iter().all(|sent| format!("{sent:?}").contains(CANARY)), "{sent:?}");
        assert!(!told.contains(CANARY), "{told}");
    }
}

/// The order system as a process of its own, that writes its number down.
#[cfg(unix)]
fn started(pid_file: &std::path::Path) -> Http {
    let file = proofmark::suite::ProfileFile::load(std::path::Path::new("scenarios/orders/reference.toml"));
    let (profile, equipment) = file.equip(true, &|_| None).expect("a profile");
    let command = format!(
        "/bin/sh -c 'echo $$ > \"$1\"; exec \"$2\" serve --port $3' - '{}' '{}' {{port}}",
        pid_file.display(),
        env!("CARGO_BIN_EXE_proofmark")
    );
    Http::exec(profile, equipment, &command, None).expect("a target")
}

#[cfg(unix)]
fn pid_file(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("proofmark-control-{}-{name}", std::process::id()))
}

/// It forgets everything when it is started again.
#[cfg(unix)]
#[tokio::test]
async fn a_service_is_started_and_started_again() {
    use proofmark::protocol::{Actor, Command, Expected, Seen};

    let file = pid_file("again");
    let target = started(&file);
    assert!(target.describe().capabilities.claims(Capability::Restart));
    let world = target.world(WorldSeed(0)).await.expect("a world");
    let mut session = world.open(&Actor::default()).await.expect("a session");
    let items = Value::List(vec![item("tea", "1.00")]);
    let create = Command {
        name: "CreateOrder".into(),
        on: Some(Value::from(ORDER)),
        fields: Record::from([("customer", Value::from("ann")), ("items", items)]),
        key: None,
        expected: Expected::Any,
        id: "c-1".into(),
    };
    let created = session.submit(&create).await.outcome;
    assert!(matches!(created, Outcome::Accepted(_)), "{created}");
    assert!(matches!(session.ask(&details()).await.answer.seen, Seen::Found(_)));
    let first = std::fs::read_to_string(&file).expect("its number");
    assert_eq!(world.restart().await, Ok(()));
    assert_ne!(std::fs::read_to_string(&file).expect("its number"), first);
    assert_eq!(session.ask(&details()).await.answer.seen, Seen::Absent);
    assert_eq!(target.ended(), None);
    std::fs::remove_file(file).expect("the file");
}

#[cfg(unix)]
#[tokio::test]
async fn a_service_that_ends_by_itself_is_told() {
    let file = pid_file("killed");
    let target = started(&file);
    let _world = target.world(WorldSeed(0)).await.expect("a world");
    let pid = std::fs::read_to_string(&file).expect("its number");
    let killed = std::process::Command::new("kill").args(["-s", "KILL", pid.trim()]).status();
    assert!(killed.expect("kill runs").success());
    let told = tokio::time::timeout(WITHIN, async {
        loop {
            if let Some(told) = target.ended() {
                return told;
            }
            tokio::task::yield_now().await;
        }
    });
    let told = told.await.expect("it is seen");
    assert!(told.starts_with("it was ended by signal 9; it said last:\n  | http://127.0.0.1:"), "{told}");
    std::fs::remove_file(file).expect("the file");
}
