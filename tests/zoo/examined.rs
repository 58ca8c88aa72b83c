//! A service of the zoo, examined.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proofmark::adapter::Http;
use proofmark::conform::{ClauseResult, Conformance, Examiner, Selection, Stand};
use proofmark::contract::Contract;
use proofmark::contract::rules::Interpreted;
use proofmark::language::parse_contract;
use proofmark::profile::Profile;
use proofmark::run::{RunEvent, Seed};
use proofmark::text::{Colour, Diagnostic, Source, render};
use tokio::runtime::Runtime;

use super::service;
use super::setup::Setup;

/// What one examination is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course<'a> {
    /// All of them, where none is named.
    pub(super) clauses: &'a [&'a str],
    pub(super) seed: u64,
    pub(super) budget: Duration,
    /// Whether it is over as soon as one of them is broken.
    pub(super) is_over_when_broken: bool,
}

impl<'a> Course<'a> {
    /// Everything, for so long.
    pub(super) fn all(seed: u64, budget: Duration) -> Self {
        Self { clauses: &[], seed, budget, is_over_when_broken: false }
    }

    /// Until the clause is broken. Only where that never happens does it take long.
    pub(super) fn until_broken(clause: &'a [&'a str]) -> Self {
        Self { clauses: clause, seed: 1, budget: Duration::from_secs(120), is_over_when_broken: true }
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// What an examination of a service of this kind finds.
pub(super) fn examine(setup: &Setup, course: Course<'_>) -> Conformance {
    runtime().block_on(async {
        let url = service::start(setup.clone()).await;
        let (target, contract, model) = target(setup, &url);
        let clauses = course.clauses.iter().map(|id| id.parse().expect("a clause")).collect();
        let selection = Selection { clauses, destructive: true, ..Selection::default() };
        let examiner = Examiner::new(target, contract, model).selection(selection);
        let examiner = examiner.seed(Seed(course.seed)).budget(course.budget);
        let stop = examiner.stop_handle();
        let watch = |event: &RunEvent<'_>| match event {
            RunEvent::Broken { .. } if course.is_over_when_broken => stop.stop(),
            _ => {}
        };
        examiner.examine(SystemTime::UNIX_EPOCH, watch).await.expect("an examination")
    })
}

/// A target that speaks to the service, and the rules that it keeps.
fn target(setup: &Setup, url: &str) -> (Http, Arc<Contract>, Arc<Interpreted>) {
    let rules = Source::new("pens.contract", setup.contract());
    let tree = parse_contract(&rules);
    let resolved = Contract::resolve(&tree.tree);
    without_mistakes(&rules, &tree.diagnostics);
    without_mistakes(&rules, &resolved.diagnostics);
    let contract = Arc::new(resolved.contract);
    let model = Interpreted::read(&rules).expect("rules");
    let source = Source::new("pens.toml", setup.profile());
    let reading = Profile::read(&source, &contract);
    without_mistakes(&source, &reading.diagnostics);
    let equipment = reading.profile.equip(true, &|_| None).expect("equipment");
    (Http::new(reading.profile, equipment, Some(url)).expect("a target"), contract, Arc::new(model))
}

fn without_mistakes(source: &Source, diagnostics: &[Diagnostic]) {
    assert!(diagnostics.is_empty(), "{}", render([(source, diagnostics)], Colour::Plain));
}

/// The clauses that were broken.
pub(super) fn broken(found: &Conformance) -> Vec<&ClauseResult> {
    found.clauses.iter().filter(|result| result.stand == Stand::Fail).collect()
}

/// A clause that was broken, as a report tells it.
pub(super) fn told(result: &ClauseResult) -> String {
    let mut text = format!("{} {} fail, {} times\n", result.clause.id, result.clause.level, result.broken);
    for example in result.counterexamples.iter().take(2) {
        text += &format!("  wrong    {}\n", example.wrong);
        for line in &example.story {
            text += &format!("           {line}\n");
        }
        text += &format!("  first    {}\n  again    {}\n", example.first, example.again);
    }
    text
}

#[test]
fn contracts_and_profiles_of_all_of_them_are_sound() {
    for oddities in super::configuration::configurations() {
        target(&Setup { oddities, fault: None }, "http://127.0.0.1:1");
    }
}

/// One service, by the names of its oddities and fault or its number: `ZOO="no-wait lost-update" CLAUSES=OC-5`; `SEED`, `BUDGET` in seconds.
#[test]
#[ignore = "shows what an examination of one service finds, for whoever looks for the cause"]
fn look() {
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    let (names, clauses) = (said("ZOO"), said("CLAUSES"));
    let setup = Setup::named(&names);
    let clauses: Vec<&str> = clauses.split(',').filter(|clause| !clause.is_empty()).collect();
    let budget = Duration::from_secs(said("BUDGET").parse().unwrap_or(120));
    let seed = said("SEED").parse().unwrap_or(1);
    let is_over_when_broken = !said("UNTIL_BROKEN").is_empty();
    let course = Course { clauses: &clauses, is_over_when_broken, ..Course::all(seed, budget) };
    println!("{}\n{}\n{}", setup.name(), setup.contract(), setup.profile());
    let found = examine(&setup, course);
    for result in &found.clauses {
        println!("{} {} {:?} {:?}", result.clause.id, result.clause.level, result.stand, result.evidence);
    }
    for result in broken(&found) {
        println!("{}", told(result));
    }
    for remark in &found.remarks {
        println!("remark: {remark}");
    }
    println!("took {:?}", found.took);
}
