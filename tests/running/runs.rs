use std::path::PathBuf;

use proofmark::adapter::Target;
use proofmark::protocol::Verdict;
use proofmark::run::{RunError, RunEvent, Runner, Seed, Summary};
use proofmark::value::{Limits, Value};

use super::toy::{Toy, accepted, level, paused, planned, rejected};

const STEPS: &str =
    "when Turn on $l { level: 1 } key \"k\"\nthen accepted\nand Look on $l shows { level: 0 }";

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("proofmark-test-{}-{name}.jsonl", std::process::id()))
}

fn lines(path: &PathBuf) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("the history");
    std::fs::remove_file(path).expect("the history");
    text.lines().map(|line| Value::from_json(line, &Limits::default()).expect(line)).collect()
}

fn summary(target: impl Target + 'static, set: impl FnOnce(Runner) -> Runner) -> (Summary, Vec<Verdict>) {
    let mut verdicts = Vec::new();
    let runner = set(Runner::new(target).seed(Seed(1)).jobs(1));
    let plans = [planned(STEPS)];
    let run = runner.run(&plans, |event| {
        if let RunEvent::Scenario(result) = event {
            verdicts.push(result.verdict);
        }
    });
    (paused().block_on(run).expect("a run"), verdicts)
}

#[test]
fn a_history_has_a_header_and_every_operation_with_both_its_ends() {
    let path = temporary("whole");
    let (summary, _) = summary(Toy::showing(|_, _| level(0)), |runner| runner.history(&path));
    assert_eq!(summary.history.as_ref(), Some(&path));
    let lines = lines(&path);
    let field = |line: &Value, name: &str| line.get(name).cloned().map(|value| value.to_json());
    assert_eq!(field(&lines[0], "h").as_deref(), Some("2"));
    assert_eq!(field(&lines[0], "job").as_deref(), Some("\"run\""));
    assert_eq!(field(&lines[0], "contracts").as_deref(), Some("[{\"name\":\"lamps\"}]"));
    assert_eq!(field(&lines[0], "models").as_deref(), Some("[\"Look\"]"));
    assert_eq!(field(&lines[0], "seed").as_deref(), Some("1"));
    let kinds: Vec<_> = lines[1..].iter().filter_map(|line| field(line, "e")).collect();
    let told = [
        "case", "session", "step", "step", "call", "ok", "step", "step", "call", "ok", "drawn", "over",
        "word", "end",
    ];
    assert_eq!(kinds, told.map(|kind| format!("\"{kind}\"")));
    let indices: Vec<_> = lines[1..].iter().filter_map(|line| field(line, "i")).collect();
    assert_eq!(indices, (0..told.len()).map(|index| index.to_string()).collect::<Vec<_>>());
    let of = |kind: &str| {
        lines.iter().filter(|line| field(line, "e") == Some(format!("\"{kind}\""))).collect::<Vec<_>>()
    };
    let (calls, ends) = (of("call"), of("ok"));
    for (op, (call, end)) in ["0", "1"].into_iter().zip(calls.iter().zip(&ends)) {
        assert_eq!(field(call, "op").as_deref(), Some(op));
        assert_eq!(field(end, "op").as_deref(), Some(op), "an end names the call it belongs to");
        assert_eq!(field(call, "case").as_deref(), Some("0"));
    }
    assert_eq!(field(calls[0], "key").as_deref(), Some("\"k\""));
    assert_eq!(field(calls[0], "in").as_deref(), Some("{\"level\":1}"));
    assert_eq!(field(ends[0], "v").as_deref(), Some("1"));
    assert_eq!(field(ends[1], "out").as_deref(), Some("{\"level\":0}"));
}

