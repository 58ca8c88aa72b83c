//! Defects: bugs built in on purpose, off by default, so that a judge can prove it finds them.
//!
//! Correct code contains no `if defect`. It passes through named points (see [`Points`]); a defect
//! wraps the point it breaks, one file a defect, and [`registry`] lists them all.

mod drop_event;
mod ignore_key;
mod lost_update;
mod ordinals;
mod points;
mod rate;
mod registry;
mod spec;

pub use points::{AppendPoint, Correct, DeliveryPoint, Inbox, KeyPoint, Points};
pub use rate::{Rate, Strike};
pub use registry::{Defect, registry};
pub use spec::{DefectError, DefectSpec};
