//! `proofmark check`: histories as a user judges them.

use std::path::PathBuf;

use super::{check_output, proofmark};

struct Workspace(PathBuf);

impl Workspace {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("proofmark-check-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory");
        Self(directory)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a path").to_owned()
    }

    /// The history of sequences against a system with this defect, or a sound one.
    fn history(&self, name: &str, defect: Option<&str>) -> String {
        let (history, regressions) = (self.file(name), self.file("regressions"));
        let mut args = vec!["generate", "--cases", "40", "--seed", "7", "--history", &history];
        args.extend(["--regressions", &regressions]);
        args.extend(defect.iter().flat_map(|defect| ["--defect", defect]));
        let output = proofmark(&args);
        assert_eq!(output.status.code(), Some(i32::from(defect.is_some())), "{output:?}");
        history
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_history_exits_as_its_run_did() {
    let workspace = Workspace::new("exit");
    let (sound, broken) =
        (workspace.history("s.jsonl", None), workspace.history("b.jsonl", Some("gross-total")));
    check_output(&proofmark(&["check", &sound]), 0, "s.jsonl: pass");
    let output = proofmark(&["check", &broken]);
    check_output(&output, 1, "clauses  QS-5, EC-1");
    check_output(&output, 1, "b.jsonl: fail");
    check_output(&proofmark(&["check", &sound, &broken]), 1, "s.jsonl: pass");
    check_output(&proofmark(&["check", &broken, "--clause", "EC-1"]), 1, "b.jsonl: fail");
    check_output(&proofmark(&["check", &broken, "--clause", "ID-1"]), 4, "b.jsonl: inconclusive");
    let text = std::fs::read_to_string(&sound).expect("the history");
    let cut = workspace.file("c.jsonl");
    std::fs::write(&cut, &text[..text.len() - 40]).expect("a file");
    check_output(&proofmark(&["check", &cut]), 4, "note: the last line is torn, and was left out");
    check_output(
        &proofmark(&["check", &cut]),
        4,
        "the history has no end, so the run was ended from outside",
    );
}

#[test]
fn scenarios_and_clauses_are_told_as_they_were_judged() {
    let workspace = Workspace::new("words");
    let history = workspace.file("r.jsonl");
    let scenarios = "scenarios/orders/totals.scenario";
    let run = |more: &[&str]| proofmark(&[&["run", scenarios, "--history", &history], more].concat());
    assert_eq!(run(&[]).status.code(), Some(0));
    check_output(&proofmark(&["check", &history]), 0, "as the run judged them");
    assert_eq!(run(&["--defect", "gross-total"]).status.code(), Some(1));
    check_output(&proofmark(&["check", &history]), 1, "fail  ");
    let args = ["conform", "--clause", "BR-6", "--seed", "3", "--history", &history];
    assert_eq!(proofmark(&args).status.code(), Some(0));
    check_output(&proofmark(&["check", &history]), 0, "BR-6   pass");
}

#[test]
fn what_can_not_be_judged_says_why_and_costs_the_others_nothing() {
    let workspace = Workspace::new("wrong");
    let (sound, other) = (workspace.history("s.jsonl", None), workspace.file("x.jsonl"));
    check_output(&proofmark(&["check", &other]), 2, "x.jsonl: it can't be read: No such file");
    std::fs::write(&other, "some text\n").expect("a file");
    check_output(&proofmark(&["check", &other]), 2, "x.jsonl: line 1 is no JSON");
    std::fs::write(&other, "{\"h\":1,\"toolkit\":\"0.0.1\"}\n").expect("a file");
    check_output(&proofmark(&["check", &other]), 2, "judge it with the Proofmark that wrote it (0.0.1)");
    std::fs::write(&other, "").expect("a file");
    let both = proofmark(&["check", &other, &sound]);
    check_output(&both, 2, "x.jsonl: it is empty");
    check_output(&both, 2, "s.jsonl: pass");
    check_output(&proofmark(&["check", &sound, "--contract", "/nowhere.contract"]), 2, "/nowhere.contract");
    let bank = ["check", &sound, "--contract", "scenarios/bank/bank.contract"];
    check_output(&proofmark(&bank), 2, "it speaks orders, and `--contract` is");
    check_output(&proofmark(&["check", &sound, "--clause", "EC-99"]), 64, "EC-99");
    check_output(&proofmark(&["check"]), 64, "FILE");
}

#[test]
fn reports_are_left_in_files() {
    let workspace = Workspace::new("reports");
    let (broken, json, junit) = (
        workspace.history("b.jsonl", Some("gross-total")),
        workspace.file("c.json"),
        workspace.file("c.xml"),
    );
    let report = format!("json={json},junit={junit}");
    let missing = workspace.file("no.jsonl");
    check_output(&proofmark(&["check", &broken, &missing, "--report", &report]), 1, "b.jsonl: fail");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(json).expect("a report")).expect("JSON");
    assert_eq!(json["files"][0]["verdict"], "fail");
    assert_eq!(json["files"][0]["found"][0]["clauses"][0], "QS-5");
    assert_eq!(json["files"][1]["verdict"], "inconclusive");
    assert!(json["files"][1]["error"].as_str().expect("an error").contains("can't be read"));
    let junit = std::fs::read_to_string(junit).expect("a report");
    assert!(
        junit.contains("<failure type=\"fail\"") && junit.contains("<error type=\"inconclusive\""),
        "{junit}"
    );
}

/// An examination that dies leaves a report that says so, and none of the one before.
#[cfg(feature = "http")]
#[test]
fn no_report_of_an_examination_before_stands() {
    let workspace = Workspace::new("before");
    let json = workspace.file("c.json");
    let report = format!("json={json}");
    let told = || -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(&json).expect("a report")).expect("JSON")
    };
    let verdicts = |told: &serde_json::Value| -> Vec<String> {
        let clauses = told["clauses"].as_array().expect("clauses").iter();
        clauses.map(|clause| clause["verdict"].as_str().expect("a verdict").to_owned()).collect()
    };
    let args = ["conform", "--clause", "BR-6", "--seed", "3", "--report", &report];
    assert_eq!(proofmark(&args).status.code(), Some(0));
    let before = told();
    assert!(verdicts(&before).contains(&"pass".to_owned()) && before["interrupted"] == false);
    let nobody = ["--target", "scenarios/orders/reference.toml", "--url", "http://127.0.0.1:1"];
    check_output(&proofmark(&[&args[..], &nobody].concat()), 3, "127.0.0.1:1");
    let after = told();
    assert!(!verdicts(&after).contains(&"pass".to_owned()) && after["interrupted"] == true, "{after}");
}
