//! A rule is not as the contract has it: it is not there, it stops too much, or its refusal has another name.

use super::course::CameTo;
use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::judge::Must;
use crate::protocol::ClauseId;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let (Some(sent), Must::Outcome(allowed)) = (course.command(mismatch.operation), &mismatch.must) else {
        return Vec::new();
    };
    let name = &sent.command.name;
    let codes: Vec<&str> = allowed.iter().flatten().map(|code| &**code).collect();
    let may_be_accepted = allowed.iter().any(Option::is_none);
    let (assumption, breaks, says) = match sent.came_to {
        CameTo::Effect | CameTo::Replay => {
            let mut breaks = vec![ClauseId::Br6];
            if codes.contains(&"Malformed") {
                breaks.push(ClauseId::Ch2);
            }
            let world = course.world(sent.at);
            if world.is_some_and(|world| course.model.breaks_invariant(&world, sent.command)) {
                breaks.push(ClauseId::Br2);
            }
            (Assumption::RuleMissing, breaks, format!("{} does not stop {name} here", codes.join(" or ")))
        }
        CameTo::Refusal(rejection) if may_be_accepted => {
            let code = rejection.code.as_deref().unwrap_or("a refusal without a name");
            let breaks = vec![ClauseId::Br6, ClauseId::Ch1];
            (Assumption::RuleTooWide, breaks, format!("{code} stops {name} where nothing should"))
        }
        CameTo::Refusal(rejection) => {
            let code = rejection.code.as_deref().unwrap_or("a refusal without a name");
            let right = codes.join(" or ");
            (
                Assumption::OtherName,
                vec![ClauseId::Br6],
                format!("{name} is refused as {code}, not as {right}"),
            )
        }
    };
    vec![Cause { assumption, side: Side::Write, breaks, says }]
}
