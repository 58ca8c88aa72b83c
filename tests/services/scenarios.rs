//! Scenarios of other domains than orders, run from a test as a user of the library would.

use std::time::Duration;

use proofmark::adapter::Target;
use proofmark::protocol::Verdict;
use proofmark::report::failure;
use proofmark::run::{RunEvent, Runner, Seed};
use proofmark::suite::Suite;
use proofmark::text::Colour;

use super::{LAG, bank, stock};

/// Runs the scenarios of a contract; what is told of those that did not pass.
fn run(contract: &str, target: impl Target + 'static) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    run_on(&runtime.expect("a runtime"), contract, target)
}

/// The same on a runtime of the caller's.
pub(super) fn run_on(
    runtime: &tokio::runtime::Runtime,
    contract: &str,
    target: impl Target + 'static,
) -> String {
    let files = [format!("scenarios/{contract}"), format!("tests/services/{contract}.scenario")];
    let suite = Suite::load(files.iter().map(String::as_str)).expect("files");
    let plans = suite.plans().expect("no mistakes");
    assert_eq!(plans.len(), 2);
    let mut told = String::new();
    let runner = Runner::new(target).seed(Seed(1));
    let run = runner.run(plans, |event| {
        if let RunEvent::Scenario(result) = event
            && result.verdict != Verdict::Pass
        {
            told += &failure(result, "again", Colour::Plain);
        }
    });
    let summary = runtime.block_on(run).expect("a run");
    if let Some(history) = summary.history {
        std::fs::remove_file(history).expect("the history");
    }
    told
}

#[test]
fn sound_services_keep_the_promises_in_their_scenarios() {
    for lag in [Duration::ZERO, LAG] {
        assert_eq!(run("bank", bank::bank(None, lag)), "");
        assert_eq!(run("stock", stock::stock(None, lag)), "");
    }
}

#[test]
fn a_bug_shows_in_a_scenario() {
    let told = run("bank", bank::bank(Some(bank::Bug::CreditsFirst), LAG));
    assert!(told.contains("never GetAccount on $b shows { balance: > 0 }"), "{told}");
    let told = run("stock", stock::stock(Some(stock::Bug::ReleasesTwice), LAG));
    assert!(told.contains("available: 3"), "{told}");
}
