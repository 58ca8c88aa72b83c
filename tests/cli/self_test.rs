//! `proofmark self-test`, in its quick form.

use super::{check_output, proofmark};

#[test]
fn bugs_are_caught_in_process_and_over_http() {
    let quick = ["self-test", "--quick", "--defect", "query-writes", "--defect", "open-feed"];
    let output = proofmark(&quick);
    check_output(&output, 0, "2 of 2 defects were caught");
    let told = String::from_utf8_lossy(&output.stdout);
    for row in ["caught  query-writes          QS-1", "caught  open-feed             SE-1"] {
        assert!(told.contains(row), "{told}");
    }
}

#[test]
fn a_bug_that_is_too_rare_is_told_to_be_missed() {
    // At one time in a billion it never strikes.
    let output = proofmark(&["self-test", "--quick", "--defect", "query-writes:0.000000001"]);
    check_output(&output, 1, "nothing noticed it");
}
