//! Scenario and contract files as users write them, right and wrong.

mod common;
mod hostile;
mod mistakes;
mod reading;
mod valid;
