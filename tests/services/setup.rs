//! What an in-process target makes of systems that panic, hang, have floats, or don't fit the contract.

use std::time::Duration;

use proofmark::protocol::{Actor, Command, Rejection, Seen};
use proofmark::target::{Asked, InProcess, Sent, Session, Target, WorldSeed};
use serde::{Deserialize, Serialize};

use crate::model::{command, query};

#[derive(Deserialize)]
enum Order {
    Price { amount: String },
    Panic,
    Hang,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Tagged {
    Price { count: i64 },
}

#[derive(Deserialize)]
enum Question {
    Float,
    Panic,
}

#[derive(Serialize)]
struct Inexact {
    price: f64,
}

fn system() -> InProcess<()> {
    InProcess::builder("odd", |_| ())
        .deadline(Duration::from_secs(2))
        .commands(|_, sent: Sent<Order>| async move {
            match sent.command {
                Order::Price { amount } => Err(Rejection::named(format!("{} {}", amount, sent.on))),
                Order::Panic => panic!("out of ink"),
                Order::Hang => std::future::pending::<Result<(), Rejection>>().await,
            }
        })
        .queries(|_, asked: Asked<Question>| async move {
            match asked.query {
                Question::Float => Some(Inexact { price: 0.1 }),
                Question::Panic => panic!("out of paper"),
            }
        })
        .build()
}

fn with<T>(target: &dyn Target, work: impl AsyncFnOnce(&mut dyn Session) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let world = target.world(WorldSeed(1)).await.expect("a world");
        work(&mut *world.open(&Actor::default()).await.expect("a session")).await
    })
}

fn outcome(target: &dyn Target, command: &Command) -> String {
    with(target, async |session| session.submit(command).await.to_string())
}

#[test]
fn what_goes_wrong_in_a_system_is_an_outcome() {
    let send = |name: &str, fields: &str| outcome(&system(), &command(name, "o-1", fields));
    assert_eq!(send("Price", r#"{"amount": "0.10"}"#), "rejected 0.10 o-1");
    assert_eq!(
        send("Price", r#"{"amount": 0.10}"#),
        "rejected Malformed (amount: invalid type: number, expected a string)"
    );
    assert_eq!(send("Price", "{}"), "rejected Malformed (missing field `amount`)");
    assert!(send("Panic", "{}").starts_with("unknown: the system panicked: out of ink"));
    assert!(send("Hang", "{}").starts_with("unknown: no answer within 2s"));
    assert!(send("Nope", "{}").starts_with("not sent: Nope: unknown variant `Nope`"));
}

#[test]
fn a_tag_inside_has_to_be_said() {
    let build = || {
        InProcess::builder("tagged", |_| ()).commands(|_, sent: Sent<Tagged>| async move {
            let Tagged::Price { count } = sent.command;
            Err::<(), _>(Rejection::named(count.to_string()))
        })
    };
    let command = command("Price", "o-1", r#"{"count": -5.0}"#);
    assert_eq!(outcome(&build().tagged_by("type").build(), &command), "rejected -5");
    let unsaid = outcome(&build().build(), &command);
    assert!(unsaid.contains("say `tagged_by(\"type\")`"), "{unsaid}");
}

#[test]
fn an_answer_that_is_not_exact_is_none() {
    let ask = |name: &str| {
        with(&system(), async |session| match session.ask(&query(name, Some("o-1"), "{}")).await.seen {
            Seen::Broken(why) => why.detail,
            other => panic!("{other:?}"),
        })
    };
    assert!(ask("Float").starts_with("the answer is no exact value: price: a float can't be exact"));
    assert_eq!(ask("Panic"), "the system panicked: out of paper");
}

#[test]
fn what_was_not_said_is_not_offered() {
    let bare = InProcess::builder("bare", |_| ()).build();
    let nothing = outcome(&bare, &command("Price", "o-1", "{}"));
    assert_eq!(nothing, "not sent: the target was built without `commands`");
    let panics = InProcess::builder("panics", |_| -> () { panic!("no disk") }).build();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let error = runtime.block_on(panics.world(WorldSeed(1))).err().expect("no world");
    assert_eq!(error.to_string(), "panics can't be reached: making it panicked: no disk");
}
