//! Clauses judged again: what is said of their cases is what was said when they were tried.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use proofmark::adapter::{Reference, Target};
use proofmark::conform::{ClauseResult, Examiner, Selection, Stand};
use proofmark::protocol::ClauseId;
use proofmark::run::Seed;

use super::{Scratch, judged, rules, runtime};
use crate::conforming::{broken, sound};

/// What its cases say, those of experiments or sequences.
const BY_CASE: &[&str] = &[
    "BR-4", "BR-5", "ID-1", "ID-2", "ID-3", "ID-4", "OC-1", "OC-2", "OC-3", "OC-4", "OC-5", "QS-2", "QS-3",
    "QS-4", "EC-1", "EC-2", "EC-3", "EC-4", "EC-5", "CV-1", "CH-2", "CH-5", "CH-6", "EC-6", "QS-1", "CV-2",
    "EV-1", "EV-2", "EV-3", "EV-4", "EV-5", "EV-6", "EV-7", "RB-1", "RB-2", "RB-3", "RB-4", "SG-1", "SG-2",
    "SG-3", "SG-4", "SG-5", "CH-1", "BR-1", "BR-2", "BR-3", "BR-6", "QS-5",
];
/// Of these, what no bug of the order system breaks, or by chance alone.
const UNBROKEN: &[&str] = &["OC-2", "CH-6", "EC-6", "EV-6", "RB-4", "SG-4"];

/// What there is to say of a clause, but for how it was made small.
fn told(result: &ClauseResult) -> String {
    let wrong: Vec<_> =
        result.counterexamples.iter().map(|example| (&example.wrong, &example.story)).collect();
    let stand = match &result.stand {
        Stand::Inconclusive(why) => why.split(';').next().unwrap_or_default(),
        stand => stand.word(),
    };
    format!("{}: {stand} {:?} {} {wrong:#?}", result.clause.id, result.evidence, result.broken)
}

/// Which of these clauses are broken, by what is said of them while they are tried, and to the same end by their cases.
#[track_caller]
fn says_the_same(target: impl Target + 'static, of: &str, asked: &[&str]) -> Vec<ClauseId> {
    let history = Scratch::new();
    let (contract, model) = rules();
    let clauses = asked.iter().map(|id| id.parse().expect("a clause")).collect();
    let selection = Selection { clauses, destructive: true, ..Selection::default() };
    let examiner = Examiner::new(target, contract, model).selection(selection).seed(Seed(4));
    let examiner = examiner.history(&history.0);
    let run = runtime().block_on(examiner.examine(SystemTime::UNIX_EPOCH, |_| ())).expect("clauses");
    let tried = run.clauses.iter().filter(|one| asked.contains(&one.clause.id.as_str()));
    let tried: Vec<&ClauseResult> = tried.collect();
    let checked = judged(&history.0);
    let said: Vec<String> = tried.iter().map(|one| told(one)).collect();
    let again = checked.again.iter().filter(|one| asked.contains(&one.clause.id.as_str()));
    let again: Vec<String> = again.map(told).collect();
    assert_eq!(again.len(), asked.len(), "{of}");
    for (again, said) in again.iter().zip(&said) {
        assert_eq!(again, said, "{of}");
    }
    let words =
        |id: ClauseId| checked.clauses.iter().find(|word| word.id == id).expect("a word").stands.clone();
    for result in &tried {
        assert_eq!(words(result.clause.id), result.stand.word(), "{of}");
    }
    tried.iter().filter(|one| one.stand == Stand::Fail).map(|one| one.clause.id).collect()
}

#[test]
fn clauses_of_a_sound_system_are_judged_again() {
    for target in sound() {
        assert_eq!(says_the_same(target, "sound", BY_CASE), []);
    }
}

/// What a defect breaks, for sure or perhaps, is asked for, and nothing else: of EC-3, which takes all sessions besides, only the former.
fn broken_by(of: &str) -> Vec<&'static str> {
    let defect = Reference::defects().find(|defect| defect.name == of).expect("a defect");
    let perhaps = defect.may_break.iter().filter(|id| **id != "EC-3");
    let all = defect.breaks.iter().chain(perhaps).copied();
    all.filter(|id| BY_CASE.contains(id)).collect()
}

/// Bugs that together break all that a bug can break here.
const DEFECTS: [&str; 23] = [
    "ignore-key",
    "body-key",
    "late-key",
    "lost-update",
    "global-lock",
    "absent-fails",
    "drop-event",
    "old-replica",
    "gross-total",
    "unstable-paging",
    "query-writes",
    "repeated-version",
    "time-ordered",
    "cursor-off-by-one",
    "late-commit",
    "as-of-now",
    "rebuild-skips",
    "rebuild-publishes",
    "rebuild-loses",
    "write-before-check",
    "remove-last",
    "torn-append",
    "two-workers",
];
/// Bugs that only a lag shows.
const LAGGING: [&str; 4] = ["stale-decision", "early-caught-up", "stale-cache", "skips-ahead"];

#[test]
fn clauses_that_defects_break_are_broken_again() {
    let all: Vec<&str> = DEFECTS.into_iter().chain(LAGGING).collect();
    let next = AtomicUsize::new(0);
    let some = || {
        let mut failed = BTreeSet::new();
        while let Some(defect) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let [strong, eventual] = sound();
            let target = if LAGGING.contains(defect) { eventual } else { strong };
            let broke = says_the_same(broken(target, defect), defect, &broken_by(defect));
            assert!(!broke.is_empty(), "{defect}");
            failed.extend(broke);
        }
        failed
    };
    // It takes longer than all other tests: by itself, on two processors.
    let failed: BTreeSet<ClauseId> = std::thread::scope(|scope| {
        let both = [scope.spawn(some), scope.spawn(some)];
        both.into_iter().flat_map(|one| one.join().expect("it says the same")).collect()
    });
    let failed: Vec<&str> = failed.iter().map(|id| id.as_str()).collect();
    for id in BY_CASE.iter().filter(|id| !UNBROKEN.contains(id)) {
        assert!(failed.contains(id), "{id} is broken by no defect: {failed:?}");
    }
}
