//! Generation finds the bugs of services of other domains, by their contracts alone; what is sound passes.

use std::sync::Arc;
use std::time::Duration;

use proofmark::adapter::Target;
use proofmark::contract::Contract;
use proofmark::contract::rules::Interpreted;
use proofmark::generate::{Random, Settings, Weave};
use proofmark::language::parse_contract;
use proofmark::protocol::Verdict;
use proofmark::run::{Seed, Shrunk, TrialSummary, Trials};
use proofmark::step::Sequence;
use proofmark::text::Source;

use crate::services::{bank, stock};

const LAG: Duration = Duration::from_millis(3);

pub(super) fn tried(target: impl Target + 'static, path: &str, seed: u64, cases: usize) -> TrialSummary {
    let model = Interpreted::read(&Source::read(path).expect("the contract")).expect("rules");
    let mut random = Random::new(Arc::new(model), Settings { seed, max_len: 10, cases });
    tried_with(target, path, seed, &mut random)
}

pub(super) fn tried_with(
    target: impl Target + 'static,
    path: &str,
    seed: u64,
    sequences: &mut impl proofmark::step::Source,
) -> TrialSummary {
    let source = Source::read(path).expect("the contract");
    let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
    let weave = Weave { contract: &contract, knows: &|_| true, keys: false, versions: false };
    let drawn = std::iter::from_fn(|| sequences.next()).zip(0..);
    let sequences: Vec<_> =
        drawn.map(|(sequence, number)| weave.weave(&sequence, seed * 1_000 + number)).collect();
    run(target, path, seed, sequences)
}

/// What comes of these very sequences.
pub(super) fn run(
    target: impl Target + 'static,
    path: &str,
    seed: u64,
    sequences: Vec<Sequence>,
) -> TrialSummary {
    let source = Source::read(path).expect("the contract");
    let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
    let model = Arc::new(Interpreted::read(&source).expect("rules"));
    let limit = Duration::from_secs(120);
    let trials = Trials::new(target, contract, model).seed(Seed(seed)).budget(limit).shrinking(limit);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(trials.run(sequences.into_iter(), |_| ())).expect("trials")
}

#[track_caller]
pub(super) fn passes(target: impl Target + 'static, path: &str) {
    let summary = tried(target, path, 3, 40);
    assert_eq!(summary.verdict(), Verdict::Pass, "{:#?}\n{:?}", summary.failures, summary.reasons);
    assert_eq!(summary.trials, 40);
}

/// The bug is found and shown in so many steps at most, with one of a few seeds: what comes by chance may not come again.
#[track_caller]
pub(super) fn found<T: Target + 'static>(target: impl Fn() -> T, path: &str, steps: usize) -> TrialSummary {
    let is_small = |failure: &Shrunk| failure.trial.sequence.steps.len() <= steps;
    let mut seen = Vec::new();
    for seed in 5..12 {
        let summary = tried(target(), path, seed, 400);
        if summary.failures.iter().any(is_small) {
            return summary;
        }
        let lengths = |failure: &Shrunk| (failure.trial.sequence.steps.len(), failure.unfinished.clone());
        seen.extend(summary.failures.iter().map(lengths));
    }
    panic!("not found in {steps} steps: {seen:?}");
}

#[test]
fn a_sound_bank_passes() {
    passes(bank::bank(None, Duration::ZERO), "scenarios/bank/bank.contract");
    passes(bank::bank(None, LAG), "scenarios/bank/bank.contract");
}

#[test]
fn each_bug_of_the_bank_is_found() {
    for bug in [bank::Bug::CreditsFirst, bank::Bug::PaysIntoClosed] {
        found(|| bank::bank(Some(bug), Duration::ZERO), "scenarios/bank/bank.contract", 6);
    }
    found(|| bank::bank(Some(bank::Bug::ChecksStaleBalance), LAG), "scenarios/bank/bank.contract", 6);
}

#[test]
fn a_sound_stock_passes() {
    passes(stock::stock(None, Duration::ZERO), "scenarios/stock/stock.contract");
    passes(stock::stock(None, LAG), "scenarios/stock/stock.contract");
}

#[test]
fn each_bug_of_the_stock_is_found() {
    for bug in [stock::Bug::ReleasesTwice, stock::Bug::OversellsByOne, stock::Bug::ShipsFromNowhere] {
        found(|| stock::stock(Some(bug), Duration::ZERO), "scenarios/stock/stock.contract", 6);
    }
}
