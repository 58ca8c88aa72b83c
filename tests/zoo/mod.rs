//! The zoo: one small service over HTTP that can be odd in many ways and broken in many others. Whatever is odd is sound, and an
//! examination must find nothing in it; whatever is broken must be found, under the clause that says so.

#![expect(
    clippy::format_push_string,
    reason = "contracts and profiles are put together piece by piece; how long that takes matters nowhere"
)]

mod configuration;
mod document;
mod examined;
mod fault;
mod found;
mod oddity;
mod service;
mod setup;
mod sound;
mod text;
