use std::collections::{BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::text::path_name;

/// Directories are searched this deep: nobody's scenarios lie deeper, and the stack is not without end.
const DEEPEST: usize = 32;

/// The profile of a folder is called so.
pub const FOLDER_PROFILE: &str = "proofmark.toml";

/// So many bytes of a file tell whether it is a profile: what profiles begin with stands before their first section.
const HEAD_BYTES: u64 = 16 << 10;

/// Where scenarios are: a file, a directory with all below it, one scenario of a file (`FILE:LINE`), or one row of an
/// outline (`FILE:LINE.ROW`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The file or directory.
    pub path: PathBuf,
    /// Only the scenario that this line, counted from 1, belongs to.
    pub line: Option<usize>,
    /// Of an outline at that line only this row, counted from 1.
    pub row: Option<usize>,
}

/// A place that has no scenarios.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// It can't be read.
    #[error(
        "can't read {}: {source}; name the files or directories that have the scenarios",
        path_name(path)
    )]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is a file of another kind.
    #[error(
        "{} is neither a .scenario nor a .contract file, nor a directory{}",
        path_name(path),
        table(path)
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It lies deeper than directories are searched.
    #[error(
        "{} is more than {DEEPEST} directories below the one that was named; name it, too",
        path_name(path)
    )]
    Deep {
        /// The directory.
        path: PathBuf,
    },
}

impl FromStr for Place {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = Self { path: text.into(), line: None, row: None };
        let Some((path, line, row)) = text.rsplit_once(':').and_then(|(path, line)| at_line(path, line))
        else {
            return Ok(whole);
        };
        // As messages and editors name a place: `FILE:LINE:COLUMN`.
        let column = path.rsplit_once(':').filter(|_| row.is_none());
        let (path, line, row) =
            column.and_then(|(path, before)| at_line(path, before)).unwrap_or((path, line, row));
        Ok(Self { path: path.into(), line: Some(line), row })
    }
}

/// `12` or `12.3` behind a path.
fn at_line<'a>(path: &'a str, line: &str) -> Option<(&'a str, usize, Option<usize>)> {
    let (line, row) = match line.split_once('.') {
        Some((line, row)) => (line, Some(row.parse().ok()?)),
        None => (line, None),
    };
    let line = line.parse().ok().filter(|_| !path.is_empty())?;
    Some((path, line, row))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&path_name(&self.path))?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))?;
        self.row.map_or(Ok(()), |row| write!(f, ".{row}"))
    }
}

impl From<&str> for Place {
    fn from(text: &str) -> Self {
        let Ok(place) = text.parse();
        place
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self { path: path.to_owned(), line: None, row: None }
    }
}

impl From<OsString> for Place {
    fn from(text: OsString) -> Self {
        match text.to_str() {
            Some(text) => text.into(),
            None => not_text(&text),
        }
    }
}

/// Of a path that is not UTF-8, only its end is text.
#[cfg(unix)]
fn not_text(given: &OsStr) -> Place {
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = given.as_bytes();
    let first = bytes.iter().rposition(|byte| !byte.is_ascii()).unwrap_or_default();
    let (path, end) = bytes.split_at(first + 1);
    // A letter stands for what comes before the end: a place needs a path.
    let end = Place::from(&*format!("p{}", String::from_utf8_lossy(end)));
    let end_of_path = end.path.as_os_str().as_bytes().get(1..).unwrap_or_default();
    let path = OsStr::from_bytes(&[path, end_of_path].concat()).into();
    Place { path, ..end }
}

#[cfg(not(unix))]
fn not_text(given: &OsStr) -> Place {
    Place::from(Path::new(given))
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Self {
        Self { path, line: None, row: None }
    }
}

/// The files found, each once, in the order of their names.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) scenarios: BTreeSet<PathBuf>,
    pub(super) contracts: BTreeSet<PathBuf>,
    /// Target profiles, where they are looked for.
    profiles: Option<BTreeSet<PathBuf>>,
    /// Files and directories by their real paths: links may lead to one twice, or in a circle.
    seen: HashSet<PathBuf>,
}

impl Found {
    /// Adds the files at a place.
    pub(super) fn add(&mut self, place: &Place) -> Result<(), PlaceError> {
        let path = &place.path;
        let kind = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
        if kind.is_dir() {
            return self.search(path, 0);
        }
        // A pipe or a device has no end that could be waited for.
        if kind.is_file() && self.take(path) {
            Ok(())
        } else {
            Err(PlaceError::Foreign { path: path.clone() })
        }
    }

