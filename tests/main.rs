//! The integration tests, one binary: a module a subject.

mod cli;
mod failures;
mod planning;
mod running;
mod tidy;
mod values;
