//! Rust values as [`Value`](super::Value)s and back, by serde. Exact: floats are refused in both directions.

mod error;
mod message;
mod read;
mod write;

pub use error::TypedError;
pub use message::{MessageError, read_message};
