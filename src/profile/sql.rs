//! Statements by which a query is answered: what can be said of one without a database.

use std::mem;

use super::template::{Hole, Part, Template};
use crate::text::{Code, Diagnostic, Span};

/// How a statement that only reads can begin.
const READS: [&str; 4] = ["select", "with", "values", "table"];

/// One statement that reads. Its placeholders are bound, and never part of its text.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    parts: Vec<Part>,
}

/// How a query is answered from a database.
#[derive(Clone, Debug)]
pub(crate) struct Sql {
    /// What brings the record, or the rows.
    pub(crate) rows: Statement,
    /// What brings how many rows there are on all pages: one row of one column.
    pub(crate) total: Option<Statement>,
}

impl Statement {
    /// Reads one that stands at `span`, and tells what keeps it from being one.
    pub(super) fn read(template: Template, span: Span, out: &mut Vec<Diagnostic>) -> Self {
        let mut scanner = Scanner::default();
        let parts = template.parts.into_iter().filter_map(|part| match part {
            Part::Literal(text) => {
                let kept = scanner.literal(&text);
                (!kept.is_empty()).then_some(Part::Literal(kept))
            }
            Part::Hole(hole) => {
                scanner.hole(&hole, out);
                Some(Part::Hole(hole))
            }
        });
        let parts = parts.collect();
        scanner.ends(span, out);
        Self { parts }
    }

    /// Its placeholders, in order.
    pub(crate) fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Literal(_) => None,
        })
    }

    /// Its text, with what `mark` makes of the number of each placeholder, from 0, in its place.
    pub(crate) fn text(&self, mut mark: impl FnMut(usize) -> String) -> String {
        let mut text = String::new();
        let mut number = 0;
        for part in &self.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Hole(_) => {
                    text.push_str(&mark(number));
                    number += 1;
                }
            }
        }
        text
    }
}

/// What the scanner is within.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
enum Within {
    #[default]
    Code,
    /// A text or a name in quotes; whether a backslash escapes there.
    Quotes(char, bool),
    /// A comment up to the end of the line.
    Line,
    /// Comments within comments.
    Block(usize),
    /// A text between two such tags (`$$`, `$body$`): PostgreSQL's.
    Dollars(String),
}

/// Reads the text of a statement as far as to know what is text, name, comment or code in it.
#[derive(Default)]
struct Scanner {
    within: Within,
    /// The statement's first word.
    word: String,
    /// Whether the first word is over.
    begun: bool,
    /// Whether a semicolon has ended the statement, and whether something came behind it.
    ended: bool,
    more: bool,
    /// A placeholder in a database's own notation.
    foreign: Option<String>,
}

