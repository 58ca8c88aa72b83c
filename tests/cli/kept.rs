//! What `generate` keeps and finds there the next time: after the contract was changed, in a folder that others use, and where nothing can be kept.

use std::path::{Path, PathBuf};
use std::process::Output;

use super::{check_output, proofmark, workspace};

fn generate(directory: &Path, more: &[&str]) -> Output {
    let contract = directory.join("orders.contract");
    let contract = contract.to_str().expect("a path");
    let seed: &[&str] = if more.contains(&"--seed") { &[] } else { &["--seed", "2"] };
    proofmark(&[&["generate", "--contract", contract, "--cases", "60"], seed, more].concat())
}

fn kept(directory: &Path) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(directory.join("proofmark-regressions")).expect("a folder");
    let mut files: Vec<_> = folder.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

/// A folder in which the failure of `remove-last` was kept, and its file.
fn found(name: &str) -> (PathBuf, PathBuf) {
    let directory = workspace(name, b"use orders\n");
    check_output(
        &generate(&directory, &["--defect", "remove-last"]),
        1,
        "RemoveItem is rejected OrderHasNoItems",
    );
    let [file] = &*kept(&directory) else { panic!("one failure") };
    (directory, file.clone())
}

/// Takes the rule out of the contract that the last item must stay, and the invariant that rests on it.
fn without_the_rule(directory: &Path) {
    let path = directory.join("orders.contract");
    let text = std::fs::read_to_string(&path).expect("the contract");
    let (lines, rule) = (text.lines(), "reject OrderHasNoItems when self.status != absent");
    assert!(text.contains(rule), "{text}");
    let rest: Vec<&str> = lines.filter(|line| !line.contains(rule) && !line.contains("invariant")).collect();
    std::fs::write(path, rest.join("\n") + "\n").expect("the contract");
}

#[test]
fn what_the_contract_rules_out_by_now_is_set_aside_and_judged_anew() {
    let (directory, file) = found("kept-changed");
    let before = std::fs::read_to_string(&file).expect("the file");
    let line = before.lines().position(|line| line == "  then  rejected OrderHasNoItems").expect("a line");
    without_the_rule(&directory);
    let mended = generate(&directory, &["--defect", "remove-last"]);
    let says = ": RemoveItem is to be rejected OrderHasNoItems here, and by the contract it is accepted\n";
    let told = format!("set aside  {}:{}{says}", file.display(), line + 1);
    assert!(String::from_utf8_lossy(&mended.stderr).contains(&told), "{told}\n{mended:?}");
    check_output(&mended, 0, "61 sequences with ");
    // A service that goes on keeping the rule that is no more: its own history convicts it.
    let sound = generate(&directory, &[]);
    check_output(&sound, 1, "RemoveItem is accepted\n");
    check_output(&sound, 1, "written  ");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), before);
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn a_file_that_cannot_be_run_any_more_is_set_aside_and_no_pass() {
    let (directory, file) = found("kept-broken");
    let text = std::fs::read_to_string(&file).expect("the file");
    std::fs::write(&file, text.replace("RemoveItem on", "RemoveItm on")).expect("the file");
    let told = format!("set aside  {}: it can't be run against the contract as it is\n", file.display());
    let passed = generate(&directory, &[]);
    check_output(&passed, 4, "60 passed, 0 failed, 0 inconclusive");
    check_output(&passed, 4, &told);
    check_output(&passed, 4, "did you mean `RemoveItem`?");
    // What is found takes its place.
    check_output(
        &generate(&directory, &["--defect", "remove-last"]),
        1,
        "RemoveItem is rejected OrderHasNoItems",
    );
    assert_eq!(kept(&directory), std::slice::from_ref(&file));
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), text);
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn one_cause_has_one_file_and_two_have_two() {
    let (directory, file) = found("kept-causes");
    let text = std::fs::read_to_string(&file).expect("the file");
    // Found again, with other luck: the same file.
    std::fs::remove_file(&file).expect("removed");
    let again = generate(&directory, &["--defect", "remove-last", "--seed", "9"]);
    check_output(&again, 1, "RemoveItem is rejected OrderHasNoItems");
    assert_eq!(kept(&directory), std::slice::from_ref(&file));
    // A failure of that name that was mended, or has another cause, passes: it stays as it is.
    let other = text.replace("rejected OrderHasNoItems", "any outcome");
    std::fs::write(&file, &other).expect("the file");
    let found = generate(&directory, &["--defect", "remove-last"]);
    check_output(&found, 1, "1 passed; ");
    check_output(&found, 1, "written  ");
    assert_eq!(kept(&directory).len(), 2);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), other);
    check_output(&generate(&directory, &["--defect", "remove-last"]), 1, "so nothing new was looked for");
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn what_others_keep_in_the_folder_is_left_alone() {
    let directory = workspace("kept-others", b"use orders\n");
    let folder = directory.join("proofmark-regressions");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::copy("scenarios/bank/bank.contract", directory.join("bank.contract")).expect("the contract");
    let bank =
        "use bank\n\nscenario \"s\"\n  let $a = new Account\n  when CloseAccount on $a\n  then accepted\n";
    std::fs::write(folder.join("bank.scenario"), bank).expect("a file");
    check_output(&generate(&directory, &[]), 0, "60 passed, 0 failed, 0 inconclusive");
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn a_folder_that_cannot_be_written_costs_no_failure() {
    let directory = workspace("kept-nowhere", b"use orders\n");
    for place in ["orders.contract", "orders.contract/below"] {
        let place = directory.join(place);
        let place = place.to_str().expect("a path");
        let found = generate(&directory, &["--defect", "remove-last", "--regressions", place]);
        check_output(&found, 1, "FAIL  RemoveItem is rejected OrderHasNoItems\n");
        check_output(&found, 1, "it should have been: rejected OrderHasNoItems\n");
        check_output(&found, 1, "not written: ");
        check_output(&found, 1, "`--regressions DIR` names another place");
        check_output(&found, 1, "  | scenario \"RemoveItem is rejected OrderHasNoItems\"\n");
        check_output(&found, 1, "  again    proofmark generate --seed 2 --contract ");
    }
    assert!(directory.join("orders.contract").is_file());
    std::fs::remove_dir_all(directory).expect("the directory");
}
