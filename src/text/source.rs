use std::path::Path;
use std::sync::OnceLock;

use super::joined::{Linked, Part};
use super::{Span, path_name};

/// One file as it was read, with the name it is reported under.
#[derive(Clone, Debug)]
pub struct Source {
    name: Box<str>,
    /// Where it was read, if it was: its name may be no path.
    path: Option<Box<Path>>,
    text: Box<str>,
    /// Where each line begins, found when first asked for: most files have no mistakes.
    lines: OnceLock<Box<[u32]>>,
    /// The files it takes in, in the order in which their texts stand behind its own.
    pub(super) parts: Box<[Part]>,
    /// What became of the files that it names, by where each is named.
    pub(super) links: Box<[(u32, Linked)]>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Source {}

impl Source {
    /// A source called `name` (a path as the user would type it) that reads `text`.
    pub fn new(name: impl Into<Box<str>>, text: impl Into<Box<str>>) -> Self {
        Self {
            name: name.into(),
            path: None,
            text: text.into(),
            lines: OnceLock::new(),
            parts: Box::default(),
            links: Box::default(),
        }
    }

    /// A source that was read at `path`, which is told from all others by its name ([`path_name`]).
    pub(super) fn at(path: &Path, text: impl Into<Box<str>>) -> Self {
        Self { path: Some(path.into()), ..Self::new(path_name(path), text) }
    }

    /// The same with the texts of others behind its own.
    pub(super) fn joined(self, text: String, parts: Vec<Part>, links: Vec<(u32, Linked)>) -> Self {
        Self { text: text.into(), lines: OnceLock::new(), parts: parts.into(), links: links.into(), ..self }
    }

    /// The same file without its text.
    pub(super) fn empty(&self) -> Self {
        Self { path: self.path.clone(), ..Self::new(self.name(), "") }
    }

    /// The name it is reported under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the file is; its name, if it was not read from one.
    pub fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(&*self.name))
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text at `span`; empty if that is not inside the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Line of a byte offset in its file, counted from 1.
    pub fn line(&self, offset: u32) -> usize {
        let (file, place) = self.locate(Span::new(offset, offset));
        file.own_line(place.start)
    }

    fn own_line(&self, offset: u32) -> usize {
        self.starts().partition_point(|start| *start <= offset).max(1)
    }

    /// Column of a byte offset in its line, in characters, counted from 1.
    pub fn column(&self, offset: u32) -> usize {
        let (file, place) = self.locate(Span::new(offset, offset));
        file.own_column(place.start)
    }

    fn own_column(&self, offset: u32) -> usize {
        let start = self.line_span(self.own_line(offset)).start as usize;
        let end = (offset as usize).min(self.text.len());
        let before = self.text.as_bytes().get(start..end).unwrap_or_default();
        before.iter().filter(|byte| !is_continuation(**byte)).count() + 1
    }

    /// Where line `line` (counted from 1) is, without its line end.
    pub fn line_span(&self, line: usize) -> Span {
        let starts = self.starts();
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let Some(start) = starts.get(line.saturating_sub(1)).copied() else { return Span::new(end, end) };
        let next = starts.get(line).copied().unwrap_or(end);
        let trimmed = self.slice(Span::new(start, next)).trim_end_matches(['\n', '\r']);
        Span::new(start, start + u32::try_from(trimmed.len()).unwrap_or_default())
    }

    fn starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.filter_map(|(at, _)| u32::try_from(at + 1).ok())).collect()
        })
    }
}

/// Whether a byte of UTF-8 is a character's second or later one.
fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, offset: u32, expected: (usize, usize)) {
        let source = Source::new("t", text);
        assert_eq!((source.line(offset), source.column(offset)), expected, "{text:?} at {offset}");
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        check("", 0, (1, 1));
        check("ab\ncd", 0, (1, 1));
        check("ab\ncd", 2, (1, 3));
        check("ab\ncd", 3, (2, 1));
        check("ab\ncd", 99, (2, 3));
        check("é\té", 3, (1, 3));
    }

    #[test]
    fn a_line_ends_before_its_line_end() {
        let source = Source::new("t", "one\r\ntwo\n");
        assert_eq!(source.slice(source.line_span(1)), "one");
        assert_eq!(source.slice(source.line_span(2)), "two");
        assert_eq!(source.slice(source.line_span(3)), "");
        assert_eq!(source.slice(source.line_span(9)), "");
    }
}
