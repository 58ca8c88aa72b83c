//! Defects of stores: bugs that real stores have had, built in on purpose and off by default, so that a judge can prove
//! that it finds them.
//!
//! As in the order system itself, correct code contains no `if defect`: it passes through the methods of a point
//! ([`StorePoint`]), whose default is the correct behaviour, and a defect wraps the point. One file a defect.

mod answer_before_commit;
mod away;
mod checkpoint_first;
mod key_after_effect;
mod outbox_outside;
mod point;
mod position_sequence;
mod recovered_twice;
mod registry;
mod relayed_twice;
mod trigger_per_statement;

pub(crate) use point::{Correct, StorePoint};
pub use registry::{StoreDefect, UnknownStoreDefect, store_defects};
pub(crate) use registry::{installed, needed, of_read_models};