#[test]
fn a_watch_has_looked_before_the_first_when_is_sent() {
    let path = temporary("watch");
    let steps = "given Turn on $l { level: 1 }\nwhen Turn on $l { level: 2 }\nthen never Look on $l shows { level: 9 }";
    let runner = Runner::new(Toy::showing(|_, _| level(0))).history(&path);
    paused().block_on(runner.run(&[planned(steps)], |_| ())).expect("a run");
    let calls: Vec<_> = lines(&path).iter().filter_map(|line| line.get("k").map(Value::to_json)).collect();
    assert_eq!(calls[..3], ["\"cmd\"", "\"qry\"", "\"cmd\""]);
    assert!(calls.len() > 4, "it goes on looking: {calls:?}");
}

#[test]
fn a_history_is_kept_when_something_is_found_and_only_then() {
    let (summary_of_pass, _) = summary(Toy::showing(|_, _| level(0)), |runner| runner);
    assert_eq!(summary_of_pass.history, None);
    let (summary_of_failure, _) = summary(Toy::showing(|_, _| level(5)), |runner| runner);
    let path = summary_of_failure.history.expect("a history");
    assert!(lines(&path).len() > 3);
}

#[test]
fn repetitions_run_with_seeds_of_their_own() {
    let mut seeds = Vec::new();
    let runner = Runner::new(Toy::showing(|_, _| level(0))).seed(Seed(7)).jobs(1).repeat(3);
    let plans = [planned(STEPS)];
    let run = runner.run(&plans, |event| {
        if let RunEvent::Scenario(result) = event {
            seeds.push(result.seed.0);
        }
    });
    let summary = paused().block_on(run).expect("a run");
    assert_eq!(seeds, [7, 8, 9]);
    assert_eq!((summary.counts.passed, summary.not_run), (3, 0));
}

#[test]
fn fail_fast_ends_with_the_first_failure() {
    let failing = Toy::deciding(|_, _| rejected(Some("Burnt")));
    let (summary, verdicts) = summary(failing, |runner| runner.repeat(5).fail_fast(true));
    assert_eq!(verdicts, [Verdict::Fail]);
    assert_eq!((summary.counts.failed, summary.not_run), (1, 4));
    std::fs::remove_file(summary.history.expect("a history")).expect("the history");
}

#[test]
fn a_stopped_run_tells_what_is_known_by_then() {
    let runner = Runner::new(Toy::deciding(|_, _| accepted(1))).jobs(1).repeat(5);
    let stop = runner.stop_handle();
    let plans = [planned(STEPS)];
    let run = runner.run(&plans, |event| {
        if matches!(event, RunEvent::Scenario(_)) {
            stop.stop();
        }
    });
    let summary = paused().block_on(run).expect("a run");
    assert!(summary.interrupted);
    assert_eq!((summary.counts.passed, summary.not_run), (1, 4));
    std::fs::remove_file(summary.history.expect("a history")).expect("the history");
}

#[test]
fn a_target_that_is_not_there_is_no_verdict() {
    let mut gone = Toy::showing(|_, _| level(0));
    gone.reachable = false;
    let run = paused().block_on(Runner::new(gone).run(&[planned(STEPS)], |_| ()));
    assert!(matches!(run, Err(RunError::Unreachable(error)) if error.why == "it is switched off"));
}

#[test]
fn a_run_that_is_stopped_before_its_target_answers_says_so() {
    let mut hanging = Toy::showing(|_, _| level(0));
    hanging.hanging = true;
    let runner = Runner::new(hanging);
    runner.stop_handle().stop();
    let mut told = Vec::new();
    let plans = [planned(STEPS)];
    let run = runner.run(&plans, |event| {
        told.push(match event {
            RunEvent::Started { .. } => "started",
            RunEvent::Ended(_) => "ended",
            _ => "something else",
        });
    });
    let summary = paused().block_on(run).expect("a run");
    assert_eq!((summary.interrupted, summary.not_run, summary.took.as_secs()), (true, 1, 0));
    assert_eq!(told, ["started", "ended"]);
}

#[test]
fn a_target_that_never_answers_is_not_waited_for() {
    let mut hanging = Toy::showing(|_, _| level(0));
    hanging.hanging = true;
    let run = paused().block_on(Runner::new(hanging).run(&[planned(STEPS)], |_| ()));
    assert!(matches!(run, Err(RunError::Unreachable(error)) if error.why.contains("within 30s")));
}

