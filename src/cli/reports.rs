use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::exit::CliError;
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

/// Sees that the reports have files of their own, which may be written.
pub(super) fn check<R>(asked: &[Asked<R>], history: Option<&Path>) -> Result<(), CliError> {
    for (index, one) in asked.iter().enumerate() {
        let again = asked[..index].iter().any(|other| other.path == one.path);
        if again || history == Some(&*one.path) {
            return Err(CliError::Usage(
                "two of the files to be written are the same one: give each its own".into(),
            ));
        }
        refuse_to_overwrite(one).map_err(|source| failed(one, source))?;
    }
    Ok(())
}

/// Writes all reports, each at once and as a whole: who reads one meanwhile finds the old one or the new one.
pub(super) fn write<R>(asked: &[Asked<R>], record: &R) -> Result<(), CliError> {
    for one in asked {
        replace(&one.path, &(one.format.render)(record)).map_err(|source| failed(one, source))?;
    }
    Ok(())
}

fn failed<R>(asked: &Asked<R>, source: io::Error) -> CliError {
    CliError::Report { format: asked.format.name, path: asked.path.clone(), source }
}

/// An old report of the same kind may be replaced; whatever else is there was meant for something else.
fn refuse_to_overwrite<R>(asked: &Asked<R>) -> io::Result<()> {
    let Ok(kind) = std::fs::metadata(&asked.path) else { return Ok(()) };
    let start = asked.format.start.as_bytes();
    let mut begins = vec![0; start.len()];
    let same = kind.is_file()
        && (kind.len() == 0
            || File::open(&asked.path).and_then(|mut file| file.read_exact(&mut begins)).is_ok()
                && begins == start);
    if same {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "something else is there already, and it is no such report",
    ))
}

/// Writes beside the file and then takes its place.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = File::create_new(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::AlreadyExists) {
        let _ = std::fs::remove_file(&beside);
    }
    written
}
