use crate::protocol::ClauseId;
use std::collections::BTreeSet;
use std::time::Duration;

use super::Ledger;
use super::procedure::Procedure;
use crate::clause::{Clause, Level};
use crate::run::RunEvent;

/// How often whoever watches is told how far it is.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// Tells how it goes, each finding once.
#[derive(Debug)]
pub(super) struct Progress {
    /// The clauses that are tried.
    wanted: Vec<&'static Clause>,
    told: BTreeSet<ClauseId>,
    under_way: Vec<(&'static str, &'static [ClauseId])>,
}

impl Progress {
    pub(super) fn of(wanted: Vec<&'static Clause>) -> Self {
        Self { wanted, told: BTreeSet::new(), under_way: Vec::new() }
    }

    pub(super) fn begins(&mut self, procedure: &'static Procedure) {
        self.under_way.push((procedure.name, procedure.clauses));
    }

    pub(super) fn ends(&mut self, procedure: &'static Procedure) {
        self.under_way.retain(|(name, _)| *name != procedure.name);
    }

    pub(super) fn tell(&mut self, ledger: &Ledger, on: &mut impl FnMut(&RunEvent<'_>)) {
        let (mut gathered, mut least) = (0, 0);
        for clause in &self.wanted {
            let tally = ledger.of(clause.id);
            for asked in clause.least {
                let had = tally.evidence.get(&asked.of).copied().unwrap_or(0);
                gathered += u64::from(had.min(asked.count));
                least += u64::from(asked.count);
            }
            // What may be is never broken.
            if clause.level != Level::May
                && let Some(example) = tally.counterexamples.first()
                && self.told.insert(clause.id)
            {
                on(&RunEvent::Broken { clause: clause.id, wrong: &example.wrong });
            }
        }
        on(&RunEvent::Gathering { under_way: &self.under_way, gathered, least });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clause::{self, Unit};
    use crate::conform::Counterexample;

    #[test]
    fn each_finding_is_told_once_and_no_more_evidence_than_was_asked_for() {
        let clause = clause::of(ClauseId::Qs1);
        let ledger = Ledger::default();
        ledger.count(ClauseId::Qs1, Unit::Queries, 100_000);
        let wrong = "a query wrote".to_owned();
        ledger.broken(ClauseId::Qs1, Counterexample { wrong, ..Counterexample::default() });
        let mut progress = Progress::of(vec![clause]);
        let mut told = Vec::new();
        for _ in 0..2 {
            progress.tell(&ledger, &mut |event| match event {
                RunEvent::Broken { clause, wrong } => told.push(format!("{clause} {wrong}")),
                RunEvent::Gathering { gathered, least, .. } => told.push(format!("{gathered}/{least}")),
                other => told.push(format!("{other:?}")),
            });
        }
        let least: u32 = clause.least.iter().map(|least| least.count).sum();
        let all = format!("{least}/{least}");
        assert_eq!(told, ["QS-1 a query wrote", &all, &all]);
    }
}
