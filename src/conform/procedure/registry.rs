use std::sync::Arc;

use super::{bursts, probes, sequences};
use crate::conform::lab::Lab;
use crate::target::{BoxFuture, Unreachable};

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
    /// By itself, since it disturbs what others measure.
    Alone,
    /// At the end, since it may do harm.
    Last,
}

/// All procedures, in the order in which they run.
pub(crate) static PROCEDURES: &[Procedure] = &[
    Procedure {
        name: "sequences",
        clauses: &["CH-1", "BR-1", "BR-2", "BR-3", "BR-6", "QS-5"],
        stage: Stage::Together,
        gather: |lab| Box::pin(sequences::gather(lab)),
    },
    Procedure {
        name: "probes",
        clauses: &["EC-1", "EC-2", "EC-3", "EC-6", "QS-2", "CV-1"],
        stage: Stage::Together,
        gather: |lab| Box::pin(probes::gather(lab)),
    },
    Procedure {
        name: "bursts",
        clauses: &["BR-4", "BR-5", "OC-5", "EC-3", "EC-4"],
        stage: Stage::Alone,
        gather: |lab| Box::pin(bursts::gather(lab)),
    },
];
