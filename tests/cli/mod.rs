//! The command as a user meets it: what it prints and how it exits.

#[cfg(all(feature = "http", unix))]
mod address;
mod again;
mod check;
#[cfg(feature = "containers")]
mod containers;
#[cfg(all(feature = "stores", unix))]
mod crashes;
#[cfg(all(feature = "http", unix))]
mod exec;
mod first;
mod generate;
#[cfg(all(feature = "http", unix))]
mod guard;
#[cfg(all(feature = "http", unix))]
mod init;
#[cfg(all(feature = "http", unix))]
mod init_files;
#[cfg(feature = "http")]
mod init_hostile;
mod kept;
#[cfg(unix)]
mod names;
mod others;
#[cfg(all(feature = "http", unix))]
mod self_test;
mod serve;
#[cfg(unix)]
mod sql;
mod tools;
#[cfg(unix)]
mod watch;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn proofmark(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_proofmark")).args(args).env_remove("NO_COLOR").output().expect("it runs")
}

/// A directory of its own for one test, with the order contract and one file in it.
fn workspace(name: &str, scenarios: &[u8]) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("proofmark-cli-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    std::fs::copy("scenarios/orders/orders.contract", directory.join("orders.contract"))
        .expect("the contract");
    std::fs::write(directory.join("mine.scenario"), scenarios).expect("a file");
    directory
}

/// Runs it on a file of its own, and checks the exit code and a part of what is printed.
#[track_caller]
fn check(name: &str, scenarios: &[u8], args: &[&str], code: i32, part: &str) {
    let directory = workspace(name, scenarios);
    let path = directory.join("mine.scenario");
    let mut all = args.to_vec();
    all.push(path.to_str().expect("a path"));
    let output = proofmark(&all);
    std::fs::remove_dir_all(directory).expect("the directory");
    check_output(&output, code, part);
}

#[track_caller]
fn check_output(output: &Output, code: i32, part: &str) {
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(part), "{part:?} is not in\n{text}");
    assert!(!text.contains("panicked"), "{text}");
}

