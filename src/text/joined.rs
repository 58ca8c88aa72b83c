//! Several files in one text, so that a span tells the file as well as the place in it.
//!
//! What a file takes in from others stands behind its own text. Trees, plans and findings need not know: only who shows a
//! place asks which file it is in.

use std::path::Path;
use std::sync::Arc;

use super::{Diagnostic, Source, Span};

/// A text behind a file's own.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Where it begins.
    start: u32,
    of: Of,
}

/// What a part is.
#[derive(Clone, Debug)]
enum Of {
    /// Another file.
    File(Arc<Source>),
    /// What a piece of text means, where it is written otherwise: it is shown where it is written.
    Meaning(Span),
}

/// What became of a file that is named in the text.
pub(crate) type Linked = Result<Span, String>;

impl Source {
    /// The file's own text, without what it takes in from others.
    pub fn own_text(&self) -> &str {
        // A line end stands before the first part.
        let end =
            self.parts.first().map_or(self.text().len(), |part| (part.start as usize).saturating_sub(1));
        self.text().get(..end).unwrap_or_default()
    }

    /// Whether a place is in the file itself, and not in one that it takes in.
    pub fn is_own(&self, span: Span) -> bool {
        self.parts.first().is_none_or(|part| span.start < part.start)
    }

    /// The file that a place is in, and where in it.
    pub fn locate(&self, span: Span) -> (&Self, Span) {
        let behind = self.parts.partition_point(|part| part.start <= span.start);
        let Some(part) = behind.checked_sub(1).and_then(|at| self.parts.get(at)) else {
            let end = u32::try_from(self.own_text().len()).unwrap_or(u32::MAX);
            return (self, Span::new(span.start.min(end), span.end.min(end)));
        };
        match &part.of {
            Of::Meaning(written) => self.locate(*written),
            Of::File(file) => {
                let end = u32::try_from(file.text().len()).unwrap_or(u32::MAX);
                let inside = |at: u32| at.saturating_sub(part.start).min(end);
                (file, Span::new(inside(span.start), inside(span.end)))
            }
        }
    }

    /// A mistake in the file that it is in. A place that explains it, but is in another file, is told in words.
    pub fn locate_mistake(&self, mistake: &Diagnostic) -> (&Self, Diagnostic) {
        let mut mistake = mistake.clone();
        let (file, span) = self.locate(mistake.span);
        mistake.span = span;
        if let Some((place, label)) = mistake.related.take() {
            let (other, place) = self.locate(place);
            if std::ptr::eq(other, file) {
                mistake.related = Some((place, label));
            } else if mistake.label.is_empty() {
                mistake.label = format!("{label}: {}:{}", other.name(), other.line(place.start));
            }
        }
        if let Some(fix) = &mut mistake.fix {
            fix.replace = fix.replace.take().map(|(place, text)| (self.locate(place).1, text));
        }
        (file, mistake)
    }

    /// What became of the file that is named at this place; `None` where nobody looked for it.
    pub(crate) fn linked(&self, named: Span) -> Option<&Linked> {
        self.links.binary_search_by_key(&named.start, |(at, _)| *at).ok().map(|at| &self.links[at].1)
    }

    /// Where it stands what the piece of text at this place means: there, unless that is written otherwise.
    pub(crate) fn meaning(&self, written: Span) -> Span {
        match self.linked(written) {
            Some(Ok(meaning)) => *meaning,
            _ => written,
        }
    }

    /// The same file with others behind it.
    pub(crate) fn join(&self) -> Joiner {
        let text = self.own_text().to_owned();
        let own = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
        Joiner { source: self.empty(), text, own, files: Vec::new(), parts: Vec::new(), links: Vec::new() }
    }
}

/// A source on its way to be joined with others.
#[derive(Debug)]
pub(crate) struct Joiner {
    source: Source,
    text: String,
    own: Span,
    files: Vec<(Arc<Source>, Span)>,
    parts: Vec<Part>,
    links: Vec<(u32, Linked)>,
}

