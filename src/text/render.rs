//! Diagnostics as a person reads them in a terminal.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Severity, Source, Span};

/// A line is shown whole up to this many bytes; of a longer one only what surrounds the caret.
const MAX_LINE_BYTES: usize = 200;

/// How much of a long line is shown before the caret.
const BEFORE_CARET_BYTES: usize = 60;

/// Messages quote what the user wrote, which may be long.
const MAX_MESSAGE_BYTES: usize = 400;

/// A related place is shown in one piece with the mistake if it is at most so many lines away.
const NEAR_LINES: usize = 4;

/// Whether the text is coloured with ANSI escape codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// Characters only.
    Plain,
    /// With escape codes.
    Ansi,
}

/// All diagnostics of all files, each with its line and a caret, in file order and then in the order of the text,
/// with a summary line at the end. Empty if there are none.
///
/// Whatever the sources hold, the result contains no control characters but line ends and our own colours.
pub fn render<'a>(files: impl IntoIterator<Item = (&'a Source, &'a [Diagnostic])>, colour: Colour) -> String {
    let renderer = renderer(colour);
    let mut out = String::new();
    let (mut errors, mut warnings, mut places) = (0, 0, 0);
    for (source, diagnostics) in files {
        let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
        sorted.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        places += usize::from(!sorted.is_empty());
        for diagnostic in sorted {
            match diagnostic.severity {
                Severity::Error => errors += 1,
                Severity::Warning => warnings += 1,
            }
            out.push_str(&renderer.render(&[group(source, diagnostic)]));
            out.push_str("\n\n");
        }
    }
    if places > 0 {
        out.push_str(&summary(errors, warnings, places));
        out.push('\n');
    }
    out
}

/// "2 errors and 1 warning in 3 files".
pub fn summary(errors: usize, warnings: usize, files: usize) -> String {
    let mut out = String::new();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    if errors > 0 || warnings == 0 {
        let _ = write!(out, "{errors} error{}", plural(errors));
    }
    if warnings > 0 {
        let and = if errors > 0 { " and " } else { "" };
        let _ = write!(out, "{and}{warnings} warning{}", plural(warnings));
    }
    let _ = write!(out, " in {files} file{}", plural(files));
    out
}

/// One diagnostic under a title of its own in place of `error` and its code, such as `broken promise: …`.
pub fn render_titled(
    source: &Source,
    diagnostic: &Diagnostic,
    title: &'static str,
    colour: Colour,
) -> String {
    let level = level(diagnostic.severity).with_name(title);
    let title = level.primary_title(inert(&diagnostic.message));
    renderer(colour).render(&[place(Group::with_title(title), source, diagnostic)])
}

fn renderer(colour: Colour) -> Renderer {
    let renderer = match colour {
        Colour::Plain => Renderer::plain(),
        Colour::Ansi => Renderer::styled(),
    };
    // Our own windows are narrow enough; its trimming would cut a second time.
    renderer.term_width(MAX_LINE_BYTES * 2)
}

fn group<'a>(source: &Source, diagnostic: &Diagnostic) -> Group<'a> {
    let title = level(diagnostic.severity).primary_title(inert(&diagnostic.message)).id(diagnostic.code.0);
    place(Group::with_title(title), source, diagnostic)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

/// The group with the place that the diagnostic points at, and how to mend it.
fn place<'a>(mut group: Group<'a>, source: &Source, diagnostic: &Diagnostic) -> Group<'a> {
    let (source, diagnostic) = &source.locate_mistake(diagnostic);
    let start = diagnostic.span.start;
    let line = source.line(start);
    let origin = Origin::path(inert(source.name()));
    if source.text().is_empty() && diagnostic.span == Span::default() {
        group = group.element(origin);
    } else if window(source, line, Some(diagnostic.span)).start > source.line_span(line).start {
        // The renderer would count columns from where the line is cut.
        group = group.element(origin.line(line).char_column(source.column(start)));
        group = group.elements(snippets(source, diagnostic));
    } else {
        let named =
            snippets(source, diagnostic).into_iter().map(|snippet| snippet.path(inert(source.name())));
        group = group.elements(named);
    }
    match &diagnostic.fix {
        Some(fix) => group.element(Level::HELP.message(inert(&fix.advice))),
        None => group,
    }
}

type Annotated<'a> = Snippet<'a, annotate_snippets::Annotation<'a>>;

