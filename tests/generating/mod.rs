//! Sequences that are made up, run and judged: what is sound passes, what is broken is found, made small and told.
#![cfg(feature = "reference")]

mod lanterns;
mod lockers;
mod parcels;
mod polls;
mod purses;
mod rides;
mod services;
mod tills;
pub(crate) mod valves;
mod vouchers;
mod written;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proofmark::adapter::{Reference, Target};
use proofmark::contract::Contract;
use proofmark::generate::{Random, Settings, Weave};
use proofmark::language::parse_contract;
use proofmark::protocol::Verdict;
use proofmark::run::{Seed, Told, TrialSummary, Trials, tell};
use proofmark::step::{Sequence, Source as _};
use proofmark::text::Source;

use crate::checking::orders;

const ORDERS: &str = "scenarios/orders/orders.contract";

fn contract() -> Arc<Contract> {
    read(ORDERS)
}

fn read(path: &str) -> Arc<Contract> {
    let source = Source::read(path).expect("the contract");
    Arc::new(Contract::resolve(&parse_contract(&source).tree).contract)
}

fn sequences(seed: u64, cases: usize) -> Vec<Sequence> {
    let contract = contract();
    let weave = Weave { contract: &contract, knows: &|_| true, keys: true, versions: true };
    let mut random = Random::new(Arc::new(orders()), Settings { seed, max_len: 8, cases });
    let drawn = std::iter::from_fn(|| random.next()).zip(0..);
    drawn.map(|(sequence, number)| weave.weave(&sequence, seed * 1_000 + number)).collect()
}

fn tried(target: impl Target + 'static, seed: u64, cases: usize) -> TrialSummary {
    let trials = Trials::new(target, contract(), Arc::new(orders())).seed(Seed(seed));
    let trials = trials.budget(Duration::from_secs(120)).shrinking(Duration::from_secs(120));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(trials.run(sequences(seed, cases).into_iter(), |_| ())).expect("trials")
}

#[track_caller]
fn passes(target: impl Target + 'static, seed: u64) {
    let summary = tried(target, seed, 25);
    assert_eq!(summary.verdict(), Verdict::Pass, "seed {seed}: {:#?}", summary.failures);
    assert_eq!(summary.trials, 25);
    assert!(summary.coverage.sent() > 50 && summary.coverage.reads() > 50);
}

#[test]
fn a_sound_system_passes_in_every_mode() {
    for seed in 1..=3 {
        passes(Reference::strong(), seed);
        passes(Reference::eventual(Duration::from_millis(5)), seed);
    }
}

/// What is told of the first failure, and what its scenario comes to against a target.
fn told(defect: &str) -> (Told, TrialSummary) {
    let broken = Reference::strong().with_defect(defect.parse().expect("a defect"));
    let summary = tried(broken, 7, 200);
    assert_eq!(summary.verdict(), Verdict::Fail, "{defect} was not found");
    let told = tell(&contract(), &summary.failures[0], &[]).expect("a failure");
    (told, summary)
}

/// Writes the scenario down beside its contract, and runs it against each of these targets.
fn replayed<T: Target + 'static>(scenario: &str, contract: &str, targets: [T; 2]) -> [Verdict; 2] {
    static DIRECTORIES: AtomicUsize = AtomicUsize::new(0);
    let number = DIRECTORIES.fetch_add(1, Ordering::Relaxed);
    let directory = std::env::temp_dir().join(format!("proofmark-told-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let contract = Path::new(contract);
    std::fs::copy(contract, directory.join(contract.file_name().expect("a file"))).expect("the contract");
    std::fs::write(directory.join("found.scenario"), scenario).expect("a file");
    let suite = proofmark::suite::Suite::load([directory.clone()]).expect("a suite");
    assert_eq!(suite.mistakes().to_string(), "", "{scenario}");
    let plans = suite.plans().expect("no mistakes").to_vec();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let verdicts = targets.map(|target| {
        let mut worst = Verdict::Pass;
        let runner = proofmark::run::Runner::new(target).seed(Seed(1)).repeat(30);
        let run = runner.run(&plans, |event| {
            if let proofmark::run::RunEvent::Scenario(result) = event {
                worst = worst.max(result.verdict);
            }
        });
        let summary = runtime.block_on(run).expect("a run");
        summary.history.into_iter().for_each(|history| std::fs::remove_file(history).expect("removed"));
        worst
    });
    std::fs::remove_dir_all(directory).expect("removed");
    verdicts
}

#[track_caller]
fn found(defect: &str, steps: usize) -> Told {
    let (told, summary) = told(defect);
    let sequence = &summary.failures[0].trial.sequence;
    assert!(sequence.steps.len() <= steps, "{sequence:#?}");
    assert_eq!(summary.failures[0].unfinished, None);
    let targets = [Reference::strong().with_defect(defect.parse().expect("a defect")), Reference::strong()];
    let verdicts = replayed(&told.scenario, ORDERS, targets);
    assert_eq!(verdicts, [Verdict::Fail, Verdict::Pass], "{}", told.scenario);
    told
}

#[test]
fn a_lost_event_is_found() {
    let told = found("drop-event:1/3", 3);
    assert!(told.headline.contains(" shows at once what CreateOrder"), "{}", told.headline);
}

#[test]
fn an_update_that_is_lost_is_found() {
    let told = found("lost-update", 3);
    assert!(told.headline.ends_with(" is rejected ConcurrencyConflict"), "{}", told.headline);
}

#[test]
fn a_key_that_is_ignored_is_found() {
    let (_, summary) = self::told("ignore-key");
    assert_eq!(summary.failures.len(), 1, "one cause is one finding");
    let told = found("ignore-key", 4);
    // Which command it is that is sent twice, and where that shows, is left to chance.
    let keyed = told.scenario.lines().filter(|line| !line.starts_with('#') && line.contains(" key $key1"));
    assert_eq!(keyed.count(), 1, "{}", told.scenario);
    assert!(told.scenario.contains(" repeat last\n"), "{}", told.scenario);
    assert!(told.scenario.contains("let   $key1 = unique \"key\""), "{}", told.scenario);
}
