//! Tables of examples: rows between bars behind `examples`, or a file of values separated by commas.

use std::sync::Arc;

use super::describe::quote;
use super::parser::{Parser, Reported};
use crate::language::csv::{self, Cell};
use crate::language::lexer::TokenKind;
use crate::text::{Code, Diagnostic, Span, Spanned};

/// One table: the first row names the columns.
pub(super) struct Examples {
    pub(super) columns: Vec<Spanned<Arc<str>>>,
    pub(super) rows: Vec<Row>,
}

/// One row of examples that has a cell a column.
pub(super) struct Row {
    pub(super) cells: Vec<Spanned<Arc<str>>>,
    pub(super) span: Span,
}

impl Parser<'_> {
    /// `examples` and the rows behind it, or the file that has them; nothing where nobody looked for that.
    pub(super) fn table(&mut self) -> Result<Option<Examples>, Reported> {
        let start = self.bump();
        if self.eat_word("from").is_some() {
            return self.table_of_file();
        }
        if self.peek() != TokenKind::Row {
            return Err(self.report(|| {
                Diagnostic::error(Code::BAD_EXAMPLES, start, "a table stands behind `examples`")
                    .advise("begin its lines with `|`: `| qty | price |`, then `| 3 | 0.10 |`")
            }));
        }
        let mut rows = Vec::new();
        let mut broken = false;
        while self.peek() == TokenKind::Row {
            let span = self.bump();
            match self.cells(span) {
                Ok(cells) => rows.push(Row { cells, span }),
                Err(Reported) => broken = true,
            }
        }
        if self.peek() != TokenKind::End {
            self.end_of_line();
        }
        if broken {
            return Err(Reported);
        }
        self.checked(rows, "cells stand between bars; a bar inside of one is written `\\|`").map(Some)
    }

    /// `"cases.csv"`
    fn table_of_file(&mut self) -> Result<Option<Examples>, Reported> {
        let name = self.expect_text("the name of a file in quotes")?;
        if self.peek() != TokenKind::End {
            self.end_of_line();
        }
        let part = match self.source.linked(name.span) {
            None => return Ok(None),
            Some(Ok(part)) => *part,
            Some(Err(why)) => {
                return Err(self.report_at(|| {
                    let what = format!("can't take examples from {}: {why}", quote(&name.node));
                    Diagnostic::error(Code::UNREADABLE_FILE, name.span, what)
                        .advise("name a file by its way from the folder of this one")
                }));
            }
        };
        let records = match csv::records(self.text, part) {
            Ok(records) => records,
            Err(misprint) => {
                return Err(self.told_once(|| {
                    Diagnostic::error(Code::BAD_EXAMPLES, misprint.span, misprint.what)
                        .advise(misprint.advice)
                }));
            }
        };
        let rows: Vec<Row> = records
            .into_iter()
            .map(|record| {
                let cell = |cell: Cell| {
                    let meant = self.source.meaning(cell.span);
                    Spanned::new(self.slice(meant).trim().into(), cell.span)
                };
                Row { cells: record.cells.into_iter().map(cell).collect(), span: record.span }
            })
            .collect();
        if rows.is_empty() {
            return Err(self.report_at(|| {
                Diagnostic::error(Code::BAD_EXAMPLES, name.span, "this file has no rows")
                    .advise("its first row names the columns, the others are the cases")
            }));
        }
        self.checked(rows, "cells stand between commas; a cell with a comma inside is put in quotes")
            .map(Some)
    }

    /// The rows as a table, if they are one. The first names the columns.
    fn checked(&mut self, mut rows: Vec<Row>, advice: &str) -> Result<Examples, Reported> {
        let columns = rows.remove(0);
        for (index, column) in columns.cells.iter().enumerate() {
            let name = &column.node;
            let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && name.starts_with(|c: char| c.is_ascii_alphabetic());
            let again = columns.cells[..index].iter().find(|other| other.node == *name);
            if !plain || again.is_some() {
                let what = if plain { "two columns have this name" } else { "this is no name of a column" };
                return Err(self.told_once(|| {
                    Diagnostic::error(Code::BAD_EXAMPLES, column.span, what)
                        .advise("a column has a name of its own, of letters, digits and `_`")
                }));
            }
        }
        if rows.is_empty() {
            return Err(self.told_once(|| {
                Diagnostic::error(Code::BAD_EXAMPLES, columns.span, "this table has columns and no rows")
                    .advise("add a row for each case")
            }));
        }
        for row in &rows {
            if row.cells.len() != columns.cells.len() {
                let (has, wants) = (row.cells.len(), columns.cells.len());
                return Err(self.told_once(|| {
                    let what = format!("this row has {has} of {wants} cells");
                    Diagnostic::error(Code::BAD_EXAMPLES, row.span, what)
                        .related(columns.span, "the columns")
                        .advise(advice)
                }));
            }
        }
        Ok(Examples { columns: columns.cells, rows })
    }

    /// The cells between the bars of a row.
    fn cells(&mut self, row: Span) -> Result<Vec<Spanned<Arc<str>>>, Reported> {
        let text = self.slice(row);
        let mut cells = Vec::new();
        let (mut from, mut escaped) = (1, false);
        for (at, byte) in text.bytes().enumerate().skip(1) {
            if byte == b'|' && !escaped {
                let raw = text.get(from..at).unwrap_or_default();
                let begins = from + raw.len() - raw.trim_start().len();
                let trimmed = raw.trim();
                let offset = |at: usize| row.start + u32::try_from(at).unwrap_or_default();
                let span = Span::new(offset(begins), offset(begins + trimmed.len()));
                cells.push(Spanned::new(trimmed.into(), span));
                from = at + 1;
            }
            escaped = byte == b'\\' && !escaped;
        }
        let left = text.get(from..).unwrap_or_default().trim();
        if left.is_empty() || left.starts_with('#') {
            return Ok(cells);
        }
        Err(self.report_at(|| {
            Diagnostic::error(Code::BAD_EXAMPLES, row, "this row has no bar at its end").advise("add `|`")
        }))
    }

    /// Says what is wrong with a table. Several outlines may take their examples from one file.
    fn told_once(&mut self, diagnostic: impl FnOnce() -> Diagnostic) -> Reported {
        self.sink().push_once(diagnostic);
        Reported
    }
}
