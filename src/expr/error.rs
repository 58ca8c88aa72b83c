use crate::text::{Code, Diagnostic, Span};

/// The kinds of mistake that evaluation finds.
pub(crate) mod code {
    use crate::text::Code;

    /// A variable or name that nothing stands behind.
    pub(crate) const UNKNOWN_NAME: Code = Code("unknown-name");
    /// A function that does not exist.
    pub(crate) const UNKNOWN_FUNCTION: Code = Code("unknown-function");
    /// A function used in a form it does not have.
    pub(crate) const WRONG_ARGUMENTS: Code = Code("wrong-arguments");
    /// A value of another kind than needed.
    pub(crate) const WRONG_KIND: Code = Code("wrong-kind");
    /// A field or element that is not there.
    pub(crate) const NOT_THERE: Code = Code("not-there");
    /// A comparison of values that have no order.
    pub(crate) const NO_ORDER: Code = Code("no-order");
    /// A result that can't be kept exactly.
    pub(crate) const INEXACT: Code = Code("inexact");
    /// Too much work, or too deep.
    pub(crate) const TOO_MUCH: Code = Code("too-much-work");
    /// `unique` or `new` where ids can't be drawn.
    pub(crate) const NOT_HERE: Code = Code("not-here");
    /// A regular expression that is none.
    pub(crate) const BAD_REGEX: Code = Code("bad-regex");
}

/// An expression that has no value, and why.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct EvalError {
    /// The kind of mistake.
    pub code: Code,
    /// The part of the expression.
    pub span: Span,
    /// What is wrong, with the values in question, as a sentence without a full stop.
    pub message: String,
    /// How to mend it.
    pub fix: Option<String>,
}

impl EvalError {
    /// A mistake of kind `code` at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, span, message: message.into(), fix: None }
    }

    /// The same with advice on how to mend it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

impl From<EvalError> for Diagnostic {
    fn from(error: EvalError) -> Self {
        let diagnostic = Self::error(error.code, error.span, error.message);
        match error.fix {
            Some(fix) => diagnostic.advise(fix),
            None => diagnostic,
        }
    }
}
