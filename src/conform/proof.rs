use std::collections::BTreeSet;

use super::{Conformance, Stand};
use crate::clause::{self, Level};

/// What an examination of a system with one known bug proves about the examiner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The bug.
    pub defect: String,
    /// Clauses that it breaks, and that were seen broken.
    pub caught: BTreeSet<String>,
    /// Clauses that it breaks, and that were not.
    pub missed: BTreeSet<String>,
    /// Clauses that it may break as a consequence, and that were seen broken.
    pub besides: BTreeSet<String>,
    /// Clauses that were seen broken, of which the bug doesn't say that it breaks them.
    pub undeclared: BTreeSet<String>,
    /// How each of the undeclared ones was broken, in a sentence.
    pub how: Vec<(String, String)>,
}

impl Proof {
    /// Holds what was found against what a bug declares: `breaks` for sure, `may_break` where things come together that way.
    /// Only clauses that there is a test for count.
    pub fn of(defect: &str, breaks: &[&str], may_break: &[&str], found: &Conformance) -> Self {
        let broken: BTreeSet<&str> = found
            .clauses
            .iter()
            .filter(|result| result.stand == Stand::Fail)
            .map(|result| result.clause.id)
            .collect();
        let tried = |id: &str| {
            let result = found.clauses.iter().find(|result| result.clause.id == id);
            result.is_some_and(|result| {
                matches!(result.stand, Stand::Pass | Stand::Fail | Stand::Inconclusive(_))
            })
        };
        let declared = breaks.iter().copied().filter(|id| tried(id));
        let (caught, missed): (BTreeSet<&str>, BTreeSet<&str>) = declared.partition(|id| broken.contains(id));
        let beside = broken.iter().copied().filter(|id| !breaks.contains(id));
        let (besides, undeclared): (BTreeSet<&str>, BTreeSet<&str>) =
            beside.partition(|id| may_break.contains(id));
        let how = found.clauses.iter().filter(|result| undeclared.contains(result.clause.id));
        let how = how.filter_map(|result| {
            Some((result.clause.id.to_owned(), result.counterexamples.first()?.wrong.clone()))
        });
        let owned = |ids: BTreeSet<&str>| ids.into_iter().map(str::to_owned).collect();
        Self {
            defect: defect.to_owned(),
            how: how.collect(),
            besides: owned(besides),
            undeclared: owned(undeclared),
            caught: owned(caught),
            missed: owned(missed),
        }
    }

    /// Whether the bug was caught, and nothing else was blamed.
    pub fn holds(&self) -> bool {
        !self.caught.is_empty() && self.undeclared.is_empty()
    }

    /// Adds what another examination of the same bug caught: what chance keeps from one seed another one shows.
    pub fn add(&mut self, other: &Self) {
        self.caught.extend(other.caught.iter().cloned());
        self.missed =
            self.missed.union(&other.missed).filter(|id| !self.caught.contains(*id)).cloned().collect();
        self.besides.extend(other.besides.iter().cloned());
        self.undeclared.extend(other.undeclared.iter().cloned());
        self.how.extend(other.how.iter().cloned());
    }
}

/// Which of the exercised clauses must be kept, and none of these bugs was caught breaking.
pub fn unproved(proofs: &[Proof], exercised: &BTreeSet<&'static str>) -> Vec<&'static str> {
    let musts = clause::all().filter(|clause| clause.level == Level::Must && exercised.contains(clause.id));
    musts
        .map(|clause| clause.id)
        .filter(|id| !proofs.iter().any(|proof| proof.caught.contains(*id)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::conform::{ClauseResult, Reason, Subject};

    fn found(stands: &[(&str, Stand)]) -> Conformance {
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
            ("EC-1", Stand::Fail),
            ("EC-2", Stand::Fail),
            ("EC-3", Stand::Inconclusive("why".into())),
            ("CV-1", Stand::Fail),
            ("QS-1", Stand::Pass),
        ];
        let proof = Proof::of("bug", &["EC-1", "EC-3", "QS-1", "OC-1"], &["EC-2", "EC-4"], &found(&stands));
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(proof.caught, ids(&["EC-1"]));
        assert_eq!(proof.missed, ids(&["EC-3", "QS-1"]), "OC-1 was not tried");
        assert_eq!(proof.besides, ids(&["EC-2"]));
        assert_eq!(proof.undeclared, ids(&["CV-1"]));
        assert!(!proof.holds());
        let exercised = BTreeSet::from(["CV-1", "CH-3", "EC-1"]);
        assert_eq!(unproved(&[proof], &exercised), ["CV-1"], "EC-1 is proved, and CH-3 is no MUST");
    }

    #[test]
    fn another_seed_may_catch_what_one_missed() {
        let one = found(&[("EC-1", Stand::Fail), ("OC-5", Stand::Pass)]);
        let other = found(&[("EC-1", Stand::Pass), ("OC-5", Stand::Fail)]);
        let proof = |found| Proof::of("bug", &["EC-1", "OC-5"], &[], found);
        let mut both = proof(&one);
        assert!(both.missed.contains("OC-5"));
        both.add(&proof(&other));
        assert!(both.holds() && both.missed.is_empty(), "{both:?}");
    }
}
