use std::io::Write;
use std::path::{Path, PathBuf};

use super::super::exit::CliError;
use crate::draft::{Kind, Outline};
use crate::language::{format_contract, format_scenarios};
use crate::suite::FOLDER_PROFILE;
use crate::text::{Source, path_name, path_word};

/// How many places of one kind are listed on the terminal; the contract has them all.
const SHOWN: usize = 8;

/// What the files are called.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    /// All of them, but for their endings.
    pub(super) files: &'a str,
    /// The profile, where it has a name of its own: so it is that of its folder.
    pub(super) profile: Option<&'a str>,
}

impl Names<'_> {
    /// The file of this kind, which is its ending.
    fn of(&self, kind: &str) -> String {
        let own = self.profile.filter(|_| kind == "toml");
        own.map_or_else(|| format!("{}.{kind}", self.files), str::to_owned)
    }
}

/// The texts in the one layout, and the files that they go to.
pub(super) fn laid_out(files: [(String, String); 3], names: Names<'_>) -> [(String, String); 3] {
    files.map(|(name, text)| {
        let name = name.rsplit('.').next().map_or_else(|| name.clone(), |kind| names.of(kind));
        let source = Source::new(name.as_str(), text.as_str());
        let done = match name.rsplit('.').next() {
            Some("contract") => format_contract(&source),
            Some("scenario") => format_scenarios(&source),
            _ => return (name, text),
        };
        // What has a mistake is written as it is, and lint shows it.
        (name, done.unwrap_or(text))
    })
}

/// Whether the files may be written.
pub(super) fn free(dir: &Path, names: Names<'_>, force: bool) -> Result<(), CliError> {
    let paths = ["contract", "toml", "scenario"].map(|kind| dir.join(names.of(kind)));
    match paths.iter().find(|path| !force && path.symlink_metadata().is_ok()) {
        None => Ok(()),
        Some(there) => Err(CliError::Usage(format!(
            "{} is there already, and nothing was written; --force overwrites, --dir and --name choose other files",
            path_name(there)
        ))),
    }
}

/// Writes the files.
pub(super) fn put(dir: &Path, files: &[(String, String)], force: bool) -> Result<Vec<PathBuf>, CliError> {
    let failed = |path: &Path, error: &std::io::Error| {
        CliError::Init(format!("can't write {}: {error}", path_name(path)))
    };
    std::fs::create_dir_all(dir).map_err(|error| failed(dir, &error))?;
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| dir.join(name)).collect();
    for (path, (_, text)) in paths.iter().zip(files) {
        let mut how = std::fs::OpenOptions::new();
        // Who was first between the look and now keeps the file.
        if force {
            how.write(true).create(true).truncate(true)
        } else {
            how.write(true).create_new(true)
        };
        let mut file = how.open(path).map_err(|error| failed(path, &error))?;
        file.write_all(text.as_bytes()).map_err(|error| failed(path, &error))?;
    }
    Ok(paths)
}

/// What is not drafted as the document has it, so that nobody takes the draft for the whole.
fn told(out: &mut impl Write, outline: &Outline) -> Result<(), CliError> {
    let (all, drafted) = outline.bodies;
    if all > 0 {
        writeln!(out, "{drafted} of {all} operations that take JSON are commands here.")?;
    }
    let off = outline.aggregates.iter().flat_map(|one| &one.commands).filter(|one| one.off.is_some()).count();
    if off > 0 {
        writeln!(out, "{off} commands are switched off in the profile (`none = true`): each says why.")?;
    }
    let noted = |notes: &[String], name: &str| (!notes.is_empty()).then(|| name.to_owned());
    let commands = outline.aggregates.iter().flat_map(|one| &one.commands);
    let queries = outline.aggregates.iter().flat_map(|one| &one.queries);
    let places: Vec<String> = commands
        .filter_map(|one| noted(&one.notes, &one.name))
        .chain(queries.filter_map(|one| noted(&one.notes, &one.name)))
        .collect();
    if !places.is_empty() {
        let more = if places.len() > SHOWN { ", …" } else { "" };
        let shown = places.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        writeln!(out, "Not as the document has it, with a comment there ({}): {shown}{more}", places.len())?;
    }
    for left in outline.left.iter().filter(|left| !left.starts_with("GET ")).take(SHOWN) {
        writeln!(out, "Not drafted: {}", crate::value::inert_within(left, 160))?;
    }
    Ok(())
}

pub(super) fn tell(outline: &Outline, dir: &Path, paths: &[PathBuf], guessed: bool) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    let what =
        ["the rules, as far as they could be guessed", "how the service is spoken to", "a first example"];
    for (path, what) in paths.iter().zip(what) {
        writeln!(out, "wrote {}  ({what})", path_name(path))?;
    }
    let count = |counted: usize, one: &str, many: &str| {
        format!("{counted} {}", if counted == 1 { one } else { many })
    };
    let commands = outline.aggregates.iter().map(|one| one.commands.len()).sum();
    let queries = outline.aggregates.iter().map(|one| one.queries.len()).sum();
    writeln!(
        out,
        "\n{} and {} of {}; {} left out, listed at the end of the contract",
        count(commands, "command", "commands"),
        count(queries, "query", "queries"),
        count(outline.aggregates.len(), "aggregate", "aggregates"),
        count(outline.left.len(), "operation", "operations")
    )?;
    told(&mut out, outline)?;
    if guessed {
        writeln!(
            out,
            "The bound of each query is a guess, 5s: say in the profile what the service promises."
        )?;
    }
    next_steps(&mut out, outline, dir, paths)
}

/// What to type now, in the folder of the files.
fn next_steps(
    out: &mut impl Write,
    outline: &Outline,
    dir: &Path,
    paths: &[PathBuf],
) -> Result<(), CliError> {
    let name =
        |index: usize| paths.get(index).and_then(|path| path.file_name()).map(path_word).unwrap_or_default();
    let (contract, profile, scenario) = (name(0), name(1), name(2));
    // The profile of a folder need not be named there.
    let target = if profile == FOLDER_PROFILE { String::new() } else { format!(" --target {profile}") };
    let text = std::fs::read_to_string(&paths[1]).unwrap_or_default();
    let secrets: std::collections::BTreeSet<&str> = text
        .split("${secret:")
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect();
    writeln!(out, "\nNext:")?;
    for secret in secrets {
        writeln!(out, "  export {secret}=…   # what the service wants to see; it shows up in no output")?;
    }
    if dir.components().ne(Path::new(".").components()) {
        writeln!(out, "  cd {}", path_word(dir))?;
    }
    writeln!(out, "  proofmark lint {contract} {profile} {scenario}")?;
    let begun = outline.aggregates.iter().flat_map(|one| &one.commands).any(|one| one.kind == Kind::Create);
    if !begun {
        writeln!(
            out,
            "Nothing in the document creates something that can be asked for: look through the commands that are switched off, \
             and write a first scenario."
        )?;
        return Ok(());
    }
    writeln!(out, "  proofmark run {scenario}{target}   # creates something in the service")?;
    writeln!(
        out,
        "Once it passes, `proofmark conform{target}` holds the service against the whole contract, with commands that are made up, and \
         `proofmark explain next` says which rules and sections would let it judge what it leaves open."
    )?;
    writeln!(out, "Then read the comments in the files: each is something to decide.")?;
    Ok(())
}
