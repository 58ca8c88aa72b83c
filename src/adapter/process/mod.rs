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

/// Why a service can't be started.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotStarted {
    /// The system says no.
    #[cfg(unix)]
    #[error("`{program}` can't be started: {why}")]
    Refused {
        program: String,
        #[source]
        why: std::io::Error,
    },
    /// Nobody would end it if we were killed.
    #[cfg(unix)]
    #[error("there is no shell to watch over the service: {0}")]
    Unwatched(#[source] std::io::Error),
    /// There are no process groups.
    #[cfg(not(unix))]
    #[error("services can be started on Unix only")]
    NoUnix,
}

pub(super) use command::CommandLine;
pub use command::CommandLineError;
pub(super) use service::Process;
