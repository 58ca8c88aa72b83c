use super::super::samples::sample;
use super::*;
use crate::clause::Matter;
use crate::conform::{Reason, Stand};

fn told(stand: impl Fn(ClauseId) -> Stand) -> String {
    let record = sample(stand, 1, "bookings");
    next(&serde_json::to_string(&record).expect("JSON")).expect("an examination")
}

fn check(stand: impl Fn(ClauseId) -> Stand, parts: &[&str]) {
    let told = told(stand);
    for part in parts {
        assert!(told.contains(part), "{part:?} is not in\n{told}");
    }
}

#[test]
fn each_open_clause_has_what_would_decide_it() {
    insta::assert_snapshot!(told(|id| match id {
        ClauseId::Oc3 | ClauseId::Oc4 => Stand::NotClaimed("expected-version".into()),
        ClauseId::Ev1 => Stand::NotClaimed("event-feed".into()),
        ClauseId::Qs5 => Stand::NotBinding(Matter::View.lacking()),
        ClauseId::Br4 => Stand::Inconclusive(format!(
            "0 of at least 60 pairs of commands; 12 of 12 cases came to nothing: {} (the first: Book was rejected RoomTaken)",
            lack::TURNED_AWAY
        )),
        ClauseId::Se2 => Stand::Skipped(Reason::NotAllowed),
        ClauseId::Ec1 => Stand::Fail,
        _ => Stand::Pass,
    }));
}

#[test]
fn what_only_lacks_evidence_is_advised_by_its_kind() {
    let open = |id: ClauseId| {
        move |other: ClauseId| {
            if id == other { Stand::Inconclusive("0 of some".into()) } else { Stand::Pass }
        }
    };
    // The sample's evidence is enough, so nothing says why: there is only more time.
    check(open(ClauseId::Br1), &["on the command line: BR-1", "--budget 10m"]);
    let mut record = sample(open(ClauseId::Br1), 0, "bookings");
    let judged = record.clauses.iter_mut().find(|clause| clause.id == ClauseId::Br1).expect("it is there");
    judged.evidence.iter_mut().for_each(|evidence| evidence.count = 0);
    let told = next(&serde_json::to_string(&record).expect("JSON")).expect("an examination");
    assert!(told.contains("in the contract: BR-1\n  more commands that are refused"), "{told}");
}

/// Nothing that the contract has is asked of it, and what lacked time alone gets more.
#[test]
fn only_what_is_missing_is_advised() {
    let told = told(|id| match id {
        ClauseId::Ev7 => Stand::NotClaimed("temporal".into()),
        ClauseId::Br1 | ClauseId::Br5 => Stand::Inconclusive(format!("0 of some; {} 30s", lack::TIME_UP)),
        _ => Stand::Pass,
    });
    assert!(!told.contains("in the contract"), "{told}");
    assert!(told.contains("on the command line: BR-1 BR-5\n  there was no time for more"), "{told}");
}

#[test]
fn where_nothing_is_open_it_says_so() {
    let told = told(|_| Stand::Pass);
    assert!(told.contains("Nothing is open that a profile or a contract could decide."), "{told}");
}

#[test]
fn what_is_no_examination_is_refused() {
    let error = next("{\"schema\": 1}").expect_err("no clauses").to_string();
    assert!(error.starts_with("it is no JSON report of `proofmark conform`"), "{error}");
}
