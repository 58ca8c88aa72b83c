use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::exit::CliError;
use super::{files, say};
use crate::report::{Format, Reported};

/// A report that was asked for: `junit=FILE`.
#[derive(Clone, Debug)]
pub(super) struct Asked<R: 'static> {
    format: &'static Format<R>,
    path: PathBuf,
}

impl<R: Reported> FromStr for Asked<R> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = || R::FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ");
        let Some((name, path)) = text.split_once('=') else {
            return Err(format!("a kind and a file are needed: junit=report.xml; there are {}", names()));
        };
        let format = R::FORMATS.iter().find(|format| format.name == name);
        let format = format.ok_or_else(|| format!("there is no report {name:?}; there are {}", names()))?;
        match path {
            "" => Err(format!("the file is missing: {name}=FILE")),
            "-" => Err("a report goes to a file; the output has the run itself".into()),
            _ => Ok(Self { format, path: path.into() }),
        }
    }
}

/// Sees that the reports have files of their own, which may be written, and takes away those of earlier runs: whatever becomes of
/// this one, and however early, none of yesterday's stands for it. Comes before anything else is looked at.
pub(super) fn make_way<R>(asked: &[Asked<R>], history: Option<&Path>) -> Result<(), CliError> {
    for (index, one) in asked.iter().enumerate() {
        let again = asked[..index].iter().any(|other| other.path == one.path);
        if again || history == Some(&*one.path) {
            return Err(CliError::Usage(
                "two of the files to be written are the same one: give each its own".into(),
            ));
        }
        refuse_to_overwrite(one).map_err(|source| failed(one, source))?;
    }
    for one in asked {
        match std::fs::remove_file(&one.path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(failed(one, source)),
            _ => {}
        }
    }
    Ok(())
}

/// Writes all reports, each at once and as a whole. One that can't be written keeps none from being written behind it.
///
/// # Errors
/// Of the last that failed; those before are told.
pub(super) fn write<R>(asked: &[Asked<R>], record: &R) -> Result<(), CliError> {
    let mut written = Ok(());
    for one in asked {
        if let Err(source) = files::replace(&one.path, &(one.format.render)(record)) {
            if let Err(error) = written {
                say(&format!("error: {error}"));
            }
            written = Err(failed(one, source));
        }
    }
    written
}

fn failed<R>(asked: &Asked<R>, source: io::Error) -> CliError {
    CliError::Report { format: asked.format.name, path: asked.path.clone(), source }
}

/// An old report of the same kind may be replaced; whatever else is there was meant for something else.
fn refuse_to_overwrite<R>(asked: &Asked<R>) -> io::Result<()> {
    let Ok(kind) = std::fs::metadata(&asked.path) else { return Ok(()) };
    let start = asked.format.start.as_bytes();
    let mut begins = Vec::new();
    // Of one that was cut off, not even the beginning may be whole.
    let same = kind.is_file()
        && File::open(&asked.path)
            .and_then(|file| file.take(start.len() as u64).read_to_end(&mut begins))
            .is_ok_and(|_| start.starts_with(&begins));
    if same {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "something else is there already, and it is no such report",
    ))
}
