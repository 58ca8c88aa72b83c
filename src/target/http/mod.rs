//! Any service that speaks HTTP, as its profile says.
//!
//! Exactly what the answers mean is kept apart from how they are got: `send` knows the wire and its limits,
//! `classify` the outcome words, `capture` where things stand in an answer, `fill` how requests are made.

mod auth;
mod capture;
mod classify;
mod control;
mod curl;
mod feed;
mod fill;
mod ids;
mod page;
mod query;
mod redact;
mod send;
mod session;
mod target;
mod version;
mod world;

pub use target::{Http, HttpError, claims};
