//! FT-4: a crash before the acknowledgement leaves all or nothing.

use crate::clause::probe::{behind, shown};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Submitted, Suite, Unit};
use crate::history::Act;
use crate::protocol::{Capability, ClauseId, Seen};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ft4,
    level: Level::Must,
    suite: Suite::Operable,
    statement: "A crash before the acknowledgement leaves all or nothing, and a retry settles it.",
    why: "The client can't know, and has to be able to find out.",
    source: "Härder & Reuter, \"Principles of Transaction-Oriented Database Recovery\", ACM Computing Surveys 15(4), 1983 (atomicity)",
    how: "The service is killed at random points while a command is under way; started again, it shows all of it or nothing, and the command is sent again under its key, where there are keys.",
    needs: &[Need::Capability(Capability::Restart)],
    least: &[Least { count: 10, of: Unit::Commands }],
    stochastic: true,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "crash-under-way", judge }],
};

const ATOMIC: &str = "look at whether all that a command writes is one transaction: its state, its events or outbox, and what read models \
                      keep of it with how far they are";
const LOST: &str = "what was accepted before the crash is lost";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let sent: Vec<Submitted<'_>> = evidence.submitted().collect();
    let Some(first) = sent.iter().find(|sent| sent.attempt == 0 && !sent.outcome.is_known()) else {
        return judged;
    };
    let again = sent.iter().find(|sent| sent.attempt > 0);
    let end = again.map_or(evidence.operations.len(), |again| again.at);
    if !evidence.is_settled(first.at, end) {
        return judged;
    }
    let seen = evidence.judge(&evidence.operations[..end]);
    if let Some(mismatch) = seen.mismatches.first() {
        let before: Vec<usize> = sent.iter().filter(|sent| sent.at < first.at).map(|sent| sent.at).collect();
        let lost = (0..before.len()).any(|kept| evidence.explains(&evidence.without(&before[kept..], end)));
        if lost {
            let wrong = crate::clause::Wrong::Mismatch(mismatch.clone());
            judged.aside(LOST, wrong, &[ClauseId::Ft2]);
        } else {
            judged.broken_by(mismatch, ATOMIC);
        }
        return judged;
    }
    // An outcome that is open for ever leaves more open than a crash does.
    if let Some(wrong) = neither(evidence, first, end) {
        judged.aside(LOST, crate::clause::Wrong::Said(wrong), &[ClauseId::Ft2]);
        return judged;
    }
    match again {
        Some(again) if !again.outcome.is_known() => {
            judged.doubts.push("a retry behind a crash had no known outcome either".into());
        }
        Some(again) if again.is_accepted() && !is_settled(evidence, again, &mut judged) => {}
        _ if !judged.is_set_aside(&seen) => judged.count(Unit::Commands),
        _ => {}
    }
    judged
}

/// What shows neither all that the command does nor nothing of it, of what was read behind the crash.
fn neither(evidence: &Evidence<'_>, first: &Submitted<'_>, end: usize) -> Option<String> {
    let nothing = evidence.world(first.at);
    let all = behind(evidence, &nothing, first.command);
    let strange =
        evidence.operations[first.at + 1..end].iter().find_map(|operation| match &operation.act {
            Act::Ask { query, answer } if matches!(answer.seen, Seen::Found(_) | Seen::Absent) => {
                let shows = |world| evidence.shows(world, query, answer);
                (!shows(&nothing) && !all.as_ref().is_some_and(shows)).then_some(query)
            }
            _ => None,
        })?;
    Some(format!("{} showed neither all nor nothing of {} behind a crash", strange.name, first.command.name))
}

/// Whether read models came to show what a retry was told to have done, once.
fn is_settled(evidence: &Evidence<'_>, again: &Submitted<'_>, judged: &mut Judged) -> bool {
    let wrong: Vec<_> = shown(evidence, again.at + 1).into_iter().filter(|look| !look.shows).collect();
    let Some(look) = wrong.first() else { return true };
    let end = evidence.operations.len();
    let is_wrong = !evidence.judge(evidence.operations).mismatches.is_empty();
    if is_wrong && evidence.explains(&evidence.instead(again.at, end, |command, _| command.key = None)) {
        // Twice: that is for the clause about retries.
        return false;
    }
    if look.is_too_late {
        let wrong = format!(
            "the service was killed while {} was under way; sent again it was {}, and {} did not show it in {:?}",
            again.command.name, again.outcome, look.query.name, look.waited
        );
        judged.broken_by_then(look.at + 1, wrong, ATOMIC);
    } else {
        judged.doubts.push("some read models were not looked at for long enough behind a crash".into());
    }
    false
}
