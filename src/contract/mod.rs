//! Contracts: what a bounded context is called, what its rules allow, and which states they reach.
//!
//! Inside, from the ground up: [`expr`] evaluates expressions, the names and types of a file become a [`Contract`],
//! [`rules`] say what a system that keeps it may do (the oracle), [`explore`] says what it can come to. Each uses only those
//! before it.

pub mod explore;
pub mod expr;
mod names;
pub mod rules;

pub(crate) use names::{ALL, over_all};
pub use names::{
    AggregateDef, BUILT_IN_REJECTIONS, CommandDef, Contract, EventDef, FieldDef, Lasts, NoneToDraw, QueryDef,
    Range, RecordType, Resolved, Type, check_fields,
};
