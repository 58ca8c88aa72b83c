//! Tags of shipped scenarios that look like clauses are clauses.

use proofmark::protocol::ClauseId;
use proofmark::suite::Suite;

/// Whether a tag is the id of a clause; `None` where it doesn't look like one.
fn is_clause(tag: &str) -> Option<bool> {
    let (family, number) = tag.split_once('-')?;
    if family.len() != 2 || !family.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    Some(number.parse::<u32>().is_ok() && tag.parse::<ClauseId>().is_ok())
}

#[test]
fn only_real_clauses_are_named() {
    assert_eq!([is_clause("EC-7"), is_clause("EC-8"), is_clause("smoke")], [Some(true), Some(false), None]);
    let suite = Suite::load(["scenarios"]).expect("the scenarios");
    let plans = suite.plans().expect("no mistakes");
    let mut named = 0;
    for plan in plans {
        for tag in &plan.tags {
            let clause = is_clause(tag);
            assert_ne!(clause, Some(false), "{}: there is no clause {tag}", plan.name);
            named += usize::from(clause == Some(true));
        }
    }
    assert!(named > 50, "{named} tags name clauses");
}
