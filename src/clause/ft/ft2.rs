//! FT-2: what was acknowledged survives a crash.

use crate::clause::probe::shown;
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Submitted, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ft2,
    level: Level::Must,
    suite: Suite::Operable,
    statement: "A crash behind the acknowledgement loses nothing, and the effect still reaches the read models.",
    why: "The client has been told, and won't ask again.",
    source: "Gray & Reuter, \"Transaction Processing\", 1993 (durability)",
    how: "The service is killed right behind an answer and started again; each read model is polled until it shows what was accepted.",
    needs: &[Need::Capability(Capability::Restart)],
    least: &[Least { count: 10, of: Unit::Commands }],
    stochastic: true,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "crash-behind", judge }],
};

const DURABLE: &str = "look at whether the answer waits for the commit, whether the commit waits for the disk, and whether the read \
                       models go on where they were after a start";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let Some(last) = evidence.submitted().last().filter(Submitted::is_accepted) else { return judged };
    let (mut all, mut any) = (true, false);
    for look in shown(evidence, last.at + 1) {
        any = true;
        let query = &look.query.name;
        match look.shows {
            true => {}
            false if look.is_too_late => {
                let wrong = format!(
                    "{} was accepted and the service killed behind the answer; started again, {query} did not show it in {:?}",
                    last.command.name, look.waited
                );
                judged.broken_by_then(look.at + 1, wrong, DURABLE);
                all = false;
            }
            false => {
                judged
                    .doubts
                    .push("some read models were not looked at for long enough behind a crash".into());
                all = false;
            }
        }
    }
    if any && all {
        judged.count(Unit::Commands);
    }
    judged
}