impl Scanner {
    /// Reads on, and returns the text without a semicolon that ends the statement.
    fn literal(&mut self, text: &str) -> String {
        let mut kept = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let length = match mem::take(&mut self.within) {
                Within::Code => self.code(c, rest, &kept),
                Within::Quotes(quote, escapes) => {
                    let skips = escapes && c == '\\';
                    if c != quote {
                        self.within = Within::Quotes(quote, escapes);
                    }
                    let next = rest.chars().nth(1).filter(|_| skips).map_or(0, char::len_utf8);
                    c.len_utf8() + next
                }
                Within::Line => {
                    self.within = if c == '\n' { Within::Code } else { Within::Line };
                    c.len_utf8()
                }
                Within::Block(depth) => self.comment(depth, c, rest),
                Within::Dollars(tag) => match rest.strip_prefix(&*tag) {
                    Some(_) => tag.len(),
                    None => {
                        self.within = Within::Dollars(tag);
                        c.len_utf8()
                    }
                },
            };
            let (read, left) = rest.split_at(length);
            // A semicolon in the code is the only one that is read alone.
            if read != ";" || !self.ended || self.within != Within::Code {
                kept.push_str(read);
            }
            rest = left;
        }
        kept
    }

    /// Reads one token of the code, behind what is in `before`; how long it is.
    fn code(&mut self, c: char, rest: &str, before: &str) -> usize {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        if rest.starts_with("--") {
            self.within = Within::Line;
            return 2;
        }
        if rest.starts_with("/*") {
            self.within = Within::Block(1);
            return 2;
        }
        if c.is_whitespace() {
            self.begun |= !self.word.is_empty();
            return c.len_utf8();
        }
        self.more |= self.ended;
        match c {
            ';' => self.ended = true,
            '\'' => {
                // E'…' is PostgreSQL's; LIKE'…' is none.
                let escapes = before.strip_suffix(['e', 'E']).is_some_and(|before| !before.ends_with(word));
                self.within = Within::Quotes(c, escapes);
            }
            '"' | '`' => self.within = Within::Quotes(c, false),
            '$' if !before.ends_with(word) => {
                let name = rest[1..].find(|c| !word(c)).map_or(rest.len(), |at| at + 1);
                let tag = &rest[..name];
                if tag[1..].starts_with(|c: char| c.is_ascii_digit()) {
                    self.foreign.get_or_insert_with(|| tag.to_owned());
                } else if rest[name..].strip_prefix('$').is_some() {
                    self.within = Within::Dollars(format!("{tag}$"));
                    self.begun = true;
                    return name + 1;
                }
            }
            _ => {}
        }
        if !self.begun && word(c) {
            self.word.push(c);
        } else if c != '(' || !self.word.is_empty() {
            self.begun = true;
        }
        c.len_utf8()
    }

    fn comment(&mut self, depth: usize, c: char, rest: &str) -> usize {
        let (depth, length) = match () {
            () if rest.starts_with("*/") => (depth - 1, 2),
            () if rest.starts_with("/*") => (depth + 1, 2),
            () => (depth, c.len_utf8()),
        };
        self.within = if depth == 0 { Within::Code } else { Within::Block(depth) };
        length
    }

    fn hole(&mut self, hole: &Hole, out: &mut Vec<Diagnostic>) {
        self.begun = true;
        self.more |= self.ended;
        let place = match self.within {
            Within::Code => return,
            Within::Quotes('\'', _) | Within::Dollars(_) => "a text in quotes",
            Within::Quotes(..) => "a name in quotes",
            Within::Line | Within::Block(_) => "a comment",
        };
        let what = format!("a value is bound to its place, and there is no place for one within {place}");
        out.push(
            Diagnostic::error(Code::BAD_SQL, hole.span, what).advise(
                "write it without quotes, `name = ${.name}`, or put texts together: `'x-' || ${.name}`",
            ),
        );
    }

    fn ends(self, span: Span, out: &mut Vec<Diagnostic>) {
        let mut told = |what: String, advice: &str| {
            out.push(Diagnostic::error(Code::BAD_SQL, span, what).advise(advice));
        };
        match &self.within {
            Within::Code | Within::Line => {}
            Within::Quotes(quote, _) => {
                told(format!("there is no {quote} to end what {quote} begins"), "close it");
            }
            Within::Block(_) => told("a comment is not closed".to_owned(), "close it with `*/`"),
            Within::Dollars(tag) => told(format!("there is no {tag} to end what {tag} begins"), "close it"),
        }
        if self.more {
            told("this is more than one statement".to_owned(), "leave one: what it brings is the answer");
        }
        if let Some(foreign) = &self.foreign {
            told(
                format!("nothing is bound to `{foreign}`"),
                "write what it stands for: `${on}`, `${.field}`",
            );
        }
        let word = self.word.to_ascii_lowercase();
        if word.is_empty() {
            told("there is no statement".to_owned(), "write `SELECT … WHERE id = ${on}`");
        } else if !READS.contains(&&*word) {
            let what = format!("a query is answered by a statement that reads, not by `{}`", self.word);
            told(what, "write `SELECT … WHERE id = ${on}`; nothing is ever written to the database");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tree::Text;

    /// What becomes of a statement, and what is said of it.
    fn read(sql: &str) -> (String, Vec<String>) {
        let mut out = Vec::new();
        let template = Template::parse(&Text::new(sql, Span::new(0, 0)), &[], &mut out);
        let statement = Statement::read(template, Span::new(0, 0), &mut out);
        (statement.text(|number| format!("<{number}>")), out.into_iter().map(|one| one.message).collect())
    }

    #[test]
    fn placeholders_stand_where_a_value_can() {
        let check = |sql: &str, text: &str| assert_eq!(read(sql), (text.to_owned(), Vec::new()), "{sql}");
        check("SELECT * FROM o WHERE id = ${on} AND c = ${.c}", "SELECT * FROM o WHERE id = <0> AND c = <1>");
        check("select 'it''s; -- no' || ${on};", "select 'it''s; -- no' || <0>");
        check(
            "/* a ; /* b */ 'c */ WITH x AS (SELECT 1) TABLE x ; -- done",
            "/* a ; /* b */ 'c */ WITH x AS (SELECT 1) TABLE x  -- done",
        );
        check("(SELECT E'a\\'b;' , ${on})", "(SELECT E'a\\'b;' , <0>)");
        check("SELECT $a$ ; $$ ' $a$, ${on} -- it's", "SELECT $a$ ; $$ ' $a$, <0> -- it's");
        check("VALUES (${on}, \"odd'name\", `x;`)", "VALUES (<0>, \"odd'name\", `x;`)");
        check("SELECT a LIKE'\\' || ${on}", "SELECT a LIKE'\\' || <0>");
        check("SELECT a->'b' ? 'c', x$1 FROM t", "SELECT a->'b' ? 'c', x$1 FROM t");
    }

    #[test]
    fn what_keeps_a_statement_from_being_one_is_told() {
        let check = |sql: &str, part: &str| {
            let (_, told) = read(sql);
            assert!(told.len() == 1 && told[0].contains(part), "{sql}: {told:?}");
        };
        check("SELECT * FROM o WHERE id = '${on}'", "within a text in quotes");
        check("SELECT * FROM \"${on}\"", "within a name in quotes");
        check("SELECT 1 -- ${on}", "within a comment");
        check("SELECT $$ ${on} $$", "within a text in quotes");
        check("SELECT 1; SELECT 2", "more than one statement");
        check("SELECT 1; ${on}", "more than one statement");
        check("SELECT 'a", "there is no ' to end");
        check("SELECT /* a", "comment is not closed");
        check("SELECT $x$ a", "there is no $x$ to end");
        check("SELECT * FROM o WHERE id = $1", "nothing is bound to `$1`");
        check(" -- nothing", "there is no statement");
        check("update o SET a = 1", "not by `update`");
        check("delete FROM o WHERE id = ${on}", "not by `delete`");
    }
}
