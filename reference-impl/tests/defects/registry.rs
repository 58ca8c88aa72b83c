//! What is true of all defects.

use std::collections::BTreeSet;

use reference_impl::defect::registry;

/// The tests, as text.
const TESTS: &[&str] = &[
    include_str!("answers.rs"),
    include_str!("classics.rs"),
    include_str!("decisions.rs"),
    include_str!("feed.rs"),
    include_str!("races.rs"),
    include_str!("rebuilds.rs"),
    include_str!("wire.rs"),
];

#[test]
fn every_defect_is_tested() {
    for defect in registry() {
        let name = format!("\"{}", defect.name);
        assert!(TESTS.iter().any(|test| test.contains(&name)), "{} is not tested", defect.name);
    }
}

#[test]
fn names_are_unique_and_documented() {
    let names: BTreeSet<_> = registry().iter().map(|defect| defect.name).collect();
    assert_eq!(names.len(), registry().len());
    let readme = include_str!("../../README.md");
    for defect in registry() {
        assert!(readme.contains(&format!("| `{}` |", defect.name)), "{} is not in the README", defect.name);
    }
}

#[test]
fn a_clause_is_broken_for_sure_or_perhaps() {
    for defect in registry() {
        assert!(!defect.breaks.is_empty(), "{}", defect.name);
        let named: BTreeSet<_> = defect.breaks.iter().chain(defect.may_break).collect();
        assert_eq!(named.len(), defect.breaks.len() + defect.may_break.len(), "{}: one twice", defect.name);
    }
}
