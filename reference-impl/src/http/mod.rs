//! The HTTP API: what the order system says over a wire.
//!
//! Handlers translate: a request becomes one of the mediator's messages, what comes back becomes a
//! response. They decide nothing. What can be asked for is the table [`operations`] (a file a resource
//! in `resource/`); the router and the OpenAPI document are both made from it, so neither can know
//! more than the other.
//!
//! | header | in a request | in an answer |
//! |---|---|---|
//! | `If-Match`, `If-None-Match` | the version a command expects (RFC 9110, section 13) | |
//! | `ETag` | | the version of the order, as a strong entity tag |
//! | `Idempotency-Key` | makes a retry safe | |
//! | `Idempotency-Replayed` | | `true`: this is the outcome of an earlier command under that key |
//! | `X-Position` | | up to where in the log this answer reflects what has happened |
//! | `X-Command-Id`, `X-Causation-Id` | UUIDs that the events keep | |
//!
//! Every 4xx and 5xx is a problem document (RFC 9457); [`problems`] lists them all. What isn't HTTP in
//! the first place never gets here: hyper answers that with a bare 400.
//!
//! Decimals are text (`"59.98"`), since a JSON number would be a float to most readers; a command may
//! send either, and a number is taken digit by digit, too.

mod answer;
mod api;
mod body;
mod caller;
mod connection;
mod decimal;
mod guard;
mod key;
mod openapi;
mod operation;
mod parameters;
mod precondition;
mod problem;
mod resource;
mod router;
mod sender;
mod server;
mod tenant;
mod wire;

pub use api::{Api, Fault, Limits};
pub use connection::Connection;
pub use openapi::document;
pub use operation::{Operation, Success};
pub use problem::{Kind, problems};
pub use router::{operations, router};
pub use server::Server;
pub use tenant::{Tenant, TenantsError, Token, TokenError};
