//! `proofmark init`: the first three files for a service, from its description or from answers to questions.

mod ask;
mod document;
mod files;
mod first;

pub(super) use first::init;
