//! Tags of shipped scenarios that look like clauses are clauses.

use proofmark::suite::Suite;

/// Each family of clauses, and how many it has.
const FAMILIES: &[(&str, u32)] = &[
    ("BR", 6),
    ("CH", 6),
    ("CV", 2),
    ("EC", 7),
    ("EV", 7),
    ("FT", 4),
    ("ID", 5),
    ("OC", 5),
    ("QS", 5),
    ("RB", 4),
    ("SE", 3),
    ("SG", 5),
];

/// Whether a tag is the id of a clause; `None` where it doesn't look like one.
fn is_clause(tag: &str) -> Option<bool> {
    let (family, number) = tag.split_once('-')?;
    if family.len() != 2 || !family.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let number: Option<u32> = number.parse().ok();
    Some(
        FAMILIES.iter().any(|(name, count)| {
            *name == family && number.is_some_and(|number| (1..=*count).contains(&number))
        }),
    )
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
