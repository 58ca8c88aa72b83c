//! Services that we start ourselves: the command line, its process group, its output, its end.

mod command;
#[cfg(unix)]
#[path = "group.rs"]
mod group;
#[cfg(not(unix))]
#[path = "nowhere.rs"]
mod group;
mod service;
mod tail;

pub(super) use command::CommandLine;
pub use command::CommandLineError;
pub(super) use service::Process;
