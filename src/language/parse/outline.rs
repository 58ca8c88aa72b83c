//! `outline "…"` and its `examples`: the same steps once for each row of a table.
//!
//! The tokens of a cell take the place of the placeholder `<column>`. They keep their places in the file, so a mistake
//! in a cell is shown in its row.

use std::collections::HashMap;
use std::sync::Arc;

use super::describe::quote;
use super::parser::{Parser, Reported};
use super::table::{Examples, Row};
use crate::language::lexer::{Token, TokenKind, lex_cell};
use crate::text::{Code, Diagnostic, Span, did_you_mean};

/// All outlines of a file may become so many tokens: more than anybody has scenarios.
const MOST_TOKENS: usize = 2_000_000;

/// A cell with more characters is cut in the name of its scenario.
const MAX_NAMED_CHARS: usize = 30;

/// Lines that end an outline's steps begin with one of these, or with a tag.
const ENDS: &[&str] = &["examples", "scenario", "outline", "background", "feature", "use", "include"];

/// The steps of an outline, as tokens.
pub(super) struct Body {
    tokens: Vec<Token>,
    /// `<column>`: its first token, its name, and where it is.
    placeholders: Vec<(usize, Arc<str>, Span)>,
    /// All of it.
    pub(super) span: Span,
}

/// An outline with one row put in: what it is called, its tokens, and for each what it stands for in the outline.
pub(super) struct Expanded {
    /// `qty 3, price 0.10`
    pub(super) told: String,
    pub(super) row: Span,
    /// Which row of the outline it is, counted from 1.
    pub(super) number: usize,
    pub(super) tokens: Vec<Token>,
    pub(super) outer: Vec<Span>,
}

