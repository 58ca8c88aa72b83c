//! Any Rust system as a target, in a few lines: its commands and queries as types of its own, each world a fresh instance.

mod builder;
mod convert;
mod guard;
mod world;

pub use builder::{Builder, InProcess};
pub use convert::{Asked, Sent};
