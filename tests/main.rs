//! The integration tests, one binary: a module a subject.

mod checking;
mod clauses;
mod cli;
mod conforming;
mod control;
mod diagnosis;
#[cfg(feature = "http")]
mod drafting;
#[cfg(feature = "http")]
mod explain;
mod explore;
mod failures;
mod generate;
mod generating;
#[cfg(all(feature = "http", target_os = "linux"))]
mod hostile;
#[cfg(feature = "http")]
mod http;
mod language;
mod model;
mod planning;
mod procedures;
#[cfg(feature = "http")]
mod profile;
#[cfg(feature = "reference")]
mod reference;
mod rejudging;
mod running;
mod services;
#[cfg(all(feature = "sql", unix))]
mod sql;
mod tidy;
mod values;
#[cfg(feature = "http")]
mod zoo;
