use std::fmt;

use super::{ClauseResult, Stand, SuiteResult};
use crate::clause::{Level, Suite};
use crate::protocol::Verdict;

/// How a suite, or all of them together, stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Standing {
    /// Nothing in it binds the target.
    NotClaimed,
    /// Every MUST that binds the target was tried with enough evidence, and kept.
    Conforming,
    /// No MUST was broken, and not every one was tried, or tried with enough evidence.
    NotFullyExercised,
    /// A MUST was broken.
    NotConforming,
}

impl Standing {
    /// The standing in reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotClaimed => "not claimed",
            Self::Conforming => "conforming",
            Self::NotFullyExercised => "not fully exercised",
            Self::NotConforming => "not conforming",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// All suites, each by its clauses.
pub fn suites(clauses: &[ClauseResult]) -> Vec<SuiteResult> {
    Suite::ALL.into_iter().map(|suite| of(suite, clauses)).collect()
}

/// All suites together: the worst of those that bind the target.
pub fn overall(suites: &[SuiteResult]) -> Standing {
    suites.iter().map(|suite| suite.standing).max().unwrap_or(Standing::NotClaimed)
}

fn of(suite: Suite, clauses: &[ClauseResult]) -> SuiteResult {
    let own: Vec<&ClauseResult> = clauses.iter().filter(|result| result.clause.suite == suite).collect();
    let count = |wanted: fn(&Stand) -> bool| own.iter().filter(|result| wanted(&result.stand)).count();
    SuiteResult {
        suite,
        standing: standing(&own),
        passed: count(|stand| *stand == Stand::Pass),
        failed: count(Stand::is_broken),
        inconclusive: count(|stand| matches!(stand, Stand::Inconclusive(_))),
        skipped: count(|stand| matches!(stand, Stand::Skipped(_))),
        not_yet: count(|stand| matches!(stand, Stand::NotYet(_))),
        not_claimed: count(|stand| matches!(stand, Stand::NotClaimed(_))),
        not_binding: count(|stand| matches!(stand, Stand::NotBinding(_))),
        offered: count(|stand| *stand == Stand::Offered),
        not_offered: count(|stand| matches!(stand, Stand::NotOffered(_))),
    }
}

/// What must be kept decides; what should be kept is told beside it, and what may be binds nobody.
fn standing(own: &[&ClauseResult]) -> Standing {
    let is_bound = |result: &&&ClauseResult| {
        let binds = !matches!(result.stand, Stand::NotClaimed(_) | Stand::NotBinding(_));
        binds && result.clause.level != Level::May
    };
    let bound: Vec<_> = own.iter().filter(is_bound).collect();
    let musts: Vec<_> = bound.iter().filter(|result| result.clause.level == Level::Must).collect();
    if bound.is_empty() {
        Standing::NotClaimed
    } else if musts.iter().any(|result| result.stand.is_broken()) {
        Standing::NotConforming
    } else if musts.iter().all(|result| result.stand == Stand::Pass)
        && bound.iter().any(|result| result.stand == Stand::Pass)
    {
        Standing::Conforming
    } else {
        Standing::NotFullyExercised
    }
}

impl ClauseResult {
    /// Whether it makes an examination fail: a MUST that is broken and not known to be; with `strict` also a SHOULD.
    pub fn fails(&self, strict: bool) -> bool {
        let binding = match self.clause.level {
            Level::Must => true,
            Level::Should => strict,
            Level::May => false,
        };
        self.stand == Stand::Fail && binding
    }

    /// Whether it leaves an examination without an answer that was asked for. What may do harm is asked for by allowing it.
    pub fn leaves_open(&self) -> bool {
        matches!(self.stand, Stand::Inconclusive(_)) && self.clause.level == Level::Must
    }

