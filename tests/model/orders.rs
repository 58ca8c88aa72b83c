//! Random commands: the shipped contract and the built-in order system agree on every outcome and every answer.

use proofmark::adapter::{Reference, Session, Target, World as _, WorldSeed};
use proofmark::contract::rules::{Decision, Model, World};
use proofmark::protocol::{Actor, Command, Outcome};
use proofmark::value::Tolerances;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::native::Orders;
use super::{command, query, shipped};

const ORDERS: [&str; 2] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];

fn item() -> impl Strategy<Value = String> {
    let price = prop::sample::select(vec!["0", "-1", "0.001", "0.10", "29.99", "1000"]);
    ("[pq]", -1..4i64, price).prop_map(|(product, quantity, price)| {
        format!(r#""product": "{product}", "quantity": {quantity}, "price": {price}"#)
    })
}

fn any_command() -> impl Strategy<Value = Command> {
    let fields = prop_oneof![
        3 => ("[cd]", prop::collection::vec(item(), 0..3)).prop_map(|(customer, items)| {
            let items: Vec<String> = items.iter().map(|item| format!("{{{item}}}")).collect();
            ("CreateOrder", format!(r#"{{"customer": "{customer}", "items": [{}]}}"#, items.join(", ")))
        }),
        4 => item().prop_map(|item| ("AddItem", format!("{{{item}}}"))),
        2 => "[pqr]".prop_map(|product| ("RemoveItem", format!(r#"{{"product": "{product}"}}"#))),
        2 => prop::sample::select(vec!["2026-03-02T01:30:07.013+02:00", "2026-03-01T23:30:07Z"])
            .prop_map(|at| ("RequestDelivery", format!(r#"{{"deliver_at": "{at}"}}"#))),
        1 => Just(("ConfirmOrder", "{}".to_owned())),
        1 => Just(("CancelOrder", r#"{"reason": "why"}"#.to_owned())),
        1 => Just(("AddItem", r#"{"product": "p", "quantity": 1.5, "price": 1}"#.to_owned())),
    ];
    (prop::sample::select(&ORDERS[..]), fields).prop_map(|(on, (name, fields))| command(name, on, &fields))
}

/// The first thing on which the two disagree.
async fn disagreement<M: Model>(model: &M, target: &Reference, commands: &[Command]) -> Option<String> {
    let system = target.world(WorldSeed(7)).await.expect("a world");
    let mut session = system.open(&Actor::default()).await.expect("a session");
    let mut world = World::new();
    for command in commands {
        let outcome = session.submit(command).await.outcome;
        let decisions = model.decide(&world, command).expect("a decision");
        match decisions.into_iter().find(|decision| decision.allows(&outcome)) {
            Some(Decision::Accepted(acceptance)) => world = acceptance.world,
            Some(Decision::Rejected(_)) => {}
            None => return Some(format!("{command:?}: {outcome}")),
        }
        assert!(!matches!(outcome, Outcome::Unknown(_)), "{outcome}");
        if let Some(wrong) = answers(model, &world, &mut session).await {
            return Some(format!("{command:?}: {wrong}"));
        }
    }
    None
}

/// The first query that is answered otherwise than the model says.
async fn answers<M: Model>(model: &M, world: &World<M::State>, session: &mut impl Session) -> Option<String> {
    let mut queries: Vec<_> = ORDERS.map(|order| query("GetOrderDetails", Some(order), "{}")).into();
    for fields in [
        r#"{"customer": "c"}"#,
        r#"{"customer": "d"}"#,
        r#"{"customer": "c", "page_size": 1}"#,
        r#"{"customer": "c", "page": 2, "page_size": 1}"#,
        r#"{"customer": "c", "page": 0}"#,
        r#"{"customer": "c", "page_size": 101}"#,
    ] {
        queries.push(query("ListCustomerOrders", None, fields));
    }
    for query in queries {
        let expected = model.answer(world, &query).expect("an answer");
        let differences = expected.differences(&session.ask(&query).await.answer, &Tolerances::EXACT);
        if !differences.is_empty() {
            return Some(format!("{query:?}: {differences:?}"));
        }
    }
    None
}

/// Runs random sequences; the first disagreement, made small.
fn first_disagreement<M: Model>(model: &M, target: &Reference) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&prop::collection::vec(any_command(), 1..24), |commands| {
        match runtime.block_on(disagreement(model, target, &commands)) {
            None => Ok(()),
            Some(wrong) => Err(TestCaseError::fail(wrong)),
        }
    });
    outcome.err().map(|error| error.to_string())
}

/// What may come of a command, without the worlds behind it.
fn codes<S>(decisions: &[Decision<S>]) -> Vec<String> {
    let mut codes: Vec<String> = decisions
        .iter()
        .map(|decision| match decision {
            Decision::Accepted(_) => "accepted".to_owned(),
            Decision::Rejected(code) => code.to_string(),
        })
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

#[test]
fn the_contract_the_native_model_and_the_order_system_agree() {
    let written = shipped("scenarios/orders/orders.contract");
    assert_eq!(first_disagreement(&written, &Reference::strong()), None);
    assert_eq!(first_disagreement(&Orders, &Reference::strong()), None);
}

#[test]
fn the_contract_and_the_native_model_allow_the_same() {
    let written = shipped("scenarios/orders/orders.contract");
    let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&prop::collection::vec(any_command(), 1..24), |commands| {
        let (mut interpreted, mut native) = (World::new(), World::new());
        for command in commands {
            let of_written = written.decide(&interpreted, &command).expect("a decision");
            let of_native = Orders.decide(&native, &command).expect("a decision");
            prop_assert_eq!(codes(&of_written), codes(&of_native), "{:?}", command);
            let accepted = of_written.into_iter().zip(of_native);
            for pair in accepted {
                if let (Decision::Accepted(written), Decision::Accepted(mine)) = pair {
                    prop_assert_eq!(written.events, mine.events);
                    (interpreted, native) = (written.world, mine.world);
                }
            }
        }
        Ok(())
    });
    assert_eq!(outcome.err().map(|error| error.to_string()), None);
}

#[test]
fn a_lost_event_is_a_disagreement() {
    let unsound = || Reference::strong().with_defect("drop-event:1/3".parse().expect("a defect"));
    let written = shipped("scenarios/orders/orders.contract");
    for wrong in [first_disagreement(&written, &unsound()), first_disagreement(&Orders, &unsound())] {
        let wrong = wrong.expect("a disagreement");
        assert!(wrong.contains("GetOrderDetails") || wrong.contains("ListCustomerOrders"), "{wrong}");
    }
}
