//! The HTTP API: through the router, as a client sees it, and over a socket where that matters.

pub(crate) mod client;
mod commands;
mod description;
mod failures;
mod fuzz;
mod idempotency;
mod limits;
mod preconditions;
mod queries;
mod schema;
mod server;
mod statuses;
mod tenants;
