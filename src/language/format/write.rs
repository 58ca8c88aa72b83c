//! The lines put together again, and the tables of examples.

use super::lines::Line;
use crate::language::lexer::{Token, TokenKind};

/// Where the rows of examples begin.
const TABLE: usize = 4;

/// A comment behind something keeps at least this distance.
const BEFORE_COMMENT: usize = 2;

/// The whole text: without blank lines at its ends, and never two in a row.
pub(super) fn write(
    text: &str,
    tokens: &[Token],
    lines: &[Line<'_>],
    indents: &[usize],
    spaces: &[usize],
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    let mut widths: Vec<usize> = Vec::new();
    for (number, (line, indent)) in lines.iter().zip(indents).enumerate() {
        if line.is_blank() {
            blank = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut blank) {
            out.push('\n');
        }
        let on_line = tokens.get(line.tokens.clone()).unwrap_or_default();
        let from = out.len();
        match on_line {
            [row] if row.kind == TokenKind::Row => {
                if widths.is_empty() {
                    widths = column_widths(text, tokens, lines.get(number..).unwrap_or_default());
                }
                write_row(&mut out, text.get(row.span.range()).unwrap_or_default(), &widths);
            }
            _ => {
                if !on_line.is_empty() {
                    widths.clear();
                }
                pad(&mut out, *indent);
                for (at, token) in line.tokens.clone().zip(on_line) {
                    if at > line.tokens.start {
                        pad(&mut out, spaces.get(at).copied().unwrap_or_default());
                    }
                    out.push_str(text.get(token.span.range()).unwrap_or_default());
                }
                if let Some(comment) = line.comment {
                    if !on_line.is_empty() {
                        let width = out.get(from..).map_or(0, |line| line.chars().count());
                        pad(&mut out, line.column.saturating_sub(width).max(BEFORE_COMMENT));
                    }
                    out.push_str(comment);
                }
            }
        }
        out.push('\n');
    }
    out
}

fn pad(out: &mut String, spaces: usize) {
    out.extend(std::iter::repeat_n(' ', spaces));
}

/// The cells of a row, and what stands behind its last bar. `\|` is a bar inside of a cell.
pub(super) fn cells(row: &str) -> (Vec<&str>, &str) {
    let mut cells = Vec::new();
    let mut from = 1;
    let mut escaped = false;
    for (at, byte) in row.bytes().enumerate().skip(1) {
        if byte == b'|' && !escaped {
            cells.push(row.get(from..at).unwrap_or_default().trim());
            from = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    (cells, row.get(from..).unwrap_or_default().trim())
}

/// How wide each column of the table is that these lines begin with.
fn column_widths(text: &str, tokens: &[Token], lines: &[Line<'_>]) -> Vec<usize> {
    let mut widths = Vec::new();
    for token in lines.iter().filter_map(|line| tokens.get(line.tokens.clone())?.first()) {
        if token.kind != TokenKind::Row {
            break;
        }
        let (cells, _) = cells(text.get(token.span.range()).unwrap_or_default());
        widths.resize(cells.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

fn write_row(out: &mut String, row: &str, widths: &[usize]) {
    pad(out, TABLE);
    out.push('|');
    let (cells, comment) = cells(row);
    for (cell, width) in cells.iter().zip(widths) {
        out.push(' ');
        out.push_str(cell);
        pad(out, width.saturating_sub(cell.chars().count()) + 1);
        out.push('|');
    }
    if !comment.is_empty() {
        pad(out, BEFORE_COMMENT);
        out.push_str(comment);
    }
}
