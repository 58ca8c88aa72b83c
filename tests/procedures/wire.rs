//! Clauses of the wire on tallies: commands that are taken in, answers that say nothing, a service that falls ill.

use proofmark::conform::{Conformance, Stand};
use tokio::runtime::Runtime;

use super::tallies::{CONTRACT, Way, tallies};
use super::{check_broken, check_kept, examined, result};
use crate::model::written;

fn examination(way: Way, restarts: bool, clauses: &[&str], seed: u64) -> Conformance {
    let runtime = Runtime::new().expect("a runtime");
    examined(tallies(&runtime, way, restarts), written(CONTRACT), clauses, seed)
}

fn check_way(way: Way, clause: &str, wrong: &str) {
    check_broken(&examination(way, false, &[clause], 1), &[clause], wrong);
}

#[test]
fn commands_that_are_taken_in_and_end_keep_it() {
    for seed in 1..=2 {
        check_kept(&examination(Way::Later, false, &["CH-4", "CH-6"], seed), &["CH-4", "CH-6"]);
    }
}

#[test]
fn an_end_that_is_none_is_noticed() {
    check_way(Way::RunsAgain, "CH-4", "and later it is not ended: its state is `running`");
    check_way(Way::IsDoneAfterAll, "CH-4", "; and later it is done");
    check_way(Way::NeverEnds, "CH-4", "was taken in and came to no end");
}

#[test]
fn commands_that_are_answered_at_once_claim_nothing_about_later_ones() {
    let conformance = examination(Way::Plain, false, &["CH-4"], 1);
    assert!(matches!(result(&conformance, "CH-4").stand, Stand::NotClaimed(_)));
}

#[test]
fn an_answer_without_a_word_is_noticed() {
    check_way(Way::SaysNothing, "CH-6", "names neither an id nor a version nor a location");
    check_kept(&examination(Way::Tags, false, &["CH-6"], 1), &["CH-6"]);
}

/// One that closes a tally and one that adds to it: a control in which the first comes first has nothing to add.
#[test]
fn what_never_shows_is_no_races_doing() {
    let conformance = examination(Way::HidesAdds, false, &["BR-5", "OC-5", "EC-4"], 1);
    for id in ["BR-5", "OC-5", "EC-4"] {
        assert_ne!(result(&conformance, id).stand, Stand::Fail, "{:#?}", result(&conformance, id));
    }
    let told = remarks(&conformance);
    assert!(told.contains("EC-1"), "it is told under the clause that it breaks one by one: {told}");
}

#[test]
fn errors_that_are_no_problem_documents_are_noticed() {
    check_way(Way::Plain, "CH-3", "its media type is application/json");
}

#[test]
fn malformed_tallies_are_refused() {
    check_kept(&examination(Way::Plain, false, &["CH-2", "SE-3"], 1), &["CH-2", "SE-3"]);
}

/// The remarks of an examination, as one text.
fn remarks(conformance: &Conformance) -> String {
    conformance.remarks.join("\n")
}

#[test]
fn what_takes_the_service_away_is_found_in_a_fresh_instance() {
    for (way, clause, how) in [
        (Way::DiesOfClosing, "CH-5", "a plain Open is unknown"),
        (Way::SticksAtClosing, "EC-1", "GetTally does not show what a plain Open did"),
    ] {
        let conformance = examination(way, true, &["CH-1", "CH-5", "EC-1"], 1);
        let told = remarks(&conformance);
        assert!(told.contains("the target did not recover: ") && told.contains(how), "{way:?}: {told}");
        assert!(told.contains("` poisons a fresh instance: "), "{way:?}: {told}");
        let examples = &result(&conformance, clause).counterexamples;
        let found = examples.iter().find(|example| example.wrong.contains("poisons a fresh instance"));
        let found = found.unwrap_or_else(|| panic!("{way:?}: {examples:#?}"));
        assert!(found.wrong.starts_with("`Close on "), "{way:?}: {found:#?}");
        let last = found.requests.last().expect("a request");
        assert!(last.starts_with("curl -i -X POST") && last.contains("/close'"), "{way:?}: {found:#?}");
    }
}

#[test]
fn nonsense_that_takes_the_service_away_is_named() {
    let conformance = examination(Way::DiesOfNonsense, true, &["CH-2", "CH-5"], 1);
    let told = remarks(&conformance);
    assert!(told.contains("the target did not recover: a plain Open is unknown"), "{told}");
    assert!(told.contains("`Add") && told.contains("poisons a fresh instance"), "{told}");
}

#[test]
fn without_a_fresh_instance_the_last_requests_are_named() {
    let conformance = examination(Way::DiesOfClosing, false, &["CH-1", "CH-5", "ID-1", "CH-2"], 1);
    let told = remarks(&conformance);
    assert!(told.contains("the last requests before that: `"), "{told}");
    assert!(told.contains("can't be started again from here"), "{told}");
    let Stand::Inconclusive(why) = &result(&conformance, "CH-2").stand else {
        panic!("{:?}", result(&conformance, "CH-2"))
    };
    assert!(why.contains("the target did not recover"), "{why}");
}
