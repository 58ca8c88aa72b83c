//! What every answer has to be: cases that keep CH-3, CH-5, CH-6, EC-6 and SE-3, and cases that break them.

use proofmark::clause::{Check, Judged, Shows, Unit, Wrong};
use proofmark::history::{Act, Role};
use proofmark::protocol::{ClauseId, Doubt, Head, Outcome, Seen, Unknown, Version};

use super::cases::{Is, Told};
use crate::checking::{confirm, create, details, order};

#[track_caller]
fn check(told: &Told, id: ClauseId, expected: Is) -> Judged {
    told.check(Check::EVERY, id, expected)
}

#[track_caller]
fn says(judged: &Judged, part: &str) {
    assert!(matches!(&judged.findings[0].wrong, Wrong::Said(wrong) if wrong.contains(part)), "{judged:#?}");
}

/// An order that is made, read, and refused.
fn told() -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted");
    told.story.reads(details("o"), &order("o", "pending", &[]));
    told.story.does(confirm("o"), "OrderNotPending");
    told
}

fn head(status: u16, kind: &str, body: &str) -> Head {
    let (content_type, body) = (Some(kind.to_owned()), Some(body.to_owned()));
    Head { status, content_type, body, whole: true, ..Head::default() }
}

#[test]
fn everything_is_answered() {
    assert_eq!(check(&told(), ClauseId::Ch5, Is::Kept).counted.len(), 3);
    for doubt in [Doubt::ServerError, Doubt::Lost] {
        let unknown = || Unknown { doubt, status: None, detail: "status 503".into() };
        let mut command = told();
        if let Act::Submit { outcome, .. } = &mut command.story.operations[2].act {
            *outcome = Outcome::Unknown(unknown());
        }
        let broken = check(&command, ClauseId::Ch5, Is::Broken);
        says(&broken, "ConfirmOrder was answered with status 503");
        assert_eq!(broken.findings[0].shows, Shows::Operations(vec![0, 2]), "what led to it, without reads");
        let mut query = told();
        if let Act::Ask { answer, .. } = &mut query.story.operations[1].act {
            answer.seen = Seen::Broken(unknown());
        }
        assert_eq!(check(&query, ClauseId::Ch5, Is::Broken).findings[0].shows, Shows::Operations(vec![0, 1]));
    }
    // Whoever gave up waiting, or had no end, knows nothing.
    let mut open = told();
    open.story.loses(confirm("o"));
    assert_eq!(check(&open, ClauseId::Ch5, Is::Kept).counted.len(), 3);
}

#[test]
fn a_poll_that_brings_the_same_is_one_answer() {
    let mut told = told();
    for _ in 0..3 {
        told.story.reads(details("o"), &order("o", "pending", &[]));
        told.roles.push((told.story.operations.len() - 1, Role::Poll));
    }
    assert_eq!(check(&told, ClauseId::Ch5, Is::Kept).counted.len(), 3);
    told.story.reads(details("o"), &order("o", "confirmed", &[]));
    told.roles.push((told.story.operations.len() - 1, Role::Poll));
    assert_eq!(check(&told, ClauseId::Ch5, Is::Kept).counted.len(), 4);
}

#[test]
fn what_was_accepted_can_be_looked_for() {
    says(
        &check(&told(), ClauseId::Ch6, Is::Broken),
        "CreateOrder names neither an id nor a version nor a location",
    );
    let with = |head: Head| {
        let mut told = told();
        told.heads = vec![(0, head)];
        told
    };
    let silent = |body: &str| head(200, "application/json", body);
    for named in [
        Head { location: Some("/orders/1".into()), ..silent("") },
        Head { etag: Some("\"1\"".into()), ..silent("") },
        silent(r#"{"orderId": "x"}"#),
        silent(r#"{"data": {"version": 1}}"#),
        silent("\"o\""),
        // Of what is cut nobody knows.
        Head { whole: false, ..silent("{\"a\":\"b") },
    ] {
        assert_eq!(check(&with(named), ClauseId::Ch6, Is::Kept).counted, [(Unit::Commands, 1)]);
    }
    check(&with(silent(r#"{"fine": true}"#)), ClauseId::Ch6, Is::Broken);
    let mut version = told();
    version.story.ends(0, "accepted 1");
    check(&version, ClauseId::Ch6, Is::Kept);
}

#[test]
fn reads_say_what_they_reflect() {
    says(
        &check(&told(), ClauseId::Ec6, Is::Broken),
        "GetOrderDetails states neither a position nor a version",
    );
    let mut version = told();
    if let Act::Ask { answer, .. } = &mut version.story.operations[1].act {
        answer.version = Some(Version::Number(1));
    }
    assert_eq!(check(&version, ClauseId::Ec6, Is::Kept).counted, [(Unit::Answers, 1)]);
    let mut tagged = told();
    tagged.heads = vec![(1, Head { status: 200, etag: Some("1".into()), ..Head::default() })];
    check(&tagged, ClauseId::Ec6, Is::Kept);
    let mut absent = Told::default();
    absent.story.reads(details("o"), "absent");
    check(&absent, ClauseId::Ec6, Is::Nothing);
}

#[test]
fn errors_are_problem_documents_and_leak_nothing() {
    let with = |head: Head| {
        let mut told = told();
        told.heads = vec![(2, head)];
        told
    };
    let problem = |status, body: &str| with(head(status, "application/problem+json", body));
    let sound = problem(409, r#"{"status": 409, "detail": "no"}"#);
    assert_eq!(check(&sound, ClauseId::Ch3, Is::Kept).counted, [(Unit::Errors, 1)]);
    assert_eq!(check(&sound, ClauseId::Se3, Is::Kept).counted, [(Unit::Errors, 1)]);
    says(
        &check(&problem(409, r#"{"status": 500}"#), ClauseId::Ch3, Is::Broken),
        "it says that its status is 500",
    );
    let plain = with(head(409, "text/plain", "Traceback (most recent call last):"));
    says(&check(&plain, ClauseId::Ch3, Is::Broken), "its media type is text/plain");
    let leak = check(&plain, ClauseId::Se3, Is::Broken);
    says(&leak, "ConfirmOrder tells a stack trace");
    assert!(leak.findings[0].more[0].contains("409 (text/plain)"), "{leak:#?}");
    // A server's own errors are another matter, and what is no error is none.
    check(&with(head(500, "text/plain", "")), ClauseId::Ch3, Is::Nothing);
    check(&told(), ClauseId::Ch3, Is::Nothing);
}
