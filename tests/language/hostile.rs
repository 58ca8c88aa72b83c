//! Nobody wrote these files, but a tool must survive them: no panic, no endless loop, and every span inside the text.

use std::fmt::Debug;
use std::sync::Arc;

use proofmark::contract::Contract;
use proofmark::language::{link, parse_contract, parse_scenarios};
use proofmark::text::MAX_DIAGNOSTICS;
use proofmark::text::{Colour, Diagnostic, Source, render};
use proptest::prelude::*;

use super::common::{files, source};

/// Parses the text as both kinds of file.
fn survives(text: &str) {
    let source = Source::new("hostile", text);
    let scenarios = parse_scenarios(&source);
    spans_are_inside(text, &scenarios);
    check(&source, &scenarios.diagnostics);
    let contract = parse_contract(&source);
    spans_are_inside(text, &contract);
    check(&source, &contract.diagnostics);
    let resolved = Contract::resolve(&contract.tree);
    spans_are_inside(text, &resolved);
    check(&source, &resolved.diagnostics);
}

fn check(source: &Source, found: &[Diagnostic]) {
    assert!(found.len() <= MAX_DIAGNOSTICS + 1);
    assert!(found.iter().all(|diagnostic| diagnostic.code.entry().is_some()));
    let told = render([(source, found)], Colour::Plain);
    assert!(told.chars().all(|c| c == '\n' || !c.is_control()), "{told:?}");
}

/// Every span in a tree is found in its debug text: there is no other place that knows all of them.
fn spans_are_inside(text: &str, tree: &impl Debug) {
    let debug = format!("{tree:?}");
    for part in debug.split("Span { start: ").skip(1) {
        let (start, rest) = part.split_once(", end: ").unwrap();
        let end: String = rest.chars().take_while(char::is_ascii_digit).collect();
        // A quoted text may look like a span, but not with numbers behind it in every mutation.
        if let (Ok(start), Ok(end)) = (start.parse::<usize>(), end.parse::<usize>()) {
            assert!(text.get(start..end).is_some(), "{start}..{end} of {text:?}");
        }
    }
}

/// Parses a file that takes in the text, as a background and as a table.
fn survives_taken_in(text: &str) {
    let main = "use a\ninclude \"t\"\noutline \"o\"\n  when A { x: <a>, y: <b> }\n  then <c>\n  examples from \"t\"\n";
    let taken_in = Arc::new(Source::new("t", text));
    let source = link(&Arc::new(Source::new("hostile", main)), &mut |_, named| {
        if named == "t" { Ok(taken_in.clone()) } else { Err("there is none".into()) }
    });
    let scenarios = parse_scenarios(&source);
    spans_are_inside(source.text(), &scenarios);
    check(&source, &scenarios.diagnostics);
}

/// Parses without looking at the trees, whose debug text would be huge.
fn swallows(text: &str) {
    let source = Source::new("hostile", text);
    let scenarios = parse_scenarios(&source);
    assert!(scenarios.diagnostics.len() <= MAX_DIAGNOSTICS + 1);
    let contract = parse_contract(&source);
    let resolved = Contract::resolve(&contract.tree);
    assert!(resolved.diagnostics.len() <= MAX_DIAGNOSTICS + 1);
    drop((scenarios, contract, resolved));
}

/// Words and marks of the language, and some that are not.
const WORDS: &[&str] = &[
    "feature",
    "use",
    "background",
    "scenario",
    "given",
    "when",
    "then",
    "and",
    "let",
    "accepted",
    "rejected",
    "eventually",
    "consistently",
    "never",
    "within",
    "for",
    "every",
    "unless",
    "shows",
    "absent",
    "on",
    "key",
    "at",
    "version",
    "repeat",
    "last",
    "same",
    "outcome",
    "settled",
    "race",
    "exactly",
    "if",
    "else",
    "not",
    "or",
    "unique",
    "new",
    "count",
    "sum",
    "each",
    "contains",
    "unordered",
    "any",
    "present",
    "with",
    "in",
    "true",
    "null",
    "contract",
    "type",
    "aggregate",
    "state",
    "command",
    "reject",
    "emits",
    "set",
    "no",
    "effect",
    "atomic",
    "order",
    "event",
    "query",
    "invariant",
    "view",
    "of",
    "where",
    "newest",
    "first",
    "by",
    "paged",
    "total",
    "summarises",
    "later",
    "chosen",
    "try",
    "int",
    "decimal",
    "string",
    "id",
    "bag",
    "self",
    "outline",
    "examples",
    "| 1 | 2 |",
    "Order",
    "x",
    "status",
    "$o",
    "@EC-1",
    "\"text\"",
    "\"open",
    "~/re/",
    "~/open",
    "1",
    "0.5",
    "5s",
    "007",
    "1e400",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    ";",
    "|",
    "?",
    ".",
    "..",
    "->",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    "+",
    "-",
    "*",
    "±",
    "é",
    "'",
    "\\",
    "&",
    "# comment",
    "\u{0}",
    "\t",
    "\r\n",
    "\n",
    "\n  ",
    "\n",
    "\n  ",
];

