//! The application: messages come in, a mediator finds who handles them, answers go out.
//!
//! A command passes through a pipeline (validation, then idempotency, then its handler); a query
//! goes straight to its handler and changes nothing.

mod command_handler;
mod envelope;
mod error;
mod idempotency;
mod mediator;
mod message;
mod query;
mod query_handlers;
mod receipt;
mod validation;

pub use command_handler::OrderCommandHandler;
pub use envelope::Envelope;
pub use error::{CommandError, HandlerNotFound, Malformed, QueryError, Refusal};
pub use idempotency::{Idempotent, ReplayMark};
pub use mediator::{Handler, Mediator, MediatorBuilder, Outcome};
pub use message::{Command, Message};
pub use query::{
    AuditEntry, CustomerOrdersPage, GetOrderAsOf, GetOrderAuditTrail, GetOrderDetails, ListCustomerOrders,
    OrderSnapshot, Reflecting,
};
pub use query_handlers::{HistoryQueries, OrderDetailsQueries, OrderListQueries};
pub use receipt::Receipt;
pub use validation::Validated;

pub use crate::store::IdempotencyKey;
