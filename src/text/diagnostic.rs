use super::{Code, Span};

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth a look; nothing is refused.
    Warning,
    /// The file can't be used as it is.
    Error,
}

/// What would mend the mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// The advice, as a sentence without a full stop ("did you mean `ConfirmOrder`?").
    pub advice: String,
    /// The text to put in place of a span, where the fix is that simple.
    pub replace: Option<(Span, String)>,
}

/// One mistake in one file: what, where, how to mend it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// The kind of mistake.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// The very token.
    pub span: Span,
    /// A few words under the caret; empty for none.
    pub label: String,
    /// A second place in the same file that explains the mistake, and what it is: an opening bracket.
    pub related: Option<(Span, String)>,
    /// How to mend it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// An error of kind `code` at `span`.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            label: String::new(),
            related: None,
            fix: None,
        }
    }

    /// A warning of kind `code` at `span`.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// The same with a few words under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a second place that explains it.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related = Some((span, label.into()));
        self
    }

    /// The same with advice on how to mend it.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.fix = Some(Fix { advice: advice.into(), replace: None });
        self
    }

    /// The same with advice, and the text that mends it in place of what the diagnostic points at.
    #[must_use]
    pub fn replace(mut self, advice: impl Into<String>, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { advice: advice.into(), replace: Some((self.span, text.into())) });
        self
    }

    /// The same with "did you mean `…`?", if there is a suggestion.
    #[must_use]
    pub fn suggest(self, suggestion: Option<&str>) -> Self {
        match suggestion {
            Some(word) => self.replace(format!("did you mean `{word}`?"), word),
            None => self,
        }
    }
}
