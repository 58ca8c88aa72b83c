//! Histories that end before the run did.

use std::io::BufReader;

use proofmark::adapter::Reference;
use proofmark::check::{Asked, Checked, check};
use proofmark::protocol::Verdict;
use proofmark::run::Seed;
use proofmark::value::{Limits, Value};

use super::{Scratch, generated};

fn judged(text: &[u8]) -> Checked {
    check(BufReader::new(text), &Asked::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// So many whole numbers below `most`, drawn from a seed.
fn places(most: usize, count: u64) -> impl Iterator<Item = usize> {
    (0..count).map(move |number| {
        let drawn = Seed(11).of_scenario("cut", &number.to_string()).0;
        usize::try_from(drawn % most as u64).expect("below most")
    })
}

#[test]
fn whatever_is_whole_is_read_and_nothing_is_passed_without_an_end() {
    let history = Scratch::new();
    generated(Reference::strong(), 5, &history.0);
    let text = std::fs::read(&history.0).expect("the history");
    let first = text.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    for at in places(text.len() - first - 1, 200) {
        let cut = &text[..first + at];
        let checked = judged(cut);
        assert!(!checked.ended, "cut at {at}");
        let last = cut.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let torn = !last.is_empty() && Value::from_json(last, &Limits::default()).is_err();
        assert_eq!(checked.torn, torn, "cut at {at}");
        assert_eq!(checked.verdict(), Verdict::Inconclusive, "cut at {at}: a sound system");
        let sequences = &checked.sequences.as_ref().expect("sequences").summary;
        assert_eq!(sequences.failed, 0, "cut at {at}");
        assert_eq!(sequences.passed + sequences.undecided, sequences.trials);
    }
}

#[test]
fn what_a_broken_system_showed_before_the_cut_is_found() {
    let history = Scratch::new();
    let broken = Reference::strong().with_defect("gross-total".parse().expect("a defect"));
    generated(broken, 5, &history.0);
    let text = std::fs::read_to_string(&history.0).expect("the history");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // Before anything was made smaller.
    let smaller = lines.iter().position(|line| line.contains("\"smaller\":")).expect("it was made smaller");
    let checked = judged(lines[..smaller].concat().as_bytes());
    assert_eq!(checked.verdict(), Verdict::Fail);
    let failures = &checked.sequences.as_ref().expect("sequences").summary.failures;
    assert!(
        !failures.is_empty() && failures.iter().all(|shrunk| shrunk.unfinished.is_some()),
        "{failures:#?}"
    );
}

/// The end of a sequence is all that says that nothing of it is missing: without it, what a read lacks may have been lost with
/// the rest of the file.
#[test]
fn of_a_case_without_an_end_no_absence_is_judged() {
    let history = Scratch::new();
    let broken = Reference::strong().with_defect("gross-total".parse().expect("a defect"));
    generated(broken, 5, &history.0);
    let text = std::fs::read_to_string(&history.0).expect("the history");
    let without_ends: String =
        text.split_inclusive('\n').filter(|line| !line.contains("\"e\":\"over\"")).collect();
    let checked = judged(without_ends.as_bytes());
    assert_eq!(checked.verdict(), Verdict::Inconclusive);
    assert!(checked.cut_off > 20, "{}", checked.cut_off);
}

#[cfg(unix)]
#[test]
fn killed_at_any_moment_the_file_can_be_judged() {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    let mut cut = 0;
    for number in 0..12_u64 {
        let history = Scratch::new();
        let args = ["generate", "--cases", "100000", "--seed", "3", "--budget", "60s", "--history"];
        let mut child = Command::new(env!("CARGO_BIN_EXE_proofmark"))
            .args(args)
            .arg(&history.0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        // As soon as there is a certain amount of it: a moment that no clock chooses.
        let wanted = 1_000 + number * 40_000;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        while std::fs::metadata(&history.0).map_or(0, |file| file.len()) < wanted {
            assert!(tokio::time::Instant::now() < deadline, "nothing is written");
            assert!(child.try_wait().expect("a child").is_none(), "it ended by itself");
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("an end");
        let text = std::fs::read(&history.0).expect("the history");
        let first = text.iter().position(|byte| *byte == b'\n');
        if first.is_none() {
            continue;
        }
        let checked = judged(&text);
        assert!(!checked.ended);
        assert_eq!(checked.verdict(), Verdict::Inconclusive);
        cut += 1;
    }
    assert!(cut >= 10, "{cut}");
}
