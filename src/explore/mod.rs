//! What a contract's rules can reach.

mod boundary;

pub use boundary::{Boundary, Part, boundaries};
