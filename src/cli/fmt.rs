use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;

use super::args::FmtArgs;
use super::exit::{CliError, Exit};
use super::{files, say, stderr_colour};
use crate::language::{FormatError, format_contract, format_scenarios};
use crate::report::plural;
use crate::suite::files as found_files;
use crate::text::{Diagnostic, MAX_FILE_BYTES, Source, path_name, render};

/// The name of the standard input.
const STDIN: &str = "-";

/// `proofmark fmt`: every file in its one layout; what has mistakes is told, and left alone.
pub(super) fn fmt(args: &FmtArgs) -> Result<Exit, CliError> {
    if args.places.iter().any(|place| place.path.as_os_str() == STDIN) {
        if args.places.len() > 1 {
            return Err(CliError::Usage("`-`, the standard input, stands alone".into()));
        }
        return standard_input(args.check);
    }
    if let Some(place) = args.places.iter().find(|place| place.line.is_some()) {
        let path = path_name(&place.path);
        return Err(CliError::Usage(format!(
            "a file is laid out as a whole: write `{path}`, without a line"
        )));
    }
    let files = found_files(&args.places)?;
    if files.is_empty() {
        return Err(CliError::Nothing("there are no .scenario or .contract files there".into()));
    }
    let (mut changed, mut left) = (0, 0);
    for path in &files {
        match one(path, args.check)? {
            Done::Clean => {}
            Done::Changed => changed += 1,
            Done::LeftAlone => left += 1,
        }
    }
    let verb = if args.check { "would change" } else { "changed" };
    let alone = if left > 0 { format!(", {} left alone", plural(left, "file")) } else { String::new() };
    say(&format!("{} looked at, {changed} {verb}{alone}", plural(files.len(), "file")));
    Ok(exit(args.check && changed > 0, left > 0))
}

enum Done {
    Clean,
    Changed,
    LeftAlone,
}

fn exit(differs: bool, left_alone: bool) -> Exit {
    match (left_alone, differs) {
        (true, _) => Exit::Files,
        (false, true) => Exit::Failed,
        (false, false) => Exit::Passed,
    }
}

fn one(path: &Path, check: bool) -> Result<Done, CliError> {
    let source = match Source::read(path) {
        Ok(source) => source,
        Err(unreadable) => {
            tell(&unreadable.source_text, std::slice::from_ref(&unreadable.diagnostic))?;
            return Ok(Done::LeftAlone);
        }
    };
    let is_contract = path.extension().is_some_and(|extension| extension == "contract");
    let Some(text) = laid_out(&source, is_contract)? else { return Ok(Done::LeftAlone) };
    if text == source.text() {
        return Ok(Done::Clean);
    }
    if check {
        std::io::stdout().write_all(difference(&source, &text).as_bytes())?;
    } else {
        files::replace(path, &text).map_err(|source| CliError::Write { path: path.to_owned(), source })?;
    }
    Ok(Done::Changed)
}

fn standard_input(check: bool) -> Result<Exit, CliError> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    let source = match Source::from_bytes("standard input", bytes) {
        Ok(source) => source,
        Err(refused) => {
            tell(&refused.source_text, std::slice::from_ref(&refused.diagnostic))?;
            return Ok(Exit::Files);
        }
    };
    let Some(text) = laid_out(&source, begins_a_contract(source.text()))? else { return Ok(Exit::Files) };
    let differs = text != source.text();
    let shown = match (check, differs) {
        (true, true) => difference(&source, &text),
        (true, false) => String::new(),
        (false, _) => text,
    };
    std::io::stdout().write_all(shown.as_bytes())?;
    Ok(exit(check && differs, false))
}

/// A contract begins with its name, a scenario file never does.
fn begins_a_contract(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    first.split_whitespace().next() == Some("contract")
}

/// The text in its layout; nothing where it was told why there is none.
fn laid_out(source: &Source, is_contract: bool) -> Result<Option<String>, CliError> {
    let done = if is_contract { format_contract(source) } else { format_scenarios(source) };
    match done {
        Ok(text) => Ok(Some(text)),
        Err(FormatError::Mistakes(found)) => {
            tell(source, &found)?;
            Ok(None)
        }
        Err(error @ FormatError::Meaning) => {
            say(&format!("error: {}: {error}", source.name()));
            Ok(None)
        }
    }
}

fn tell(source: &Source, found: &[Diagnostic]) -> Result<(), CliError> {
    let told = render([(source, found)], stderr_colour());
    Ok(std::io::stderr().write_all(told.as_bytes())?)
}

/// Line by line what would be other. Only blank lines are taken away and none is added, so lines meet without a search.
fn difference(source: &Source, text: &str) -> String {
    let name = source.name();
    let mut told = format!("{name}\n");
    let mut after = text.split_terminator('\n').peekable();
    for (number, old) in source.text().split_terminator('\n').enumerate() {
        let number = number + 1;
        let is_blank = old.trim().is_empty();
        match after.peek() {
            Some(new) if new.is_empty() == is_blank => {
                if *new != old {
                    let _ = write!(told, "{number:>6} - {}\n{number:>6} + {new}\n", visible(old));
                }
                after.next();
            }
            _ => {
                let _ = writeln!(told, "{number:>6} - {}", visible(old));
            }
        }
    }
    if !source.text().is_empty() && !source.text().ends_with('\n') {
        told.push_str("       + (a line end at the end of the file)\n");
    }
    told
}

/// A line with what can't be seen at its end, or isn't for a terminal, made visible.
fn visible(line: &str) -> String {
    let kept = line.trim_end();
    let behind = line.get(kept.len()..).unwrap_or_default();
    let mut shown: String =
        kept.chars().map(|c| if c.is_control() && c != '\t' { '\u{FFFD}' } else { c }).collect();
    shown.extend(behind.chars().map(|c| match c {
        '\r' => '␍',
        '\t' => '⇥',
        _ => '·',
    }));
    shown
}
