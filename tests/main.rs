//! The integration tests, one binary: a module a subject.

mod cli;
mod failures;
mod language;
mod planning;
mod running;
mod tidy;
mod values;
