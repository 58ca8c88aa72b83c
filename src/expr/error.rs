use crate::text::{Code, Diagnostic, Span};

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
