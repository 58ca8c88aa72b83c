//! OC-4: nobody is in the way of writers of other aggregates.

use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit};
use crate::history::Role;
use crate::protocol::{ClauseId, Outcome};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Oc4,
    level: Level::Must,
    suite: Suite::Core,
    statement: "Writers of different aggregates never get in each other's way.",
    why: "The aggregate is the border of consistency; a conflict across it is a lock that nobody asked for.",
    source: "Vernon, \"Implementing Domain-Driven Design\", 2013, chapter 10 (aggregates)",
    how: "Many aggregates are written to at the same time.",
    needs: &[Need::Matter(Matter::Command)],
    least: &[Least { count: 60, of: Unit::Commands }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "apart", judge }],
};

const SHARED: &str = "look for what all aggregates share: a lock, one stream, one version, one row";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for writer in evidence.races().into_iter().flatten() {
        match writer.outcome {
            Outcome::Accepted(_) => judged.count(Unit::Commands),
            Outcome::Rejected(rejection) => {
                // What is refused alone as well was not in anybody's way.
                let alone = evidence.submitted().find(|alone| {
                    alone.at > writer.at
                        && alone.part.role != Role::Racer
                        && alone.command.id == writer.command.id
                });
                let Some(alone) = alone else { continue };
                if rejection.is_conflict() || alone.is_accepted() {
                    let (until, alone) = (alone.at + 1, alone.outcome);
                    let (name, outcome) = (&writer.command.name, writer.outcome);
                    let wrong = format!(
                        "{name} was {outcome} while others wrote to other aggregates, and alone it was {alone}"
                    );
                    judged.broken_by_then(until, wrong, SHARED);
                }
            }
            Outcome::Unknown(_) | Outcome::NotSent(_) => {}
        }
    }
    judged
}
