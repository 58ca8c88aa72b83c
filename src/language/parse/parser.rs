use std::collections::HashSet;
use std::sync::Arc;

use super::describe::quote;
use crate::language::lexer::{Token, TokenKind};
use crate::language::sink::Sink;
use crate::language::syntax::Ident;
use crate::text::{Code, Diagnostic, Source, Span, did_you_mean};

/// How deep brackets, `not`, `-` and `if` may be nested.
pub(super) const MAX_NESTING: u32 = 64;

/// How high an expression's tree may be: chains such as `a or b or c …` grow it without nesting. Dropping and
/// evaluating a tree take stack in proportion.
pub(super) const MAX_HEIGHT: u32 = 256;

/// The mistake was reported; the caller only has to find its way back.
#[derive(Debug)]
pub(super) struct Reported;

/// What was parsed, or nothing after a reported mistake.
pub(super) type Parse<T> = Result<T, Reported>;

/// Which kind of file it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Dialect {
    Scenario,
    Contract,
}

/// A cursor over the tokens of one file that sees only the statement it is in.
pub(super) struct Parser<'s> {
    pub(super) source: &'s Source,
    /// Of the file, and of those that it takes in.
    pub(super) text: &'s str,
    pub(super) tokens: Vec<Token>,
    pub(super) dialect: Dialect,
    pub(super) pos: usize,
    /// Where the statement ends: what stands there is seen as [`TokenKind::End`].
    pub(super) limit: usize,
    pub(super) nesting: u32,
    /// How high the tree of the expression is that was parsed last.
    pub(super) height: u32,
    /// The brackets that are open, by what closes them.
    pub(super) closers: Vec<TokenKind>,
    /// Names bound by `f(name in …)` around the cursor.
    pub(super) binders: Vec<&'s str>,
    /// Where the tokens of an outline's row stand in the outline; empty outside of outlines.
    pub(super) outer: Vec<Span>,
    sink: Sink,
    /// The names of the file, each once: they are compared and copied all the time where rules are evaluated.
    names: HashSet<Arc<str>>,
    /// The position of the last complaint: a second one there would say the same.
    complained: Option<usize>,
}

impl<'s> Parser<'s> {
    pub(super) fn new(source: &'s Source, tokens: Vec<Token>, dialect: Dialect, sink: Sink) -> Self {
        Self {
            source,
            text: source.text(),
            tokens,
            dialect,
            pos: 0,
            limit: 0,
            nesting: 0,
            height: 0,
            closers: Vec::new(),
            binders: Vec::new(),
            outer: Vec::new(),
            sink,
            names: HashSet::new(),
            complained: None,
        }
    }

    pub(super) fn finish(self) -> Vec<Diagnostic> {
        self.sink.finish()
    }

    /// The kind of the next token.
    pub(super) fn peek(&self) -> TokenKind {
        self.peek_at(0)
    }

    /// The kind of the token `ahead` of the next one.
    pub(super) fn peek_at(&self, ahead: usize) -> TokenKind {
        let at = self.pos + ahead;
        if at < self.limit {
            self.tokens.get(at).map_or(TokenKind::End, |token| token.kind)
        } else {
            TokenKind::End
        }
    }

    /// Whether the next token is the first on its line.
    pub(super) fn at_line_start(&self) -> bool {
        self.tokens.get(self.pos).is_some_and(|token| token.first)
    }

    /// The text at `span`.
    pub(super) fn slice(&self, span: Span) -> &'s str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Where the next token is; at the end of the statement, behind its last token.
    pub(super) fn span(&self) -> Span {
        if self.pos < self.limit {
            return self.tokens.get(self.pos).map_or(Span::default(), |token| token.span);
        }
        let end = self.last_span().end;
        Span::new(end, end)
    }

    /// Where the token before the next one is.
    pub(super) fn last_span(&self) -> Span {
        let last = self.pos.checked_sub(1).and_then(|pos| self.tokens.get(pos));
        last.map_or(Span::default(), |token| token.span)
    }

    /// From `start` up to the last token taken.
    pub(super) fn since(&self, start: Span) -> Span {
        let last = self.last_span();
        let outer = self.pos.checked_sub(1).and_then(|last| self.outer.get(last)).copied().unwrap_or(last);
        // What begins in an outline ends there, too, though its last word comes from a row further down.
        let last = if start.start <= outer.start { outer } else { last };
        Span::new(start.start, last.end.max(start.end))
    }

