use toml::de::{DeTable, DeValue};

use crate::text::{Code, Diagnostic, Source, Span, Spanned};
use crate::value::Number;

/// A value of the file and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Text(Text),
    Number(Number),
    Bool(bool),
    List(Vec<Node>),
    Table(Table),
    /// A date, a time, or a number that JSON doesn't have: nothing in a profile is one.
    Foreign,
}

/// A text, with what it takes to point at a part of it.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) content: String,
    /// Where its first character stands in the file, if it is written there as it is, without escapes.
    verbatim_at: Option<u32>,
    whole: Span,
}

/// A table, in the order it was written in.
#[derive(Clone, Default, Debug)]
pub(super) struct Table {
    pub(super) entries: Vec<(Spanned<String>, Node)>,
}

impl Text {
    /// One that is pointed at as a whole.
    pub(super) fn new(content: &str, whole: Span) -> Self {
        Self { content: content.to_owned(), verbatim_at: None, whole }
    }

    /// Where the bytes from `start` up to `end` of the text stand; the whole text where that can't be told.
    pub(super) fn part(&self, start: usize, end: usize) -> Span {
        match (self.verbatim_at, u32::try_from(start), u32::try_from(end)) {
            (Some(at), Ok(start), Ok(end)) => Span::new(at + start, at + end),
            _ => self.whole,
        }
    }

    /// The part of it that `part`, a slice of its text, is.
    pub(super) fn slice(&self, part: &str) -> Self {
        // Comparing addresses is safe, and a slice of another text only gives the whole span.
        let start = (part.as_ptr() as usize).wrapping_sub(self.content.as_ptr() as usize);
        let inside = start <= self.content.len() && start + part.len() <= self.content.len();
        let at = self.verbatim_at.filter(|_| inside).and_then(|at| Some(at + u32::try_from(start).ok()?));
        let whole = if inside { self.part(start, start + part.len()) } else { self.whole };
        Self { content: part.to_owned(), verbatim_at: at, whole }
    }

    pub(super) fn span(&self) -> Span {
        self.whole
    }
}

impl Node {
    /// What it is in a few words.
    pub(super) fn in_words(&self) -> &'static str {
        match self.kind {
            Kind::Text(_) => "text",
            Kind::Number(_) => "a number",
            Kind::Bool(_) => "`true` or `false`",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
            Kind::Foreign => "a date or a special number",
        }
    }
}

/// Reads TOML into a tree; what can be read is there even if something else can't.
pub(super) fn read(source: &Source, out: &mut Vec<Diagnostic>) -> Table {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    for error in errors {
        let span = error.span().map(span).unwrap_or_default();
        out.push(Diagnostic::error(Code::BAD_TOML, span, format!("this is no TOML: {}", error.message())));
    }
    convert_table(source, table.get_ref())
}

fn convert_table(source: &Source, table: &DeTable<'_>) -> Table {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            let key = Spanned::new(key.get_ref().to_string(), span(key.span()));
            (key, convert(source, value.get_ref(), span(value.span())))
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    Table { entries }
}

fn convert(source: &Source, value: &DeValue<'_>, at: Span) -> Node {
    let kind = match value {
        DeValue::String(text) => Kind::Text(convert_text(source, text, at)),
        DeValue::Integer(integer) if integer.radix() == 10 => number(integer.as_str()),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map_or(Kind::Foreign, |n| Kind::Number(n.into())),
        DeValue::Float(float) => number(float.as_str()),
        DeValue::Boolean(truth) => Kind::Bool(*truth),
        DeValue::Datetime(_) => Kind::Foreign,
        DeValue::Array(elements) => Kind::List(
            elements.iter().map(|element| convert(source, element.get_ref(), span(element.span()))).collect(),
        ),
        DeValue::Table(table) => Kind::Table(convert_table(source, table)),
    };
    Node { span: at, kind }
}

/// A number digit by digit: `0.10` stays that.
fn number(literal: &str) -> Kind {
    let plain = literal.strip_prefix('+').unwrap_or(literal);
    Number::parse(plain).map_or(Kind::Foreign, Kind::Number)
}

fn convert_text(source: &Source, text: &str, at: Span) -> Text {
    let written = source.slice(at);
    let quotes = if written.starts_with("\"\"\"") || written.starts_with("'''") { 3 } else { 1 };
    let inner = written.len().checked_sub(quotes).and_then(|end| written.get(quotes..end));
    let verbatim = inner.is_some_and(|inner| inner == text);
    let quotes = u32::try_from(quotes).unwrap_or_default();
    Text { content: text.to_owned(), verbatim_at: verbatim.then_some(at.start + quotes), whole: at }
}

fn span(range: std::ops::Range<usize>) -> Span {
    let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}
