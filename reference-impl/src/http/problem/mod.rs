//! Problem documents (RFC 9457): what every 4xx and 5xx looks like.

mod document;
mod kind;
mod refusal;

pub(super) use document::{Problem, Reason, Written};
pub(super) use kind::*;
pub use kind::{Kind, problems};
