//! The second of two commands under one key did not come to what the first one did.

use super::course::Sent;
use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::ClauseId;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(sent) = course.command(mismatch.operation) else { return Vec::new() };
    let Some(key) = &sent.command.key else { return Vec::new() };
    let is_first = |other: &&Sent<'_>| other.command.key.as_ref() == Some(key);
    let Some(first) = course.sent(sent.at).iter().find(is_first) else { return Vec::new() };
    let (one, other) = (first.command, sent.command);
    let same = one.name == other.name && one.on == other.on && one.fields == other.fields;
    let name = &sent.command.name;
    let (breaks, says) = if same {
        (ClauseId::Id1, format!("{name} does not come to the same when it is retried with its key"))
    } else {
        (ClauseId::Id2, format!("{name} is not refused under a key that belongs to another command"))
    };
    vec![Cause { assumption: Assumption::Repeated, side: Side::Write, breaks: vec![breaks], says }]
}
