//! Proofmark: a conformance toolkit for CQRS systems.

pub mod contract;
pub mod expr;
pub mod language;
pub mod matcher;
pub mod text;
pub mod value;
