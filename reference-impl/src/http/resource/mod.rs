//! The resources: a file each, with its operations and their handlers.

pub(super) mod closing;
pub(super) mod customer_orders;
pub(super) mod delivery;
pub(super) mod description;
pub(super) mod events;
pub(super) mod health;
pub(super) mod items;
pub(super) mod orders;
pub(super) mod problems;
pub(super) mod read_models;
