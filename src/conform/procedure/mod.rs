//! What gathers the clauses' evidence, a file a procedure. Each works for any contract: what to send comes from the
//! contract's rules, and whether that was answered as it must be is judged by them.

mod apart;
mod attacks;
mod bases;
mod bursts;
mod choice;
mod controls;
mod crashes;
mod edges;
mod feed;
mod fold;
mod kept;
mod keys;
mod lanes;
mod later;
mod lists;
mod malformed;
mod order;
mod overtaken;
mod paging;
mod probes;
mod queries;
mod rebuild;
mod registry;
mod sequences;
mod sessions;
mod strangers;
mod stream;
mod versions;
mod waits;

pub(crate) use bases::Base;
pub(crate) use lanes::in_lanes;
pub(super) use lists::unexamined as unexamined_pages;
pub(crate) use registry::{PROCEDURES, Procedure, Stage, experiments, is_controlled_alone};
pub(super) use sequences::hardly_tried;
pub(crate) use stream::FeedOf;
