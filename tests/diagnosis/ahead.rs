//! What shows before what came first.

use proofmark::judge::{Assumption, Course, Settings, judge};
use proofmark::protocol::ClauseId;

use super::service::CONTRACT;
use crate::checking::Story;
use crate::model::{command, query, written};

/// Title and note of a task, as it is shown.
type Shown<'s> = (&'s str, u32);

/// A task that was renamed and got an amount, read on its way and at last; what is told of it: nothing where nothing is wrong.
fn told(on_its_way: Shown<'_>, at_last: Shown<'_>, rests: bool) -> Option<Vec<(Assumption, ClauseId)>> {
    let model = written(CONTRACT);
    let mut story = Story::default();
    let on = "task-one";
    story.does(command("CreateTask", on, r#"{"title": "a", "note": "b", "amount": 5}"#), "accepted");
    story.does(command("RenameTask", on, r#"{"title": "c"}"#), "accepted");
    story.does(command("AddAmount", on, r#"{"amount": 3}"#), "accepted");
    if rests {
        story.rests();
    }
    for (title, amount) in [on_its_way, at_last] {
        let row = format!(
            r#"{{"task": "{on}", "title": "{title}", "note": "b", "amount": {amount}, "status": "open"}}"#
        );
        story.reads(query("GetTask", Some(on), "{}"), &row);
    }
    let settings = Settings { alone: true, lagging: true, ..Settings::default() };
    let judgement = judge(&model, &settings, &story.operations);
    let course = Course::of(&model, &settings, &story.operations).expect("one by one");
    let causes = course.diagnose(judgement.mismatches.first()?);
    Some(causes.iter().map(|cause| (cause.assumption, cause.breaks[0])).collect())
}

#[test]
fn what_shows_before_what_came_first_was_never_so() {
    let (begun, ahead, both) = (("a", 5), ("a", 8), ("c", 8));
    assert_eq!(told(ahead, both, false), Some(vec![(Assumption::Ahead, ClauseId::Ec3)]));
    // Read models may lag, as long as what they show was so.
    for before in [begun, ("c", 5), both] {
        assert_eq!(told(before, both, false), None, "{before:?}");
    }
    // What never shows is lost, and so is what does not show within its bound.
    assert_eq!(told(ahead, ahead, false), Some(vec![(Assumption::Lost, ClauseId::Ec1)]));
    assert_eq!(told(ahead, both, true).expect("wrong")[0].1, ClauseId::Ec1);
}
