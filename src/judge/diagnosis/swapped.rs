//! Two commands took effect in the other order.

use super::course::Scope;
use super::{Assumption, Cause, Course, Mismatch};
use crate::protocol::ClauseId;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| mismatch.is_read()) else {
        return Vec::new();
    };
    let done: Vec<_> = course.done(read.at).collect();
    for pair in done.windows(2).rev() {
        let way = |before: usize| {
            let mut done: Vec<_> = course.done(before).collect();
            if let Some(at) = done.iter().position(|sent| sent.at == pair[0].at)
                && at + 1 < done.len()
            {
                done.swap(at, at + 1);
            }
            course.behind(done.iter().map(|sent| &**sent.command))
        };
        if course.is_read_so(&read, Scope::Once, &way) {
            let (query, side) = (&read.query.name, course.side(&read, &way).side);
            let (one, other) = (&pair[0].command.name, &pair[1].command.name);
            let says = format!("{query} has taken in {other} before {one}");
            return vec![Cause { assumption: Assumption::Swapped, side, breaks: vec![ClauseId::Ec3], says }];
        }
    }
    Vec::new()
}
