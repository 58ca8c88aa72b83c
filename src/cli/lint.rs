use super::args::LintArgs;
use super::exit::{CliError, Exit};
use super::{say, stdout_colour};
use crate::report::plural;
use crate::suite::{Place, Suite};

/// `proofmark lint`: all mistakes of all files.
pub(super) fn lint(args: &LintArgs) -> Result<Exit, CliError> {
    use std::io::Write as _;
    let (profiles, places): (Vec<_>, Vec<_>) = args.places.iter().cloned().partition(is_profile);
    let suite = Suite::load(places)?;
    #[cfg_attr(not(feature = "http"), expect(unused_mut, reason = "only profiles add to them"))]
    let mut mistakes = suite.mistakes().clone();
    let files = suite.files() + profiles.len();
    if files == 0 {
        return Err(CliError::Nothing("there are no .scenario or .contract files there".into()));
    }
    #[cfg(feature = "http")]
    for profile in profiles {
        mistakes.merge(crate::suite::ProfileFile::load(&profile.path).mistakes());
    }
    std::io::stdout().write_all(mistakes.render(stdout_colour()).as_bytes())?;
    if mistakes.errors() > 0 {
        return Ok(Exit::Files);
    }
    if mistakes.warnings() == 0 {
        let scenarios = suite.plans().map_or(0, <[_]>::len);
        say(&format!("{} with {}: no mistakes", plural(files, "file"), plural(scenarios, "scenario")));
    }
    Ok(Exit::Passed)
}

/// Directories are not searched for profiles: a `.toml` there may be anything.
fn is_profile(place: &Place) -> bool {
    cfg!(feature = "http")
        && place.path.extension().is_some_and(|extension| extension == "toml")
        && place.path.is_file()
}