const GOOD: &str = "use orders
scenario \"an order is opened\"
  let $o = new Order
  when CreateOrder on $o { customer: \"c\", items: [{ product: \"p\", quantity: 1, price: 1 }] }
  then accepted
";

const BAD: &str = "use orders
scenario \"nobody knows it\"
  let $o = new Order
  when ConfirmOrder on $o
";

#[test]
fn each_exit_code_means_what_help_says() {
    check("passed", GOOD.as_bytes(), &["run"], 0, "1 passed");
    check("failed", BAD.as_bytes(), &["run"], 1, "rejected OrderNotFound");
    check("files", b"use orders\nscenario \"s\"\n  when ConfrimOrder", &["run"], 2, "did you mean");
    check("nothing", b"use orders\n", &["run"], 2, "");
    check_output(&proofmark(&["run", "no/such/place"]), 2, "can't read no/such/place");
    let given = BAD.replace("when", "given") + "  then GetOrderDetails on $o absent\n";
    check("inconclusive", given.as_bytes(), &["run"], 4, "the set-up failed");
    check_output(&proofmark(&["run", "--jobs", "0"]), 64, "at least 1");
    check_output(&proofmark(&["run", "--defect", "drop-evnt"]), 64, "drop-event");
    check_output(&proofmark(&["run", "--lag", "50ms"]), 64, "--sync eventual");
    check_output(&proofmark(&["--help"]), 0, "Exit codes:");
    check_output(&proofmark(&["--version"]), 0, env!("CARGO_PKG_VERSION"));
}

#[test]
fn lint_tells_all_mistakes_of_all_files() {
    check("lint-good", GOOD.as_bytes(), &["lint"], 0, "no mistakes");
    let two =
        b"use orders\nscenario \"s\"\n  when Confrim on $o\n  then GetOrderDetails on $q shows { totl: 1 }\n";
    check("lint-bad", two, &["lint"], 2, "in 1 file");
    check("lint-contract", b"use odrers\nscenario \"s\"\n  when A\n", &["lint"], 2, "did you mean `orders`?");
    check("lint-nameless", GOOD.replace("an order is opened", " ").as_bytes(), &["lint"], 2, "has no name");
    let directory = workspace("lint-named", GOOD.as_bytes());
    std::fs::write(directory.join("loans.contract"), "contract loan\n").expect("a file");
    let output = proofmark(&["lint", directory.to_str().expect("a path")]);
    std::fs::remove_dir_all(directory).expect("the directory");
    check_output(&output, 2, "name it `loans`");
    check("lint-unused", b"scenario \"s\"\n  when A\n", &["lint"], 2, "which contract it speaks");
    check_output(&proofmark(&["lint", "README.md"]), 2, "neither a .scenario nor a .contract file");
}

#[test]
fn broken_input_is_told_and_never_a_panic() {
    check("binary", b"use orders\0\xff\xfe\x00", &["lint"], 2, "[binary-file]");
    check("latin", b"feature \"caf\xe9\"\n", &["lint"], 2, "[not-utf8]");
    check("cut", &GOOD.as_bytes()[..GOOD.len() / 2], &["lint"], 2, "error[");
    check(
        "deep",
        format!("{GOOD}  and GetOrderDetails on $o shows {}", "[".repeat(100_000)).as_bytes(),
        &["lint"],
        2,
        "error[",
    );
    let follow = b"use orders\nscenario \"s\"\n  let o = new Order\n  when ConfirmOrder on $o\n  then accepted\n  and GetOrderDetails on $o shows { total: 1 }\n";
    check("follow-ups", follow, &["lint"], 2, "1 error in 1 file");
    let many = format!("use orders\n{}", "scenario \"s\"\n  when Nope\n".repeat(20_000));
    check("many", many.as_bytes(), &["lint"], 2, "only the first 100 mistakes of this file are shown");
    let huge = workspace("huge", b"");
    let file = std::fs::File::create(huge.join("mine.scenario")).expect("a file");
    file.set_len(100 << 20).expect("a long file");
    let output = proofmark(&["lint", huge.to_str().expect("a path")]);
    std::fs::remove_dir_all(huge).expect("the directory");
    check_output(&output, 2, "[file-too-large]");
}

#[test]
fn scenarios_are_chosen_by_tag_and_by_line() {
    let file = "scenarios/orders/rules.scenario";
    let listed = String::from_utf8(proofmark(&["list", "scenarios", file]).stdout).expect("text");
    let place = listed.lines().next().and_then(|line| line.split_whitespace().next()).expect("a scenario");
    check_output(&proofmark(&["run", place]), 0, "1 passed");
    check_output(&proofmark(&["run", "--tag", "no-such-tag", file]), 2, "none of");
    check_output(&proofmark(&["run", "--tag", "a and", file]), 64, "a missing tag");
    check_output(&proofmark(&["run", "--tag", "@BR-1 and not @BR-1 or @BR-1", file]), 0, " passed");
    check_output(&proofmark(&["list", "defects"]), 0, "lost-update");
    check_output(&proofmark(&["list", "matchers"]), 0, "unordered [M");
}

#[test]
fn the_command_that_is_printed_runs_just_that_again() {
    for defect in ["drop-event:1/3", "lost-update:1/2", "ignore-key:1/2"] {
        let more = ["--seed", "5", "--sync", "eventual", "--jitter", "1ms", "--strict"];
        let mut first = vec!["run", "scenarios/orders", "--defect", defect];
        first.extend(more);
        let first = proofmark(&first);
        let text = String::from_utf8_lossy(&first.stdout).into_owned();
        let mut failed = text.lines().skip_while(|line| !line.starts_with("fail "));
        let again = failed.find_map(|line| line.trim().strip_prefix("again")).expect("a command").trim();
        assert!(again.contains("--jitter 1ms") && again.contains("--strict"), "{again}");
        let args: Vec<&str> = again.split_whitespace().skip(1).collect();
        let second = proofmark(&args);
        check_output(&second, 1, "1 failed");
        remove_histories(&[first, second]);
    }
}

#[test]
fn places_are_chosen_one_by_one_and_each_file_once() {
    let directory = workspace(
        "places",
        format!("{GOOD}{}", GOOD.replace("use orders\n", "").replace("opened", "open")).as_bytes(),
    );
    let path = |name: &str| directory.join(name).to_str().expect("a path").to_owned();
    std::fs::write(directory.join("other.scenario"), GOOD).expect("a file");
    std::fs::create_dir(directory.join(".hidden")).expect("a directory");
    std::fs::write(directory.join(".hidden/no.scenario"), "nonsense").expect("a file");
    let (mine, other, here) = (path("mine.scenario"), path("other.scenario"), path(""));
    let listed = |args: &[&str]| {
        let output = proofmark(&[&["list", "scenarios"], args].concat());
        String::from_utf8_lossy(&output.stdout).lines().count()
    };
    assert_eq!(listed(&[&here]), 3);
    assert_eq!(listed(&[&mine, &mine, &here]), 3);
    assert_eq!(listed(&[&format!("{mine}:2"), &other]), 2);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&directory, directory.join("loop")).expect("a link");
        std::os::unix::fs::symlink(".", directory.join("again")).expect("a link");
        assert_eq!(listed(&[&here]), 3);
    }
    std::fs::remove_dir_all(&directory).expect("the directory");
}