#[test]
fn nothing_to_run_and_no_place_for_the_history_are_errors() {
    let runner = Runner::new(Toy::showing(|_, _| level(0)));
    assert!(matches!(paused().block_on(runner.run(&[], |_| ())), Err(RunError::Nothing)));
    let runner = runner.history("/nowhere/at/all.jsonl");
    assert!(matches!(
        paused().block_on(runner.run(&[planned(STEPS)], |_| ())),
        Err(RunError::History { .. })
    ));
}

#[test]
fn a_panic_in_an_adapter_is_inconclusive() {
    let panicking = Toy::showing(|_, _| panic!("this adapter is broken on purpose"));
    let (summary, verdicts) = summary(panicking, |runner| runner);
    assert_eq!(verdicts, [Verdict::Inconclusive]);
    std::fs::remove_file(summary.history.expect("a history")).expect("the history");
}

#[test]
fn a_retry_has_the_id_of_its_first_attempt_and_a_number_of_its_own() {
    let path = temporary("retry");
    let steps = "when Turn on $l { level: 1 }\nwhen repeat last\nwhen repeat last";
    let runner = Runner::new(Toy::deciding(|_, _| accepted(1))).history(&path);
    paused().block_on(runner.run(&[planned(steps)], |_| ())).expect("a run");
    let lines = lines(&path);
    let calls = || lines.iter().filter(|line| line.get("k").is_some());
    let tries: Vec<_> = calls().filter_map(|line| line.get("try").map(Value::to_json)).collect();
    assert_eq!(tries, ["0", "1", "2"]);
    let first = calls().next().and_then(|line| line.get("id")).expect("an id");
    assert!(calls().all(|line| line.get("id") == Some(first)));
    let ends: Vec<_> =
        lines.iter().filter(|line| line.get("v").is_some()).filter_map(|line| line.get("op")).collect();
    assert_eq!(ends.len(), 3);
    assert!(ends[0] != ends[1] && ends[1] != ends[2]);
}

#[test]
fn no_more_scenarios_run_at_once_than_there_are_jobs() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut counting = {
        let (now, most) = (now.clone(), most.clone());
        Toy::deciding(move |_, _| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            accepted(1)
        })
    };
    counting.takes = std::time::Duration::from_millis(5);
    let runner = Runner::new(counting).jobs(3).repeat(9);
    let plans = [planned("when Turn on $l { level: 1 }")];
    let run = runner.run(&plans, |event| {
        if matches!(event, RunEvent::Scenario(_)) {
            now.fetch_sub(1, Ordering::SeqCst);
        }
    });
    paused().block_on(run).expect("a run");
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[test]
fn a_history_that_can_not_be_finished_hides_no_failure() {
    if !std::path::Path::new("/dev/full").exists() {
        eprintln!("MISSED: there is no /dev/full here to write to");
        return;
    }
    let failing = Toy::deciding(|_, _| rejected(Some("Burnt")));
    let (summary, verdicts) = summary(failing, |runner| runner.history("/dev/full"));
    assert_eq!((verdicts.as_slice(), summary.counts.failed), ([Verdict::Fail].as_slice(), 1));
    assert!(summary.unwritten.is_some_and(|why| why.contains("/dev/full")));
}

#[test]
fn scenarios_of_one_name_draw_values_of_their_own() {
    let mut ids = std::collections::HashSet::new();
    let plan = planned(STEPS);
    let runner = Runner::new(Toy::showing(|_, _| level(0))).seed(Seed(7));
    let plans = [plan.clone(), plan];
    let run = runner.run(&plans, |event| {
        if let RunEvent::Scenario(result) = event {
            ids.insert(result.variables[0].1.to_string());
        }
    });
    paused().block_on(run).expect("a run");
    assert_eq!(ids.len(), 2);
}
