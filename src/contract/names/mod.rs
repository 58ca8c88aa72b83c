//! Contracts: the names and types of one bounded context.
//!
//! A parsed file becomes a [`Contract`], which scenarios are held against. What is written there but needs no
//! evaluation is checked on the way: types, events, states and names in expressions.

mod check;
mod check_matcher;
mod definition;
mod demand;
mod infer;
mod resolve;
mod summary;
mod types;

pub use crate::language::syntax::contract::Lasts;
pub use check::check_fields;
pub use definition::{AggregateDef, BUILT_IN_REJECTIONS, CommandDef, Contract, EventDef, QueryDef};
pub use demand::NoneToDraw;
pub use resolve::Resolved;
pub(crate) use summary::{ALL, over_all};
pub use types::{FieldDef, Range, RecordType, Type};
