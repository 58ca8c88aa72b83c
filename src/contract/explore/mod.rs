//! What a contract's rules can reach: the states of its aggregates as a finite graph, and the commands that lead from
//! one to another.
//!
//! Inputs are made of what the contract itself says: ends of ranges, members of enums, and values that sit on a
//! rule's comparison in the state at hand. States that differ only in names, or in numbers that lie between the same
//! two constants of the contract, are one node.

mod abstraction;
mod ahead;
mod amount;
mod arrows;
mod beyond;
mod boundary;
mod chart;
mod comparison;
mod contradiction;
mod distance;
mod dot;
mod enough;
mod goal;
mod graph;
mod groups;
mod inputs;
mod layout;
mod naming;
mod near;
mod root;
mod svg;

pub(crate) use abstraction::counted;
pub use amount::{AMOUNTS, amount, moment};
pub use beyond::Way;
pub use boundary::{Boundary, Part, asked, boundaries};
pub use chart::Chart;
pub(crate) use comparison::{Comparison, comparisons};
pub use contradiction::contradictions;
pub use dot::dot;
pub(crate) use graph::decides;
pub use graph::{Bounds, Broken, Edge, Fired, Graph, Node, explore, fire};
pub use groups::groups;
pub use inputs::{Subject, command, ends, inputs, samples};
pub use naming::{Named, Naming};
pub(crate) use near::{Near, near};
pub use svg::svg;
