//! CH-4: what is only taken in comes to one end.

use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Submitted, Suite, Unit,
};
use crate::protocol::{Capability, ClauseId, Doubt, Outcome, Stands, Unknown};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ch4,
    level: Level::Must,
    suite: Suite::Core,
    statement: "A command that is only taken in (202) comes to exactly one end, which then never changes.",
    why: "Whoever was told \"later\" has nothing but the status to go by.",
    source: "RFC 9110 section 15.3.3 (202)",
    how: "The status of each such command is polled until it ends, and again afterwards.",
    needs: &[Need::Capability(Capability::Asynchronous), Need::Matter(Matter::Command)],
    least: &[Least { count: 20, of: Unit::Commands }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "taken-in", judge }],
};

const FIRST: &str =
    "look at who writes the status, and whether a retry or a second worker may write it once more";

/// In a case each such command has a session of its own: what is asked there is asked of it.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let asked: Vec<_> = evidence.deeds.iter().filter_map(|done| done.status()).collect();
    for sent in evidence.submitted() {
        let client = evidence.operations[sent.at].client;
        let told: Vec<&Stands> =
            asked.iter().filter(|status| status.client == client).map(|status| &status.stands).collect();
        if !told.is_empty() {
            follow(&sent, &told, &mut judged);
        }
    }
    judged
}

/// Whether a command came to an end that did not change.
fn follow(sent: &Submitted<'_>, told: &[&Stands], judged: &mut Judged) {
    let name = &sent.command.name;
    let end = match (sent.outcome, told[0]) {
        (Outcome::Accepted(_), _) => Stands::Done,
        (Outcome::Rejected(rejection), _) => Stands::Refused(rejection.clone()),
        (Outcome::Unknown(Unknown { doubt: Doubt::Timeout, detail, .. }), Stands::Open(_)) => {
            judged.broken(format!("{name} was taken in and came to no end: {detail}"), FIRST);
            return;
        }
        (outcome @ (Outcome::Unknown(_) | Outcome::NotSent(_)), _) => {
            judged.doubts.push(format!("{name} was taken in, and what became of it is {outcome}"));
            return;
        }
    };
    for now in told {
        match (&end, now) {
            (Stands::Done, Stands::Done) => {}
            (Stands::Refused(first), Stands::Refused(now)) if first.code == now.code => {}
            // A status that is kept for a while only is no other one.
            (_, Stands::Unclear(why)) => {
                judged.doubts.push(format!("the end of a {name} was not told again: {why}"));
                return;
            }
            _ => {
                judged.broken(format!("{name} had ended: {end}; and later it is {now}"), FIRST);
                return;
            }
        }
    }
    judged.count(Unit::Commands);
}
