//! What can become of a message other than success: a refusal is an answer, a failure is not.

use thiserror::Error;

use super::IdempotencyKey;
use crate::domain::Rejection;
use crate::projection::ProjectionError;
use crate::store::{AppendError, Conflict, StoreError};

/// Nobody is registered for messages of that type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no handler is registered for {message}")]
pub struct HandlerNotFound {
    /// The message's name.
    pub message: &'static str,
}

/// A message whose shape is wrong, whatever the state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field} {problem}")]
pub struct Malformed {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it, as the end of a sentence.
    pub problem: String,
}

/// A "no": the message was understood and had no effect, and sending it again won't help.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A rule of the domain forbids it.
    #[error(transparent)]
    Rule(#[from] Rejection),
    /// The order is not at the version that was expected, or too many others write to it.
    #[error(transparent)]
    ConcurrencyConflict(#[from] Conflict),
    /// The idempotency key was used for another command before.
    #[error("the idempotency key {key} was used for another command")]
    KeyReused {
        /// The key.
        key: IdempotencyKey,
    },
    /// The message is not in shape.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl Refusal {
    /// The code programs go by. It never changes, whatever becomes of the text.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Rule(rejection) => rejection.code(),
            Self::ConcurrencyConflict(_) => "ConcurrencyConflict",
            Self::KeyReused { .. } => "KeyReused",
            Self::Malformed(_) => "Malformed",
        }
    }
}

/// Why a command was not accepted, or is not known to have been.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    /// It was refused and had no effect.
    #[error(transparent)]
    Rejected(#[from] Refusal),
    /// Nobody handles it; it had no effect.
    #[error(transparent)]
    HandlerNotFound(#[from] HandlerNotFound),
    /// The event store failed: the command may or may not have taken effect.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It took effect, but in strong mode the read models could not be brought up to date.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
}

impl From<Rejection> for CommandError {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection.into())
    }
}

impl From<Conflict> for CommandError {
    fn from(conflict: Conflict) -> Self {
        Self::Rejected(conflict.into())
    }
}

impl From<AppendError> for CommandError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Conflict(conflict) => conflict.into(),
            AppendError::KeyTaken { key } => Self::Rejected(Refusal::KeyReused { key }),
            AppendError::Store(failure) => failure.into(),
        }
    }
}

/// Why a query has no answer. Absence and emptiness are answers.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// It was refused: the query is not in shape.
    #[error(transparent)]
    Rejected(#[from] Refusal),
    /// Nobody handles it.
    #[error(transparent)]
    HandlerNotFound(#[from] HandlerNotFound),
    /// What it reads from failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Malformed> for QueryError {
    fn from(malformed: Malformed) -> Self {
        Self::Rejected(malformed.into())
    }
}
