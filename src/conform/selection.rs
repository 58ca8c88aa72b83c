use super::CaseName;
use crate::adapter::AnyTarget;
use crate::clause::{Clause, Need, Suite};
use crate::contract::Contract;
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

/// Why a clause does not bind a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Unclaimed {
    #[error("the target does not claim {0}")]
    Capability(Capability),
    #[error("the target is not asked over HTTP")]
    Wire,
    #[error("the contract has no {}", .0.to_string().trim_start_matches("a "))]
    Subject(Need),
}

/// Whether the clause binds a target with this contract; or what the target doesn't claim.
pub(crate) fn claimed(clause: &Clause, target: &dyn AnyTarget, contract: &Contract) -> Result<(), Unclaimed> {
    match clause.needs.iter().find(|need| !offers(**need, target, contract)) {
        None => Ok(()),
        Some(Need::Capability(capability)) => Err(Unclaimed::Capability(*capability)),
        Some(Need::Wire) => Err(Unclaimed::Wire),
        Some(need) => Err(Unclaimed::Subject(*need)),
    }
}

fn offers(need: Need, target: &dyn AnyTarget, contract: &Contract) -> bool {
    match need {
        Need::Capability(capability) => target.describe().capabilities.claims(capability),
        Need::View => contract.queries().any(|query| query.is_view),
        Need::PagedView => contract.queries().any(|query| query.paged),
        Need::SharedFact => contract.queries().count() > 1,
        Need::Wire => target.has_wire(),
        Need::SeveralEffects => contract.commands().any(|command| command.effects > 1),
    }
}
