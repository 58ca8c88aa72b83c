use std::time::Duration;

use proofmark::protocol::{Answer, Seen, Verdict};
use proofmark::value::{Limits, Value};

use super::toy::{Toy, broken, check, run};

/// A page of one row.
fn page() -> Answer {
    let rows = Value::from_json(r#"[{"level": 7}]"#, &Limits::default()).expect("JSON");
    Answer::new(Seen::Found(rows))
}

/// Of one row at first, of two from 60 ms on.
fn growing() -> Toy {
    Toy::showing(|_, at| page().of_total(if at < Duration::from_millis(60) { 1 } else { 2 }))
}

const TURN: &str = "when Turn on $l { level: 7 }\n";

#[test]
fn a_total_is_that_of_all_pages_and_no_row_of_this_one() {
    let toy = || Toy::showing(|_, _| page().of_total(2));
    for holds in ["total 2", "total == 2", "total > 1", "total present", "count 1"] {
        check(toy(), &format!("{TURN}then Lamps shows {holds}"), Verdict::Pass, "");
    }
    let steps = format!("{TURN}then Lamps shows total 1");
    let result = check(toy(), &steps, Verdict::Fail, "Lamps doesn't show the total that is expected");
    let story = result.findings[0].story.as_ref().expect("a story");
    assert_eq!(story.course, "2");
    assert_eq!(result.findings[0].mismatches.len(), 1);
}

#[test]
fn a_target_that_tells_no_total_is_not_held_to_one() {
    let silent = || Toy::showing(|_, _| page());
    for probe in ["", "eventually ", "consistently for 50ms ", "never "] {
        let steps = format!("{TURN}then {probe}Lamps shows total 2");
        let told = "the target does not tell how many rows Lamps has on all pages";
        check(silent(), &steps, Verdict::NotClaimed, told);
    }
    let steps = format!("{TURN}then Lamps shows total 2");
    check(Toy::showing(|_, _| broken()), &steps, Verdict::Inconclusive, "Lamps brought");
}

#[test]
fn a_total_is_waited_for_and_watched() {
    check(growing(), &format!("{TURN}then eventually Lamps shows total 2"), Verdict::Pass, "");
    check(growing(), &format!("{TURN}then eventually Lamps shows total 3"), Verdict::Fail, "within");
    let steps = format!("{TURN}then eventually Lamps shows total 2 unless 1");
    check(growing(), &steps, Verdict::Fail, "showed what it must not show on the way");
    let steps = format!("{TURN}then consistently for 100ms Lamps shows total 1");
    check(growing(), &steps, Verdict::Fail, "stopped showing what must hold");
    let steps = format!("{TURN}then never for 100ms Lamps shows total 2");
    check(growing(), &steps, Verdict::Fail, "showed what must never be seen");
    assert_eq!(run(growing(), &steps.replace("total 2", "total 3")).verdict, Verdict::Pass);
}
