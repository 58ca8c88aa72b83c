//! What would explain something that is wrong: services that are at fault in one way, simulated on the rules, and what is said of them.

mod ahead;
mod fault;
mod halves;
mod matrix;
mod refusals;
mod service;
mod versions;
