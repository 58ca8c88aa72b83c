//! The page: summary, suites, clauses with their evidence, curves and points, how to do it again. One file, no network.

mod charts;
mod clauses;
mod page;

pub(super) use page::{START, render};
