//! What a target does for its examiner: rebuilding, seeding, telling what happened and how things stood.

pub(crate) mod built_in;
