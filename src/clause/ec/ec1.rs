//! EC-1: an accepted effect shows within its bound.

use super::ec3::is_told;
use crate::clause::probe::{Effect, effects};
use crate::clause::{
    Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit, Wrong,
};
use crate::protocol::ClauseId;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ec1,
    level: Level::Must,
    suite: Suite::Core,
    statement: "An accepted effect is visible within the declared bound.",
    why: "Everybody who waits for it needs to know for how long.",
    source: "Vogels, \"Eventually Consistent\", CACM 52(1), 2009 (inconsistency window); Bailis et al., \"Probabilistically Bounded Staleness\", PVLDB 5(8), 2012",
    how: "Behind accepted commands, each read model is polled until it shows the effect; the times are reported as quantiles. What has not shown when twice its bound has passed, or the bound and 2 s, is missing; what came in between is late, and three such cases are none by chance. Where this machine is too busy to tell whose delay it is, three commands on new aggregates are sent behind it: if each of them shows in its time, the machine is no excuse, and it is late.",
    needs: &[Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 150, of: Unit::ProbedWrites }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "probe", judge }],
};

/// Effects that have to come too late before that is no chance any more.
const LATE: u64 = 3;

/// Why evidence is set aside in which something else is wrong.
const OTHERWISE: &str = "what is wrong with a read model is not that something is missing";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for effect in effects(evidence) {
        let never = effect.never().collect::<Vec<_>>();
        for look in &never {
            let (query, command) = (&look.query.name, &effect.command.name);
            // Only what is told there, by the same case: nothing that is wrong gets lost.
            if evidence.is_of_others(query, ClauseId::Ec1) && is_told(evidence, query) {
                let wrong = Wrong::Said(format!("{query} did not show what {command} did"));
                judged.aside(OTHERWISE, wrong, &[ClauseId::Ec3]);
                continue;
            }
            let bound = evidence.promises().bound_of(query);
            let wrong = format!("{query} did not show what {command} did within {bound:?}");
            let first = format!("look at what the read model of {query} does with the events of {command}");
            judged.broken_in(query, look.at + 1, wrong, &first);
        }
        if never.is_empty() {
            came_late(evidence, &effect, &mut judged);
        }
    }
    judged
}

/// What came too late by little. Once, that may be chance, and whoever shares a machine with us may have had less of it than we had.
fn came_late(evidence: &Evidence<'_>, effect: &Effect<'_>, judged: &mut Judged) {
    let overtaken = effect.overtaken().next();
    let Some(look) = overtaken.or_else(|| effect.late().next()) else { return count(effect, judged) };
    let (query, command) = (&look.query.name, &effect.command.name);
    let bound = evidence.promises().bound_of(query);
    let wrong = match overtaken {
        None => format!("{query} showed what {command} did, and not within {bound:?}"),
        Some(_) => format!(
            "{query} did not show what {command} did within {bound:?}, and showed what later commands did"
        ),
    };
    let first = format!(
        "look at how far the read model of {query} falls behind, and whether the bound that is declared is the right one"
    );
    judged.broken_often_in(query, look.at + 1, wrong, (&first, LATE));
}

fn count(effect: &Effect<'_>, judged: &mut Judged) {
    if effect.is_doubtful() {
        judged.doubts.push("some effects were not looked at for as long as they may take, or this machine was too busy to see when they showed".into());
    } else if effect.is_shown() {
        judged.count(Unit::ProbedWrites);
    }
}
