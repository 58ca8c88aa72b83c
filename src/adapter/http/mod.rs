//! Any service that speaks HTTP, as its profile says.
//!
//! Exactly what the answers mean is kept apart from how they are got: `send` knows the wire and its limits,
//! `connection`, `store` and `lines` over what, `classify` the outcome words, `capture` where things stand in an answer, `fill` and `ask` how requests are made,
//! `page` and `link` how a long answer goes on, `read` what a database answers instead of the service,
//! `login` and `after` what has to be asked before and behind a command, `error` why something was not asked or not answered.

mod after;
mod ask;
mod auth;
mod capture;
mod classify;
mod connection;
mod control;
mod curl;
mod error;
mod feed;
mod fill;
mod ids;
mod left;
mod lines;
mod link;
mod login;
mod page;
mod query;
mod read;
mod redact;
mod room;
mod secret;
mod send;
mod session;
mod spoil;
mod store;
mod target;
mod version;
mod wire;
mod world;

pub use left::{LeftAggregates, LeftBehind};
pub use target::{BadUrl, Http, HttpError, claims};
