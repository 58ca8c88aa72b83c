use super::clauses::{examiner, trials};
use crate::adapter::Reference;
use crate::conform::{Again, Baseline, Examiner};
use crate::run::Seed;
use libtest_mimic::{Arguments, Conclusion};

const ORDERS: &str = "scenarios/orders/orders.contract";

fn run(target: Reference, filter: &str, with: impl FnOnce(Examiner) -> Examiner) -> Conclusion {
    let args = Arguments { filter: Some(filter.into()), quiet: true, ..Arguments::default() };
    let examiner = examiner(target, ORDERS.as_ref()).expect("the contract").seed(Seed(1));
    libtest_mimic::run(&args, trials(&args, with(examiner.again(Again::Test("orders".into())))))
}

#[test]
fn a_clause_that_is_kept_is_a_test_that_passes() {
    let ended = run(Reference::strong(), "::ID-1", |examiner| examiner);
    assert_eq!((ended.num_passed, ended.num_failed, ended.num_ignored), (1, 0, 0));
}

#[test]
fn a_clause_that_is_broken_is_a_test_that_fails() {
    let broken = || Reference::strong().with_defect("ignore-key".parse().expect("a defect"));
    let ended = run(broken(), "::ID-1", |examiner| examiner);
    assert_eq!((ended.num_passed, ended.num_failed, ended.num_ignored), (0, 1, 0));
    let known = Baseline::read("[[known]]\nclause = \"ID-1\"\nbecause = \"it is being mended\"\n");
    let ended = run(broken(), "::ID-1", |examiner| examiner.baseline(known.expect("a baseline")));
    assert_eq!((ended.num_passed, ended.num_failed, ended.num_ignored), (0, 0, 1), "known");
}

#[test]
fn what_is_not_tried_is_ignored() {
    let ended = run(Reference::strong(), "::FT-", |examiner| examiner);
    assert_eq!((ended.num_passed, ended.num_failed), (0, 0));
    assert!(ended.num_ignored > 0, "the reference in-process claims no faults");
}

#[test]
fn a_contract_with_mistakes_is_told() {
    let missing = examiner(Reference::strong(), "nowhere.contract".as_ref()).expect_err("no file");
    assert!(missing.contains("nowhere.contract"), "{missing}");
}
