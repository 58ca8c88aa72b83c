use std::collections::BTreeSet;

use super::{Conformance, Stand};
use crate::clause::{self, Level};
use crate::protocol::ClauseId;

/// What an examination of a system with one known bug proves about the examiner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The bug.
    pub defect: String,
    /// Clauses that it breaks, and that were seen broken.
    pub caught: BTreeSet<ClauseId>,
    /// Clauses that it breaks, and that were not.
    pub missed: BTreeSet<ClauseId>,
    /// Clauses that it may break as a consequence, and that were seen broken.
    pub besides: BTreeSet<ClauseId>,
    /// Clauses that were seen broken, of which the bug doesn't say that it breaks them.
    pub undeclared: BTreeSet<ClauseId>,
    /// How each of the undeclared ones was broken, in a sentence.
    pub how: Vec<(ClauseId, String)>,
}

impl Proof {
    /// Holds what was found against what a bug declares: `breaks` for sure, `may_break` where things come together that way.
    /// Only clauses that there is a test for count.
    pub fn of(defect: &str, breaks: &[ClauseId], may_break: &[ClauseId], found: &Conformance) -> Self {
        let failed = found.clauses.iter().filter(|result| result.stand == Stand::Fail);
        let broken: BTreeSet<_> = failed.map(|result| result.clause.id).collect();
        let tried = |id: ClauseId| {
            let result = found.clauses.iter().find(|result| result.clause.id == id);
            result.is_some_and(|result| {
                matches!(result.stand, Stand::Pass | Stand::Fail | Stand::Inconclusive(_))
            })
        };
        let declared = breaks.iter().copied().filter(|id| tried(*id));
        let (caught, missed) = declared.partition(|id| broken.contains(id));
        let beside = broken.iter().copied().filter(|id| !breaks.contains(id));
        let (besides, undeclared): (_, BTreeSet<_>) = beside.partition(|id| may_break.contains(id));
        let surprises = found.clauses.iter().filter(|result| undeclared.contains(&result.clause.id));
        let how = surprises
            .filter_map(|result| Some((result.clause.id, result.counterexamples.first()?.wrong.clone())));
        Self { defect: defect.to_owned(), how: how.collect(), besides, undeclared, caught, missed }
    }

    /// Whether the bug was caught, and nothing else was blamed.
    pub fn holds(&self) -> bool {
        !self.caught.is_empty() && self.undeclared.is_empty()
    }

    /// Adds what another examination of the same bug caught: what chance keeps from one seed another one shows.
    pub fn add(&mut self, other: &Self) {
        self.caught.extend(&other.caught);
        self.missed =
            self.missed.union(&other.missed).filter(|id| !self.caught.contains(*id)).copied().collect();
        self.besides.extend(&other.besides);
        self.undeclared.extend(&other.undeclared);
        self.how.extend(other.how.iter().cloned());
    }
}

/// Which of the exercised clauses must be kept, and none of these bugs was caught breaking.
pub fn unproved(proofs: &[Proof], exercised: &BTreeSet<ClauseId>) -> Vec<ClauseId> {
    let musts = clause::all().filter(|clause| clause.level == Level::Must && exercised.contains(&clause.id));
    let ids = musts.map(|clause| clause.id);
    ids.filter(|id| !proofs.iter().any(|proof| proof.caught.contains(id))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::conform::{ClauseResult, Reason, Subject};

    fn found(stands: &[(ClauseId, Stand)]) -> Conformance {
        let clauses = clause::all().map(|clause| {
            let stand = stands.iter().find(|(id, _)| *id == clause.id).map(|(_, stand)| stand.clone());
            ClauseResult {
                clause,
                stand: stand.unwrap_or(Stand::Skipped(Reason::Deselected)),
                evidence: BTreeMap::new(),
                counterexamples: Vec::new(),
                broken: 0,
            }
        });
        Conformance {
            subject: Subject::default(),
            began: SystemTime::UNIX_EPOCH,
            took: Duration::ZERO,
            seed: 7,
            interrupted: false,
            clauses: clauses.collect(),
            suites: Vec::new(),
            staleness: BTreeMap::new(),
            latencies: Vec::new(),
            matrix: Vec::new(),
            deviations: Vec::new(),
            remarks: Vec::new(),
            stale: Vec::new(),
            history: None,
            again: String::new(),
        }
    }

    #[test]
    fn what_a_bug_says_is_held_against_what_was_found() {
        let stands = [
            (ClauseId::Ec1, Stand::Fail),
            (ClauseId::Ec2, Stand::Fail),
            (ClauseId::Ec3, Stand::Inconclusive("why".into())),
            (ClauseId::Cv1, Stand::Fail),
            (ClauseId::Qs1, Stand::Pass),
        ];
        let proof = Proof::of(
            "bug",
            &[ClauseId::Ec1, ClauseId::Ec3, ClauseId::Qs1, ClauseId::Oc1],
            &[ClauseId::Ec2, ClauseId::Ec4],
            &found(&stands),
        );
        assert_eq!(proof.caught, BTreeSet::from([ClauseId::Ec1]));
        assert_eq!(proof.missed, BTreeSet::from([ClauseId::Ec3, ClauseId::Qs1]), "OC-1 was not tried");
        assert_eq!(proof.besides, BTreeSet::from([ClauseId::Ec2]));
        assert_eq!(proof.undeclared, BTreeSet::from([ClauseId::Cv1]));
        assert!(!proof.holds());
        let exercised = BTreeSet::from([ClauseId::Cv1, ClauseId::Ch3, ClauseId::Ec1]);
        assert_eq!(unproved(&[proof], &exercised), [ClauseId::Cv1], "EC-1 is proved, and CH-3 is no MUST");
    }

    #[test]
    fn another_seed_may_catch_what_one_missed() {
        let one = found(&[(ClauseId::Ec1, Stand::Fail), (ClauseId::Oc5, Stand::Pass)]);
        let other = found(&[(ClauseId::Ec1, Stand::Pass), (ClauseId::Oc5, Stand::Fail)]);
        let proof = |found| Proof::of("bug", &[ClauseId::Ec1, ClauseId::Oc5], &[], found);
        let mut both = proof(&one);
        assert!(both.missed.contains(&ClauseId::Oc5));
        both.add(&proof(&other));
        assert!(both.holds() && both.missed.is_empty(), "{both:?}");
    }
}
