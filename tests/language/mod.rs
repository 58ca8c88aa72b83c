//! Scenario and contract files as users write them, right and wrong.

// A test fails by panicking, also in its helpers.
#![allow(clippy::unwrap_used)]

mod common;
mod documented;
mod hostile;
mod laws;
mod layout;
mod mistakes;
mod others;
mod reading;
mod valid;
