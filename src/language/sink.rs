use crate::text::{Code, Diagnostic, Span};

/// How many mistakes of one file are worth printing.
pub const MAX_DIAGNOSTICS: usize = 100;

/// Takes the mistakes of one file, and stops keeping them when nobody would read on.
#[derive(Default, Debug)]
pub(crate) struct Sink {
    kept: Vec<Diagnostic>,
    overflow: bool,
}

impl Sink {
    /// Keeps `diagnostic`; what makes it is not run when the sink is full.
    pub(crate) fn push(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        // Twice the limit: the lexer's mistakes come before the parser's, and the first of both are wanted.
        if self.is_full() {
            self.overflow = true;
        } else {
            self.kept.push(diagnostic());
        }
    }

    /// Whether another one would not be kept, so that looking for it is in vain.
    pub(crate) fn is_full(&self) -> bool {
        self.kept.len() >= 2 * MAX_DIAGNOSTICS
    }

    /// All of them in the order of the text, at most [`MAX_DIAGNOSTICS`], and then one that says that there are more.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let Self { mut kept, overflow } = self;
        kept.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
        if kept.len() > MAX_DIAGNOSTICS || overflow {
            kept.truncate(MAX_DIAGNOSTICS);
            let end = kept.last().map_or(Span::default(), |last| last.span);
            let message = format!("only the first {} mistakes of this file are shown", kept.len());
            kept.push(
                Diagnostic::error(Code::TOO_MANY_MISTAKES, end, message)
                    .advise("mend some of them, or check that it is the file you meant"),
            );
        }
        kept
    }
}
