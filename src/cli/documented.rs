//! The commands that the documents show, held against the arguments there are.

use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser as _};

use super::args::{Args, Command};
use crate::suite::{Place, Suite};
use crate::text::path_name;

/// A command, and where it stands.
struct Shown {
    place: String,
    words: Vec<String>,
}

/// All that people read.
fn documents() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", ".github/CONTRIBUTING.md", "reference-impl/README.md"]
            .map(PathBuf::from)
            .to_vec();
    let mut folders = vec![PathBuf::from("docs"), PathBuf::from("scenarios")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if path.is_dir() {
                folders.push(path);
            } else if matches!(ending, Some("md" | "toml")) {
                all.push(path);
            }
        }
    }
    all
}

/// The words of a line for a shell, up to a comment.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words.retain(|word| word != "&");
    words
}

/// What stands for itself in a line of a block: `proofmark …`, or the same by cargo.
fn of_block(line: &str) -> Option<Vec<String>> {
    let line = line.trim_start_matches(['#', ' ']).trim_start_matches("$ ");
    let all = words(line);
    match all.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        // A dependency in `Cargo.toml`.
        ["proofmark", "=", ..] => None,
        ["proofmark", ..] => Some(all),
        ["cargo", "run", ..] => {
            let own = all.iter().position(|word| word == "--")?;
            Some(std::iter::once("proofmark".to_owned()).chain(all.into_iter().skip(own + 1)).collect())
        }
        _ => None,
    }
}

/// A synopsis with something in each of its places: `list [scenarios\|defects] [PATHS]`.
fn of_synopsis(text: &str) -> Vec<String> {
    let plain = text.replace("\\|", "|").replace(",…", "").replace(['[', ']'], "");
    let filled = |word: &str| match word.split('|').next().unwrap_or_default() {
        "N" => "1".to_owned(),
        "URL" => "http://localhost:1".to_owned(),
        "CODE" => "EC-1".to_owned(),
        "SHELL" => "bash".to_owned(),
        "NAME" => "drop-event".to_owned(),
        word => word.to_owned(),
    };
    plain.split_whitespace().map(filled).collect()
}

fn shown() -> Vec<Shown> {
    let mut all = Vec::new();
    for path in documents() {
        let text = std::fs::read_to_string(&path).expect("a document");
        let is_profile = path.extension().is_some_and(|ending| ending == "toml");
        let mut in_block = is_profile;
        for (number, line) in text.lines().enumerate() {
            let place = || format!("{}:{}", path_name(&path), number + 1);
            if line.trim_start().starts_with("```") {
                in_block = !in_block;
            } else if in_block {
                all.extend(of_block(line).map(|words| Shown { place: place(), words }));
            } else {
                let spans = line.split('`').skip(1).step_by(2);
                let commands = spans.filter(|span| span.starts_with("proofmark ") && !span.contains(" = "));
                all.extend(commands.map(|span| Shown { place: place(), words: of_synopsis(span) }));
            }
        }
    }
    all
}

/// Files that a reader is told to make.
fn is_the_readers(place: &Place) -> bool {
    let path = place.path.to_string_lossy();
    ["mine.scenario", "my-service", "FILE", "PATHS"].iter().any(|name| path.contains(name))
}

#[test]
fn every_command_that_is_shown_can_be_typed() {
    let all = shown();
    assert!(all.len() > 40, "{} commands", all.len());
    for Shown { place, words } in all {
        // A subcommand that is only mentioned.
        if let [_, name] = words.as_slice() {
            assert!(Args::command().find_subcommand(name).is_some(), "{place}: there is no {name}");
            continue;
        }
        let args = Args::try_parse_from(&words).unwrap_or_else(|error| panic!("{place}: {words:?}\n{error}"));
        let places = match args.command {
            Command::Run(args) => args.selection.places,
            Command::List(args) => args.selection.places,
            Command::Lint(args) => args.places,
            Command::Fmt(args) => args.places,
            _ => continue,
        };
        for named in places.into_iter().filter(|place| !is_the_readers(place)) {
            assert!(named.path.exists(), "{place}: there is no {named}");
            if named.line.is_some() {
                let suite = Suite::load([named]).expect("a place");
                assert!(suite.missed().is_empty(), "{place}: no scenario is at {:?}", suite.missed());
            }
        }
    }
}

#[test]
fn every_subcommand_and_every_option_of_run_is_shown() {
    let readme = std::fs::read_to_string(Path::new("README.md")).expect("the readme");
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `")).collect();
    let shown = |what: &str| rows.iter().any(|row| row.contains(what));
    for command in Args::command().get_subcommands() {
        let name = command.get_name();
        assert!(shown(&format!("`proofmark {name}")), "README.md has no row for `proofmark {name}`");
    }
    let run = Args::command().find_subcommand("run").cloned().expect("it is there");
    for option in run.get_arguments().filter_map(|argument| argument.get_long()) {
        assert!(shown(&format!("`--{option}")), "README.md has no row for `--{option}` of `run`");
    }
}
