//! CH-3: errors are problem details.

use crate::clause::errors::{Error, SHOWN, errors};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Suite, Unit};
use crate::protocol::{ClauseId, Head};
use crate::value::{JsonError, Limits, Value, inert_within};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ch3,
    level: Level::Should,
    suite: Suite::Core,
    statement: "Errors are problem details, and a `status` in them is the status of the answer.",
    why: "A client that can't read an error can only guess whether to try again.",
    source: "RFC 9457 sections 3 and 3.1.2",
    how: "Every 4xx to a command or a query is looked at: its media type, and the `status` in it, which may be left out.",
    needs: &[Need::Wire],
    least: &[Least { count: 10, of: Unit::Errors }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: Check::EVERY, judge }],
};

const FIRST: &str = "answer errors as application/problem+json, with the status that they have";

/// An error that a server gives before anybody reads what was sent need not look like the service's own; one of the server's need not
/// either.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for error in errors(evidence).filter(|error| error.is_own && error.head.status < 500) {
        let Error { what, head, .. } = &error;
        match problem(head) {
            Ok(()) => judged.count(Unit::Errors),
            Err(why) => {
                let wrong = format!("the answer {} to {what} is no problem document: {why}", head.status);
                judged.broken_as(wrong, error.shows.clone(), vec![error.in_words()], FIRST);
            }
        }
    }
    judged
}

/// Why an answer is no problem document (RFC 9457, section 3).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
enum NoProblem {
    #[error("it has no media type")]
    NoMediaType,
    #[error("its media type is {}", inert_within(.0, SHOWN))]
    MediaType(String),
    #[error("its body is no JSON: {0}")]
    NoJson(#[from] JsonError),
    #[error("its body is no object")]
    NoObject,
    #[error("it says that its status is {}", .0.brief(SHOWN))]
    OtherStatus(Value),
}

/// Whether it is a problem document (RFC 9457), and does not say that it has another status. All its members may be left out.
fn problem(head: &Head) -> Result<(), NoProblem> {
    let kind = head.content_type.as_deref().unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/problem+json" => {}
        "application/problem+xml" => return Ok(()),
        "" => return Err(NoProblem::NoMediaType),
        other => return Err(NoProblem::MediaType(other.to_owned())),
    }
    if !head.whole {
        return Ok(());
    }
    let body = Value::from_json(head.body.as_deref().unwrap_or_default(), &Limits::default());
    match body? {
        Value::Record(members) => match members.get("status") {
            None | Some(Value::Null) => Ok(()),
            Some(Value::Number(status)) if status.to_u64() == Some(u64::from(head.status)) => Ok(()),
            Some(other) => Err(NoProblem::OtherStatus(other.clone())),
        },
        _ => Err(NoProblem::NoObject),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_its_own_status_or_none() {
        let check = |content_type: Option<&str>, body: &str| {
            let (content_type, body) = (content_type.map(str::to_owned), Some(body.to_owned()));
            problem(&Head { status: 409, content_type, body, whole: true, ..Head::default() })
        };
        let kind = Some("application/problem+json; charset=utf-8");
        for body in ["{}", r#"{"status": 409}"#, r#"{"status": null, "code": "x"}"#] {
            assert_eq!(check(kind, body), Ok(()), "{body}");
        }
        for body in ["", "[]", "{", r#"{"status": 400}"#, r#"{"status": "409"}"#] {
            assert!(check(kind, body).is_err(), "{body}");
        }
        assert!(check(Some("application/json"), r#"{"status": 409}"#).is_err() && check(None, "{}").is_err());
        assert_eq!(check(Some("application/problem+xml"), "<problem/>"), Ok(()));
    }
}
