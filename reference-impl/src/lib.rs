//! A small order system, built the way CQRS and event sourcing are meant: what a conformance
//! toolkit judges, and what its readers can learn from.
//!
//! The way of a command through the house:
//!
//! | room | what lives there |
//! |---|---|
//! | [`system`] | the facade [`OrderSystem`]: where a command comes in and what everything is put together by |
//! | [`application`] | messages, the mediator, the pipeline (validation, idempotency, handler) |
//! | [`domain`] | the `Order` aggregate: `decide` and `evolve`, pure |
//! | [`store`] | the event log and the write repository over it |
//! | [`sync`] | strong or eventual: when the read side follows |
//! | [`projection`] | read models and their repositories |
//! | [`defect`] | bugs on purpose, off by default |
//! | `http` | the same over a wire (cargo feature `http`) |
//!
//! Time comes from [`clock`], everything random from a seed, so that a run can be had again.

pub mod application;
pub mod clock;
pub mod defect;
pub mod domain;
mod future;
#[cfg(feature = "http")]
pub mod http;
mod lock;
pub mod projection;
pub mod seed;
pub mod store;
pub mod sync;
pub mod system;

pub use future::BoxFuture;
pub use sync::SyncMode;
pub use system::{OrderSystem, OrderSystemBuilder};
