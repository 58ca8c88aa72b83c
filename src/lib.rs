//! Proofmark judges CQRS systems: it sends commands, watches the read models that follow, and says which promises
//! the system keeps. Where one is broken, it shows what was expected, what was seen and how that went over time.
//!
//! What the `proofmark` command does can be done from Rust, for example from a test of your own:
//!
//! ```
//! use proofmark::run::{Runner, Seed};
//! use proofmark::suite::Suite;
//! use proofmark::adapter::Reference;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let suite = Suite::load(["scenarios/orders"])?;
//! let plans = suite.plans().unwrap();
//!
//! let runner = Runner::new(Reference::strong()).seed(Seed(7));
//! let summary = tokio::runtime::Runtime::new()?.block_on(runner.run(plans, |_| ()))?;
//! assert!(summary.all_passed());
//! # Ok(())
//! # }
//! ```
//!
//! A Rust system becomes a target with [`adapter::InProcess`], any other by implementing [`adapter::Target`]; see there. The way of the data, which is also
//! the order of the rooms:
//!
//! ```text
//! .scenario/.contract text -> parsed file -> plan -> run against a target -> history, results -> reports
//! ```
//!
//! | room | what lives there |
//! |---|---|
//! | [`text`] | sources, spans, diagnostics |
//! | [`value`] | JSON-like values with exact numbers |
//! | [`protocol`] | commands, outcomes, queries, answers, verdicts |
//! | [`clause`] | the catalogue of numbered promises |
//! | [`language`] | lexer, syntax trees, parser |
//! | [`contract`] | names and types of a bounded context; expressions, rules and the states they reach |
//! | `profile` | how one service speaks a contract over HTTP (feature `http`) |
//! | [`history`] | the record of a run, as JSON Lines |
//! | [`judge`] | what a run's operations prove, by the rules |
//! | [`step`] | what is to be done: sequences of steps, and where they come from |
//! | [`generate`] | sequences that are made up from a contract's rules |
//! | [`scenario`] | scenarios with their names resolved, ready to run; matchers; sequences written as scenarios |
//! | `draft` | first drafts of contract, profile and scenario, from a description of a service (feature `http`) |
//! | [`suite`] | files found on disk, read and planned |
//! | [`adapter`] | the port to the system under test, and its adapters |
//! | [`run`] | worlds, sessions, probes, lanes |
//! | [`conform`] | clauses put to the test, and what that came to |
//! | [`check`] | histories judged again |
//! | [`report`] | results in words |
//! | [`testing`] | aggregates, projections and query handlers, each tested by itself; clauses as tests of `cargo test` (feature `testing`) |
//!
//! Features, all on by default: `cli` (the command), `reference` (the built-in order system as a target), `http`
//! (target profiles, and the target that speaks to services over HTTP), `testing` (clauses as tests of `cargo test`). A user of the library alone switches them off
//! and gets neither an argument parser nor an HTTP client.

pub mod adapter;
pub mod check;
pub mod clause;
#[cfg(all(feature = "cli", feature = "reference"))]
pub mod cli;
pub mod conform;
pub mod contract;
#[cfg(feature = "http")]
pub mod draft;
pub mod generate;
pub mod history;
pub mod judge;
pub mod language;
#[cfg(feature = "http")]
pub mod profile;
pub mod protocol;
pub mod report;
pub mod run;
pub mod scenario;
pub mod step;
pub mod suite;
pub mod testing;
pub mod text;
pub mod value;

/// Holds the examples of the page to what they say.
#[cfg(doctest)]
#[doc = include_str!("../docs/rust.md")]
struct RustPage;
