//! What an in-process target makes of systems that panic, hang, have floats, or don't fit the contract.

use std::sync::Mutex;
use std::time::Duration;

use proofmark::adapter::{Asked, ControlError, InProcess, Sent, Session, Target, World, WorldSeed};
use proofmark::protocol::{Actor, Capability, Command, Event, Query, Rejection, Seen, Version};
use proofmark::value::Record;
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

fn with<T: Target, R>(target: &T, work: impl AsyncFnOnce(&mut <T::World as World>::Session) -> R) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let world = target.world(WorldSeed(1)).await.expect("a world");
        work(&mut world.open(&Actor::default()).await.expect("a session")).await
    })
}

fn outcome(target: &impl Target, command: &Command) -> String {
    with(target, async |session| session.submit(command).await.outcome.to_string())
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
        with(&system(), async |session| {
            match session.ask(&query(name, Some("o-1"), "{}")).await.answer.seen {
                Seen::Broken(why) => why.detail,
                other => panic!("{other:?}"),
            }
        })
    };
    assert!(ask("Float").starts_with("the answer is no exact value: price: a float can't be exact"));
    assert_eq!(ask("Panic"), "the system panicked: out of paper");
}

/// What a system was asked to do beside commands and queries, and what came of it.
fn controlled<T: Target, R>(target: &T, work: impl AsyncFnOnce(&T::World) -> R) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let world = target.world(WorldSeed(1)).await.expect("a world");
        work(&world).await
    })
}

/// A list of what happened, with everything that may be offered.
type Log = Mutex<Vec<String>>;

fn equipped() -> InProcess<Log> {
    let event = |name: String| Event {
        name: name.into(),
        on: "o-1".into(),
        fields: Record::new(),
        version: None,
        position: Some(7),
        id: None,
        causation: None,
    };
    InProcess::builder("equipped", |_| Log::default())
        .deadline(Duration::from_secs(2))
        .rebuild(|log, name| async move {
            match &*name {
                "hangs" => std::future::pending().await,
                "panics" => panic!("no shelf"),
                "fails" => Err("no such read model".to_owned()),
                _ => {
                    log.lock().expect("no panic").push(format!("rebuilt {name}"));
                    Ok(())
                }
            }
        })
        .seed(|log, event| async move {
            if &*event.name == "Unheard" {
                return Err(Rejection::named("UnknownEvent"));
            }
            log.lock().expect("no panic").push(event.name.to_string());
            Ok(())
        })
        .events(move |log, on, after| async move {
            if on == Some("gone".into()) {
                return Err("the feed is closed".to_owned());
            }
            let log = log.lock().expect("no panic");
            let behind = usize::try_from(after.unwrap_or(0)).expect("few");
            Ok(log.iter().skip(behind).cloned().map(event).collect())
        })
        .as_of(|_, query: Query, version| async move {
            (version != Version::Number(9)).then(|| format!("{} at {version}", query.name))
        })
        .reset(|log| async move {
            let mut log = log.lock().expect("no panic");
            if log.is_empty() {
                return Err("nothing to remove".to_owned());
            }
            log.clear();
            Ok(())
        })
        .build()
}

#[test]
fn what_is_offered_is_claimed_and_done() {
    let claims = equipped().describe().capabilities;
    for capability in [
        Capability::Rebuild,
        Capability::SeedEvents,
        Capability::EventFeed,
        Capability::Temporal,
        Capability::Reset,
    ] {
        assert!(claims.claims(capability), "{capability:?}");
        assert!(!system().describe().capabilities.claims(capability), "{capability:?}");
    }
    let within = Duration::from_secs(1);
    controlled(&equipped(), async |control| {
        let event = |name: &str| Event {
            name: name.into(),
            on: "o-1".into(),
            fields: Record::new(),
            version: None,
            position: None,
            id: None,
            causation: None,
        };
        assert_eq!(control.seed(&event("Made")).await.to_string(), "accepted");
        assert_eq!(control.seed(&event("Unheard")).await.to_string(), "rejected UnknownEvent");
        assert_eq!(control.rebuild("Rows", within).await, Ok(()));
        let names = |events: Vec<Event>| events.iter().map(|e| e.name.to_string()).collect::<Vec<_>>();
        let all = control.events(None, None).await.map(names);
        assert_eq!(all.expect("events"), ["Made", "rebuilt Rows"]);
        let later = control.events(Some(&"o-1".into()), Some(1)).await.map(names);
        assert_eq!(later.expect("events"), ["rebuilt Rows"]);
        assert_eq!(control.reset().await, Ok(()));
        assert_eq!(control.events(None, None).await.map(names).expect("events"), [""; 0]);
        let asked = query("GetOrder", Some("o-1"), "{}");
        let seen = async |number| {
            let answer = control.as_of(&asked, &Version::Number(number)).await;
            answer.expect("an answer").seen
        };
        assert_eq!(seen(3).await, Seen::Found("GetOrder at 3".into()));
        assert_eq!(seen(9).await, Seen::Absent);
    });
}

#[test]
fn what_is_offered_and_goes_wrong_is_told() {
    let within = Duration::from_secs(1);
    controlled(&equipped(), async |control| {
        let rebuilt = async |name| control.rebuild(name, within).await.expect_err("an error").to_string();
        let failed = [rebuilt("fails").await, rebuilt("panics").await, rebuilt("hangs").await];
        for (told, why) in
            failed.iter().zip(["no such read model", "panicked: no shelf", "no answer within 1s"])
        {
            assert!(told.contains(why), "{told}");
        }
        let closed = control.events(Some(&"gone".into()), None).await.expect_err("an error");
        assert!(closed.to_string().contains("the feed is closed"), "{closed}");
        let nothing = control.reset().await.expect_err("an error");
        assert!(nothing.to_string().contains("nothing to remove"), "{nothing}");
    });
    controlled(&system(), async |control| {
        assert_eq!(control.reset().await, Err(ControlError::NotOffered));
        assert_eq!(control.rebuild("Rows", within).await, Err(ControlError::NotOffered));
        assert_eq!(control.events(None, None).await.err(), Some(ControlError::NotOffered));
        let asked = query("GetOrder", Some("o-1"), "{}");
        let earlier = control.as_of(&asked, &Version::Number(1)).await;
        assert_eq!(earlier.err(), Some(ControlError::NotOffered));
    });
}

#[test]
fn what_was_not_said_is_not_offered() {
    let bare = InProcess::builder("bare", |_| ()).build();
    let nothing = outcome(&bare, &command("Price", "o-1", "{}"));
    assert_eq!(nothing, "not sent: the target was built without `commands`");
    let panics = InProcess::builder("panics", |_| -> () { panic!("no disk") }).build();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let error = runtime.block_on(panics.world(WorldSeed(1))).expect_err("no world");
    assert_eq!(error.to_string(), "panics can't be reached: making it panicked: no disk");
}
