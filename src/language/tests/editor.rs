use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

use super::grammar::Grammar;
use super::words::{alphabets, names, tokens};
use crate::language::lexer::{Token, TokenKind};
use crate::language::parse::{CONTRACT_STARTS, FUNCTIONS, SCENARIO_STARTS};

const SCENARIO: &str = include_str!("../../../docs/editor/vscode/syntaxes/scenario.tmLanguage.json");
const CONTRACT: &str = include_str!("../../../docs/editor/vscode/syntaxes/contract.tmLanguage.json");
const VALUES: &str = include_str!("../../../docs/editor/vscode/syntaxes/values.tmLanguage.json");

/// Texts of the parser that look like words of the language and are none: other people's words that it explains, and
/// parts of its messages.
const NO_WORDS: &[&str] = &[
    "a",
    "again",
    "five",
    "four",
    "none",
    "one",
    "three",
    "two",
    "but",
    "does",
    "events",
    "fields",
    "included",
    "k",
    "m",
    "members",
    "milliseconds",
    "minute",
    "minutes",
    "ms",
    "rejections",
    "s",
    "second",
    "seconds",
    "states",
    "stock",
];

/// Types that a contract need not declare, and that the parser takes for names.
const BUILT_IN: &[&str] = &["id", "bool", "instant"];

/// All files under a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect()
}

/// How the innermost scope of a token begins; of a text, a regular expression and the first row of a table, the outermost.
fn wanted(text: &str, tokens: &[Token], at: usize, names: &[Range<usize>]) -> &'static [&'static str] {
    let token = tokens[at];
    let range = token.span.range();
    let called = tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::ParenOpen);
    let is_name = names.iter().any(|name| name.start <= range.start && range.end <= name.end);
    let next_to = |before: Option<usize>, kind| {
        before.and_then(|at| tokens.get(at)).is_some_and(|token| token.kind == kind)
    };
    let in_angles = next_to(at.checked_sub(1), TokenKind::Less) && next_to(Some(at + 1), TokenKind::Greater);
    match token.kind {
        TokenKind::Name if called && FUNCTIONS.contains(&&text[range.clone()]) => {
            &["support.function", "keyword.operator"]
        }
        TokenKind::Name if in_angles => &["variable.parameter.placeholder"],
        // A type that needs no declaration.
        TokenKind::Name if is_name && BUILT_IN.contains(&&text[range.clone()]) => {
            &["storage.type", "variable"]
        }
        // The parser took it for a name, so it is none of the language's words here.
        TokenKind::Name if is_name && text[range].starts_with(|c: char| c.is_ascii_uppercase()) => {
            &["entity.name.type"]
        }
        TokenKind::Name if is_name => &["variable", "entity.name"],
        // The parser took it for one of its words.
        TokenKind::Name => &["keyword", "storage", "constant.language"],
        TokenKind::Variable => &["variable.other.readwrite"],
        TokenKind::Tag => &["entity.other.attribute-name.tag"],
        TokenKind::Text => &["string.quoted.double"],
        TokenKind::Regex => &["string.regexp"],
        TokenKind::Number => &["constant.numeric"],
        TokenKind::Duration => &["constant.numeric.duration"],
        TokenKind::Row => &["meta.row"],
        kind if kind.opens() || kind.closes() => &["punctuation.section.brackets"],
        TokenKind::Comma | TokenKind::Colon | TokenKind::Semicolon | TokenKind::Dot => {
            &["punctuation.separator"]
        }
        _ => &["keyword.operator", "variable.parameter.placeholder"],
    }
}

/// The scopes of every byte of a text, from the outside in.
fn painted(grammar: &Grammar, text: &str) -> Vec<Vec<String>> {
    let line = |line: &str| {
        let mut painted = grammar.paint(line);
        painted.push(Vec::new());
        painted
    };
    text.split('\n').flat_map(line).collect()
}

/// What the grammar paints otherwise than the parser reads it.
fn wrong(grammar: &Grammar, path: &Path, text: &str, held: &mut usize) -> Vec<String> {
    let painted = painted(grammar, text);
    let (tokens, names, alphabets) = (tokens(text), names(path, text), alphabets(text));
    let mut wrong = Vec::new();
    let mut end = 0;
    for (at, token) in tokens.iter().enumerate() {
        let range = token.span.range();
        let gap = text.bytes().enumerate().take(range.start).skip(end).filter(|(_, byte)| *byte > b' ');
        for (byte, seen) in gap {
            let scope = painted[byte].last().map_or("", String::as_str);
            // Between the cells of a row stand bars.
            if !(painted[byte].first().is_some_and(|scope| scope.starts_with("comment"))
                || seen == b'|' && scope.starts_with("punctuation.separator.table"))
            {
                wrong.push(format!("{} at {byte}: {scope:?} is neither a comment nor a bar", path.display()));
            }
        }
        end = range.end;
        if token.kind == TokenKind::End {
            break;
        }
        if alphabets.iter().any(|alphabet| alphabet.contains(&range.start)) {
            continue;
        }
        let wanted = wanted(text, &tokens, at, &names);
        let outer = matches!(token.kind, TokenKind::Row);
        // A text in a row stands in the scope of the row, and its escapes in one of their own.
        let within = matches!(token.kind, TokenKind::Text | TokenKind::Regex);
        let fits = |scopes: &Vec<String>| {
            let fits = |scope: &String| wanted.iter().any(|wanted| scope.starts_with(wanted));
            match (outer, within) {
                (true, _) => scopes.first().is_some_and(fits),
                (_, true) => scopes.iter().any(fits),
                _ => scopes.last().is_some_and(fits),
            }
        };
        if let Some(scopes) = painted[range.clone()].iter().find(|scopes| !fits(scopes)) {
            let line = text[..range.start].lines().count();
            let (place, word) = (path.display(), &text[range]);
            wrong.push(format!("{place}:{line}: {:?} `{word}` is {scopes:?}, not {wanted:?}", token.kind));
        }
        *held += 1;
    }
    wrong
}

