use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::find::{Found, Place};

/// The files at some places and how they were at one moment, to see what has changed since.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot(BTreeMap<PathBuf, Mark>);

/// What a file looks like from outside: when it was written, and how long it is. `None` for one that isn't there.
type Mark = Option<(SystemTime, u64)>;

impl Snapshot {
    /// The scenario and contract files at the places, and what else is named. A place that can't be read has no files.
    pub fn take<'a>(places: &[Place], others: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut found = Found::default();
        for place in places {
            // It may be gone for the moment in which an editor replaces it.
            let _ = found.add(place);
        }
        let others = others.into_iter().map(Path::to_owned);
        let paths = found.scenarios.into_iter().chain(found.contracts).chain(others);
        Self(paths.map(|path| (path.clone(), mark(&path))).collect())
    }

    /// The same, with the files of another one that it doesn't have.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let mut files = other.0;
        files.extend(self.0);
        Self(files)
    }

    /// The files that are new, gone or otherwise than they were in the earlier one.
    pub fn changed_since(&self, earlier: &Self) -> BTreeSet<PathBuf> {
        let paths = self.0.keys().chain(earlier.0.keys());
        let mark = |snapshot: &Self, path: &PathBuf| snapshot.0.get(path).copied().flatten();
        paths.filter(|path| mark(self, path) != mark(earlier, path)).cloned().collect()
    }
}

fn mark(path: &Path) -> Mark {
    let known = std::fs::metadata(path).ok()?;
    Some((known.modified().ok()?, known.len()))
}
