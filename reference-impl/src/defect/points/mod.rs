//! The named points of the system, each with its correct behaviour as the default.

mod all;
mod read;
mod wire;
mod write;

pub use all::{Correct, Points};
pub use read::{AnswerPoint, DeliveryPoint, FeedPoint, Inbox, SystemPoint};
pub use wire::WirePoint;
pub use write::{AppendPoint, DecisionPoint, KeyPoint, StorePoint};
