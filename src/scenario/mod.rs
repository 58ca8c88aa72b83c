//! Plans: scenarios made ready to run. Names are resolved against the contract, every mistake that can be
//! found before anything runs is found here, and steps are grouped into blocks.

mod block;
mod calls;
mod events;
mod file;
pub mod matcher;
mod outcomes;
mod outdated;
mod plan;
mod race;
mod replay;
mod resolve;
mod script;
mod shown;
mod tags;
mod uniques;
mod variables;

pub use file::plan;
pub use outdated::{Outdated, outdated};
pub use plan::{Action, Block, Expects, Plan, Step, Watch};
pub use replay::{Replay, replay};
pub use script::{Above, Became, Done, Failing, script};
pub use tags::{TagError, TagExpr};
pub use uniques::{Uniques, Use};
