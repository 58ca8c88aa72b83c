//! The integration tests, one binary: a module a subject.

mod planning;
mod running;
mod tidy;
mod values;