    fn search(&mut self, directory: &Path, depth: usize) -> Result<(), PlaceError> {
        if !self.is_new(directory) {
            return Ok(());
        }
        if depth > DEEPEST {
            return Err(PlaceError::Deep { path: directory.to_owned() });
        }
        let entries = std::fs::read_dir(directory).map_err(|source| unreadable(directory, source))?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<_> =
            paths.collect::<Result<_, _>>().map_err(|source| unreadable(directory, source))?;
        paths.sort();
        for path in paths {
            let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            let built = path.join("CACHEDIR.TAG").exists() || path.ends_with("node_modules");
            if !hidden && !built && path.is_dir() {
                self.search(&path, depth + 1)?;
            } else if path.is_file() {
                if !self.take(&path) {
                    self.take_profile(&path);
                }
            } else if !hidden && is_ours(&path) && !path.is_dir() {
                // A link to nowhere, or a pipe: what is called so and can't be taken is not left out in silence.
                self.add(&path.into())?;
            }
        }
        Ok(())
    }

    /// Takes a file of ours; `false` for any other.
    fn take(&mut self, path: &Path) -> bool {
        if !is_ours(path) {
            return false;
        }
        if self.is_new(path) {
            // `./a` and `a` are one file.
            let plain: PathBuf = path.components().collect();
            let is_scenario = path.extension().is_some_and(|extension| extension == "scenario");
            let found = if is_scenario { &mut self.scenarios } else { &mut self.contracts };
            found.insert(plain);
        }
        true
    }

    fn take_profile(&mut self, path: &Path) {
        if let Some(profiles) = &mut self.profiles
            && is_profile(path)
        {
            profiles.insert(path.components().collect());
        }
    }

    fn is_new(&mut self, path: &Path) -> bool {
        self.seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }
}

/// The target profiles in directories and below them. Of the other files that are called `….toml`, nothing is said.
///
/// # Errors
/// When a place does not exist, or is no directory.
pub fn profiles(directories: &[Place]) -> Result<BTreeSet<PathBuf>, PlaceError> {
    let mut found = Found { profiles: Some(BTreeSet::new()), ..Found::default() };
    directories.iter().try_for_each(|place| found.add(place))?;
    Ok(found.profiles.unwrap_or_default())
}

/// Whether a file is a target profile: it begins with `schema` and `contract`, which nothing else does, or is called as that of a folder
/// is. It need not be sound.
fn is_profile(path: &Path) -> bool {
    if path.extension().is_none_or(|extension| extension != "toml") {
        return false;
    }
    if path.file_name().is_some_and(|name| name == FOLDER_PROFILE) {
        return true;
    }
    let Ok(file) = std::fs::File::open(path) else { return false };
    let mut head = Vec::new();
    if file.take(HEAD_BYTES).read_to_end(&mut head).is_err() {
        return false;
    }
    let head = String::from_utf8_lossy(&head);
    let keys = head
        .lines()
        .take_while(|line| !line.trim_start().starts_with('['))
        .filter_map(|line| line.split_once('='));
    let has = |key: &str| keys.clone().any(|(before, _)| before.trim() == key);
    has("schema") && has("contract")
}

/// Whether a file is called as ours are.
fn is_ours(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "scenario" || extension == "contract")
}

/// The scenario and contract files at the given places, each once, in the order of their names.
///
/// # Errors
/// When a place does not exist, or is a file of another kind.
pub fn files(places: &[Place]) -> Result<Vec<PathBuf>, PlaceError> {
    let mut found = Found::default();
    places.iter().try_for_each(|place| found.add(place))?;
    let mut files: Vec<PathBuf> = found.scenarios.into_iter().chain(found.contracts).collect();
    files.sort();
    Ok(files)
}

/// What to do with a file of examples.
fn table(path: &Path) -> &'static str {
    if path.extension().is_some_and(|extension| extension == "csv") {
        "; a row of examples is run by its outline: `FILE:LINE.ROW`, as `proofmark list scenarios FILE` shows it"
    } else {
        ""
    }
}

fn unreadable(path: &Path, source: io::Error) -> PlaceError {
    PlaceError::Unreadable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, path: &str, line: Option<usize>, row: Option<usize>) {
        assert_eq!(Place::from(text), Place { path: path.into(), line, row });
    }

    #[test]
    fn a_line_is_told_from_a_path() {
        check("scenarios", "scenarios", None, None);
        check("a/b.scenario:12", "a/b.scenario", Some(12), None);
        check("a/b.scenario:12.3", "a/b.scenario", Some(12), Some(3));
        check("a:b", "a:b", None, None);
        check("a:1.b", "a:1.b", None, None);
        check(":3", ":3", None, None);
    }

    #[test]
    fn a_column_is_taken_off() {
        check("a.scenario:12:5", "a.scenario", Some(12), None);
        check("a.scenario:x:5", "a.scenario:x", Some(5), None);
        check(":12:5", ":12", Some(5), None);
    }
}
