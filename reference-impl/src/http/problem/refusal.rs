//! What the application answers, as problems. The match is exhaustive on purpose: a new rejection has
//! to be given a status here.

use super::Problem;
use super::kind::{self, Kind};
use crate::application::{CommandError, QueryError, Refusal};
use crate::domain::Rejection;
use crate::store::{ExpectedVersion, StoreError};
use crate::sync::{UnknownReadModel, WaitError};
use crate::system::RebuildError;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::Rule(rejection) => Self::new(rule(&rejection), detail),
            Refusal::ConcurrencyConflict(_) => Self::new(&kind::STALE, detail),
            Refusal::KeyReused { .. } => Self::new(&kind::KEY_REUSED, detail),
            Refusal::Malformed(_) => Self::malformed(detail),
        }
    }
}

fn rule(rejection: &Rejection) -> &'static Kind {
    match rejection {
        Rejection::OrderAlreadyExists { .. } => &kind::ORDER_ALREADY_EXISTS,
        Rejection::OrderHasNoItems { .. } => &kind::ORDER_HAS_NO_ITEMS,
        Rejection::InvalidQuantity { .. } => &kind::INVALID_QUANTITY,
        Rejection::InvalidPrice { .. } => &kind::INVALID_PRICE,
        Rejection::OrderNotFound { .. } => &kind::ORDER_NOT_FOUND,
        Rejection::OrderNotPending { .. } => &kind::ORDER_NOT_PENDING,
        Rejection::ItemNotFound { .. } => &kind::ITEM_NOT_FOUND,
        Rejection::TooManyLines { .. } => &kind::TOO_MANY_LINES,
        Rejection::TotalNotExact { .. } => &kind::MALFORMED,
    }
}

impl Problem {
    /// Why a command with that expectation was not accepted. Only whoever expected a version can be
    /// told that the order is at another.
    pub(in crate::http) fn of_command(error: CommandError, expected: ExpectedVersion) -> Self {
        match (&error, expected) {
            (CommandError::Rejected(Refusal::ConcurrencyConflict(_)), ExpectedVersion::Any) => {
                Self::new(&kind::CONTENDED, kind::CONTENDED.means)
            }
            _ => error.into(),
        }
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Rejected(refusal) => refusal.into(),
            CommandError::Store(failure) => failure.into(),
            CommandError::HandlerNotFound(failure) => Self::failure(&kind::INTERNAL_ERROR, &failure),
            CommandError::Projection(failure) => Self::failure(of_store(&failure.source), &failure),
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Rejected(refusal) => refusal.into(),
            QueryError::Store(failure) => failure.into(),
            QueryError::HandlerNotFound(failure) => Self::failure(&kind::INTERNAL_ERROR, &failure),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::failure(of_store(&error), &error)
    }
}

fn of_store(error: &StoreError) -> &'static Kind {
    match error {
        StoreError::Unavailable { .. } | StoreError::Replaced { .. } => &kind::STORE_UNAVAILABLE,
        StoreError::Corrupt { .. } => &kind::INTERNAL_ERROR,
    }
}

impl From<UnknownReadModel> for Problem {
    fn from(error: UnknownReadModel) -> Self {
        Self::new(&kind::READ_MODEL_NOT_FOUND, error.to_string())
    }
}

impl From<WaitError> for Problem {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::TimedOut { reached, .. } => {
                Self::new(&kind::NOT_CAUGHT_UP, error.to_string()).reflecting(reached)
            }
            WaitError::Unknown(unknown) => unknown.into(),
            WaitError::Store(failure) => failure.into(),
        }
    }
}

impl From<RebuildError> for Problem {
    fn from(error: RebuildError) -> Self {
        match error {
            RebuildError::Unknown(unknown) => unknown.into(),
            RebuildError::Projection(failure) => Self::failure(of_store(&failure.source), &failure),
        }
    }
}
