use std::sync::Arc;

use tokio::task::JoinSet;

use super::{
    apart, attacks, bursts, controls, crashes, edges, feed, fold, kept, keys, later, lists, malformed, order,
    paging, probes, queries, rebuild, sequences, sessions, strangers, versions, waits,
};
use crate::adapter::{BoxFuture, Unreachable};
use crate::conform::experiment::{Control, Experiment};
use crate::conform::lab::Lab;
use crate::protocol::ClauseId;

/// A way to gather evidence.
#[derive(Clone, Copy)]
pub(crate) struct Procedure {
    /// Its name, in progress reports.
    pub(crate) name: &'static str,
    /// The clauses it gathers evidence for.
    pub(crate) clauses: &'static [ClauseId],
    /// What comes first: harmless ones at the same time, then what may disturb others, one by one.
    pub(crate) stage: Stage,
    pub(crate) gather: Gather,
}

/// What gathers the evidence.
#[derive(Clone, Copy)]
pub(crate) enum Gather {
    /// Experiments at the same time: the clauses judge their cases.
    Experiments(&'static [Experiment]),
    /// What goes through cases of others, or through none.
    Else(fn(Arc<Lab>) -> BoxFuture<'static, Result<(), Unreachable>>),
    /// Sequences, each a trial by itself: what they say of clauses is said when all have been tried.
    Sequences(fn(Arc<Lab>) -> BoxFuture<'static, Result<(), Unreachable>>),
}

/// When a procedure runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Stage {
    /// Before anything else has been sent.
    First,
    /// At the same time as others.
    Together,
    /// By itself, since others disturb what it measures.
    Alone,
    /// Races, behind what measures time. Experiments go on at the same time, their races take turns.
    Races,
    /// What raced, one by one, with nobody else there.
    Controls,
    /// Behind all of those, one by one: a service that makes a mistake here may spoil what others look at.
    Late,
    /// What was left alone, looked at again.
    Sweep,
    /// At the end, since it may do harm: only where that is allowed.
    Last,
    /// What was left alone, looked at once more behind that.
    LastSweep,
    /// Behind all, since it ends the service: likewise. Nobody looks meanwhile whether that is well.
    Killing,
}

impl Stage {
    /// In their order.
    const ALL: [Self; 10] = [
        Self::First,
        Self::Together,
        Self::Alone,
        Self::Races,
        Self::Controls,
        Self::Late,
        Self::Sweep,
        Self::Last,
        Self::LastSweep,
        Self::Killing,
    ];

    /// Their turns, and whether each is the first: all that comes before harm twice, so that what a stage had no time for is done once those
    /// behind it have had theirs, and then what may do harm.
    pub(crate) fn rounds() -> impl Iterator<Item = (Self, bool)> {
        let (last, before): (Vec<_>, Vec<_>) = Self::ALL.into_iter().partition(|stage| *stage >= Self::Last);
        let again = before.clone().into_iter().map(|stage| (stage, false));
        before
            .into_iter()
            .map(|stage| (stage, true))
            .chain(again)
            .chain(last.into_iter().map(|stage| (stage, true)))
    }

    /// Whether it has to be allowed.
    pub(crate) fn is_harmful(self) -> bool {
        matches!(self, Self::Last | Self::Killing)
    }
}

/// All procedures, in the order in which they run.
pub(crate) static PROCEDURES: &[Procedure] = &[
    Procedure {
        name: "queries",
        clauses: &[ClauseId::Qs1],
        stage: Stage::First,
        gather: Gather::Experiments(queries::ONE_BY_ONE),
    },
    Procedure {
        name: "sequences",
        clauses: &[ClauseId::Ch1, ClauseId::Br1, ClauseId::Br2, ClauseId::Br3, ClauseId::Br6, ClauseId::Qs5],
        stage: Stage::Together,
        gather: Gather::Sequences(|lab| Box::pin(sequences::gather(lab))),
    },
    Procedure {
        name: "probes",
        clauses: &[
            ClauseId::Ec1,
            ClauseId::Ec2,
            ClauseId::Ec3,
            ClauseId::Ec6,
            ClauseId::Qs2,
            ClauseId::Cv1,
            ClauseId::Ch5,
            ClauseId::Ch6,
        ],
        stage: Stage::Together,
        gather: Gather::Experiments(probes::ONE_BY_ONE),
    },
    Procedure {
        name: "what is left alone",
        clauses: &[ClauseId::Ec2],
        stage: Stage::Together,
        gather: Gather::Else(|lab| Box::pin(kept::gather(lab))),
    },
    Procedure {
        name: "feed",
        clauses: &[ClauseId::Ev1, ClauseId::Ev2, ClauseId::Ev3, ClauseId::Ev4, ClauseId::Ev5, ClauseId::Ev6],
        stage: Stage::Together,
        gather: Gather::Experiments(feed::AT_ONCE),
    },
    Procedure {
        name: "fold",
        clauses: &[ClauseId::Cv2, ClauseId::Ev7],
        stage: Stage::Together,
        gather: Gather::Experiments(fold::ONE_BY_ONE),
    },
    Procedure {
        name: "strangers",
        clauses: &[ClauseId::Se1],
        stage: Stage::Together,
        gather: Gather::Experiments(strangers::AT_ONCE),
    },
    Procedure {
        name: "keys",
        clauses: &[ClauseId::Id1, ClauseId::Id2, ClauseId::Id4],
        stage: Stage::Together,
        gather: Gather::Experiments(keys::ONE_BY_ONE),
    },
    Procedure {
        name: "versions",
        clauses: &[ClauseId::Oc1, ClauseId::Oc2],
        stage: Stage::Together,
        gather: Gather::Experiments(versions::ONE_BY_ONE),
    },
    Procedure {
        name: "commands that are taken in",
        clauses: &[ClauseId::Ch4],
        stage: Stage::Together,
        gather: Gather::Experiments(later::ONE_BY_ONE),
    },
    Procedure {
        name: "waits",
        clauses: &[ClauseId::Ec5],
        stage: Stage::Together,
        gather: Gather::Experiments(waits::ONE_BY_ONE),
    },
    Procedure {
        name: "sessions",
        clauses: &[ClauseId::Sg1, ClauseId::Sg2, ClauseId::Sg5, ClauseId::Ec3],
        stage: Stage::Together,
        gather: Gather::Experiments(sessions::SESSIONS),
    },
    Procedure {
        name: "order of writes",
        clauses: &[ClauseId::Sg3, ClauseId::Sg4],
        stage: Stage::Together,
        gather: Gather::Experiments(order::AT_ONCE),
    },
    Procedure {
        name: "paging",
        clauses: &[ClauseId::Qs3, ClauseId::Qs4, ClauseId::Qs5],
        stage: Stage::Alone,
        gather: Gather::Experiments(paging::WALKS),
    },
    Procedure {
        name: "long lists",
        clauses: &[ClauseId::Qs5],
        stage: Stage::Alone,
        gather: Gather::Experiments(lists::ONE_BY_ONE),
    },
    Procedure {
        name: "keys at the same time",
        clauses: &[ClauseId::Id3],
        stage: Stage::Races,
        gather: Gather::Experiments(keys::AT_ONCE),
    },
    Procedure {
        name: "versions at the same time",
        clauses: &[ClauseId::Oc3],
        stage: Stage::Races,
        gather: Gather::Experiments(versions::AT_ONCE),
    },
    Procedure {
        name: "aggregates at the same time",
        clauses: &[ClauseId::Oc4],
        stage: Stage::Races,
        gather: Gather::Experiments(apart::AT_ONCE),
    },
    Procedure {
        name: "bursts",
        clauses: &[ClauseId::Br5, ClauseId::Ch5, ClauseId::Oc5, ClauseId::Ec3, ClauseId::Ec4],
        stage: Stage::Races,
        gather: Gather::Experiments(bursts::AT_ONCE),
    },
    Procedure {
        name: "commands in a row",
        clauses: &[ClauseId::Br4],
        stage: Stage::Races,
        gather: Gather::Experiments(bursts::IN_A_ROW),
    },
    Procedure {
        name: controls::NAME,
        clauses: &[ClauseId::Br5, ClauseId::Ec3, ClauseId::Ec4, ClauseId::Id3, ClauseId::Oc3, ClauseId::Oc5],
        stage: Stage::Controls,
        gather: Gather::Else(|lab| Box::pin(controls::gather(lab))),
    },
    Procedure {
        name: "malformed commands",
        clauses: &[ClauseId::Ch2, ClauseId::Ch3, ClauseId::Se3],
        stage: Stage::Late,
        gather: Gather::Experiments(malformed::ONE_BY_ONE),
    },
    Procedure {
        name: "what was left alone",
        clauses: &[ClauseId::Ec2],
        stage: Stage::Sweep,
        gather: Gather::Else(|lab| Box::pin(kept::look(lab))),
    },
    Procedure {
        name: "rebuild",
        clauses: &[ClauseId::Rb1, ClauseId::Rb2, ClauseId::Rb3, ClauseId::Rb4],
        stage: Stage::Last,
        gather: Gather::Experiments(rebuild::ONE_BY_ONE),
    },
    Procedure {
        name: "hostile requests",
        clauses: &[ClauseId::Se2],
        stage: Stage::Last,
        gather: Gather::Experiments(&[attacks::REQUESTS]),
    },
    Procedure {
        name: "numbers at the edge",
        clauses: &[ClauseId::Se2],
        stage: Stage::Last,
        gather: Gather::Experiments(&[edges::NUMBERS]),
    },
    Procedure {
        name: "what was left alone, at the end",
        clauses: &[ClauseId::Ec2],
        stage: Stage::LastSweep,
        gather: Gather::Else(|lab| Box::pin(kept::look(lab))),
    },
    Procedure {
        name: "crashes behind answers",
        clauses: &[ClauseId::Ft2],
        stage: Stage::Killing,
        gather: Gather::Experiments(crashes::BEHIND),
    },
    Procedure {
        name: "crashes under way",
        clauses: &[ClauseId::Ft4, ClauseId::Id5],
        stage: Stage::Killing,
        gather: Gather::Experiments(crashes::UNDER_WAY),
    },
];

impl Procedure {
    /// Whether an experiment is one of its own.
    pub(crate) fn has(&self, experiment: &str) -> bool {
        matches!(self.gather, Gather::Experiments(all) if all.iter().any(|one| one.name == experiment))
    }

    /// Gathers its evidence.
    pub(crate) async fn run(&self, lab: Arc<Lab>) -> Result<(), Unreachable> {
        match self.gather {
            Gather::Experiments(experiments) => {
                if !lab.cases.is_empty() {
                    let named = |one: &&Experiment| lab.cases.iter().any(|case| case.experiment == one.name);
                    return all(&lab, experiments.iter().filter(named)).await;
                }
                // What is watched whatever is asked wants all of them.
                let judged = |id: &ClauseId| experiments.iter().any(|one| one.judges(*id));
                let watched = self.clauses.iter().any(|id| lab.wants(*id) && !judged(id));
                let wanted = |one: &&Experiment| watched || one.clauses().any(|clause| lab.wants(clause.id));
                all(&lab, experiments.iter().filter(wanted)).await
            }
            // Its cases can't be done one by one.
            Gather::Sequences(_) | Gather::Else(_) if !lab.cases.is_empty() => Ok(()),
            Gather::Sequences(gather) | Gather::Else(gather) => gather(lab).await,
        }
    }
}

/// All experiments.
pub(crate) fn experiments() -> impl Iterator<Item = &'static Experiment> {
    let all = PROCEDURES.iter().filter_map(|procedure| match procedure.gather {
        Gather::Experiments(experiments) => Some(experiments),
        Gather::Sequences(_) | Gather::Else(_) => None,
    });
    all.flatten()
}

/// Whether what is wrong in the cases of an experiment is looked at when all races are over.
pub(crate) fn is_controlled_alone(experiment: &str) -> bool {
    experiments().any(|one| one.name == experiment && one.control == Control::Alone)
}

/// Several experiments at the same time; one behind the other where somebody said how much may go on.
async fn all(
    lab: &Arc<Lab>,
    mut experiments: impl Iterator<Item = &'static Experiment>,
) -> Result<(), Unreachable> {
    let at_once = if lab.jobs.is_some() { 1 } else { usize::MAX };
    let mut running = JoinSet::new();
    loop {
        while running.len() < at_once
            && let Some(experiment) = experiments.next()
        {
            let lab = lab.clone();
            running.spawn(async move { experiment.run(&lab).await });
        }
        match running.join_next().await {
            None => return Ok(()),
            Some(Ok(done)) => done?,
            // What broke down is a procedure's: whoever runs that says so.
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clause::{self, Check};

    #[test]
    fn who_judges_the_cases_of_an_experiment_stands_in_its_procedure() {
        for procedure in PROCEDURES {
            let Gather::Experiments(experiments) = procedure.gather else { continue };
            for clause in experiments.iter().flat_map(Experiment::clauses) {
                assert!(procedure.clauses.contains(&clause.id), "{} lacks {}", procedure.name, clause.id);
            }
        }
    }

    #[test]
    fn every_check_has_an_experiment() {
        for check in clause::all().flat_map(|clause| clause.checks) {
            let named = experiments().any(|experiment| experiment.name == check.experiment);
            let known = named || [Check::EVERY, kept::NAME].contains(&check.experiment);
            assert!(known, "{}", check.experiment);
        }
    }
}
