//! `any`, `present`, `absent`.

use super::{Judge, MatcherDoc};
use crate::value::Value;

pub(super) static ANY: MatcherDoc =
    MatcherDoc { name: "any", syntax: "any", means: "anything that is there, also null", example: "any" };

pub(super) static PRESENT: MatcherDoc = MatcherDoc {
    name: "present",
    syntax: "present",
    means: "anything that is there and not null",
    example: "present",
};

pub(super) static ABSENT: MatcherDoc = MatcherDoc {
    name: "absent",
    syntax: "absent",
    means: "nothing: the record has no such field, or there is no answer",
    example: "{ cancelled_at: absent }",
};

#[derive(Debug)]
pub(super) struct Any;

impl Judge for Any {
    fn matches(&self, actual: Option<&Value>) -> bool {
        actual.is_some()
    }

    fn describe(&self, _: usize) -> String {
        "anything".into()
    }
}

#[derive(Debug)]
pub(super) struct Present;

impl Judge for Present {
    fn matches(&self, actual: Option<&Value>) -> bool {
        actual.is_some_and(|value| !value.is_null())
    }

    fn describe(&self, _: usize) -> String {
        "something present".into()
    }
}

#[derive(Debug)]
pub(super) struct Absent;

impl Judge for Absent {
    fn matches(&self, actual: Option<&Value>) -> bool {
        actual.is_none()
    }

    fn describe(&self, _: usize) -> String {
        "absent".into()
    }
}