#[test]
fn scenarios_of_another_contract_are_not_run() {
    let loans =
        "use loans\nscenario \"s\"\n  let $l = new Loan\n  when Open on $l\n  then rejected Malformed\n";
    let directory = workspace("foreign", loans.as_bytes());
    std::fs::write(
        directory.join("loans.contract"),
        "contract loans\naggregate Loan\n  state open: bool = false\n  command Open\n",
    )
    .expect("a file");
    let path = directory.to_str().expect("a path").to_owned();
    let (lint, run) = (proofmark(&["lint", &path]), proofmark(&["run", &path]));
    std::fs::remove_dir_all(directory).expect("the directory");
    check_output(&lint, 0, "no mistakes");
    check_output(&run, 2, "speaks orders, and");
}

#[test]
fn a_history_replaces_no_other_file() {
    let directory = workspace("overwrite", GOOD.as_bytes());
    let path = directory.join("mine.scenario").to_str().expect("a path").to_owned();
    let output = proofmark(&["run", &path, "--history", &path]);
    let kept = std::fs::read_to_string(&path).expect("the file");
    let history = directory.join("h.jsonl").to_str().expect("a path").to_owned();
    let twice = [
        proofmark(&["run", &path, "--history", &history]),
        proofmark(&["run", &path, "--history", &history]),
    ];
    std::fs::remove_dir_all(directory).expect("the directory");
    check_output(&output, 4, "it is no history");
    assert_eq!(kept, GOOD);
    for output in twice {
        check_output(&output, 0, "1 passed");
    }
}

#[test]
fn the_history_is_kept_where_asked() {
    let path = std::env::temp_dir().join(format!("proofmark-cli-{}.jsonl", std::process::id()));
    let output =
        proofmark(&["run", "scenarios/orders/totals.scenario", "--history", path.to_str().expect("a path")]);
    check_output(&output, 0, "history");
    let history = std::fs::read_to_string(&path).expect("the history");
    std::fs::remove_file(path).expect("the history");
    assert!(history.starts_with("{\"h\":2,\"clock\":\"mono_ns\",\"job\":\"run\""));
    assert!(history.contains("\"e\":\"call\""));
    check_output(&proofmark(&["run", "scenarios", "--history", "/nowhere/h.jsonl"]), 4, "/nowhere/h.jsonl");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_ends_with_what_is_known() {
    // A CI that gives up sends the second, a terminal that is closed the third.
    for signal in ["-INT", "-TERM", "-HUP"] {
        interrupted_by(signal);
    }
}

#[cfg(unix)]
fn interrupted_by(signal: &str) {
    use std::io::{BufRead as _, BufReader};
    let report = std::env::temp_dir().join(format!("proofmark-cli-{}{signal}.json", std::process::id()));
    let reports = format!("json={}", report.display());
    let args = ["run", "scenarios/orders/propagation.scenario", "--repeat", "3000", "--jobs", "1"];
    let args = [&args[..], &["--report", &reports]].concat();
    let mut child = Command::new(env!("CARGO_BIN_EXE_proofmark"))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    // The second line tells of the first scenario that is done: by then it listens.
    let _ = (lines.next(), lines.next());
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    let rest: Vec<String> = lines.map(|line| line.expect("text")).collect();
    let rest = rest.join("\n");
    assert_eq!(child.wait().expect("an end").code(), Some(4), "{rest}");
    assert!(rest.contains("not run"), "{rest}");
    assert!(rest.contains("The run was stopped"), "{rest}");
    remove_history(&rest);
    let told = std::fs::read_to_string(&report).expect("a report");
    std::fs::remove_file(report).expect("removed");
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((&told["complete"], &told["interrupted"]), (&true.into(), &true.into()), "{signal}");
}

fn remove_histories(outputs: &[Output]) {
    for output in outputs {
        remove_history(&String::from_utf8_lossy(&output.stdout));
    }
}

fn remove_history(text: &str) {
    if let Some(path) = text.lines().find_map(|line| line.strip_prefix("history")) {
        std::fs::remove_file(path.trim()).expect("the history");
    }
}

#[cfg(feature = "http")]
mod service;
