//! A command that does several things: what one read of it tells, and what two do.

use proofmark::judge::{Course, Settings, judge};
use proofmark::protocol::ClauseId;

use super::service::CONTRACT;
use crate::checking::Story;
use crate::model::{command, query, written};

/// An amount that was moved, and what is told of what these tasks show.
fn told(shown: &[(&str, u32)]) -> Vec<ClauseId> {
    let model = written(CONTRACT);
    let mut story = Story::default();
    for on in ["task-one", "task-two"] {
        story.does(command("CreateTask", on, r#"{"title": "a", "note": "b", "amount": 5}"#), "accepted");
    }
    story.does(command("MoveAmount", "task-one", r#"{"to": "task-two", "amount": 3}"#), "accepted");
    story.rests();
    for (on, amount) in shown {
        let row =
            format!(r#"{{"task": "{on}", "title": "a", "note": "b", "amount": {amount}, "status": "open"}}"#);
        story.reads(query("GetTask", Some(on), "{}"), &row);
    }
    let settings = Settings { alone: true, ..Settings::default() };
    let judgement = judge(&model, &settings, &story.operations);
    let course = Course::of(&model, &settings, &story.operations).expect("one by one");
    let causes = course.diagnose(judgement.mismatches.first().expect("something is wrong"));
    let mut broken: Vec<ClauseId> = causes.iter().flat_map(|cause| cause.breaks.clone()).collect();
    broken.sort_unstable();
    broken.dedup();
    broken
}

#[test]
fn one_of_two_things_that_is_missing_may_be_all_of_it_or_a_part() {
    assert_eq!(told(&[("task-two", 5)]), [ClauseId::Br3, ClauseId::Ec1]);
    assert_eq!(told(&[("task-two", 5), ("task-one", 5)]), [ClauseId::Ec1], "both are missing");
    assert_eq!(told(&[("task-two", 5), ("task-one", 2)]), [ClauseId::Br3, ClauseId::Ec1], "one is there");
}
