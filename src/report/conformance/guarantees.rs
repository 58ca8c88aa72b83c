//! The session guarantees in words: how often each was seen broken, or in how much it never was.

use super::record::bounded;
use crate::conform::{ClauseResult, Stand};
use crate::protocol::ClauseId;
use crate::report::plural;

/// What the clauses promise, by the names of the field (Terry et al. 1994).
const GUARANTEES: [(ClauseId, &str); 5] = [
    (ClauseId::Sg1, "Read your writes"),
    (ClauseId::Sg2, "Monotonic reads"),
    (ClauseId::Sg3, "Monotonic writes"),
    (ClauseId::Sg4, "Writes follow reads"),
    (ClauseId::Sg5, "Both kinds of reads over fresh connections"),
];

/// A sentence for each guarantee that was asked for.
pub(super) fn guarantees(clauses: &[ClauseResult]) -> Vec<String> {
    let of = |id| clauses.iter().find(|result| result.clause.id == id);
    let told = GUARANTEES.iter().filter_map(|(id, name)| Some(format!("{name} ({id}): {}", said(of(*id)?)?)));
    told.collect()
}

fn said(result: &ClauseResult) -> Option<String> {
    Some(match &result.stand {
        Stand::Pass => {
            let counts = result.evidence.iter().map(|(unit, count)| format!("{count} {}", unit.words()));
            format!("never seen broken in {}", counts.collect::<Vec<_>>().join(" and "))
        }
        Stand::Fail | Stand::Known(_) => {
            let times = plural(usize::try_from(result.broken).unwrap_or(usize::MAX), "time");
            let smallest = result.counterexamples.first().map(|example| bounded(&example.wrong));
            format!("broken {times}{}", smallest.map(|wrong| format!("; {wrong}")).unwrap_or_default())
        }
        Stand::Inconclusive(why) => format!("not decided: {}", bounded(why)),
        Stand::NotClaimed(why) | Stand::NotYet(why) => format!("not tried, since {}", bounded(why)),
        Stand::NotBinding(why) => format!("does not bind: {}", bounded(why)),
        // None of them is a MAY.
        Stand::Offered | Stand::NotOffered(_) | Stand::Skipped(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::clause::{self, Unit};
    use crate::conform::{Counterexample, Reason};

    #[test]
    fn each_is_told_as_it_stands() {
        let result = |id, stand| ClauseResult {
            clause: clause::of(id),
            stand,
            evidence: BTreeMap::from([(Unit::ProbedWrites, 160), (Unit::Rereads, 812)]),
            counterexamples: vec![Counterexample {
                wrong: "Q went back".into(),
                ..Counterexample::default()
            }],
            broken: 37,
        };
        let told = guarantees(&[
            result(ClauseId::Sg1, Stand::Pass),
            result(ClauseId::Sg2, Stand::Fail),
            result(ClauseId::Sg3, Stand::NotClaimed("the target does not claim event-feed".into())),
            result(ClauseId::Sg4, Stand::Inconclusive("7 of at least 60 commands".into())),
            result(ClauseId::Sg5, Stand::Skipped(Reason::Deselected)),
        ]);
        let expected = [
            "Read your writes (SG-1): never seen broken in 160 probed writes and 812 reads that could have gone back",
            "Monotonic reads (SG-2): broken 37 times; Q went back",
            "Monotonic writes (SG-3): not tried, since the target does not claim event-feed",
            "Writes follow reads (SG-4): not decided: 7 of at least 60 commands",
        ];
        assert_eq!(told, expected);
    }
}