/// The pieces of a valid file: words, marks and the space between them.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for c in text.chars() {
        let joins = c.is_alphanumeric()
            && pieces
                .last()
                .is_some_and(|last| last.chars().all(|other| other.is_alphanumeric() || other == '_'));
        match pieces.last_mut() {
            Some(last) if joins => last.push(c),
            _ => pieces.push(c.to_string()),
        }
    }
    pieces
}

fn mutated() -> impl Strategy<Value = String> {
    let texts: Vec<Vec<String>> = files("valid").iter().map(|path| pieces(source(path).text())).collect();
    let change = (0..3_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (prop::sample::select(texts), prop::collection::vec(change, 1..8)).prop_map(|(mut pieces, changes)| {
        for (what, one, other) in changes {
            let (one, other) = (one.index(pieces.len()), other.index(pieces.len()));
            match what {
                0 => {
                    pieces.remove(one);
                }
                1 => pieces.insert(other, pieces[one].clone()),
                _ => pieces.swap(one, other),
            }
            if pieces.is_empty() {
                break;
            }
        }
        pieces.concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn any_text_that_is_taken_in_is_survived(text in "(a,b,c\r?\n)?[a-c0-9é\"',<>{}|\\\\$# \r\n]{0,80}") {
        survives_taken_in(&text);
    }

    #[test]
    fn any_words_that_are_taken_in_are_survived(words in prop::collection::vec(prop::sample::select(WORDS), 0..60)) {
        survives_taken_in(&words.join(" "));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        match Source::from_bytes("bytes", bytes) {
            Ok(source) => survives(source.text()),
            Err(refused) => check(&refused.source_text, std::slice::from_ref(&refused.diagnostic)),
        }
    }

    #[test]
    fn any_words_are_survived(words in prop::collection::vec(prop::sample::select(WORDS), 0..120)) {
        survives(&words.join(" "));
    }

    #[test]
    fn any_words_in_a_scenario_are_survived(words in prop::collection::vec(prop::sample::select(WORDS), 0..60)) {
        survives(&format!("scenario \"x\"\n  then {}", words.join(" ")));
        survives(&format!("aggregate A\n  command C\n  reject X when {}", words.join(" ")));
    }

    #[test]
    fn a_valid_file_with_slips_is_survived(text in mutated()) {
        survives(&text);
    }
}

#[test]
fn a_file_cut_anywhere_is_survived() {
    for path in files("valid") {
        let whole = source(&path);
        for end in 0..whole.text().len() {
            if let Some(text) = whole.text().get(..end) {
                let source = Source::new("cut", text);
                let found = if path.extension().is_some_and(|ending| ending == "contract") {
                    let parsed = parse_contract(&source);
                    [parsed.diagnostics, Contract::resolve(&parsed.tree).diagnostics].concat()
                } else {
                    parse_scenarios(&source).diagnostics
                };
                for diagnostic in found {
                    assert!(text.get(diagnostic.span.range()).is_some(), "{diagnostic:?}");
                }
            }
        }
    }
}

/// Where an expression, a matcher, a type or a step may begin.
const STARTS: &[&str] = &[
    "scenario \"x\"\n  let $x = ",
    "scenario \"x\"\n  then X on $o shows ",
    "scenario \"x\"\n  when X ",
    "aggregate A\n  command C\n    reject X when ",
    "type T { a: ",
    "type T = ",
    "aggregate A\n  query Q\n    shows { a: ",
    "",
];

fn repeated(parts: &[&str], times: usize) {
    for start in STARTS {
        for part in parts {
            swallows(&format!("{start}{}", part.repeat(times)));
        }
    }
}

// Test threads have 2 MiB of stack: neither parsing nor dropping a tree may recurse with the input.

#[test]
fn deep_nesting_is_survived() {
    repeated(&["[", "{", "(", "{ a: ", "not ", "- ", "if ", "a.b.c.", "a or ", "1 + "], 100_000);
}

#[test]
fn repetitions_are_survived() {
    let nested = [
        "[[",
        "({[",
        "if a then ",
        "$a.b.",
        "1 * ",
        "a[0]",
        "a with { b: ",
        "sum(i in ",
        "f(",
        "each ",
        "unordered [",
        "= {",
    ];
    let flat = [
        "bag of ",
        "T?",
        "]",
        "})",
        "a | ",
        "-> $v = a, ",
        "unique ",
        "unique (",
        "shows ",
        "key ",
        "count ",
        "> ",
        ", ",
    ];
    let lines = [
        "\n",
        "\nthen ",
        "\nlet $a = ",
        "\n  x ",
        "\"",
        "~/",
        "é",
        "@a ",
        "$",
        "\n@a\nscenario \"x\"",
        "\nset a = b",
    ];
    repeated(&nested, 5_000);
    repeated(&flat, 5_000);
    repeated(&lines, 5_000);
}

#[test]
fn a_nesting_that_people_write_is_fine() {
    let text = format!(
        "scenario \"x\"\n  let $x = {}1{}\n  let $y = {}\n",
        "[".repeat(60),
        "]".repeat(60),
        vec!["1"; 200].join(" + ")
    );
    assert_eq!(parse_scenarios(&Source::new("t", text)).diagnostics, []);
}
