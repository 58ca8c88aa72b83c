//! On which side something happened twice: what the versions tell that reads have.

use proofmark::history::Act;
use proofmark::judge::{Assumption, Course, Settings, Side, judge};
use proofmark::protocol::{ClauseId, Version};

use super::service::CONTRACT;
use crate::checking::{Story, keyed};
use crate::model::{command, query, written};

/// Two copies of a command under one key, or one without: what is told of a read that has it twice and tells this version.
fn told(retried: bool, version: Option<u64>) -> (Assumption, Side, Vec<ClauseId>) {
    let model = written(CONTRACT);
    let mut story = Story::default();
    let create = r#"{"title": "a title", "note": "a note", "amount": 1}"#;
    story.does(command("CreateTask", "t", create), "accepted 1");
    let add = || command("AddAmount", "t", r#"{"amount": 3}"#);
    if retried {
        story.does(keyed(add(), "k"), "accepted 2");
        story.does(keyed(add(), "k"), "accepted 2");
    } else {
        story.does(add(), "accepted 2");
    }
    story.rests();
    let shown = r#"{"task": "t", "title": "a title", "note": "a note", "amount": 7, "status": "open"}"#;
    story.reads(query("GetTask", Some("t"), "{}"), shown);
    if let Some(Act::Ask { answer, .. }) = story.operations.last_mut().map(|last| &mut last.act) {
        answer.version = version.map(Version::Number);
    }
    let settings = Settings { alone: true, ..Settings::default() };
    let judgement = judge(&model, &settings, &story.operations);
    let course = Course::of(&model, &settings, &story.operations).expect("one by one");
    let causes = course.diagnose(judgement.mismatches.first().expect("something is wrong"));
    let [cause] = &causes[..] else { panic!("{causes:?}") };
    (cause.assumption, cause.side.clone(), cause.breaks.clone())
}

#[test]
fn a_read_that_counts_once_what_it_shows_twice_is_to_blame_itself() {
    let read = || Side::Read("GetTask".into());
    for (retried, version, side, breaks) in [
        (true, None, read(), ClauseId::Id1),
        (true, Some(3), Side::Write, ClauseId::Id1),
        (true, Some(2), read(), ClauseId::Ec3),
        (false, Some(3), Side::Write, ClauseId::Br6),
        (false, Some(2), read(), ClauseId::Ec3),
        // It counts otherwise, so that it says nothing.
        (true, Some(40), read(), ClauseId::Id1),
    ] {
        assert_eq!(told(retried, version), (Assumption::Twice, side, vec![breaks]), "{retried} {version:?}");
    }
}
