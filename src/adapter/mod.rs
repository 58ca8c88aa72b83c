//! The port to the system under test, and its adapters. To add an adapter: a file here and its line below.

mod boxed;
mod description;
#[cfg(feature = "http")]
mod http;
mod in_process;
mod malformation;
mod port;
#[cfg(feature = "http")]
mod process;
#[cfg(feature = "reference")]
mod reference;
#[cfg(feature = "http")]
mod sql;

/// How ids of new aggregates look: said with [`Description::ids`].
pub use crate::protocol::IdForm;
pub use crate::protocol::Malformation;
pub use boxed::BoxFuture;
pub(crate) use boxed::{AnySession, AnyTarget, AnyWorld};
pub use description::Description;
#[cfg(feature = "http")]
pub use http::{BadUrl, Http, HttpError, LeftAggregates, LeftBehind, claims};
pub use in_process::{Asked, Builder, InProcess, Sent};
pub use malformation::{NotMade, Reaction};
pub use port::{ControlError, Session, Target, Unreachable, World, WorldSeed};
#[cfg(feature = "http")]
pub use process::CommandLineError;
#[cfg(feature = "reference")]
pub use reference::{DefectError, DefectShows, DefectSpec, Reference, Sync};
#[cfg(feature = "http")]
pub use sql::AddressError;