    /// What it means for the whole, as long as nothing but a MUST binds.
    pub fn weighs(&self) -> Verdict {
        match self.stand {
            _ if self.fails(false) => Verdict::Fail,
            _ if self.leaves_open() => Verdict::Inconclusive,
            _ if self.stand.verdict().is_kept() => Verdict::Pass,
            _ => Verdict::NotClaimed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clause;
    use crate::conform::Reason;
    use crate::protocol::ClauseId;

    fn suite(stands: &[(ClauseId, Stand)], suite: Suite) -> Standing {
        let results: Vec<_> = clause::all()
            .map(|clause| {
                let stand = stands.iter().find(|(id, _)| *id == clause.id).map(|(_, stand)| stand.clone());
                ClauseResult {
                    clause,
                    stand: stand.unwrap_or(Stand::Pass),
                    evidence: std::collections::BTreeMap::new(),
                    counterexamples: Vec::new(),
                    broken: 0,
                }
            })
            .collect();
        let all = suites(&results);
        all.iter().find(|result| result.suite == suite).expect("every suite is there").standing
    }

    #[test]
    fn what_must_be_kept_decides_a_suite() {
        let why = || "why".to_owned();
        let oc = |one, two, three| {
            suite(&[(ClauseId::Oc1, one), (ClauseId::Oc2, two), (ClauseId::Oc3, three)], Suite::Concurrent)
        };
        assert_eq!(oc(Stand::Pass, Stand::Pass, Stand::Pass), Standing::Conforming);
        assert_eq!(oc(Stand::Pass, Stand::Fail, Stand::Pass), Standing::Conforming, "a SHOULD");
        assert_eq!(oc(Stand::Fail, Stand::Pass, Stand::Inconclusive(why())), Standing::NotConforming);
        assert_eq!(oc(Stand::Known(why()), Stand::Pass, Stand::Pass), Standing::NotConforming);
        for open in [
            Stand::Inconclusive(why()),
            Stand::Skipped(Reason::Deselected),
            Stand::Skipped(Reason::NotAllowed),
            Stand::NotYet(why()),
        ] {
            assert_eq!(oc(Stand::Pass, Stand::Pass, open), Standing::NotFullyExercised);
        }
        let none = || Stand::NotBinding(why());
        assert_eq!(
            oc(Stand::Pass, Stand::Pass, none()),
            Standing::Conforming,
            "what has no subject is no lack"
        );
        assert_eq!(oc(none(), none(), none()), Standing::NotClaimed);
        let not = || Stand::NotClaimed(why());
        assert_eq!(oc(not(), not(), not()), Standing::NotClaimed);
        assert_eq!(oc(Stand::Pass, not(), not()), Standing::Conforming);
    }

    #[test]
    fn a_suite_that_only_nobody_tests_conforms_to_nothing() {
        let stands = [ClauseId::Ec5, ClauseId::Ec6].map(|id| (id, Stand::NotClaimed("why".into())));
        let open = [ClauseId::Sg1, ClauseId::Sg2, ClauseId::Sg3, ClauseId::Sg4, ClauseId::Sg5]
            .map(|id| (id, Stand::NotYet("why".into())));
        let all: Vec<_> = stands.into_iter().chain(open).collect();
        assert_eq!(suite(&all, Suite::Session), Standing::NotFullyExercised);
    }

    #[test]
    fn what_may_be_neither_keeps_a_suite_from_conforming_nor_makes_it_conform() {
        for may in [Stand::Offered, Stand::NotOffered("why".into()), Stand::Inconclusive("why".into())] {
            assert_eq!(suite(&[(ClauseId::Ec6, may.clone())], Suite::Session), Standing::Conforming);
            let others =
                [ClauseId::Ec5, ClauseId::Sg1, ClauseId::Sg2, ClauseId::Sg3, ClauseId::Sg4, ClauseId::Sg5];
            let none = others.map(|id| (id, Stand::NotClaimed("why".into())));
            let all: Vec<_> = none.into_iter().chain([(ClauseId::Ec6, may)]).collect();
            assert_eq!(suite(&all, Suite::Session), Standing::NotClaimed);
        }
    }

    #[test]
    fn only_what_was_tried_and_must_be_kept_is_left_open() {
        let result = |id, stand| ClauseResult {
            clause: clause::of(id),
            stand,
            evidence: std::collections::BTreeMap::new(),
            counterexamples: Vec::new(),
            broken: 0,
        };
        let open = |id, stand| result(id, stand).leaves_open();
        assert!(open(ClauseId::Ec1, Stand::Inconclusive("why".into())), "a MUST");
        assert!(!open(ClauseId::Sg2, Stand::Inconclusive("why".into())), "a SHOULD");
        assert!(!open(ClauseId::Ec6, Stand::Inconclusive("why".into())), "a MAY");
        assert!(!open(ClauseId::Se2, Stand::Skipped(Reason::NotAllowed)), "nobody allowed it");
        assert!(!open(ClauseId::Br4, Stand::NotBinding("why".into())));
        assert_eq!(result(ClauseId::Ec6, Stand::NotOffered("why".into())).weighs(), Verdict::Pass);
        assert_eq!(result(ClauseId::Se2, Stand::Skipped(Reason::NotAllowed)).weighs(), Verdict::NotClaimed);
    }

    #[test]
    fn the_worst_suite_stands_for_all() {
        let result = |standing| SuiteResult {
            suite: Suite::Core,
            standing,
            passed: 0,
            failed: 0,
            inconclusive: 0,
            skipped: 0,
            not_yet: 0,
            not_claimed: 0,
            not_binding: 0,
            offered: 0,
            not_offered: 0,
        };
        let all = [Standing::Conforming, Standing::NotClaimed, Standing::NotFullyExercised].map(result);
        assert_eq!(overall(&all), Standing::NotFullyExercised);
        assert_eq!(overall(&all[..2]), Standing::Conforming);
    }
}
