//! A command took effect twice.

use super::course::{CameTo, Scope, Sent, Told};
use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::ClauseId;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| mismatch.is_read()) else {
        return Vec::new();
    };
    let cause = |sent: Sent<'_>, places: &[usize], law: bool| {
        let way = |before| {
            let done = course.done(before);
            course.behind(done.flat_map(|one| {
                std::iter::repeat_n(&**one.command, 1 + usize::from(places.contains(&one.at)))
            }))
        };
        if !course.is_read_so(&read, if law { Scope::Always } else { Scope::Once }, &way) {
            return None;
        }
        let (name, Told { side, certain }) = (&sent.command.name, course.side(&read, &way));
        let again = |other: &Sent<'_>| {
            other.at != sent.at && other.came_to == CameTo::Replay && other.command.key == sent.command.key
        };
        let retried = sent.command.key.is_some() && course.sent(read.at).iter().any(again);
        let (breaks, says) = match &side {
            // What counts its versions as if it were there once has done it once.
            side if retried && !(certain && *side != Side::Write) => {
                (ClauseId::Id1, format!("{name} took effect again when it was retried with its key"))
            }
            Side::Write => (ClauseId::Br6, format!("{name} took effect twice")),
            Side::Read(query) if !certain => {
                (ClauseId::Ec3, format!("{name} took effect twice, as {query} shows"))
            }
            Side::Read(query) if law => (ClauseId::Ec3, format!("{query} takes in each {name} twice")),
            Side::Read(query) => (ClauseId::Ec3, format!("{query} has taken in {name} twice")),
        };
        Some(Cause { assumption: Assumption::Twice, side, breaks: vec![breaks], says })
    };
    let done: Vec<_> = course.done(read.at).collect();
    let laws = done.iter().rev().map(|sent| (*sent, course.alike(sent))).filter(|(_, alike)| alike.len() > 1);
    let mut laws = laws.filter_map(|(sent, alike)| cause(sent, &alike, true));
    let mut single = done.iter().rev().filter_map(|sent| cause(*sent, &[sent.at], false));
    laws.next().or_else(|| single.next()).into_iter().collect()
}
