//! What is printed for files that are no text, and for text that would spoil a terminal.

use proofmark::language::parse_scenarios;
use proofmark::text::{Colour, Source, render};

fn refused(bytes: impl Into<Vec<u8>>) -> String {
    let refused = Source::from_bytes("file.scenario", bytes).unwrap_err();
    render([(&refused.source_text, std::slice::from_ref(&refused.diagnostic))], Colour::Plain)
}

fn told(text: &str, colour: Colour) -> String {
    let source = Source::new("file.scenario", text);
    render([(&source, parse_scenarios(&source).diagnostics.as_slice())], colour)
}

#[test]
fn a_file_that_is_not_utf8() {
    insta::assert_snapshot!(refused(b"feature \"one\"\nuse caf\xE9 bar\n"));
}

#[test]
fn a_binary_file() {
    insta::assert_snapshot!(refused(b"\x7FELF\x02\x01\0\0\0"));
}

#[test]
fn a_file_in_utf16() {
    insta::assert_snapshot!(refused(b"\xFF\xFEu\0s\0e\0"));
}

#[test]
fn a_file_that_is_too_large() {
    insta::assert_snapshot!(refused(vec![b'\n'; 8 * 1024 * 1024 + 1]));
}

#[test]
fn a_long_line_is_cut_around_the_caret() {
    let long = format!(
        "scenario \"one\"\n  given X {{ a: \"{}\", b: ?, c: \"{}\" }}\n",
        "x".repeat(1_000_000),
        "y".repeat(1_000_000)
    );
    insta::assert_snapshot!(told(&long, Colour::Plain));
}

#[test]
fn a_long_word_is_cut() {
    let told = told(&format!("{} accepted", "then".repeat(100_000)), Colour::Plain);
    assert!(told.len() < 3000, "{}", told.len());
}

#[test]
fn control_characters_are_inert() {
    let told = told(
        "scenario \"one\"\n  given X { a: \u{1B}[31m?, \u{9B}2J: \"\u{202E}\u{7}\", b: ? }\n\u{1B}]0;title\u{7} x",
        Colour::Plain,
    );
    assert!(told.chars().all(|c| c == '\n' || !c.is_control()), "{told:?}");
    insta::assert_snapshot!(told);
}

#[test]
fn colours_are_escape_codes() {
    let told = told("thn accepted\n", Colour::Ansi);
    assert!(told.contains("\u{1B}[1m"), "{told:?}");
    assert!(!told.contains("thn\u{1B}]"), "{told:?}");
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_are_fine() {
    let text = "feature \"x\"\r\nuse orders\r\n\r\nscenario \"one\"\r\n  given X on $o\r\n          key \"k\"\r\n  then accepted # fine\r\n";
    let source = Source::from_bytes("file.scenario", format!("\u{FEFF}{text}")).unwrap();
    let parsed = parse_scenarios(&source);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.tree.scenarios[0].steps.len(), 2);
}

#[test]
fn several_files_are_told_at_once() {
    let one = Source::new("one.scenario", "scenario \"a\"\n  then acepted\n");
    let two = Source::new("two.scenario", "use orders\n");
    let three = Source::new("three.scenario", "scenario \"a\"\n  then accepted\n");
    let found: Vec<_> = [one, two, three]
        .into_iter()
        .map(|source| {
            let diagnostics = parse_scenarios(&source).diagnostics;
            (source, diagnostics)
        })
        .collect();
    insta::assert_snapshot!(render(
        found.iter().map(|(source, found)| (source, found.as_slice())),
        Colour::Plain
    ));
}
