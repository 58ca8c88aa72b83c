//! SG-2: a session never sees an older state again.

use super::timeline::{Read, Timelines};
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit, Wrong,
};
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Sg2,
    level: Level::Should,
    suite: Suite::Session,
    statement: "A session never sees an older state again.",
    why: "Pages that jump back look like lost work.",
    source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994",
    how: "A session writes and reads on and on, while effects are on their way. What a read shows is explained by some of its commands, the first of them up to one; where answers tell versions, these say up to which. Reads of one query go back if no way to explain them all has that number rise: a state that only looks like an earlier one does not count, and neither does one that stays: then something is lost.",
    needs: &[Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 300, of: Unit::Rereads }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "session", judge }],
};

/// The first thing to look at where reads go back.
const COPIES: &str =
    "look for several copies of the read model, or caches, that a session's reads are spread over";

/// Why evidence is set aside in which what was shown does not come back: no copy that is behind does that.
const GONE: &str = "what was shown does not show any more at all";
/// What explains that.
const EXPLAINS: &[ClauseId] = &[
    ClauseId::Br1,
    ClauseId::Br3,
    ClauseId::Br6,
    ClauseId::Ec1,
    ClauseId::Ec2,
    ClauseId::Ec3,
    ClauseId::Ec4,
    ClauseId::Qs5,
];

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let timelines = Timelines::of(evidence);
    let reads = timelines.reads(evidence);
    never_back(evidence, (&timelines, &reads), |read| read.client, &mut judged);
    judged
}

/// Holds reads against those before them. `session` says which of them belong together.
pub(super) fn never_back(
    evidence: &Evidence<'_>,
    (timelines, reads): (&Timelines, &[Read<'_>]),
    session: impl Fn(&Read<'_>) -> u64,
    judged: &mut Judged,
) {
    let mut seen: Vec<(&Read<'_>, usize)> = Vec::new();
    for read in reads.iter().filter(|read| !read.explained.is_empty()) {
        let same = |(other, _): &(&Read<'_>, usize)| {
            other.of == read.of && other.query == read.query && session(other) == session(read)
        };
        let place = seen.iter().position(same).unwrap_or_else(|| {
            seen.push((read, 0));
            seen.len() - 1
        });
        seen[place].1 = next(evidence, (timelines, reads, read), seen[place].1, judged);
    }
}

/// The earliest state that a read can have shown, where those before it came to `floor`. Going on from the earliest of all each time
/// finds a way that never goes back, if there is one.
fn next(
    evidence: &Evidence<'_>,
    (timelines, reads, read): (&Timelines, &[Read<'_>], &Read<'_>),
    floor: usize,
    judged: &mut Judged,
) -> usize {
    let timeline = timelines.get(read.of);
    let blurred = |from: usize| !read.exact && timeline.is_blurred(from..read.last + 1);
    let Some(earliest) = read.explained.iter().find(|place| **place >= floor) else {
        if blurred(floor + 1) {
            return floor;
        }
        let (query, write) = (&read.query.name, timeline.write(floor));
        let command = write.map_or("a command", |write| &*write.command.name);
        let wrong = format!("{query} showed what {command} did, then a state before it");
        let later =
            |other: &&Read<'_>| other.at > read.at && other.of == read.of && other.query == read.query;
        let is_back = |other: &&Read<'_>| other.explained.last().is_some_and(|last| *last >= floor);
        if let Some(back) = reads.iter().filter(later).find(is_back) {
            judged.broken_by_then(back.at + 1, format!("{wrong}, then what it did again"), COPIES);
        } else {
            judged.aside(GONE, Wrong::Said(wrong), EXPLAINS);
        }
        // That it comes back is no second time.
        return read.explained.last().copied().unwrap_or(floor);
    };
    let is_like = |older: usize| {
        (floor..=read.last).any(|place| !timeline.differs(evidence, read.query, (older, place)))
    };
    if !(0..floor).all(is_like) && !blurred(floor + 1) {
        judged.count(Unit::Rereads);
    }
    // Between two events of a command it may look like what comes later.
    let half = (floor + 1..=*earliest).find(|place| !read.exact && timeline.is_blurred(*place..*place + 1));
    half.map_or(*earliest, |half| half - 1)
}
