use super::args::LintArgs;
use super::exit::{CliError, Exit};
use super::{say, stdout_colour};
use crate::report::plural;
use crate::suite::Suite;

/// `proofmark lint`: all mistakes of all files.
pub(super) fn lint(args: &LintArgs) -> Result<Exit, CliError> {
    use std::io::Write as _;
    let suite = Suite::load(args.places.iter().cloned())?;
    let mistakes = suite.mistakes();
    if suite.files() == 0 {
        return Err(CliError::Nothing("there are no .scenario or .contract files there".into()));
    }
    std::io::stdout().write_all(mistakes.render(stdout_colour()).as_bytes())?;
    if mistakes.errors() > 0 {
        return Ok(Exit::Files);
    }
    if mistakes.warnings() == 0 {
        let scenarios = suite.plans().map_or(0, <[_]>::len);
        say(&format!(
            "{} with {}: no mistakes",
            plural(suite.files(), "file"),
            plural(scenarios, "scenario")
        ));
    }
    Ok(Exit::Passed)
}
