use crate::text::{Diagnostic, MAX_DIAGNOSTICS, first_mistakes};

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

    /// The same for what may have been said already, when the same text is read several times.
    pub(crate) fn push_once(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.is_full() {
            self.overflow = true;
            return;
        }
        let diagnostic = diagnostic();
        if !self.kept.contains(&diagnostic) {
            self.kept.push(diagnostic);
        }
    }

    /// Whether another one would not be kept, so that looking for it is in vain.
    pub(crate) fn is_full(&self) -> bool {
        self.kept.len() >= 2 * MAX_DIAGNOSTICS
    }

    /// The first of them in the order of the text.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        first_mistakes(self.kept, self.overflow)
    }
}
