//! What surrounds a run: reports, flakes, shards, completions, output that is cut off.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{BAD, GOOD, check, check_output, proofmark, remove_histories, workspace};

/// Where a workspace's file of that name is, as an argument.
fn within(directory: &Path, name: &str) -> String {
    directory.join(name).to_str().expect("a path").to_owned()
}

/// Runs a file with both reports, and gives their texts.
#[track_caller]
fn reports(name: &str, scenarios: &str, more: &[&str], code: i32) -> (String, String) {
    let directory = workspace(name, scenarios.as_bytes());
    let (mine, xml, json) =
        (within(&directory, "mine.scenario"), within(&directory, "r.xml"), within(&directory, "r.json"));
    let asked = format!("junit={xml},json={json}");
    let history = within(&directory, "h.jsonl");
    let output = proofmark(
        &[&["run", &mine, "--report", &asked, "--seed", "7", "--history", &history], more].concat(),
    );
    let read = |path: &str| std::fs::read_to_string(path).expect("a report");
    let texts = (read(&xml), read(&json));
    let left = std::fs::read_dir(&directory).expect("a directory").count();
    std::fs::remove_dir_all(&directory).expect("the directory");
    check_output(&output, code, "");
    assert_eq!(left, 5, "something was left beside the files");
    texts
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn reports_tell_what_passed_and_what_failed() {
    let both = format!("{GOOD}{}", BAD.replace("use orders\n", "@core\n"));
    let (xml, text) = reports("report", &both, &[], 1);
    assert!(
        xml.contains("<testsuites name=\"proofmark\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\"")
    );
    assert!(xml.contains("<failure type=\"fail\" message=\"") && xml.contains("OrderNotFound"), "{xml}");
    assert!(xml.contains("<property name=\"tag\" value=\"core\"/>"), "{xml}");
    let run = json(&text);
    assert_eq!((&run["schema"], &run["complete"], &run["seed"]), (&1.into(), &true.into(), &"7".into()));
    assert_eq!((&run["counts"]["passed"], &run["counts"]["failed"]), (&1.into(), &1.into()));
    let failed = &run["scenarios"][1]["repetitions"][0];
    assert_eq!(failed["findings"][0]["line"], 9);
    assert!(failed["again"].as_str().expect("a command").contains("mine.scenario:7 --seed 7"), "{failed}");
    assert_eq!(run["scenarios"][1]["tags"][0], "core");
}

#[test]
fn what_decides_nothing_is_an_error_in_junit() {
    let given = BAD.replace("when", "given") + "  then GetOrderDetails on $o absent\n";
    let (xml, text) = reports("report-inconclusive", &given, &[], 4);
    assert!(
        xml.contains("errors=\"1\" skipped=\"0\"") && xml.contains("<error type=\"inconclusive\""),
        "{xml}"
    );
    assert_eq!(json(&text)["scenarios"][0]["verdict"], "inconclusive");
}

#[test]
fn a_scenario_that_passes_and_fails_is_flaky() {
    let scenarios = "use orders
scenario \"its details show\"
  let $o = new Order
  given CreateOrder on $o { customer: \"c\", items: [{ product: \"p\", quantity: 1, price: 1 }] }
  when ConfirmOrder on $o
  then eventually within 50ms GetOrderDetails on $o shows { status: \"confirmed\" }
";
    let directory = workspace("flaky-told", scenarios.as_bytes());
    let mine = within(&directory, "mine.scenario");
    let run = ["run", &mine, "--defect", "drop-event:1/3", "--repeat", "20", "--seed", "7"];
    let output = proofmark(&run);
    std::fs::remove_dir_all(&directory).expect("the directory");
    check_output(&output, 1, "1 scenario flaky");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = told.lines().find(|line| line.contains("flaky: failed ")).expect("its rate").to_owned();
    remove_histories(&[output]);
    let (xml, text) = reports("flaky", scenarios, &["--defect", "drop-event:1/3", "--repeat", "20"], 1);
    let run = json(&text);
    let failed = run["counts"]["failed"].as_u64().expect("a number");
    assert!((1..20).contains(&failed), "{failed}");
    assert_eq!((&run["counts"]["flaky"], &run["scenarios"][0]["flaky"]), (&1.into(), &true.into()));
    assert!(
        xml.contains(&format!("<failure type=\"flaky\" message=\"flaky: failed {failed} of 20")),
        "{xml}"
    );
    assert!(line.contains(" of 20"), "{line}");
}

#[test]
fn reports_that_cannot_be_written_are_told_before_anything_runs() {
    let directory = workspace("report-wrong", GOOD.as_bytes());
    let mine = within(&directory, "mine.scenario");
    let run = |report: &str| proofmark(&["run", &mine, "--report", report]);
    check_output(&run("junit=/nowhere/r.xml"), 4, "the junit report can't be written to /nowhere/r.xml");
    let output = run(&format!("json={mine}"));
    check_output(&output, 4, "something else is there already");
    assert!(output.stdout.is_empty(), "it ran");
    assert_eq!(std::fs::read_to_string(&mine).expect("the file"), GOOD);
    check_output(&run("junit=a.xml,json=a.xml"), 64, "give each its own");
    check_output(&run("html=a.html"), 64, "there are junit, json");
    check_output(&run("junit"), 64, "junit=report.xml");
    check_output(&run("json=-"), 64, "goes to a file");
    let twice = format!("json={}", within(&directory, "r.json"));
    check_output(&run(&twice), 0, "1 passed");
    check_output(&run(&twice), 0, "1 passed");
    std::fs::remove_dir_all(&directory).expect("the directory");
}

#[cfg(feature = "http")]
#[test]
fn a_run_that_never_began_leaves_a_report_that_says_so() {
    let directory = workspace("report-unreached", GOOD.as_bytes());
    let (mine, json_path) = (within(&directory, "mine.scenario"), within(&directory, "r.json"));
    let profile = "scenarios/orders/reference.toml";
    // Port 1 of this machine: nobody listens there.
    let report = format!("json={json_path}");
    let output =
        proofmark(&["run", &mine, "--target", profile, "--url", "http://127.0.0.1:1", "--report", &report]);
    let run = json(&std::fs::read_to_string(&json_path).expect("a report"));
    std::fs::remove_dir_all(&directory).expect("the directory");
    check_output(&output, 3, "");
    assert_eq!((&run["complete"], &run["counts"]["not_run"]), (&false.into(), &1.into()));
    assert_eq!(run["scenarios"][0]["verdict"], "not run");
}

#[test]
fn no_report_of_yesterday_stands_for_a_command_that_came_to_nothing() {
    let directory = workspace("report-yesterday", GOOD.as_bytes());
    let (mine, path) = (within(&directory, "mine.scenario"), within(&directory, "r.json"));
    let report = format!("json={path}");
    let wrong = within(&directory, "wrong.scenario");
    std::fs::write(&wrong, "use orders\nscenario \"s\"\n  when Nope\n").expect("a file");
    for (good, bad) in [
        (vec!["run", &*mine], vec!["run", &*wrong]),
        (vec!["conform", "--clause", "CH-1"], vec!["conform", "--contract", &*wrong]),
    ] {
        check_output(&proofmark(&[&good[..], &["--report", &report]].concat()), 0, "");
        assert!(std::fs::exists(&path).expect("a look"), "{good:?}");
        check_output(&proofmark(&[&bad[..], &["--report", &report]].concat()), 2, "");
        assert!(!std::fs::exists(&path).expect("a look"), "{bad:?}");
    }
    std::fs::remove_dir_all(&directory).expect("the directory");
}

#[test]
fn a_report_that_cannot_be_written_costs_no_other() {
    let directory = workspace("report-costs", GOOD.as_bytes());
    let (mine, path) = (within(&directory, "mine.scenario"), within(&directory, "r.json"));
    let reports = format!("junit=/nowhere/r.xml,json={path}");
    for command in [vec!["run", &*mine], vec!["conform", "--clause", "CH-1"]] {
        let reports = reports.replace("junit", if command[0] == "run" { "junit" } else { "md" });
        check_output(&proofmark(&[&command[..], &["--report", &reports]].concat()), 4, "/nowhere/r.xml");
        let told = json(&std::fs::read_to_string(&path).expect("a report"));
        std::fs::remove_file(&path).expect("a report");
        assert_ne!(told["complete"], true, "{command:?}");
    }
    std::fs::remove_dir_all(&directory).expect("the directory");
}

#[test]
fn what_a_full_disk_left_half_written_is_replaced() {
    let directory = workspace("half-written", GOOD.as_bytes());
    let path = |name: &str| within(&directory, name);
    let (mine, report, history) = (path("mine.scenario"), path("r.json"), path("h.jsonl"));
    for half in ["", "{"] {
        std::fs::write(&report, half).expect("a file");
        std::fs::write(&history, half).expect("a file");
        let asked = format!("json={report}");
        let output = proofmark(&["run", &mine, "--report", &asked, "--history", &history]);
        check_output(&output, 0, "1 passed");
    }
    std::fs::remove_dir_all(&directory).expect("the directory");
}

#[test]
fn shards_are_all_of_it_and_nothing_twice() {
    let list = |more: &[&str]| {
        let output = proofmark(&[&["list", "scenarios", "scenarios/orders"], more].concat());
        check_output(&output, 0, "");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect::<Vec<_>>()
    };
    let mut parts: Vec<_> =
        ["1/3", "2/3", "3/3"].iter().flat_map(|shard| list(&["--shard", shard])).collect();
    let mut all = list(&[]);
    parts.sort();
    all.sort();
    assert_eq!(parts, all);
    check_output(&proofmark(&["run", "--shard", "4/3"]), 64, "counted from 1");
    check_output(&proofmark(&["run", "--shard", "half"]), 64, "2/5");
}

#[test]
fn an_empty_shard_says_so_and_is_no_error() {
    let directory = workspace("shard-empty", GOOD.as_bytes());
    let mine = within(&directory, "mine.scenario");
    let json_path = within(&directory, "r.json");
    let report = format!("json={json_path}");
    let shards =
        ["1/2", "2/2"].map(|shard| proofmark(&["run", &mine, "--shard", shard, "--report", &report]));
    let written = Path::new(&json_path).exists();
    std::fs::remove_dir_all(&directory).expect("the directory");
    let empty = shards.iter().filter(|output| {
        String::from_utf8_lossy(&output.stderr).contains("has none of the 1 selected scenarios")
    });
    assert_eq!(empty.count(), 1);
    assert!(shards.iter().all(|output| output.status.code() == Some(0)) && written);
}

#[test]
fn each_shell_completes_each_subcommand() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = proofmark(&["completions", shell]);
        check_output(&output, 0, "");
        let script = String::from_utf8(output.stdout).expect("text");
        for word in ["run", "lint", "list", "completions", "man", "shard", "report"] {
            assert!(script.contains(word), "{shell} doesn't know {word}");
        }
    }
    check_output(&proofmark(&["completions", "tcsh"]), 64, "bash");
}

#[test]
fn each_subcommand_has_its_manual_page() {
    check_output(&proofmark(&["man"]), 0, ".TH proofmark 1");
    let directory = workspace("man", b"");
    let pages = directory.join("pages");
    check_output(&proofmark(&["man", "--out", pages.to_str().expect("a path")]), 0, "");
    let help = String::from_utf8(proofmark(&["--help"]).stdout).expect("text");
    let commands =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let missing: Vec<PathBuf> = commands
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next())
        .map(|command| pages.join(format!("proofmark-{command}.1")))
        .filter(|page| !page.exists() && !page.ends_with("proofmark-help.1"))
        .collect();
    let count = std::fs::read_dir(&pages).expect("pages").count();
    std::fs::remove_dir_all(&directory).expect("the directory");
    assert!(missing.is_empty() && count > 5, "{missing:?} of {count}");
}

