use super::CaseName;
use crate::adapter::AnyTarget;
use crate::clause::{Clause, Need, Suite};
use crate::protocol::{Capability, ClauseId};

/// Which clauses are to be tried. The default is all of them, with what might do harm only where that is allowed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// Only these suites; all where there are none.
    pub suites: Vec<Suite>,
    /// Only these clauses, by id, beside those of `suites`; all where there are none.
    pub clauses: Vec<ClauseId>,
    /// Whether what might do harm to the target may be tried.
    pub destructive: bool,
    /// Only these cases, each as often as it takes to bring back what was found in it, within reason; all where there are none. Without
    /// `suites` and `clauses`, what is asked for are the clauses that judge them.
    pub cases: Vec<CaseName>,
}

impl Selection {
    /// Whether the clause was asked for.
    pub fn selects(&self, clause: &Clause) -> bool {
        if self.suites.is_empty() && self.clauses.is_empty() {
            let judges = |case: &CaseName| clause.checks.iter().any(|one| one.experiment == case.experiment);
            return self.cases.is_empty() || self.cases.iter().any(judges);
        }
        self.suites.contains(&clause.suite) || self.clauses.contains(&clause.id)
    }
}

/// What a clause needs and a target does not claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unclaimed {
    #[error("the target does not claim {0}")]
    Capability(Capability),
    #[error("the target is not asked over HTTP")]
    Wire,
}

/// Whether the target claims what the clause needs; or what it doesn't claim of that.
pub(crate) fn claimed(clause: &Clause, target: &dyn AnyTarget) -> Result<(), Unclaimed> {
    for need in clause.needs {
        match need {
            Need::Capability(capability) if !target.describe().capabilities.claims(*capability) => {
                return Err(Unclaimed::Capability(*capability));
            }
            Need::Wire if !target.has_wire() => return Err(Unclaimed::Wire),
            Need::Capability(_) | Need::Wire | Need::Matter(_) => {}
        }
    }
    Ok(())
}
