//! Files that take in others: where what is wrong, or goes wrong, is shown.

use std::path::PathBuf;

use super::{GOOD, check_output, proofmark, workspace};

/// A folder with these files beside the contract.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let directory = workspace(name, GOOD.as_bytes());
    for (file, text) in files {
        let path = directory.join(file);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }
    directory
}

/// Runs a subcommand on one of the files, and checks the exit code and parts of what is printed.
#[track_caller]
fn check(name: &str, files: &[(&str, &str)], command: &str, on: &str, code: i32, parts: &[&str]) {
    let directory = folder(name, files);
    let path = directory.join(on);
    let output = proofmark(&[command, path.to_str().expect("a path")]);
    std::fs::remove_dir_all(&directory).expect("the directory");
    for part in parts {
        check_output(&output, code, part);
    }
}

const SHARED: &str = "background
  let $o = new Order
  given CreateOrder on $o { customer: \"c\", items: [{ product: \"p\", quantity: 1, price: 1 }] }
";

const USER: &str = "use orders
include \"../shared.scenario\"
scenario \"it is confirmed\"
  when ConfirmOrder on $o
  then accepted
";

#[test]
fn an_included_background_comes_first() {
    check(
        "include",
        &[("shared.scenario", SHARED), ("a/b.scenario", USER)],
        "run",
        "a/b.scenario",
        0,
        &["1 passed"],
    );
    // By itself it is nothing to run, and no mistake.
    check("include-alone", &[("shared.scenario", SHARED)], "lint", "shared.scenario", 0, &["no mistakes"]);
}

#[test]
fn what_goes_wrong_in_it_is_shown_in_its_file() {
    let broken = SHARED.replace("quantity: 1", "quantity: 0");
    let files = [("shared.scenario", &*broken), ("a/b.scenario", USER)];
    check(
        "include-run",
        &files,
        "run",
        "a/b.scenario",
        4,
        &["the set-up failed", "shared.scenario:3:", "a/b.scenario:3"],
    );
}

#[test]
fn what_is_wrong_in_it_is_told_once() {
    let wrong = SHARED.replace("CreateOrder", "CraeteOrder");
    let files = [("shared.scenario", &*wrong), ("a/b.scenario", USER), ("a/c.scenario", USER)];
    check(
        "include-lint",
        &files,
        "lint",
        "",
        2,
        &["did you mean `CreateOrder`?", "shared.scenario:3:", "1 error in 1 file"],
    );
    check(
        "include-gone",
        &[("a/b.scenario", USER)],
        "lint",
        "",
        2,
        &["can't include", "No such file", "1 error in 1 file"],
    );
}

const OUTLINE: &str = "use orders
outline \"refused\"
  let $o = new Order
  when CreateOrder on $o { customer: <customer>, items: [{ product: \"p\", quantity: <quantity>, price: 1 }] }
  then <outcome>
  examples from \"cases.csv\"
";

#[test]
fn a_failure_of_a_row_names_the_row() {
    let cases = "quantity,outcome,customer\n0,rejected InvalidQuantity,\"\"\"c\"\"\"\n1,rejected InvalidQuantity,\"\"\"c\"\"\"\n";
    let files = [("x.scenario", OUTLINE), ("cases.csv", cases)];
    check(
        "csv-run",
        &files,
        "run",
        "x.scenario",
        1,
        &[
            "1 passed, 1 failed",
            "refused (quantity 1, outcome rejected InvalidQuantity, customer \"c\")",
            "cases.csv:3:3",
            "x.scenario:2",
        ],
    );
}

#[test]
fn what_is_wrong_with_a_cell_is_shown_in_its_file() {
    let cases = "quantity,outcome,customer\n0,rejected InvalidQuantty,\"\"\"c\"\"\"\n";
    check(
        "csv-lint",
        &[("x.scenario", OUTLINE), ("cases.csv", cases)],
        "lint",
        "x.scenario",
        2,
        &["cases.csv:2:12", "did you mean `InvalidQuantity`?"],
    );
    check(
        "csv-gone",
        &[("x.scenario", OUTLINE)],
        "lint",
        "x.scenario",
        2,
        &["can't take examples from `cases.csv`"],
    );
}