    /// The next token's text if it is a name, else nothing.
    pub(super) fn word(&self) -> &'s str {
        self.word_at(0)
    }

    /// The text of the token `ahead` of the next one if that is a name, else nothing. In backticks, which belong to it, it is no keyword.
    pub(super) fn word_at(&self, ahead: usize) -> &'s str {
        match self.peek_at(ahead) {
            TokenKind::Name => self.tokens.get(self.pos + ahead).map_or("", |token| self.slice(token.span)),
            _ => "",
        }
    }

    /// Takes the next token, whatever it is, and gives its place.
    pub(super) fn bump(&mut self) -> Span {
        let span = self.span();
        if self.pos < self.limit {
            self.pos += 1;
        }
        span
    }

    /// Takes the next token if it is of this kind.
    pub(super) fn eat(&mut self, kind: TokenKind) -> Option<Span> {
        (self.peek() == kind).then(|| self.bump())
    }

    /// Takes the next token if it is this word.
    pub(super) fn eat_word(&mut self, word: &str) -> Option<Span> {
        (self.word() == word).then(|| self.bump())
    }

    /// A name; `what` says what it names ("the name of a query").
    pub(super) fn name(&mut self, what: &str) -> Parse<Ident> {
        if self.peek() != TokenKind::Name {
            return Err(self.expected(what));
        }
        let span = self.bump();
        Ok(Ident { text: self.shared(without_ticks(self.slice(span))), span })
    }

    /// `name`, shared with all places that name the same.
    pub(super) fn shared(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let name: Arc<str> = name.into();
        self.names.insert(name.clone());
        name
    }

    /// A name with one character before it that does not belong to it: `$o`, `@EC-1`.
    pub(super) fn decorated(&mut self) -> Ident {
        let span = self.bump();
        let text = self.slice(span);
        Ident { text: text.get(1..).unwrap_or_default().into(), span }
    }

    /// Reports a mistake, unless it follows from one that was reported at this very place.
    pub(super) fn report(&mut self, diagnostic: impl FnOnce() -> Diagnostic) -> Reported {
        let broken = self.pos.checked_sub(1).and_then(|pos| self.tokens.get(pos)).map(|token| token.kind);
        let follows = self.complained == Some(self.pos)
            || self.peek() == TokenKind::Broken
            || matches!(broken, Some(TokenKind::Broken | TokenKind::OpenText));
        if !follows {
            self.complained = Some(self.pos);
            self.note(diagnostic);
        }
        Reported
    }

    /// Reports a mistake that has nothing to do with the cursor's place.
    pub(super) fn note(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.outer.is_empty() {
            self.sink.push(diagnostic);
        } else {
            let (tokens, outer) = (&self.tokens, &self.outer);
            self.sink.push_once(|| about_row(diagnostic(), tokens, outer));
        }
    }

    /// The same, for a caller that gives up what it is at.
    pub(super) fn report_at(&mut self, diagnostic: impl FnOnce() -> Diagnostic) -> Reported {
        self.note(diagnostic);
        Reported
    }

    /// Where mistakes of the lexer go.
    pub(super) fn sink(&mut self) -> &mut Sink {
        &mut self.sink
    }

    /// Whether there are more mistakes than anybody reads: then the rest of the file is not looked at.
    pub(super) fn has_said_enough(&self) -> bool {
        self.sink.is_full()
    }

    /// Reports that something else is needed here.
    pub(super) fn expected(&mut self, what: &str) -> Reported {
        let span = self.span();
        let (code, found) = self.found();
        self.report(|| Diagnostic::error(code, span, format!("expected {what}, found {found}")))
    }

    /// Takes the next word, which can only be `word`; `place` says where it was to stand ("behind `same`").
    pub(super) fn expect_word(&mut self, word: &'static str, place: &str) -> Parse<Span> {
        if self.word() == word {
            return Ok(self.bump());
        }
        let near = did_you_mean(self.word(), [word]);
        let span = self.span();
        let (code, found) = self.found();
        Err(self.report(|| {
            let what = format!("expected {} {place}, found {found}", quote(word));
            Diagnostic::error(code, span, what).suggest(near)
        }))
    }

    /// Goes one level deeper; [`leave`](Self::leave) goes back. Too deep is a mistake that ends the statement.
    pub(super) fn enter(&mut self) -> Parse<()> {
        if self.nesting >= MAX_NESTING {
            return Err(self.too_deep());
        }
        self.nesting += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.nesting = self.nesting.saturating_sub(1);
    }

    /// Says how high the tree of the expression is that was just made.
    pub(super) fn grow(&mut self, height: u32) -> Parse<()> {
        self.height = height;
        if height > MAX_HEIGHT { Err(self.too_deep()) } else { Ok(()) }
    }

    fn too_deep(&mut self) -> Reported {
        let span = self.span();
        let reported = self.report(|| {
            Diagnostic::error(Code::TOO_DEEP, span, "this is nested too deeply")
                .label(format!(
                    "more than {MAX_NESTING} brackets in one another, or {MAX_HEIGHT} operators in a row"
                ))
                .advise("name parts of it with `let`, or split it")
        });
        // Everything around it would fail the same way.
        self.give_up();
        reported
    }

    /// Goes to the end of the statement; what is missing there is not reported.
    pub(super) fn give_up(&mut self) {
        self.pos = self.limit;
        self.complained = Some(self.pos);
    }

    /// Begins the statement at the cursor. If that is still inside of the last one, the end stays the same: looking
    /// for it again from each line of a long statement would take quadratic time.
    pub(super) fn begin_statement(&mut self) {
        if self.pos >= self.limit {
            self.limit = self.statement_end(self.pos);
        }
        self.complained = None;
        self.nesting = 0;
        self.closers.clear();
        self.binders.clear();
    }
}

/// A mistake in an outline that has a row put in, with the place that explains it: the placeholder for what stands in
/// a cell, and the cell for what comes right behind it.
fn about_row(diagnostic: Diagnostic, tokens: &[Token], outer: &[Span]) -> Diagnostic {
    let at = tokens.iter().position(|token| token.span.start == diagnostic.span.start);
    let (None, Some(at)) = (&diagnostic.related, at) else { return diagnostic };
    let placed =
        |at: usize| Some((tokens.get(at)?.span, *outer.get(at)?)).filter(|(cell, place)| cell != place);
    if let Some((_, placeholder)) = placed(at) {
        return diagnostic.related(placeholder, "where it is put in");
    }
    match at.checked_sub(1).and_then(placed) {
        Some((cell, _)) => diagnostic.related(cell, "what this row puts before it"),
        None => diagnostic,
    }
}

/// A name without the backticks that keep it from being taken for a word of the language.
pub(super) fn without_ticks(name: &str) -> &str {
    name.strip_prefix('`').and_then(|name| name.strip_suffix('`')).unwrap_or(name)
}
