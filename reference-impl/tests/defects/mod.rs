//! Each defect is seen breaking its promise, and the system without it keeping that promise.

mod answers;
mod classics;
mod common;
mod decisions;
mod feed;
mod races;
mod rebuilds;
mod registry;
#[cfg(feature = "http")]
mod wire;
