//! One scenario alone: the places by which it is chosen, and the command that a failure prints.

use std::path::Path;

use super::{GOOD, check_output, proofmark, remove_histories, workspace};

const SHARED: &str = "background
  let $o = new Order
  given CreateOrder on $o { customer: \"c\", items: [{ product: \"p\", quantity: 1, price: 1 }] }
";

/// Every kind of scenario there is, each of which fails.
const FAILING: &str = "use orders
include \"shared.scenario\"

scenario \"one by itself\"
  then GetOrderDetails on $o absent

@tagged repeat 3
scenario \"one with rounds\"
  when race
         a: ConfirmOrder on $o
         b: CancelOrder on $o { reason: \"r\" }
  then exactly 2 of a, b accepted

outline \"rows here and there\"
  when AddItem on $o { product: \"p\", quantity: <quantity>, price: 1 }
  then <outcome>
  examples
    | quantity | outcome                  |
    | 1        | rejected InvalidQuantity |
    | 0        | accepted                 |
  examples from \"cases.csv\"
";

/// The last two are cut to the same name.
const CASES: &str = "quantity,outcome
-1,accepted
1,eventually GetOrderDetails on $o shows { item_count: 7 }
1,eventually GetOrderDetails on $o shows { item_count: 8 }
";

/// The scenarios of a run that failed, with the command that runs each again.
fn failures(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut failed = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("fail  ") {
            failed = rest.rsplit_once("  (").map(|(name, _)| name.to_owned());
        } else if let Some(command) = line.strip_prefix("  again") {
            found.push((failed.take().expect("a scenario"), command.trim().to_owned()));
        }
    }
    found
}

#[test]
fn what_a_failure_prints_runs_just_that_again() {
    let directory = workspace("again", FAILING.as_bytes());
    for (name, text) in [("shared.scenario", SHARED), ("cases.csv", CASES)] {
        std::fs::write(directory.join(name), text).expect("a file");
    }
    let mine = directory.join("mine.scenario");
    let first = proofmark(&["run", mine.to_str().expect("a path"), "--seed", "7", "--repeat", "2"]);
    check_output(&first, 1, "0 passed, 14 failed");
    let failed = failures(&String::from_utf8_lossy(&first.stdout));
    assert_eq!(failed.len(), 14);
    let mut outputs = vec![first];
    for (name, command) in &failed {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let output = proofmark(&words);
        check_output(&output, 1, "0 passed, 1 failed");
        let again = failures(&String::from_utf8_lossy(&output.stdout));
        assert_eq!(again, [(name.clone(), command.clone())]);
        outputs.push(output);
    }
    std::fs::remove_dir_all(&directory).expect("the directory");
    remove_histories(&outputs);
}

#[test]
fn what_list_prints_is_a_place_each() {
    let directory = workspace("again-list", FAILING.as_bytes());
    for (name, text) in [("shared.scenario", SHARED), ("cases.csv", CASES)] {
        std::fs::write(directory.join(name), text).expect("a file");
    }
    let list = |place: &str| {
        let output = proofmark(&["list", "scenarios", place]);
        check_output(&output, 0, "");
        String::from_utf8(output.stdout).expect("text")
    };
    let all = list(directory.join("mine.scenario").to_str().expect("a path"));
    for line in all.lines() {
        let (place, name) = line.split_once("  ").expect("a place");
        let alone = list(place);
        assert_eq!(alone.lines().count(), 1, "{place}\n{alone}");
        assert!(alone.contains(name.split("  ").next().unwrap_or_default().trim()), "{alone}");
    }
    assert_eq!(all.lines().count(), 7, "{all}");
    std::fs::remove_dir_all(&directory).expect("the directory");
}

#[test]
fn a_place_without_a_scenario_is_told() {
    let directory = workspace("again-missed", GOOD.as_bytes());
    let at = |end: &str| format!("{}{end}", directory.join("mine.scenario").display());
    let run = |places: &[&str]| proofmark(&[&["run"], places].concat());
    // As a message or an editor names a place.
    check_output(&run(&[&at(":4:8")]), 0, "1 passed");
    check_output(&run(&[&at(":99")]), 2, "there is no scenario at");
    check_output(&run(&[&at(":2"), &at(":99")]), 2, "mine.scenario:99; `proofmark list scenarios");
    check_output(&run(&[&at(":2.1")]), 2, "mine.scenario:2.1");
    let table = directory.join("cases.csv");
    std::fs::write(&table, CASES).expect("a file");
    check_output(&run(&[&format!("{}:2", table.display())]), 2, "is run by its outline: `FILE:LINE.ROW`");
    check_output(&proofmark(&["list", &at("")]), 64, "`proofmark list scenarios ");
    check_output(&run(&[&at(""), "--tag", "nope"]), 2, "none of them has any");
    check_output(&run(&[&at(""), "--seed", "-1"]), 64, "from 0 to 18446744073709551615");
    std::fs::remove_dir_all(&directory).expect("the directory");
}

/// Which shard of three each scenario is in, by its name.
fn shards(directory: &Path) -> Vec<(String, usize)> {
    // The names of files are part of it: they have to be the same ones.
    let list = |shard: usize| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_proofmark"))
            .args(["list", "scenarios", "mine.scenario", "--shard", &format!("{shard}/3")])
            .current_dir(directory)
            .output()
            .expect("it runs");
        check_output(&output, 0, "");
        String::from_utf8(output.stdout).expect("text")
    };
    let mut all = Vec::new();
    for shard in 1..=3 {
        let names = list(shard);
        let names = names.lines().filter_map(|line| line.split_once("  "));
        all.extend(names.map(|(_, name)| (name.trim().to_owned(), shard)));
    }
    all.sort();
    all
}

#[test]
fn scenarios_that_come_move_no_other_to_another_shard() {
    let directory = workspace("again-shards", FAILING.as_bytes());
    for (name, text) in [("shared.scenario", SHARED), ("cases.csv", CASES)] {
        std::fs::write(directory.join(name), text).expect("a file");
    }
    let before = shards(&directory);
    let more = "scenario \"one more\"\n  then GetOrderDetails on $o absent\n\nscenario \"one by itself\"";
    let text = FAILING.replace("scenario \"one by itself\"", more);
    std::fs::write(directory.join("mine.scenario"), text).expect("a file");
    let after = shards(&directory);
    std::fs::remove_dir_all(&directory).expect("the directory");
    assert_eq!(before.len(), 7, "each is in one shard: {before:?}");
    assert_eq!(after.len(), 8);
    assert!(before.iter().all(|one| after.contains(one)), "{before:?}\n{after:?}");
}

/// What an examination told of its failures: the clause, what is wrong, and the command that does just that again.
fn broken(text: &str) -> Vec<(String, String, String)> {
    let (mut clause, mut wrong, mut found) = (String::new(), String::new(), Vec::new());
    for line in text.lines() {
        if let Some((id, _)) = line.split_once(" MUST fail").or_else(|| line.split_once(" SHOULD fail")) {
            id.clone_into(&mut clause);
        } else if let Some(told) = line.strip_prefix("  wrong") {
            told.trim().clone_into(&mut wrong);
        } else if let Some(command) = line.strip_prefix("  again") {
            found.push((clause.clone(), wrong.clone(), command.trim().to_owned()));
        }
    }
    found
}

#[test]
fn what_an_examination_prints_does_just_that_case_again() {
    for (defect, clauses) in [
        ("ignore-key", "ID-1,ID-2"),
        ("late-key", "ID-3"),
        ("lost-update", "OC-1,OC-3,BR-5"),
        ("drop-event", "EC-1"),
    ] {
        let options = ["conform", "--sync", "eventual", "--lag", "5ms", "--seed", "9", "--defect", defect];
        let first = proofmark(&[&options[..], &["--clause", clauses]].concat());
        let text = String::from_utf8_lossy(&first.stdout).into_owned();
        let told = broken(&text);
        assert_eq!(told.len(), clauses.split(',').count(), "{defect}: {text}");
        for (clause, wrong, command) in told {
            assert!(command.contains(" --case "), "{command}");
            let words: Vec<&str> = command.split_whitespace().skip(1).collect();
            let again = proofmark(&words);
            let again = String::from_utf8_lossy(&again.stdout).into_owned();
            let told = broken(&again);
            let kind = |wrong: &str| wrong.split(' ').next().unwrap_or_default().to_owned();
            // What chance loses is another effect each time.
            let is_same = |told: &str| defect == "drop-event" || kind(told) == kind(&wrong);
            let same = told.iter().any(|(id, told, _)| *id == clause && is_same(told));
            assert!(same, "{defect}: {command}: {wrong}\n{again}");
        }
    }
    check_output(&proofmark(&["conform", "--case", "retri/3"]), 64, "did you mean `retry`?");
    check_output(&proofmark(&["conform", "--case", "retry"]), 64, "such as `retry/3`");
    // A sound system has nothing to bring back, and one case is no evidence for a clause.
    let sound = proofmark(&["conform", "--seed", "9", "--case", "retry/3"]);
    check_output(&sound, 4, "nothing but retry/3 was tried");
}
