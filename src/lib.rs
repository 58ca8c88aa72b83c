//! Proofmark: a conformance toolkit for CQRS systems.

#[cfg(all(feature = "cli", feature = "reference"))]
pub mod cli;
pub mod contract;
pub mod expr;
pub mod history;
pub mod language;
pub mod matcher;
pub mod plan;
pub mod protocol;
pub mod report;
pub mod run;
pub mod suite;
pub mod target;
pub mod text;
pub mod value;
