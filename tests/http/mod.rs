//! The target that speaks HTTP: what each kind of answer becomes, and services of several shapes.

mod additions;
mod answers;
mod busy;
mod connections;
mod control;
mod creating;
mod later;
mod paths;
mod promises;
mod secrets;
pub(crate) mod server;
mod shapes;
mod tls;
mod wire;

use std::sync::Arc;

use proofmark::adapter::{Http, Session as _, Target, World as _, WorldSeed};
use proofmark::contract::Contract;
use proofmark::language::{parse_contract, parse_scenarios};
use proofmark::profile::Profile;
use proofmark::protocol::{Actor, Answer, Command, Expected, Outcome, Query, Verdict};
use proofmark::report::failure;
use proofmark::run::{RunEvent, Runner, Seed};
use proofmark::scenario::{Plan, plan};
use proofmark::text::{Colour, Source, render};
use proofmark::value::{Record, Value};

pub(crate) fn contract() -> Arc<Contract> {
    let text = std::fs::read_to_string("scenarios/orders/orders.contract").expect("the contract");
    Arc::new(Contract::resolve(&parse_contract(&Source::new("orders.contract", text)).tree).contract)
}

/// The service at `url`, by a profile for orders that has these lines. Every secret is `hunter2-token`.
pub(crate) fn http(url: &str, lines: &str) -> Http {
    http_with(url, lines, "hunter2-token")
}

/// The same, where every secret is this one.
pub(crate) fn http_with(url: &str, lines: &str, secret: &str) -> Http {
    let source = Source::new("p.toml", format!("schema = 1\ncontract = \"orders\"\n{lines}\n"));
    let reading = Profile::read(&source, &contract());
    let errors = reading.diagnostics.iter().filter(|d| d.severity == proofmark::text::Severity::Error);
    assert_eq!(errors.count(), 0, "{}", render([(&source, &*reading.diagnostics)], Colour::Plain));
    let equipment = reading.profile.equip(true, &|_| Some(secret.into())).expect("equipment");
    Http::new(reading.profile, equipment, Some(url)).expect("a target")
}

pub(crate) async fn world(http: &Http) -> <Http as Target>::World {
    http.world(WorldSeed(0)).await.expect("a world")
}

/// `ConfirmOrder` on the order `o-1`.
pub(crate) fn confirm(key: Option<&str>) -> Command {
    Command {
        name: "ConfirmOrder".into(),
        on: Some(Value::from("o-1")),
        fields: Record::new(),
        key: key.map(Into::into),
        expected: Expected::Any,
        id: "c-1".into(),
    }
}

pub(crate) async fn submit(http: &Http, command: &Command) -> Outcome {
    let mut session = world(http).await.open(&Actor::default()).await.expect("a session");
    session.submit(command).await.outcome
}

/// `GetOrderDetails` on the order `o-1`.
pub(crate) async fn ask(http: &Http) -> Answer {
    let query = Query { name: "GetOrderDetails".into(), on: Some(Value::from("o-1")), fields: Record::new() };
    let mut session = world(http).await.open(&Actor::default()).await.expect("a session");
    session.ask(&query).await.answer
}

/// Runs steps against a service, and checks the verdict.
#[track_caller]
pub(crate) fn check(runtime: &tokio::runtime::Runtime, http: Http, steps: &str, verdict: Verdict) -> String {
    let steps = steps.replace('\n', "\n  ");
    let source = Arc::new(Source::new("s.scenario", format!("use orders\nscenario \"s\"\n  {steps}\n")));
    let file = parse_scenarios(&source);
    let (plans, mistakes) = plan(&source, &file.tree, &contract());
    assert!(
        file.diagnostics.is_empty() && mistakes.is_empty(),
        "{}",
        render([(&*source, &*mistakes)], Colour::Plain)
    );
    let plans: Vec<Arc<Plan>> = plans.into_iter().map(Arc::new).collect();
    let mut told = String::new();
    let runner = Runner::new(http).seed(Seed(1));
    let run = runner.run(&plans, |event| {
        if let RunEvent::Scenario(result) = event {
            told = format!("{}\n{}", result.verdict.word(), failure(result, "again", Colour::Plain));
            assert_eq!(result.verdict, verdict, "{told}");
        }
    });
    let summary = runtime.block_on(run).expect("a run");
    if let Some(history) = summary.history {
        told += &std::fs::read_to_string(&history).expect("the history");
        std::fs::remove_file(history).expect("the history");
    }
    told
}
