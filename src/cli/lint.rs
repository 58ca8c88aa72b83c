use super::args::LintArgs;
use super::exit::{CliError, Exit};
use super::explain::hint;
use super::{say, stdout_colour};
use crate::report::plural;
#[cfg(feature = "http")]
use crate::suite::ProfileFile;
use crate::suite::{Place, Suite};
#[cfg(feature = "http")]
use crate::text::path_name;

/// `proofmark lint`: all mistakes of all files.
pub(super) fn lint(args: &LintArgs) -> Result<Exit, CliError> {
    use std::io::Write as _;
    let (named, mut places): (Vec<_>, Vec<_>) = args.places.iter().cloned().partition(is_profile);
    let profiles = profiles(&named, &places)?;
    // A profile says what is sent by its contract, so what is wrong with that is wrong with it.
    places.extend(contracts(&profiles));
    let suite = Suite::load(places)?;
    let mut mistakes = suite.mistakes().clone();
    if mistakes.errors() == 0 {
        mistakes.merge(&suite.contradictions());
    }
    let files = suite.files() + profiles.len();
    if files == 0 {
        return Err(CliError::Nothing(
            "there are no .scenario or .contract files there, and no target profiles".into(),
        ));
    }
    #[cfg(feature = "http")]
    for (_, file) in &profiles {
        mistakes.merge(file.mistakes());
    }
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

/// A profile, by its shown name.
#[cfg(feature = "http")]
type Named = (String, ProfileFile);
#[cfg(not(feature = "http"))]
type Named = std::convert::Infallible;

/// The profiles that are named, and those in directories, each once.
#[cfg(feature = "http")]
fn profiles(named: &[Place], places: &[Place]) -> Result<Vec<Named>, CliError> {
    let mut paths = crate::suite::profiles(places)?;
    paths.extend(named.iter().map(|place| place.path.components().collect()));
    Ok(paths.iter().map(|path| (path_name(path), ProfileFile::load(path))).collect())
}

#[cfg(not(feature = "http"))]
fn profiles(_: &[Place], _: &[Place]) -> Result<Vec<Named>, CliError> {
    Ok(Vec::new())
}

#[cfg(feature = "http")]
fn contracts(profiles: &[Named]) -> impl Iterator<Item = Place> {
    profiles.iter().filter_map(|(_, file)| file.contract().map(Place::from))
}

#[cfg(not(feature = "http"))]
fn contracts(_: &[Named]) -> impl Iterator<Item = Place> {
    std::iter::empty()
}

/// Whether a place is a profile, whatever stands in it: who names it means it.
fn is_profile(place: &Place) -> bool {
    cfg!(feature = "http")
        && place.path.extension().is_some_and(|extension| extension == "toml")
        && place.path.is_file()
}
