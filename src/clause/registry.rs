use super::{Clause, br, ch, cv, ec, ev, ft, id, oc, qs, rb, se, sg};
use crate::protocol::ClauseId;
use crate::text::did_you_mean;

/// The groups, in the order of reports: a group, what it is about, and its clauses.
pub(super) const GROUPS: &[(&str, &str, &[Clause])] = &[
    ("CH", "Command handling", ch::CLAUSES),
    ("BR", "Business rules", br::CLAUSES),
    ("ID", "Idempotent retries", id::CLAUSES),
    ("OC", "Optimistic concurrency", oc::CLAUSES),
    ("QS", "Queries", qs::CLAUSES),
    ("EC", "Eventual consistency", ec::CLAUSES),
    ("SG", "Session guarantees", sg::CLAUSES),
    ("CV", "Convergence", cv::CLAUSES),
    ("EV", "Events", ev::CLAUSES),
    ("RB", "Rebuilds", rb::CLAUSES),
    ("FT", "Faults", ft::CLAUSES),
    ("SE", "Security", se::CLAUSES),
];

/// All clauses, group by group.
pub fn all() -> impl Iterator<Item = &'static Clause> {
    GROUPS.iter().flat_map(|(_, _, clauses)| clauses.iter())
}

/// The clause with this id.
pub fn of(id: ClauseId) -> &'static Clause {
    // A test holds the catalogue to having each id once.
    all().find(|clause| clause.id == id).unwrap_or_else(|| unreachable!("{id} is in the catalogue"))
}

/// The id that `text` was probably meant to be.
pub fn near(text: &str) -> Option<&'static str> {
    did_you_mean(&text.to_uppercase(), ClauseId::ALL.iter().map(|id| id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clause::{Exercise, Level};

    #[test]
    fn every_clause_is_whole_and_stands_in_its_group() {
        for (group, _, clauses) in GROUPS {
            for (clause, number) in clauses.iter().zip(1..) {
                assert_eq!(clause.id.as_str(), format!("{group}-{number}"));
                for text in [clause.statement, clause.why, clause.source, clause.how] {
                    assert!(text.len() > 10, "{}: {text:?}", clause.id);
                }
                assert!(clause.statement.ends_with('.'), "{}", clause.id);
            }
        }
    }

    #[test]
    fn what_must_hold_and_is_tested_has_a_least_amount_of_evidence() {
        for clause in all().filter(|clause| clause.level == Level::Must && clause.is_tested()) {
            assert!(clause.least.iter().any(|least| least.count > 0), "{}", clause.id);
        }
    }

    #[test]
    fn what_is_not_tested_says_why() {
        let untested = all().filter_map(|clause| match clause.exercise {
            Exercise::NotYet(why) => Some((clause.id, why)),
            Exercise::Tested => None,
        });
        let untested: Vec<_> = untested.collect();
        assert!(!untested.is_empty());
        for (id, why) in untested {
            assert!(why.len() > 10, "{id}");
        }
    }

    #[test]
    fn clauses_are_found_by_their_ids() {
        let catalogue: Vec<_> = all().map(|clause| clause.id).collect();
        assert_eq!(catalogue, ClauseId::ALL, "each has its clause, and once");
        for id in ClauseId::ALL {
            assert_eq!(of(*id).id, *id);
        }
        assert_eq!(near("EC-33"), Some("EC-3"));
    }
}
