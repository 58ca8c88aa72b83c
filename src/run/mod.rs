//! Running plans against a target: worlds, sessions, lanes, probes, the history. All time comes from a
//! [`Clock`], all chance from a [`Seed`]. What happened leaves as [`RunEvent`]s; reports know nothing else.

mod backlog;
mod chance;
mod clock;
mod course;
mod engine;
mod event;
mod expectation;
mod feed;
mod finding;
mod jobs;
mod lane;

mod memory;
mod pace;
mod place;
mod probe;
mod pulse;
mod race;
mod recorder;
mod runner;
mod scope;
mod session;
mod sightings;
mod speakers;
mod submit;
mod summary;
mod tally;
mod trial;
mod watch;

pub(crate) use chance::Draw;
pub use chance::{Salt, Seed};
pub(crate) use clock::within;
pub use clock::{Clock, TokioClock};
pub(crate) use engine::{Engine, Setup, Work};
pub use engine::{RunError, Stop};
pub use event::{Lag, Racing, RunEvent, ScenarioResult, Seeded, Sent};
pub use finding::{Finding, Story};
pub(crate) use lane::{Lane, RaceError, Racer, Settled, caught_up, overlapped, threaded};
pub(crate) use memory::{Came, Remembered, What};
pub(crate) use pace::Pace;
pub(crate) use place::{Place, world};
pub(crate) use pulse::Pulse;
pub use recorder::{Begun, HistoryFile, Recorder};
pub(crate) use runner::RESULT;
pub use runner::Runner;
pub use summary::{Counts, Flaky, Quantiles, Summary};
pub use tally::summary as outcomes_in_words;
pub(crate) use trial::{EXPERIMENT, SHRUNK, TOLD, settings, step_of};
pub use trial::{Ran, Shrunk, Told, Trial, TrialSummary, Trials, tell};