impl Parser<'_> {
    /// The steps behind the header of an outline. The cursor goes behind them.
    pub(super) fn outline_body(&mut self) -> Body {
        let from = self.limit;
        let rest = self.tokens.get(from..).unwrap_or_default();
        let ends = |(at, token): (usize, &Token)| {
            // Rows come behind `examples` only: a line that begins with a bar is a table that lacks the word, or has it mistyped.
            let bar = |ahead: usize| {
                rest.get(at + ahead).is_some_and(|next| next.first && next.kind == TokenKind::Bar)
            };
            let name = || ENDS.contains(&self.slice(token.span)) || bar(1);
            token.kind == TokenKind::End
                || token.first
                    && (matches!(token.kind, TokenKind::Tag | TokenKind::Row)
                        || bar(0)
                        || token.kind == TokenKind::Name && name())
        };
        let length = rest.iter().enumerate().take_while(|token| !ends(*token)).count();
        let tokens: Vec<Token> = rest.iter().copied().take(length).collect();
        let at = self.last_span().end;
        let span = match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::new(at, at),
        };
        let placeholders = tokens.windows(3).enumerate().filter_map(|(index, window)| {
            let [less, name, greater] = window else { return None };
            let joined = less.span.end == name.span.start && name.span.end == greater.span.start;
            let kinds = [less.kind, name.kind, greater.kind];
            (joined && kinds == [TokenKind::Less, TokenKind::Name, TokenKind::Greater])
                .then(|| (index, self.slice(name.span).into(), less.span.to(greater.span)))
        });
        let placeholders = placeholders.collect();
        self.pos = from + tokens.len();
        self.limit = self.pos;
        Body { tokens, placeholders, span }
    }

    /// The tables behind an outline's steps. `header` is where the outline begins.
    pub(super) fn examples(&mut self, body: &Body, header: Span) -> Vec<Examples> {
        let mut tables = Vec::new();
        let mut said = false;
        loop {
            self.begin_statement();
            if self.word() != "examples" {
                said |= self.table_alone();
                break;
            }
            match self.table() {
                Ok(Some(table)) => tables.push(table),
                // Nobody looked for the file, or it was told what is wrong.
                Ok(None) | Err(Reported) => said = true,
            }
            self.pos = self.limit;
        }
        if tables.is_empty() && !said {
            self.note(|| {
                Diagnostic::error(Code::BAD_EXAMPLES, header, "this outline has no examples").advise(
                    "add `examples` behind its steps, and a table: a row of columns, then a row for each case",
                )
            });
        }
        tables.retain(|table| self.fits(body, table));
        self.repeated(&tables);
        tables
    }

    /// A table without `examples` before it, or with that mistyped: told, and passed over.
    fn table_alone(&mut self) -> bool {
        let is_bar =
            |token: Option<&Token>| token.is_some_and(|token| token.first && token.kind == TokenKind::Bar);
        let (span, word) = (self.span(), self.word());
        let alone = is_bar(self.tokens.get(self.pos));
        if !alone && (word.is_empty() || ENDS.contains(&word) || !is_bar(self.tokens.get(self.pos + 1))) {
            return false;
        }
        self.note(|| {
            if alone {
                return Diagnostic::error(Code::BAD_EXAMPLES, span, "a table stands behind `examples`")
                    .advise("write `examples` in a line before it");
            }
            let what = format!("a table stands behind `examples`, not behind {}", quote(word));
            Diagnostic::error(Code::BAD_EXAMPLES, span, what).replace("write `examples`", "examples")
        });
        let ends = |token: &Token| {
            token.kind == TokenKind::End
                || token.first && (token.kind == TokenKind::Tag || ENDS.contains(&self.slice(token.span)))
        };
        let rest = self.tokens.get(self.pos..).unwrap_or_default();
        self.pos += rest.iter().take_while(|token| !ends(token)).count();
        self.limit = self.pos;
        true
    }

    /// `<column>` where no examples are.
    pub(super) fn stray_placeholder(&mut self) -> Reported {
        let start = self.span();
        let end = self.tokens.get(self.pos + 2).map_or(start, |token| token.span);
        let reported = self.report(|| {
            let what = "a placeholder stands only in an outline";
            Diagnostic::error(Code::UNKNOWN_COLUMN, start.to(end), what)
                .advise("write `outline` in place of `scenario`, and `examples` behind its steps")
        });
        self.give_up();
        reported
    }

    /// Whether the outline's placeholders and the table's columns are the same.
    fn fits(&mut self, body: &Body, table: &Examples) -> bool {
        let mut fits = true;
        for (_, name, span) in &body.placeholders {
            if table.columns.iter().any(|column| column.node == *name) {
                continue;
            }
            fits = false;
            let near = did_you_mean(name, table.columns.iter().map(|column| &*column.node));
            let columns = table.columns.first().map_or(*span, |column| column.span);
            self.report_at(|| {
                let what = format!("the examples have no column {}", quote(name));
                let mistake =
                    Diagnostic::error(Code::UNKNOWN_COLUMN, *span, what).related(columns, "the columns");
                match near {
                    Some(near) => mistake.replace(format!("did you mean `<{near}>`?"), format!("<{near}>")),
                    None => mistake.advise("add the column, or write the value itself"),
                }
            });
        }
        // A file may have columns for other readers.
        let own = table.columns.first().is_some_and(|column| self.source.is_own(column.span));
        for column in table.columns.iter().filter(|_| own) {
            if !body.placeholders.iter().any(|(_, name, _)| *name == column.node) {
                self.report_at(|| {
                    let what = format!("no step of this outline uses `<{}>`", column.node);
                    Diagnostic::warning(Code::UNUSED_COLUMN, column.span, what)
                        .advise("put it where its value belongs, or delete the column")
                });
            }
        }
        fits
    }

    fn repeated(&mut self, tables: &[Examples]) {
        let mut seen: HashMap<Vec<(&str, &str)>, Span> = HashMap::new();
        for table in tables {
            for row in &table.rows {
                let names = table.columns.iter().map(|column| &*column.node);
                let mut cells: Vec<_> = names.zip(row.cells.iter().map(|cell| &*cell.node)).collect();
                cells.sort_unstable();
                if let Some(first) = seen.insert(cells, row.span) {
                    self.report_at(|| {
                        Diagnostic::error(Code::DUPLICATE_ROW, row.span, "this row is there already")
                            .related(first, "the first one")
                            .advise("delete one of them")
                    });
                }
            }
        }
    }

    /// Puts each row into the outline. `room` is how many tokens the file has left.
    pub(super) fn expand(&mut self, body: &Body, tables: &[Examples], room: &mut usize) -> Vec<Expanded> {
        let mut all = Vec::new();
        for table in tables {
            for row in &table.rows {
                let expanded = self.expand_row(body, table, row, all.len() + 1);
                let Some(left) = MOST_TOKENS.checked_sub(*room + expanded.tokens.len()) else {
                    self.report_at(|| {
                        let what = "the outlines of this file become too many scenarios";
                        Diagnostic::error(Code::FILE_TOO_LARGE, row.span, what)
                            .advise("split the file, or leave out rows that show nothing new")
                    });
                    return all;
                };
                *room = MOST_TOKENS - left;
                all.push(expanded);
            }
        }
        all
    }

    fn expand_row(&mut self, body: &Body, table: &Examples, row: &Row, number: usize) -> Expanded {
        let cells: Vec<Vec<Token>> = row.cells.iter().map(|cell| self.cell_tokens(cell.span)).collect();
        let mut tokens = Vec::with_capacity(body.tokens.len());
        let mut outer = Vec::with_capacity(body.tokens.len());
        let mut placeholders = body.placeholders.iter().peekable();
        let mut index = 0;
        while let Some(token) = body.tokens.get(index) {
            let Some((_, name, span)) = placeholders.next_if(|(at, ..)| *at == index) else {
                tokens.push(*token);
                outer.push(token.span);
                index += 1;
                continue;
            };
            let column = table.columns.iter().position(|column| column.node == *name);
            let cell = column.and_then(|column| cells.get(column)).map_or(&[][..], Vec::as_slice);
            for (at, inner) in cell.iter().enumerate() {
                tokens.push(Token { first: at == 0 && token.first, ..*inner });
                outer.push(*span);
            }
            index += 3;
        }
        let end = row.span.end;
        tokens.push(Token { kind: TokenKind::End, first: true, span: Span::new(end, end) });
        outer.push(body.span);
        let cells = table.columns.iter().zip(&row.cells);
        let told: Vec<String> =
            cells.map(|(column, cell)| format!("{} {}", column.node, cut(&cell.node))).collect();
        Expanded { told: told.join(", "), row: row.span, number, tokens, outer }
    }

    fn cell_tokens(&mut self, cell: Span) -> Vec<Token> {
        let (text, meant) = (self.text, self.source.meaning(cell));
        lex_cell(text, meant, self.sink())
    }
}

fn cut(cell: &str) -> String {
    let cell = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    match cell.char_indices().nth(MAX_NAMED_CHARS) {
        Some((end, _)) => format!("{}…", cell.get(..end).unwrap_or_default()),
        None => cell,
    }
}
