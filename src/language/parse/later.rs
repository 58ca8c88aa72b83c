//! Parts of the language that are recognised but can't be run yet.

use super::parser::{Parser, Reported};
use crate::text::{Code, Diagnostic};

impl Parser<'_> {
    /// Says that `what`, which begins with the next token and has so many, is not supported yet, and ends the
    /// statement: what follows in it is right, but nothing can be made of it.
    pub(super) fn not_yet(&mut self, tokens: usize, what: &str) -> Reported {
        let start = self.span();
        let last = (self.pos + tokens).saturating_sub(1).min(self.limit.saturating_sub(1));
        let end = self.tokens.get(last).map_or(start, |token| token.span);
        let reported = self.report(|| {
            Diagnostic::error(Code::NOT_YET_SUPPORTED, start.to(end), format!("{what} is not supported yet"))
                .advise("leave it out for now")
        });
        self.give_up();
        reported
    }
}
