//! Who is taken for what: each fault in many courses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proofmark::judge::{Course, Settings, judge};

use super::fault::Fault;
use super::service::Service;
use crate::checking::Story;

/// Courses of each fault.
const COURSES: u64 = 60;
/// Commands of a course.
const LENGTH: usize = 14;

/// Numbers below a bound, from a seed (Knuth's linear congruence; the upper half of its bits).
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("32 bits") % below
    }
}

/// What is said of a course: nothing where nothing is wrong in it.
fn told(fault: Fault, story: &Story) -> Option<Vec<(String, String)>> {
    let service = Service::new(fault);
    let settings = Settings { alone: true, ..Settings::default() };
    let judgement = judge(&service.model, &settings, &story.operations);
    assert_eq!(judgement.undecided, [], "{fault:?}");
    let mismatch = judgement.mismatches.first()?;
    let course = Course::of(&service.model, &settings, &story.operations).expect("one by one");
    let causes = course.diagnose(mismatch);
    Some(
        causes
            .into_iter()
            .map(|cause| {
                let breaks: Vec<String> = cause.breaks.iter().map(ToString::to_string).collect();
                (format!("{:?}", cause.assumption), breaks.join(" "))
            })
            .collect(),
    )
}

/// Each fault, whether all is read behind each command, and how often which assumptions were told.
type Table = BTreeMap<(String, bool), BTreeMap<String, u64>>;

#[test]
fn each_fault_is_taken_for_what_it_is() {
    let (mut table, mut wrong) = (Table::new(), String::new());
    for fault in Fault::ALL {
        for often in [true, false] {
            let row = table.entry((format!("{fault:?}"), often)).or_default();
            let (mut right, mut all) = (0, 0);
            for seed in 0..COURSES {
                let story = Service::new(*fault).course(numbers(seed), LENGTH, often);
                let Some(told) = told(*fault, &story) else { continue };
                let words: Vec<String> =
                    told.iter().map(|(what, breaks)| format!("{what} {breaks}")).collect();
                *row.entry(if words.is_empty() { "unexplained".into() } else { words.join(" | ") })
                    .or_default() += 1;
                let (assumption, clauses) = fault.right();
                let is_it = |(what, breaks): &(String, String)| {
                    *what == format!("{assumption:?}")
                        && clauses.iter().any(|id| breaks.starts_with(&id.to_string()))
                };
                all += 1;
                right += u64::from(told.iter().any(is_it));
            }
            // Behind each command it is nearly always plain. Where only the end is read, a title that is as it was before is one that was
            // never changed.
            let least = if often {
                9
            } else if *fault == Fault::ReadKeeps {
                1
            } else {
                6
            };
            if *fault != Fault::None && (all < 5 || right * 10 < all * least) {
                let _ = writeln!(
                    wrong,
                    "{fault:?}, read {}: {right} of {all}",
                    if often { "often" } else { "at the end" }
                );
            }
        }
    }
    let mut told = String::new();
    for ((fault, often), row) in &table {
        let when = if *often { "read behind each command" } else { "read at the end" };
        let _ = writeln!(told, "{fault}, {when}");
        for (what, times) in row {
            let _ = writeln!(told, "  {times:>3} {what}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{told}");
    insta::assert_snapshot!(told);
}
