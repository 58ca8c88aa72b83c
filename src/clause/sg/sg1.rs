//! SG-1: a session reads what it wrote, or is told "not yet".

use super::timeline::{Read, Timelines};
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, ONE_BY_ONE, Suite, Unit, Wrong,
};
use crate::protocol::{Capability, ClauseId, Query};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Sg1,
    level: Level::Must,
    suite: Suite::Session,
    statement: "A session reads its own writes, or is told \"not yet\".",
    why: "A user who doesn't find what they just did does it again.",
    source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994",
    how: "Writes, and reads behind them: an answer that tells a position at or behind that of a write of the session shows the write; one that tells an earlier position says \"not yet\". What never shows is lost, and no fault of the position.",
    needs: &[Need::Capability(Capability::Position), Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 150, of: Unit::ProbedWrites }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "session", judge }],
};

/// The first thing to look at where a position says too much.
const POSITION: &str = "look at where the position of an answer comes from: it must be that of the very copy of the read model that answered, taken with the rows";
/// Why evidence is set aside in which a write never shows.
const LOST: &str = "an answer tells the position of a write, and what was written never shows";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let timelines = Timelines::of(evidence);
    let reads = timelines.reads(evidence);
    own_writes(evidence, (&timelines, &reads), |read, writer| read.client == writer, &mut judged);
    judged
}

/// Holds reads against the positions that they tell. `is_own` says which reads are those of the session that a write came from.
pub(super) fn own_writes(
    evidence: &Evidence<'_>,
    (timelines, reads): (&Timelines, &[Read<'_>]),
    is_own: impl Fn(&Read<'_>, u64) -> bool,
    judged: &mut Judged,
) {
    let wrong = judged.findings.len();
    for read in reads {
        let Some(due) = due(evidence, timelines, read, &is_own) else { continue };
        // What shows a state from nowhere is not late.
        if read.explained.last().is_none_or(|last| *last >= due) {
            continue;
        }
        let timeline = timelines.get(read.of);
        // A state between two events of a later command may look like an earlier one.
        if !read.exact && timeline.is_blurred(due + 1..read.last + 1) {
            continue;
        }
        let Some(write) = timeline.write(due) else { continue };
        let (query, command) = (&read.query.name, &write.command.name);
        let later =
            |other: &&Read<'_>| other.at > read.at && other.of == read.of && other.query == read.query;
        let shows = |other: &Read<'_>| other.explained.first().is_some_and(|first| *first >= due);
        let (told, own) = (read.position.unwrap_or_default(), write.position.unwrap_or_default());
        let said =
            format!("{query} told position {told} and did not show {command}, which is at position {own}");
        if let Some(shows) = reads.iter().filter(later).find(|other| shows(other)) {
            judged.broken_by_then(shows.at + 1, format!("{said}, until later"), POSITION);
        } else {
            judged.aside(LOST, Wrong::Said(said), ONE_BY_ONE);
        }
    }
    if judged.findings.len() == wrong {
        count(evidence, (timelines, reads), &is_own, judged);
    }
    if !reads.is_empty() && reads.iter().all(|read| read.position.is_none()) {
        judged.doubts.push("no answer tells the position that it reflects".into());
    }
}

/// The state that an answer has to show by its own word: that behind the last write of its session whose position it tells.
fn due(
    evidence: &Evidence<'_>,
    timelines: &Timelines,
    read: &Read<'_>,
    is_own: &impl Fn(&Read<'_>, u64) -> bool,
) -> Option<usize> {
    let reached = read.position?;
    let due = |place: &usize| {
        timelines.get(read.of).write(*place).is_some_and(|write| {
            write.position.is_some_and(|position| position <= reached)
                && is_own(read, evidence.operations[write.at].client)
        })
    };
    (1..=read.last).rev().find(due)
}

/// A write counts if every query in which it made a difference told its position or a later one, and showed it, where a state
/// without it would have looked otherwise.
fn count(
    evidence: &Evidence<'_>,
    (timelines, reads): (&Timelines, &[Read<'_>]),
    is_own: &impl Fn(&Read<'_>, u64) -> bool,
    judged: &mut Judged,
) {
    for (of, timeline) in timelines.iter().enumerate() {
        for place in 1..timeline.points.len() {
            let mut queries: Vec<(&Query, bool)> = Vec::new();
            let could = reads.iter().filter(|read| read.of == of && read.last >= place);
            for read in could.filter(|read| timeline.differs(evidence, read.query, (place - 1, place))) {
                let shows = read.explained.first().is_some_and(|first| *first >= place);
                let told = due(evidence, timelines, read, is_own).is_some_and(|due| due >= place);
                match queries.iter_mut().find(|(query, _)| *query == read.query) {
                    Some((_, all)) => *all |= shows && told,
                    None => queries.push((read.query, shows && told)),
                }
            }
            if !queries.is_empty() && queries.iter().all(|(_, all)| *all) {
                judged.count(Unit::ProbedWrites);
            }
        }
    }
}