fn snippets<'a>(source: &Source, diagnostic: &Diagnostic) -> Vec<Annotated<'a>> {
    let place = Place { span: diagnostic.span, label: &diagnostic.label, kind: AnnotationKind::Primary };
    let Some((span, label)) = &diagnostic.related else {
        return vec![snippet(source, &[place])];
    };
    let related = Place { span: *span, label, kind: AnnotationKind::Context };
    if source.line(place.span.start).abs_diff(source.line(span.start)) <= NEAR_LINES {
        vec![snippet(source, &[place, related])]
    } else {
        vec![snippet(source, &[place]), snippet(source, &[related])]
    }
}

/// Something to mark in a snippet.
struct Place<'a> {
    span: Span,
    label: &'a str,
    kind: AnnotationKind,
}

/// The lines from the first to the last place. Only these are given to the renderer: with the whole file, printing
/// its mistakes would take time proportional to their number times its length.
fn snippet<'a>(source: &Source, places: &[Place<'_>]) -> Annotated<'a> {
    let lines = || places.iter().map(|place| source.line(place.span.start));
    let first = lines().min().unwrap_or(1);
    let last = lines().max().unwrap_or(1);
    let mut text = String::new();
    let mut annotations = Vec::new();
    for line in first..=last {
        let marked: Vec<&Place<'_>> =
            places.iter().filter(|place| source.line(place.span.start) == line).collect();
        let focus = marked.first().map(|place| place.span);
        let window = window(source, line, focus);
        let base = text.len();
        let shown = Shown::new(source.slice(window), window.start);
        for place in marked {
            let range = shown.range(place.span);
            let range = base + range.start..base + range.end;
            let label = (!place.label.is_empty()).then(|| inert(place.label));
            annotations.push(place.kind.span(range).label(label));
        }
        text.push_str(&shown.text);
        text.push('\n');
    }
    Snippet::source(text).line_start(first).annotations(annotations)
}

/// The part of a line that is worth showing.
fn window(source: &Source, line: usize, focus: Option<Span>) -> Span {
    let whole = source.line_span(line);
    let text = source.slice(whole);
    if text.len() <= MAX_LINE_BYTES {
        return whole;
    }
    let focus = focus.map_or(0, |span| span.start.saturating_sub(whole.start) as usize);
    let start = text.floor_char_boundary(focus.saturating_sub(BEFORE_CARET_BYTES));
    let end = text.floor_char_boundary(start + MAX_LINE_BYTES);
    let offset = |at: usize| whole.start + u32::try_from(at).unwrap_or_default();
    Span::new(offset(start), offset(end))
}

/// A part of a line with its control characters made visible, and where each of its bytes went.
struct Shown {
    text: String,
    start: u32,
    /// Pairs of offset in the source and offset in `text`, wherever the distance changes.
    moved: Vec<(u32, usize)>,
}

impl Shown {
    fn new(part: &str, start: u32) -> Self {
        let mut shown = Self { text: String::with_capacity(part.len()), start, moved: vec![(start, 0)] };
        for (at, c) in part.char_indices() {
            shown.text.push(visible(c));
            let behind = start + u32::try_from(at + c.len_utf8()).unwrap_or_default();
            if visible(c) != c {
                shown.moved.push((behind, shown.text.len()));
            }
        }
        shown
    }

    fn at(&self, offset: u32) -> usize {
        let offset = offset.max(self.start);
        let before = self.moved.partition_point(|(from, _)| *from <= offset).saturating_sub(1);
        let (from, to) = self.moved.get(before).copied().unwrap_or((self.start, 0));
        self.text.floor_char_boundary(to + (offset - from) as usize)
    }

    /// At least one column wide, unless at the line's end.
    fn range(&self, span: Span) -> Range<usize> {
        let start = self.at(span.start);
        let end = self.at(span.end).max(start);
        if end > start {
            start..end
        } else {
            start..self.text.ceil_char_boundary((start + 1).min(self.text.len()))
        }
    }
}

/// `text` without anything a terminal would act on, and not too long.
fn inert(text: &str) -> String {
    let short = &text[..text.floor_char_boundary(MAX_MESSAGE_BYTES)];
    let mut out: String = short.chars().map(visible).collect();
    if short.len() < text.len() {
        out.push('…');
    }
    out
}

/// A character that looks like itself, or a stand-in for one that a terminal would act on.
///
/// Stand-ins: the control pictures of U+2400 for the ASCII controls; the replacement character for the others, for
/// what turns the direction of text (CVE-2021-42574) and for what can't be seen.
fn visible(c: char) -> char {
    match c {
        '\t' => c,
        '\0'..='\x1F' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\x7F' => '\u{2421}',
        '\u{80}'..='\u{9F}'
        | '\u{61C}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}' => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}
