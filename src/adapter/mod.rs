//! The port to the system under test, and its adapters. To add an adapter: a file here and its line below.

#[cfg(feature = "http")]
mod http;
mod in_process;
mod port;
#[cfg(feature = "http")]
mod process;
#[cfg(feature = "reference")]
mod reference;
mod wire;

#[cfg(feature = "http")]
pub use http::{Http, HttpError, claims};
pub use in_process::{Asked, Builder, InProcess, Sent};
pub use port::{
    BoxFuture, Control, ControlError, Description, IdForm, Session, ShellLine, Target, Unreachable, World,
    WorldSeed,
};
#[cfg(feature = "http")]
pub use process::CommandLineError;
#[cfg(feature = "reference")]
pub use reference::{DefectError, DefectShows, DefectSpec, Reference, Sync};
pub use wire::{Came, Exchange, Malformation, NotMade, Progress, Reaction, Response, Stands, Wire};
