//! The built-in order system as a target, in-process: each world is a fresh instance.

mod adapter;
mod control;
mod decode;
mod encode;

pub use adapter::{Reference, Sync};
pub use reference_impl::defect::{DefectError, DefectSpec, Shows as DefectShows};
