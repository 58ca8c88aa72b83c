//! The order system from outside: everything here goes through its public interface.

mod concurrency;
mod defects;
mod failures;
mod flaky;
mod history;
#[cfg(feature = "http")]
mod http;
mod idempotency;
mod messages;
mod modes;
mod read_models;
mod reopening;
mod support;
mod waiting;
