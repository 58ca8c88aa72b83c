//! What a person reads when a promise is broken: the order system with each defect built in, on a clock that jumps.

use std::fmt::Write as _;

use proofmark::adapter::Reference;
use proofmark::protocol::Verdict;
use proofmark::report::failure;
use proofmark::run::{RunEvent, Runner, Seed};
use proofmark::suite::Suite;
use proofmark::text::Colour;
use regex_lite::Regex;

use crate::running::toy::paused;

const SCENARIOS: &str = "tests/failures/broken.scenario";

/// Ids, keys and wall time differ from run to run.
fn steady(text: &str) -> String {
    let patterns = [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
        (r"-[0-9a-z]{20}\b", "-<unique>"),
        (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "<time>"),
        (r#"(customer_(?:name|email)): "[^"]*""#, "$1: <derived>"),
    ];
    patterns.iter().fold(text.to_owned(), |text, (pattern, stand_in)| {
        Regex::new(pattern).expect("a pattern").replace_all(&text, *stand_in).into_owned()
    })
}

/// The blocks of all scenarios that did not pass.
fn blocks(target: Reference) -> String {
    let suite = Suite::load(["scenarios/orders/orders.contract", SCENARIOS]).expect("the scenarios");
    let plans = suite.plans().expect("no mistakes");
    let mut blocks = String::new();
    let runner = Runner::new(target).seed(Seed(7)).jobs(1);
    let run = runner.run(plans, |event| {
        if let RunEvent::Scenario(result) = event
            && result.verdict != Verdict::Pass
        {
            let _ = write!(
                blocks,
                "{}  {}\n{}\n",
                result.verdict.word(),
                result.plan.name,
                failure(result, "(again)", Colour::Plain)
            );
        }
    });
    let summary = paused().block_on(run).expect("a run");
    if let Some(history) = summary.history {
        std::fs::remove_file(history).expect("the history is there");
    }
    steady(&blocks)
}

fn defect(spec: &str) -> Reference {
    Reference::strong().with_defect(spec.parse().expect("a defect"))
}

#[test]
fn the_sound_system_has_nothing_to_tell() {
    assert_eq!(blocks(Reference::strong()), "");
    assert_eq!(blocks(Reference::eventual(std::time::Duration::from_millis(50))), "");
}

#[test]
fn a_dropped_event() {
    insta::assert_snapshot!(blocks(defect("drop-event:1")));
}

#[test]
fn a_lost_update() {
    insta::assert_snapshot!(blocks(defect("lost-update")));
}

#[test]
fn an_ignored_key() {
    insta::assert_snapshot!(blocks(defect("ignore-key")));
}

#[test]
fn a_dropped_event_in_a_read_model_that_follows() {
    let lag = std::time::Duration::from_millis(50);
    let late = Reference::eventual(lag).with_defect("drop-event:1".parse().expect("a defect"));
    insta::assert_snapshot!(blocks(late));
}