impl Joiner {
    /// All that has been joined by now.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Where the file itself stands.
    pub(crate) fn own(&self) -> Span {
        self.own
    }

    /// Where the file is that a place is in.
    pub(crate) fn path_at(&self, span: Span) -> &Path {
        let file = self.files.iter().find(|(_, part)| part.start <= span.start && span.start < part.end);
        file.map_or(self.source.path(), |(file, _)| file.path())
    }

    /// Where a file stands, which is put behind the others if it isn't there yet, and whether that had to be done.
    pub(crate) fn file(&mut self, file: &Arc<Source>) -> (Span, bool) {
        if file.name() == self.source.name() {
            return (self.own, false);
        }
        if let Some((_, span)) = self.files.iter().find(|(known, _)| known.name() == file.name()) {
            return (*span, false);
        }
        let span = self.put(file.text(), Of::File(file.clone()));
        self.files.push((file.clone(), span));
        (span, true)
    }

    /// Says what the piece of text at this place means.
    pub(crate) fn means(&mut self, written: Span, meaning: &str) {
        let meaning = self.put(meaning, Of::Meaning(written));
        self.links.push((written.start, Ok(meaning)));
    }

    /// Says what became of the file that is named at this place.
    pub(crate) fn link(&mut self, named: Span, linked: Linked) {
        self.links.push((named.start, linked));
    }

    fn put(&mut self, text: &str, of: Of) -> Span {
        if self.parts.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.text.push_str(text);
        let end = self.text.len();
        self.text.push('\n');
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.parts.push(Part { start: offset(start), of });
        Span::new(offset(start), offset(end))
    }

    pub(crate) fn finish(mut self) -> Source {
        self.links.sort_by_key(|(at, _)| *at);
        self.source.joined(self.text, self.parts, self.links)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Code;

    fn joined() -> (Source, Span, Span) {
        let mut joiner = Source::new("a", "one\ntwo").join();
        let (b, new) = joiner.file(&Arc::new(Source::new("b", "x\n\"\"y\"\"")));
        assert!(new);
        let written = Span::new(b.start + 2, b.end);
        joiner.means(written, "\"y\"");
        (joiner.finish(), b, written)
    }

    #[test]
    fn a_place_is_found_in_its_file() {
        let (source, b, written) = joined();
        let check = |span: Span, name: &str, line: usize, text: &str| {
            let (file, place) = source.locate(span);
            assert_eq!((file.name(), file.line(place.start), file.slice(place)), (name, line, text));
            assert_eq!(source.line(span.start), line);
        };
        check(Span::new(4, 7), "a", 2, "two");
        check(Span::new(b.start, b.start + 1), "b", 1, "x");
        check(written, "b", 2, "\"\"y\"\"");
        let meaning = source.meaning(written);
        assert_eq!(source.slice(meaning), "\"y\"");
        check(meaning, "b", 2, "\"\"y\"\"");
        // What goes over the end of a file ends with it.
        check(Span::new(4, b.end), "a", 2, "two");
        assert_eq!(source.own_text(), "one\ntwo");
    }

    #[test]
    fn a_file_is_there_once() {
        let mut joiner = Source::new("a", "one").join();
        let b = Arc::new(Source::new("b", "x"));
        let (first, new) = joiner.file(&b);
        assert_eq!((joiner.file(&b), new), ((first, false), true));
        assert_eq!(joiner.file(&Arc::new(Source::new("a", "one"))), (Span::new(0, 3), false));
    }

    #[test]
    fn what_explains_a_mistake_from_another_file_is_told_in_words() {
        let (source, b, _) = joined();
        let mistake = Diagnostic::error(Code::MISSING, Span::new(b.start, b.start + 1), "wrong")
            .related(Span::new(4, 7), "see here");
        let (file, located) = source.locate_mistake(&mistake);
        assert_eq!((file.name(), located.span), ("b", Span::new(0, 1)));
        assert_eq!((located.related, &*located.label), (None, "see here: a:2"));
    }
}
