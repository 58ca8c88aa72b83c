use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

use super::grammar::Grammar;
use crate::language::lexer::{Token, TokenKind, lex};
use crate::language::parse::{CONTRACT_STARTS, SCENARIO_STARTS};
use crate::language::sink::Sink;

const SCENARIO: &str = include_str!("../../../docs/editor/vscode/syntaxes/scenario.tmLanguage.json");
const CONTRACT: &str = include_str!("../../../docs/editor/vscode/syntaxes/contract.tmLanguage.json");
const VALUES: &str = include_str!("../../../docs/editor/vscode/syntaxes/values.tmLanguage.json");

/// Texts of the parser that look like words of the language and are none: other people's words that it explains, and
/// parts of its messages.
const NO_WORDS: &[&str] = &[
    "a",
    "again",
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

/// All files under a folder with this ending.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect()
}

/// How the scope of a token begins. Names and keywords are told apart by the parser, so a name may be any of them.
fn wanted(tokens: &[Token], at: usize) -> &'static [&'static str] {
    match tokens[at].kind {
        TokenKind::Name if tokens[at + 1].kind == TokenKind::Colon => {
            &["variable.other.property", "keyword.other", "entity.name", "variable.other"]
        }
        TokenKind::Name => {
            &["keyword", "variable", "entity.name", "storage", "constant.language", "support.function"]
        }
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

/// Holds every token of every shipped file against the grammar.
#[track_caller]
fn check(grammar: &str, ending: &str) {
    let grammar = Grammar::new(&[grammar, VALUES]);
    let mut held = 0;
    for path in files(Path::new("scenarios"), ending) {
        let text = std::fs::read_to_string(&path).unwrap();
        let painted: Vec<Vec<String>> = text
            .split('\n')
            .flat_map(|line| {
                let mut painted = grammar.paint(line);
                painted.push(Vec::new());
                painted
            })
            .collect();
        let tokens = lex(&text, &mut Sink::default());
        let mut end = 0;
        for (at, token) in tokens.iter().enumerate() {
            let range = token.span.range();
            let gap = text.bytes().enumerate().take(range.start).skip(end).filter(|(_, byte)| *byte > b' ');
            for (byte, _) in gap {
                assert!(painted[byte][0].starts_with("comment"), "{} at {byte}", path.display());
            }
            end = range.end;
            if token.kind == TokenKind::End {
                break;
            }
            let outer = matches!(token.kind, TokenKind::Text | TokenKind::Regex | TokenKind::Row);
            for scopes in &painted[range.clone()] {
                let scope = if outer { scopes.first() } else { scopes.last() };
                let scope = scope.map_or("", String::as_str);
                let fits = wanted(&tokens, at).iter().any(|wanted| scope.starts_with(wanted));
                let place = path.display();
                assert!(fits, "{place}: {:?} `{}` is {scopes:?}", token.kind, &text[range]);
            }
            held += 1;
        }
    }
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

#[test]
fn grammars_have_all_words_of_the_parser() {
    let mut named = named(SCENARIO);
    named.extend(self::named(CONTRACT));
    named.extend(self::named(VALUES));
    let word = Regex::new(r#""([a-z]+)""#).unwrap();
    let mut lacking = BTreeSet::new();
    for path in files(Path::new("src/language/parse"), "rs") {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        lacking.extend(word.captures_iter(code).map(|found| found[1].to_owned()));
    }
    lacking.retain(|word| !named.contains(word) && !NO_WORDS.contains(&word.as_str()));
    assert!(lacking.is_empty(), "the editor's grammars lack {lacking:?}");
}
