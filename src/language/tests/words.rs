//! Which words of a file are words of the language, and which are names: as the parser took them.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use regex_lite::Regex;

use crate::language::lexer::{Token, TokenKind, lex, lex_cell};
use crate::language::sink::Sink;
use crate::language::{link, parse_contract, parse_scenarios};
use crate::text::{Source, Span};

/// Where names are in a file that the parser took without a mistake. The debug text of a tree has all of its places.
pub(super) fn names(path: &Path, text: &str) -> Vec<Range<usize>> {
    let own = Arc::new(Source::new(path.to_string_lossy(), text));
    let source = link(&own, &mut |_, named| {
        let text = std::fs::read_to_string(path.with_file_name(named)).unwrap();
        Ok(Arc::new(Source::new(named, text)))
    });
    let (tree, found) = if path.extension().is_some_and(|ending| ending == "contract") {
        let parsed = parse_contract(&source);
        (format!("{:?}", parsed.tree), parsed.diagnostics)
    } else {
        let parsed = parse_scenarios(&source);
        (format!("{:?}", parsed.tree), parsed.diagnostics)
    };
    assert!(found.is_empty(), "{}: {found:?}", path.display());
    // `Ident { text: "x", span: … }`, and paths of what is kept: `Spanned { node: "a.b", span: … }`.
    let places = Regex::new(
        r#"(?:Ident \{ text|Spanned \{ node): "(?:[^"\\]|\\.)*", span: Span \{ start: (\d+), end: (\d+) \}"#,
    )
    .unwrap();
    places.captures_iter(&tree).map(|place| place[1].parse().unwrap()..place[2].parse().unwrap()).collect()
}

/// The tokens of a text; in place of a row those of its cells, but for a table's first row, which only names its columns.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut sink = Sink::default();
    let mut all = Vec::new();
    let mut before = None;
    for token in lex(text, &mut sink) {
        let is_head = token.kind == TokenKind::Row && before != Some(TokenKind::Row);
        before = Some(token.kind);
        if token.kind == TokenKind::Row && !is_head {
            all.extend(cells(text, token.span, &mut sink));
        } else {
            all.push(token);
        }
    }
    all
}

/// The tokens between the bars of a row.
fn cells(text: &str, row: Span, sink: &mut Sink) -> Vec<Token> {
    let written = &text[row.range()];
    let bars = Regex::new(r"\\.|\|").unwrap();
    let mut starts = bars.find_iter(written).filter(|bar| bar.as_str() == "|").map(|bar| bar.start());
    let mut from = starts.next().unwrap() + 1;
    let mut all = Vec::new();
    for bar in starts {
        let place = |at: usize| row.start + u32::try_from(at).unwrap();
        all.extend(lex_cell(text, Span::new(place(from), place(bar)), sink));
        from = bar + 1;
    }
    all
}

/// The characters that a text may have, `string 2..8 [a-z]`: an editor paints them as a pattern, whatever they look like.
pub(super) fn alphabets(text: &str) -> Vec<Range<usize>> {
    let alphabet = Regex::new(r"\bstring\b[^\[\]\n]*(\[[^\]\n]*\])").unwrap();
    alphabet.captures_iter(text).filter_map(|found| Some(found.get(1)?.range())).collect()
}