#[cfg(unix)]
#[test]
fn a_run_whose_output_is_cut_off_leaves_nothing_behind() {
    use std::io::{BufRead as _, BufReader};
    let directory = workspace("cut-off", BAD.as_bytes());
    let temp = directory.join("temp");
    std::fs::create_dir(&temp).expect("a directory");
    let mut child = Command::new(env!("CARGO_BIN_EXE_proofmark"))
        .args(["run", &within(&directory, "mine.scenario"), "--repeat", "5000", "--jobs", "1"])
        .env("TMPDIR", &temp)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    assert!(lines.next().expect("a line").expect("text").contains("scenarios against"));
    drop(lines);
    let output = child.wait_with_output().expect("an end");
    let left: Vec<_> = std::fs::read_dir(&temp).expect("a directory").collect();
    std::fs::remove_dir_all(&directory).expect("the directory");
    assert!(left.is_empty(), "{left:?}");
    check_output(&output, 1, "");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn explain_tells_what_a_code_means() {
    check_output(&proofmark(&["explain", "unknown-step"]), 0, "then acepted");
    check_output(&proofmark(&["explain", "error[unknown-step]"]), 0, "Right:");
    check_output(&proofmark(&["explain"]), 0, "unknown-racer");
    check_output(&proofmark(&["explain", "unknown-stpe"]), 64, "did you mean `unknown-step`?");
    check_output(
        &proofmark(&["lint", "tests/language/mistakes/unknown-step.scenario"]),
        2,
        "proofmark explain ",
    );
}

#[test]
fn files_are_laid_out() {
    let ugly = GOOD.replace("  when CreateOrder", "when   CreateOrder");
    check("fmt-check", ugly.as_bytes(), &["fmt", "--check"], 1, "     4 +   when  CreateOrder on $o");
    check("fmt", ugly.as_bytes(), &["fmt"], 0, "1 file looked at, 1 changed");
    check("fmt-mistake", b"scenario \"x\"\n  whn accepted\n", &["fmt"], 2, "1 file left alone");
    check_output(&proofmark(&["fmt", "scenarios/orders/rules.scenario:3"]), 64, "without a line");
}

/// In a pipeline a baseline is a file like any other: what is wrong with it is told, and nothing is examined with half of it.
#[test]
fn a_baseline_that_is_none_is_a_mistake_in_a_file() {
    let directory = workspace("baseline", b"");
    let path = directory.join("known.toml");
    let name = path.to_str().expect("UTF-8");
    let examined = || proofmark(&["conform", "--clause", "QS-1", "--baseline", name]);
    check_output(&examined(), 2, "known.toml: No such file");
    for (text, says) in [
        ("known = [", "line 1"),
        ("[[known]]\nclause = \"EC-99\"\nbecause = \"x\"\n", "there is no clause \"EC-99\""),
        ("[[known]]\nclause = \"EC-1\"\nbecause = \" \"\n", "say why the failure is lived with"),
        ("[[known]]\nclause = \"EC-1\"\n", "because"),
    ] {
        std::fs::write(&path, text).expect("a file");
        check_output(&examined(), 2, says);
    }
    std::fs::remove_dir_all(directory).expect("it can go");
}
