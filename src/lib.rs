//! Proofmark: a conformance toolkit for CQRS systems.

pub mod contract;
pub mod language;
pub mod text;
pub mod value;