/// Holds every token of every shipped file against the grammar.
#[track_caller]
fn check(grammar: &str, ending: &str) {
    let grammar = Grammar::new(&[grammar, VALUES]);
    let mut held = 0;
    let mut all = Vec::new();
    for path in files(Path::new("scenarios"), ending)
        .into_iter()
        .chain(files(Path::new("tests/language/valid"), ending))
    {
        let text = std::fs::read_to_string(&path).unwrap();
        all.extend(wrong(&grammar, &path, &text, &mut held));
    }
    assert!(all.is_empty(), "{} of {held} tokens:\n{}", all.len(), all.join("\n"));
    assert!(held > 500, "{held} tokens");
}

#[test]
fn tokens_of_scenarios_have_their_scopes() {
    check(SCENARIO, "scenario");
}

#[test]
fn tokens_of_contracts_have_their_scopes() {
    check(CONTRACT, "contract");
}

/// The words that a grammar names, in alternatives and alone.
fn named(grammar: &str) -> BTreeSet<String> {
    let words = Regex::new(r"[a-z]+").unwrap();
    let patterns = Regex::new(r#""(?:match|begin)": "(.*)""#).unwrap();
    patterns
        .captures_iter(grammar)
        .flat_map(|found| {
            let pattern = found[1].replace("\\\\b", " ").replace("\\\\s", " ");
            words.find_iter(&pattern).map(|word| word.as_str().to_owned()).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn grammars_have_the_words_that_begin_a_line() {
    for (grammar, starts) in [(SCENARIO, SCENARIO_STARTS), (CONTRACT, CONTRACT_STARTS)] {
        let named = named(grammar);
        let lacking: Vec<_> = starts.iter().filter(|word| !named.contains(**word)).collect();
        assert!(lacking.is_empty(), "the editor's grammar lacks {lacking:?}");
    }
}

/// The words in code that look like words of the language.
fn words_in(folder: &str) -> BTreeSet<String> {
    let word = Regex::new(r#""([a-z]+)""#).unwrap();
    let mut words = BTreeSet::new();
    for path in files(Path::new(folder), "rs") {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        words.extend(word.captures_iter(code).map(|found| found[1].to_owned()));
    }
    words
}

#[test]
fn grammars_have_all_words_of_the_parser() {
    let mut named = named(SCENARIO);
    named.extend(self::named(CONTRACT));
    named.extend(self::named(VALUES));
    let mut lacking = words_in("src/language/parse");
    lacking.retain(|word| !named.contains(word) && !NO_WORDS.contains(&word.as_str()));
    assert!(lacking.is_empty(), "the editor's grammars lack {lacking:?}");
}

#[test]
fn the_parser_has_all_words_of_the_grammars() {
    // Some types are told from declared ones only where names are resolved.
    let mut known = words_in("src/language/parse");
    known.extend(words_in("src/contract"));
    for grammar in [SCENARIO, CONTRACT, VALUES] {
        // A letter alone is part of a pattern.
        let strange: Vec<_> = named(grammar)
            .into_iter()
            .filter(|word| word.len() > 1 && word != "ms" && !known.contains(word))
            .collect();
        assert!(strange.is_empty(), "the parser has no {strange:?}");
    }
}

/// What is written, and what an editor would have to paint otherwise.
#[track_caller]
fn check_wrong(text: &str, part: &str) {
    let grammar = Grammar::new(&[SCENARIO, VALUES]);
    let spoilt = SCENARIO.replace("|rebuild|", "|").replace("\"#row\"", "\"#condition\"");
    let spoilt = Grammar::new(&[&spoilt, VALUES]);
    let path = Path::new("scenarios/orders/x.scenario");
    assert_eq!(wrong(&grammar, path, text, &mut 0), [""; 0]);
    let found = wrong(&spoilt, path, text, &mut 0).join("\n");
    assert!(found.contains(part), "{found:?}");
}

#[test]
fn a_word_that_is_painted_as_something_else_is_noticed() {
    check_wrong("use a\nscenario \"s\"\n  when rebuild GetOrder\n  then accepted\n", "`rebuild` is");
    check_wrong(
        "use a\noutline \"s\"\n  when A { x: <x> }\n  examples\n    | x |\n    | count([1]) + 1 |\n",
        "is [",
    );
}
