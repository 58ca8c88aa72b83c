use std::sync::Arc;

use super::{
    apart, attacks, bursts, feed, fold, keys, later, malformed, paging, probes, queries, rebuild, sequences,
    strangers, versions, waits,
};
use crate::adapter::{BoxFuture, Unreachable};
use crate::conform::lab::Lab;

/// A way to gather evidence.
#[derive(Clone, Copy)]
pub(crate) struct Procedure {
    /// Its name, in progress reports.
    pub(crate) name: &'static str,
    /// The clauses it gathers evidence for.
    pub(crate) clauses: &'static [&'static str],
    /// What comes first: harmless ones at the same time, then what may disturb others, one by one.
    pub(crate) stage: Stage,
    pub(crate) gather: fn(Arc<Lab>) -> BoxFuture<'static, Result<(), Unreachable>>,
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
    /// Behind all of those, one by one: a service that makes a mistake here may spoil what others look at.
    Late,
    /// At the end, since it may do harm: only where that is allowed.
    Last,
}

/// All procedures, in the order in which they run.
pub(crate) static PROCEDURES: &[Procedure] = &[
    Procedure {
        name: "queries",
        clauses: &["QS-1"],
        stage: Stage::First,
        gather: |lab| Box::pin(queries::gather(lab)),
    },
    Procedure {
        name: "sequences",
        clauses: &["CH-1", "BR-1", "BR-2", "BR-3", "BR-6", "QS-5"],
        stage: Stage::Together,
        gather: |lab| Box::pin(sequences::gather(lab)),
    },
    Procedure {
        name: "probes",
        clauses: &["EC-1", "EC-2", "EC-3", "EC-6", "QS-2", "CV-1", "CH-5", "CH-6"],
        stage: Stage::Together,
        gather: |lab| Box::pin(probes::gather(lab)),
    },
    Procedure {
        name: "feed",
        clauses: &["EV-1", "EV-2", "EV-3", "EV-4", "EV-5", "EV-6"],
        stage: Stage::Together,
        gather: |lab| Box::pin(feed::gather(lab)),
    },
    Procedure {
        name: "fold",
        clauses: &["CV-2", "EV-7"],
        stage: Stage::Together,
        gather: |lab| Box::pin(fold::gather(lab)),
    },
    Procedure {
        name: "strangers",
        clauses: &["SE-1"],
        stage: Stage::Together,
        gather: |lab| Box::pin(strangers::gather(lab)),
    },
    Procedure {
        name: "keys",
        clauses: &["ID-1", "ID-2", "ID-4"],
        stage: Stage::Together,
        gather: |lab| Box::pin(keys::gather(lab)),
    },
    Procedure {
        name: "versions",
        clauses: &["OC-1", "OC-2"],
        stage: Stage::Together,
        gather: |lab| Box::pin(versions::gather(lab)),
    },
    Procedure {
        name: "commands that are taken in",
        clauses: &["CH-4"],
        stage: Stage::Together,
        gather: |lab| Box::pin(later::gather(lab)),
    },
    Procedure {
        name: "waits",
        clauses: &["EC-5"],
        stage: Stage::Together,
        gather: |lab| Box::pin(waits::gather(lab)),
    },
    Procedure {
        name: "paging",
        clauses: &["QS-3", "QS-4"],
        stage: Stage::Alone,
        gather: |lab| Box::pin(paging::gather(lab)),
    },
    Procedure {
        name: "keys at the same time",
        clauses: &["ID-3"],
        stage: Stage::Races,
        gather: |lab| Box::pin(keys::gather_bursts(lab)),
    },
    Procedure {
        name: "versions at the same time",
        clauses: &["OC-3"],
        stage: Stage::Races,
        gather: |lab| Box::pin(versions::gather_bursts(lab)),
    },
    Procedure {
        name: "aggregates at the same time",
        clauses: &["OC-4"],
        stage: Stage::Races,
        gather: |lab| Box::pin(apart::gather(lab)),
    },
    Procedure {
        name: "bursts",
        clauses: &["BR-4", "BR-5", "CH-5", "OC-5", "EC-3", "EC-4"],
        stage: Stage::Races,
        gather: |lab| Box::pin(bursts::gather(lab)),
    },
    Procedure {
        name: "malformed commands",
        clauses: &["CH-2", "CH-3", "SE-3"],
        stage: Stage::Late,
        gather: |lab| Box::pin(malformed::gather(lab)),
    },
    Procedure {
        name: "rebuild",
        clauses: &["RB-1", "RB-2", "RB-3", "RB-4"],
        stage: Stage::Last,
        gather: |lab| Box::pin(rebuild::gather(lab)),
    },
    Procedure {
        name: "hostile requests",
        clauses: &["SE-2"],
        stage: Stage::Last,
        gather: |lab| Box::pin(attacks::gather(lab)),
    },
];
