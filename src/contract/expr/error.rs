use std::ops::Deref;
use std::sync::Arc;

use crate::text::{Code, Diagnostic, Span};

/// An expression that has no value, and why.
///
/// It is as small as a pointer: every step of an evaluation hands on a value or one of these.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.message)]
pub struct EvalError(Box<Mistake>);

/// What an [`EvalError`] says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// The kind of mistake.
    pub code: Code,
    /// The part of the expression.
    pub span: Span,
    /// What is wrong, with the values in question, as a sentence without a full stop.
    pub message: String,
    /// How to mend it.
    pub fix: Option<String>,
    /// The variable that has no value, where that is the mistake.
    pub variable: Option<Arc<str>>,
}

impl EvalError {
    /// A mistake of kind `code` at `span`.
    #[cold]
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self(Box::new(Mistake { code, span, message: message.into(), fix: None, variable: None }))
    }

    /// The same, of a variable that has no value.
    #[must_use]
    pub fn of_variable(mut self, name: Arc<str>) -> Self {
        self.0.variable = Some(name);
        self
    }

    /// The same with advice on how to mend it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.0.fix = Some(fix.into());
        self
    }
}

impl Deref for EvalError {
    type Target = Mistake;

    fn deref(&self) -> &Mistake {
        &self.0
    }
}

impl From<EvalError> for Diagnostic {
    fn from(error: EvalError) -> Self {
        let Mistake { code, span, message, fix, .. } = *error.0;
        let diagnostic = Self::error(code, span, message);
        match fix {
            Some(fix) => diagnostic.advise(fix),
            None => diagnostic,
        }
    }
}
