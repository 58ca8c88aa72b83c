use std::process::{ExitCode, Termination};

use crate::run::{RunError, Summary};
use crate::suite::PlaceError;
use crate::text::path_name;

/// The exit codes, which are part of the interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// All that was selected passed (what the target does not claim, and what may do harm and was not allowed, is outside the result).
    Passed = 0,
    /// A promise was broken.
    Failed = 1,
    /// The files are wrong, or nothing was selected.
    Files = 2,
    /// The target can't be reached.
    Unreachable = 3,
    /// Nothing failed, but nothing passed, something decides nothing or did not run, or it could not be written down.
    Inconclusive = 4,
    /// The arguments are wrong.
    Usage = 64,
}

/// The codes as help shows them.
pub(super) const HELP: &str = "\
Exit codes:
  0   all passed
  1   something failed
  2   the files are wrong, or nothing was selected
  3   the target can't be reached
  4   nothing failed, but something was inconclusive or did not run, nothing
      passed, or what was found could not be written down; what may do harm
      and was not allowed is no such thing
  64  the arguments are wrong";

impl Exit {
    /// The code of a run that came to its end.
    pub(super) fn of(summary: &Summary) -> Self {
        if summary.counts.failed > 0 {
            Self::Failed
        } else if summary.counts.inconclusive > 0
            || summary.not_run > 0
            || summary.counts.passed == 0
            || summary.unwritten.is_some()
        {
            Self::Inconclusive
        } else {
            Self::Passed
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// Why a subcommand could not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("nothing was selected: {0}")]
    Nothing(String),
    #[error("{0}")]
    Usage(String),
    /// The report of an examination that is to be looked at is not there, or is none. Holds where and why.
    #[error("{0}")]
    Examination(String),
    /// The known failures can't be read, or are none. Holds where and why.
    #[error("the baseline {}: {why}", path_name(path))]
    Baseline { path: std::path::PathBuf, why: String },
    #[cfg(feature = "http")]
    #[error(transparent)]
    Service(#[from] crate::adapter::HttpError),
    #[error(
        "the {format} report can't be written to {}: {source}; `--report {format}=FILE` names another place",
        path_name(path)
    )]
    Report { format: &'static str, path: std::path::PathBuf, source: std::io::Error },
    #[error("can't write {}: {source}", path_name(path))]
    Write { path: std::path::PathBuf, source: std::io::Error },
    #[error("can't write: {0}")]
    Output(#[from] std::io::Error),
    #[cfg(feature = "http")]
    #[error("can't serve: {0}")]
    Serve(String),
    /// There is nothing to make first files of, or no place for them.
    #[cfg(feature = "http")]
    #[error("{0}")]
    Init(String),
    /// Nobody answers where the service should be.
    #[cfg(feature = "http")]
    #[error("the service can't be reached: {0}")]
    Unanswered(String),
}

impl CliError {
    /// Whether whoever read the output has read enough of it (`… | head`).
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Place(_)
            | Self::Nothing(_)
            | Self::Examination(_)
            | Self::Baseline { .. }
            | Self::Run(RunError::Nothing | RunError::Foreign { .. }) => Exit::Files,
            Self::Run(RunError::Unreachable(_)) => Exit::Unreachable,
            Self::Usage(_) => Exit::Usage,
            #[cfg(feature = "http")]
            Self::Service(crate::adapter::HttpError::Client(_)) => Exit::Unreachable,
            #[cfg(feature = "http")]
            Self::Service(_) => Exit::Usage,
            #[cfg(feature = "http")]
            Self::Serve(_) | Self::Unanswered(_) => Exit::Unreachable,
            #[cfg(feature = "http")]
            Self::Init(_) => Exit::Files,
            Self::Run(_) | Self::Output(_) | Self::Write { .. } | Self::Report { .. } => Exit::Inconclusive,
        }
    }
}
