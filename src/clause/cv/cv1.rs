//! CV-1: read models agree on what they both show.

use std::collections::BTreeMap;

use crate::clause::facts::shared;
use crate::clause::probe::is_all_shown;
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit};
use crate::history::Act;
use crate::protocol::{Answer, ClauseId, Query};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Cv1,
    level: Level::Must,
    suite: Suite::Core,
    statement: "At rest, all read models agree on what they both show.",
    why: "Two screens that tell different stories are worse than one that is late.",
    source: "Viotti & Vukolić, \"Consistency in Non-Transactional Distributed Storage Systems\", ACM Computing Surveys 49(1), 2016, arXiv:1512.00168 (convergence)",
    how: "Read models are compared in pairs, field by field, once the target is quiet.",
    needs: &[Need::Matter(Matter::SharedFact)],
    least: &[Least { count: 30, of: Unit::Comparisons }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "probe", judge }],
};

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let Some(last) = evidence.submitted().next_back() else { return judged };
    // Where everything shows, there is rest; where something does not, all of it has to be read at rest.
    if !is_all_shown(evidence) && !evidence.is_seen_at_rest(last.at, evidence.operations.len()) {
        return judged;
    }
    let mut told: BTreeMap<&str, (&Query, &Answer)> = BTreeMap::new();
    for operation in evidence.operations {
        if let Act::Ask { query, answer } = &operation.act {
            told.insert(&query.name, (&**query, answer));
        }
    }
    if told.len() < 2 {
        return judged;
    }
    match shared(evidence.contract(), evidence.promises(), told.into_values()) {
        Ok(0) => {}
        Ok(_) => judged.count(Unit::Comparisons),
        Err(wrong) => judged.broken(wrong.to_string(), "compare how the two read models compute it"),
    }
    judged
}
