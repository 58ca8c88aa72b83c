//! Histories judged later: what is said of a file is what the run said that wrote it.
#![cfg(feature = "reference")]

mod clauses;
mod cut;
mod schema;
mod wrong;

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use proofmark::adapter::{Reference, Target};
use proofmark::check::{Asked, Checked, check};
use proofmark::conform::{Examiner, Selection};
use proofmark::contract::Contract;
use proofmark::contract::rules::Interpreted;
use proofmark::generate::{Random, Settings, Weave};
use proofmark::protocol::Verdict;
use proofmark::run::{RunEvent, Runner, Seed, Shrunk, TrialSummary, Trials, tell};
use proofmark::step::{Sequence, Source as _};
use proofmark::suite::Suite;
use proofmark::text::Source;

const ORDERS: &str = "scenarios/orders/orders.contract";

/// A file that is removed when the test is done with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static FILES: AtomicUsize = AtomicUsize::new(0);
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("proofmark-rejudged-{}-{number}.jsonl", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn rules() -> (Arc<Contract>, Arc<Interpreted>) {
    let source = Source::read(ORDERS).expect("the contract");
    (Arc::new(Contract::read(&source)), Arc::new(Interpreted::read(&source).expect("a model")))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

fn sequences(seed: u64, cases: usize) -> Vec<Sequence> {
    let (contract, model) = rules();
    let weave = Weave { contract: &contract, knows: &|_| true, keys: true, versions: true };
    let mut random = Random::new(model, Settings { seed, max_len: 8, cases });
    let drawn = std::iter::from_fn(|| random.next()).zip(0..);
    drawn.map(|(sequence, number)| weave.weave(&sequence, seed * 1_000 + number)).collect()
}

fn generated(target: impl Target + 'static, seed: u64, history: &Path) -> TrialSummary {
    let (contract, model) = rules();
    let trials = Trials::new(target, contract, model).seed(Seed(seed)).history(history);
    let trials = trials.budget(Duration::from_secs(60)).shrinking(Duration::from_millis(300));
    runtime().block_on(trials.run(sequences(seed, 40).into_iter(), |_| ())).expect("trials")
}

fn judged(history: &Path) -> Checked {
    let file = std::fs::File::open(history).expect("the history");
    check(BufReader::new(file), &Asked::default()).expect("a history")
}

/// What is told of failures, word for word.
fn told(failures: &[Shrunk]) -> Vec<String> {
    let one = |shrunk: &Shrunk| {
        let told = tell(&rules().0, shrunk, &[]).expect("a failure");
        let how = (shrunk.before, shrunk.candidates, shrunk.failed, &shrunk.unfinished);
        format!("{told:?} {how:?}")
    };
    failures.iter().map(one).collect()
}

#[track_caller]
fn says_the_same(run: &TrialSummary, checked: &Checked, of: &str) {
    let later = &checked.sequences.as_ref().expect("sequences").summary;
    let counts = |of: &TrialSummary| (of.trials, of.passed, of.failed, of.undecided);
    assert_eq!(counts(later), counts(run), "{of}");
    assert_eq!(later.verdict(), run.verdict(), "{of}");
    assert_eq!(checked.verdict(), run.verdict(), "{of}");
    assert_eq!(told(&later.failures), told(&run.failures), "{of}");
    let reads = |of: &TrialSummary| (of.coverage.sent(), of.coverage.reads(), of.coverage.fenced);
    assert_eq!(reads(later), reads(run), "{of}");
    assert_eq!((later.reasons.len(), later.seed), (run.reasons.len(), run.seed), "{of}");
    assert!(checked.ended && !checked.torn, "{of}");
}

#[test]
fn sequences_against_a_sound_system_in_each_mode() {
    let lag = Duration::from_millis(5);
    for (mode, target) in [("strong", Reference::strong()), ("eventual", Reference::eventual(lag))] {
        let history = Scratch::new();
        let run = generated(target, 3, &history.0);
        assert_eq!(run.verdict(), Verdict::Pass, "{mode}: {:#?}", run.failures);
        says_the_same(&run, &judged(&history.0), mode);
    }
}

#[test]
fn sequences_against_every_defect() {
    let mut failed = 0;
    for defect in Reference::defects() {
        let history = Scratch::new();
        let target = Reference::strong().with_defect(defect.name.parse().expect("a defect"));
        let run = generated(target, 7, &history.0);
        says_the_same(&run, &judged(&history.0), defect.name);
        failed += usize::from(run.verdict() == Verdict::Fail);
    }
    // Some only show in races, over HTTP, or behind a lag.
    assert!(failed >= 9, "{failed}");
}

#[test]
fn sequences_against_defects_that_only_a_lag_shows() {
    for name in ["old-replica", "early-caught-up", "wrong-cache", "late-commit", "drop-event"] {
        let history = Scratch::new();
        let target = Reference::eventual(Duration::from_millis(3));
        let target = target.with_defect(name.parse().expect("a defect"));
        let run = generated(target, 7, &history.0);
        says_the_same(&run, &judged(&history.0), name);
    }
}

/// What a run says of its scenarios, and what is said of its history.
fn scenarios(suite: &Suite, target: impl Target + 'static, of: &str) -> Verdict {
    let history = Scratch::new();
    let plans = suite.plans().expect("plans");
    let mut said = Vec::new();
    let runner = Runner::new(target).seed(Seed(5)).history(&history.0);
    let run = runner.run(plans, |event| {
        if let RunEvent::Scenario(result) = event {
            let findings = result.findings.iter();
            let findings: Vec<_> =
                findings.map(|finding| (finding.verdict, finding.message.clone())).collect();
            said.push((result.plan.name.to_string(), result.verdict, findings));
        }
    });
    let summary = runtime().block_on(run).expect("a run");
    let checked = judged(&history.0);
    let later: Vec<_> = checked
        .scenarios
        .iter()
        .map(|word| {
            let findings = word.findings.iter();
            let findings = findings.map(|finding| (finding.verdict, finding.says.clone())).collect();
            (word.name.clone(), word.verdict, findings)
        })
        .collect();
    assert_eq!(later, said, "{of}");
    let verdict = match summary.counts.failed {
        0 if summary.all_passed() => Verdict::Pass,
        0 => Verdict::Inconclusive,
        _ => Verdict::Fail,
    };
    assert_eq!(checked.verdict(), verdict, "{of}");
    verdict
}

#[test]
fn each_scenario_file_in_each_mode_and_with_defects() {
    let suite = Suite::load(["scenarios/orders"]).expect("the scenarios");
    let lag = Duration::from_millis(5);
    for (mode, target) in [("strong", Reference::strong()), ("eventual", Reference::eventual(lag))] {
        // On a busy machine a race may decide nothing.
        assert_ne!(scenarios(&suite, target, mode), Verdict::Fail, "{mode}");
    }
    let mut failed = 0;
    for name in ["gross-total", "lost-update", "drop-event"] {
        let target = Reference::strong().with_defect(name.parse().expect("a defect"));
        failed += usize::from(scenarios(&suite, target, name) == Verdict::Fail);
    }
    assert!(failed >= 2, "{failed}");
}

#[test]
fn clauses_as_the_examination_judged_them() {
    for defect in [None, Some("gross-total")] {
        let history = Scratch::new();
        let (contract, model) = rules();
        let target = match defect {
            None => Reference::strong(),
            Some(defect) => Reference::strong().with_defect(defect.parse().expect("a defect")),
        };
        let clauses = ["BR-1", "BR-6", "EC-1", "ID-1"].map(|id| id.parse().expect("a clause"));
        let selection = Selection { clauses: clauses.into(), ..Selection::default() };
        let examiner = Examiner::new(target, contract, model).selection(selection).seed(Seed(3));
        let examiner = examiner.history(&history.0);
        let run = runtime().block_on(examiner.examine(SystemTime::UNIX_EPOCH, |_| ())).expect("clauses");
        let checked = judged(&history.0);
        let said: Vec<_> =
            run.clauses.iter().map(|one| (one.clause.id, one.stand.word().to_owned())).collect();
        let later: Vec<_> = checked.clauses.iter().map(|word| (word.id, word.stands.clone())).collect();
        assert_eq!(later, said);
        let expected = if defect.is_some() { Verdict::Fail } else { Verdict::Pass };
        assert_eq!(checked.verdict(), expected, "{defect:?}");
        let sequences = &checked.sequences.as_ref().expect("sequences").summary;
        assert_eq!(sequences.verdict(), expected, "{defect:?}");
        assert!(sequences.trials > 20);
        let asked = Asked { clauses: vec!["BR-1".parse().expect("a clause")], ..Asked::default() };
        let file = std::fs::File::open(&history.0).expect("the history");
        let only = check(BufReader::new(file), &asked).expect("a history");
        assert_eq!(only.clauses.len(), 1);
        assert_eq!(only.verdict(), Verdict::Pass, "{defect:?}: BR-1 is kept, as the examination said");
    }
}
