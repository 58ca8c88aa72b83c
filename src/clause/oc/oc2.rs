//! OC-2: a version that is missing is asked for.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Finding, Judged, Least, Level, Matter, Need, Note, ONE_BY_ONE,
    Submitted, Suite, Unit, Wrong,
};
use crate::protocol::{Capability, ClauseId, Expected, Outcome};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Oc2,
    level: Level::Should,
    suite: Suite::Concurrent,
    statement: "A missing precondition, where one is required, is answered as such.",
    why: "A client that forgets the version overwrites without knowing it.",
    source: "RFC 6585 section 3 (428)",
    how: "Commands are sent without an expected version; one that is refused at rest, too, is sent again with it.",
    needs: &[Need::Capability(Capability::ExpectedVersion), Need::Matter(Matter::Change)],
    least: &[Least { count: 5, of: Unit::Commands }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "without", judge }],
};

const SAY_SO: &str = "answer 428, so that the client knows that it has to read before it writes";
const EVERYWHERE: &str = "look at where the precondition is asked for";

/// Tries to get one command accepted, one behind the other.
type Tries<'s, 'a> = &'s [Submitted<'a>];

/// Where nothing is required, nothing is missing: a service that takes commands without a version keeps the clause.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let sent: Vec<Submitted<'_>> = evidence.submitted().collect();
    let exists = |first: &Submitted<'_>| {
        let before = sent.iter().take_while(|other| other.at < first.at);
        before.filter(|other| other.is_accepted()).any(|other| other.command.on == first.command.on)
    };
    // What was refused for some other reason, and what was accepted, on what is there and what is not.
    let (mut odd, mut free): (Vec<(Tries<'_, '_>, bool)>, Vec<bool>) = (Vec::new(), Vec::new());
    for tries in sent.chunk_by(|one, next| !one.is_accepted() && one.asks_for_the_same(next)) {
        if !tries.iter().all(|one| one.outcome.is_known()) {
            // Which version is the last one is not known any more.
            break;
        }
        let bare = tries.iter().take_while(|one| one.command.expected == Expected::Any).count();
        let Some(last) = tries[..bare].last() else { continue };
        let exists = exists(last);
        let with_version = tries[bare..].iter().any(Submitted::is_accepted);
        match last.outcome {
            Outcome::Accepted(_) if bare > 1 => {
                let why = "a command without a version was refused, and accepted later";
                judged.aside(why, refused(&tries[0]), ONE_BY_ONE);
            }
            Outcome::Accepted(_) => {
                free.push(exists);
                judged.notes.push(note(last, exists, "needs none"));
                judged.count(Unit::Commands);
            }
            Outcome::Rejected(rejection) if rejection.wants_a_version() => {
                judged.notes.push(note(last, exists, "needs one"));
                if with_version {
                    judged.count(Unit::Commands);
                }
            }
            _ if with_version && bare > 1 => odd.push((tries, exists)),
            _ => {}
        }
    }
    unasked(evidence, &odd, &free, &mut judged);
    judged
}

/// Commands that were refused at rest, too, though not for a version, and accepted with it.
fn unasked(evidence: &Evidence<'_>, odd: &[(Tries<'_, '_>, bool)], free: &[bool], judged: &mut Judged) {
    let Some((tries, exists)) = odd.first() else { return };
    let bare = |tries: Tries<'_, '_>| {
        let bare = tries.iter().filter(|one| one.command.expected == Expected::Any);
        bare.map(|one| one.at).collect::<Vec<_>>()
    };
    let refusals: Vec<usize> = odd.iter().flat_map(|(tries, _)| bare(tries)).collect();
    if judged.is_set_aside(&evidence.judge(&evidence.without(&refusals, tries[0].at))) {
        return;
    }
    let is_conflict = matches!(tries[0].outcome, Outcome::Rejected(rejection) if rejection.is_conflict());
    if free.contains(exists) {
        let why = "a command without a version was refused, and another one accepted";
        judged.aside(why, refused(&tries[0]), ONE_BY_ONE);
    } else if is_conflict && odd.len() == 1 {
        let why = "a command without a version was refused as a conflict, once";
        judged.aside(why, refused(&tries[0]), &[ClauseId::Oc4]);
    } else {
        let (name, outcome) = (&tries[0].command.name, tries[0].outcome);
        let wrong = format!("without a version {name} was {outcome}, and with it it is accepted");
        judged.broken(wrong, SAY_SO);
    }
}

fn refused(first: &Submitted<'_>) -> Wrong {
    Wrong::Said(format!("{} was {}", first.command.name, first.outcome))
}

/// Whether commands of one kind need a version is alike each time; on what is not there yet it may be otherwise.
fn note(sent: &Submitted<'_>, exists: bool, says: &'static str) -> Note {
    let name = &sent.command.name;
    let wrong = format!("{name} needs an expected version at one time, and at another it doesn't");
    let otherwise = Finding::new(Wrong::Said(wrong), EVERYWHERE);
    let about = format!("{name} on what is {}there", if exists { "" } else { "not " });
    Note { about, says, otherwise }
}
