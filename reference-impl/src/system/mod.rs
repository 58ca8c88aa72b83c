//! The whole system behind one handle: put together by the builder, used through the facade.

mod builder;
mod facade;
mod seeding;
mod stores;

pub use builder::{BuildError, OpenError, OrderSystemBuilder};
pub use facade::{OrderSystem, ReadModelStatus, RebuildError};
pub use seeding::SeedError;
pub use stores::Stores;
