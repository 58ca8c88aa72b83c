use super::args::LintArgs;
use super::exit::{CliError, Exit};
use super::explain::hint;
use super::{say, stdout_colour};
use crate::report::plural;
use crate::suite::{Place, Suite};
#[cfg(feature = "http")]
use crate::text::path_name;

/// `proofmark lint`: all mistakes of all files.
pub(super) fn lint(args: &LintArgs) -> Result<Exit, CliError> {
    use std::io::Write as _;
    let (profiles, places): (Vec<_>, Vec<_>) = args.places.iter().cloned().partition(is_profile);
    let suite = Suite::load(places)?;
    let mut mistakes = suite.mistakes().clone();
    if mistakes.errors() == 0 {
        mistakes.merge(&suite.contradictions());
    }
    let files = suite.files() + profiles.len();
    if files == 0 {
        return Err(CliError::Nothing("there are no .scenario or .contract files there".into()));
    }
    #[cfg(feature = "http")]
    let profiles: Vec<_> = profiles
        .iter()
        .map(|place| {
            let file = crate::suite::ProfileFile::load(&place.path);
            mistakes.merge(file.mistakes());
            (path_name(&place.path), file)
        })
        .collect();
    std::io::stdout().write_all(mistakes.render(stdout_colour()).as_bytes())?;
    if mistakes.errors() > 0 {
        hint(&mistakes);
        return Ok(Exit::Files);
    }
    #[cfg(feature = "http")]
    for (name, file) in &profiles {
        if let Ok(profile) = file.profile() {
            say(&claims(name, crate::adapter::claims(profile)));
            for deviation in profile.deviations() {
                say(&format!("{name}, known to deviate: {deviation}"));
            }
        }
    }
    if mistakes.warnings() == 0 {
        let scenarios = suite.plans().map_or(0, <[_]>::len);
        say(&format!("{} with {}: no mistakes", plural(files, "file"), plural(scenarios, "scenario")));
    }
    Ok(Exit::Passed)
}

/// What a service gives the means for by its profile, and what scenarios and checks have to do without.
#[cfg(feature = "http")]
fn claims(profile: &str, claimed: crate::protocol::Capabilities) -> String {
    use crate::protocol::Capability;

    let names = |wanted: bool| {
        let names = Capability::ALL.iter().filter(|capability| claimed.claims(**capability) == wanted);
        let names: Vec<&str> = names.map(|capability| capability.name()).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    };
    format!("{profile} claims {}; it does not claim {}", names(true), names(false))
}

/// Directories are not searched for profiles: a `.toml` there may be anything.
fn is_profile(place: &Place) -> bool {
    cfg!(feature = "http")
        && place.path.extension().is_some_and(|extension| extension == "toml")
        && place.path.is_file()
}
