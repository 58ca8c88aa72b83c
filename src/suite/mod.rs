//! Scenario and contract files found on disk, read, parsed and planned: all mistakes of all files in one go.

mod find;
mod load;
#[cfg(feature = "http")]
mod profile;
mod shard;
mod snapshot;

pub use find::{FOLDER_PROFILE, Place, PlaceError, files, profiles};
pub use load::{Mistakes, Suite};
#[cfg(feature = "http")]
pub use profile::ProfileFile;
pub use shard::Shard;
pub use snapshot::Snapshot;
