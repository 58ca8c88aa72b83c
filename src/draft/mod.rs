//! First drafts: what an OpenAPI document tells of a service, as a contract, a target profile and a scenario to begin with.
//!
//! ```text
//! JSON, YAML -> service (operations, shapes) -> outline (aggregates, commands, queries) -> three texts
//! ```
//!
//! Everything in a document is untrusted: names become identifiers, texts are made inert, references end, sizes are bounded.

mod aggregate;
mod contract;
mod documents;
mod loose;
mod message;
mod names;
mod openapi;
mod outline;
mod paging;
mod profile;
mod references;
mod refusals;
mod scalar;
mod scenario;
mod schema;
mod service;
mod types;
mod versions;
mod yaml;

pub use documents::{Documents, NotADescription};
pub use openapi::read;
pub use outline::outline;
pub use service::{
    Access, Bound, Kind as TextKind, Member, Note, Operation, Parameter, ParameterPlace, Service, Shape,
};

pub use outline::{Aggregate, Asked, Body, Changed, Field, Kind, Need, Outline, Page, Version};

/// The three files, by their names and texts, of an outline.
pub fn write(outline: &Outline, bounds: &dyn Fn(&str) -> Option<String>) -> [(String, String); 3] {
    let name = &outline.contract;
    [
        (format!("{name}.contract"), contract::text(outline)),
        (format!("{name}.toml"), profile::text(outline, bounds)),
        (format!("{name}.scenario"), scenario::text(outline)),
    ]
}
