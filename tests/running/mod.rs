//! What the runner does with targets of every kind: each probe, outcome and verdict, on a clock that doesn't wait.

mod actors;
mod commands;
mod means;
mod over_time;
mod races;
mod runs;
mod totals;
pub(crate) mod toy;
