//! A command that was refused, and shows all the same: all of it or a part, at rest or on its way.

use proofmark::judge::{Course, Settings, judge};
use proofmark::protocol::ClauseId;

use super::service::CONTRACT;
use crate::checking::Story;
use crate::model::{command, query, written};

fn shows(story: &mut Story, on: &str, title: &str, amount: u32) {
    let row = format!(
        r#"{{"task": "{on}", "title": "{title}", "note": "b", "amount": {amount}, "status": "open"}}"#
    );
    story.reads(query("GetTask", Some(on), "{}"), &row);
}

/// What is told of a service that refuses to move more than there is, and then renames the other task.
fn told(reads: impl FnOnce(&mut Story)) -> Vec<(ClauseId, String)> {
    let model = written(CONTRACT);
    let mut story = Story::default();
    for on in ["task-one", "task-two"] {
        story.does(command("CreateTask", on, r#"{"title": "a", "note": "b", "amount": 5}"#), "accepted");
    }
    story.does(command("MoveAmount", "task-one", r#"{"to": "task-two", "amount": 9}"#), "TooLittle");
    story.does(command("RenameTask", "task-two", r#"{"title": "z"}"#), "accepted");
    reads(&mut story);
    let settings = Settings { alone: true, ..Settings::default() };
    let judgement = judge(&model, &settings, &story.operations);
    let course = Course::of(&model, &settings, &story.operations).expect("one by one");
    let causes = course.diagnose(judgement.mismatches.first().expect("something is wrong"));
    causes.iter().map(|cause| (cause.breaks[0], cause.says.clone())).collect()
}

fn refused(part: &str) -> Vec<(ClauseId, String)> {
    vec![(ClauseId::Br1, format!("MoveAmount was refused, and {part}took effect all the same"))]
}

#[test]
fn all_of_a_refused_command_shows_at_rest() {
    let all = told(|story| {
        story.rests();
        shows(story, "task-two", "z", 14);
    });
    assert_eq!(all, refused(""));
}

#[test]
fn all_of_it_shows_in_a_read_that_lags_behind_what_came_next() {
    assert_eq!(told(|story| shows(story, "task-two", "a", 14)), refused(""));
}

#[test]
fn only_a_part_of_it_shows() {
    let part = told(|story| {
        story.rests();
        shows(story, "task-one", "a", 5);
        shows(story, "task-two", "z", 14);
    });
    assert_eq!(part, refused("a part of it "));
}
