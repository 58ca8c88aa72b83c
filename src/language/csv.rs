//! Tables of values separated by commas (RFC 4180). Line ends may be of either kind, and lines with nothing on them are
//! passed over.

use crate::text::Span;

/// One record: what stands on a line, or on several where line ends are in quotes.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) cells: Vec<Cell>,
    pub(super) span: Span,
}

/// One cell.
#[derive(Debug)]
pub(super) struct Cell {
    /// Without the quotes around it, and without the spaces around it where there are none.
    pub(super) span: Span,
    /// Whether quotes in it are written twice.
    pub(super) doubled: bool,
}

/// Where a table is not written as the format wants it, and why.
#[derive(Debug)]
pub(super) struct Misprint {
    pub(super) span: Span,
    pub(super) what: &'static str,
    pub(super) advice: &'static str,
}

/// The records of the table that stands at `within` in `text`.
pub(super) fn records(text: &str, within: Span) -> Result<Vec<Record>, Misprint> {
    let end = text.len().min(within.end as usize);
    let mut reader =
        Reader { bytes: text.as_bytes().get(..end).unwrap_or_default(), at: within.start as usize };
    let mut records = Vec::new();
    while reader.at < end {
        let record = reader.record()?;
        let blank = record.cells.len() == 1 && record.span.range().is_empty();
        if !blank {
            records.push(record);
        }
    }
    Ok(records)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Up to behind the line end.
    fn record(&mut self) -> Result<Record, Misprint> {
        let start = self.at;
        let mut cells = Vec::new();
        loop {
            cells.push(self.cell()?);
            let end = self.at;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'\r') => {
                    self.at += 1 + usize::from(self.bytes.get(end + 1) == Some(&b'\n'));
                    return Ok(Record { cells, span: span(start, end) });
                }
                _ => {
                    self.at += 1;
                    return Ok(Record { cells, span: span(start, end) });
                }
            }
        }
    }

    fn cell(&mut self) -> Result<Cell, Misprint> {
        if self.peek() == Some(b'"') {
            return self.quoted();
        }
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b',' | b'\n' | b'\r' => break,
                b'"' => {
                    return Err(Misprint {
                        span: span(self.at, self.at + 1),
                        what: "a quote in a cell that is not in quotes",
                        advice: "put the whole cell in quotes, and write each quote in it twice: `\"\"\"p-1\"\"\"`",
                    });
                }
                _ => self.at += 1,
            }
        }
        let raw = self.bytes.get(start..self.at).unwrap_or_default();
        let before = raw.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let behind = raw.iter().skip(before).rev().take_while(|byte| byte.is_ascii_whitespace()).count();
        Ok(Cell { span: span(start + before, self.at - behind), doubled: false })
    }

    fn quoted(&mut self) -> Result<Cell, Misprint> {
        let opened = self.at;
        self.at += 1;
        let mut doubled = false;
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte != b'"' {
                continue;
            }
            if self.peek() == Some(b'"') {
                doubled = true;
                self.at += 1;
                continue;
            }
            let cell = Cell { span: span(opened + 1, self.at - 1), doubled };
            return match self.peek() {
                None | Some(b',' | b'\n' | b'\r') => Ok(cell),
                Some(_) => Err(Misprint {
                    span: span(self.at - 1, self.at),
                    what: "something stands behind the closing quote of this cell",
                    advice: "write a quote inside of a cell twice, or put a comma behind the cell",
                }),
            };
        }
        Err(Misprint {
            span: span(opened, opened + 1),
            what: "this quote is not closed in the rest of the file",
            advice: "close the cell with a quote; a quote inside of it is written twice",
        })
    }
}

fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&[&str]]) {
        let records = records(text, span(0, text.len())).expect("a table");
        let told: Vec<Vec<&str>> = records
            .iter()
            .map(|record| {
                record.cells.iter().map(|cell| text.get(cell.span.range()).unwrap_or("?")).collect()
            })
            .collect();
        assert_eq!(told, expected, "{text:?}");
    }

    fn refused(text: &str, at: u32) {
        let misprint = records(text, span(0, text.len())).expect_err("no table");
        assert_eq!(misprint.span.start, at, "{text:?}: {misprint:?}");
    }

    #[test]
    fn records_end_with_their_line() {
        check("a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]);
        check("a,b\r\n1,2", &[&["a", "b"], &["1", "2"]]);
        check("a,b\r1,2\r", &[&["a", "b"], &["1", "2"]]);
        check("", &[]);
        check("\n\na\n\n1\n", &[&["a"], &["1"]]);
    }

    #[test]
    fn cells_may_be_empty_or_have_spaces_around_them() {
        check("a,,c\n,", &[&["a", "", "c"], &["", ""]]);
        check(" a , b c\n", &[&["a", "b c"]]);
    }

    #[test]
    fn quotes_hold_commas_line_ends_and_quotes() {
        check("\"a,b\",\"c\nd\"\n\"\"\"e\"\"\",\" f \"", &[&["a,b", "c\nd"], &["\"\"e\"\"", " f "]]);
        check("\"\"\n", &[&[""]]);
    }

    #[test]
    fn what_is_no_table_is_told_where() {
        refused("a,b\n\"c,d\n", 4);
        refused("a\n\"b\"c\n", 4);
        refused("a\nb\"c\n", 3);
    }

    #[test]
    fn a_table_may_stand_in_the_middle_of_a_text() {
        let text = "x\ny,z\nq";
        let records = records(text, Span::new(2, 5)).expect("a table");
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].span, Span::new(2, 5));
    }
}
