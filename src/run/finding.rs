use std::sync::Arc;
use std::time::Duration;

use crate::protocol::Verdict;
use crate::scenario::matcher::Mismatch;
use crate::text::Span;

/// Something other than a pass.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How bad it is.
    pub verdict: Verdict,
    /// What happened, as a sentence without a full stop.
    pub message: String,
    /// The step, or the very part of it.
    pub span: Span,
    /// A few words under the caret; may be empty.
    pub label: String,
    /// Where expectation and answer differ, where that is the matter.
    pub mismatches: Vec<Mismatch>,
    /// What a probe saw over time.
    pub story: Option<Story>,
    /// What the reader can do about it.
    pub advice: Option<String>,
    /// What to add to what the target is told about the service, such as lines of its profile, where that is the way out.
    pub addition: Option<String>,
    /// The variable without a value that kept the step from being done, where that is the matter.
    pub lacks: Option<Arc<str>>,
    /// Whether it was this machine that came too late: then it says nothing of the target, and another try may decide.
    pub ours: bool,
}

impl Finding {
    /// A finding without details.
    pub fn new(verdict: Verdict, span: Span, message: impl Into<String>) -> Self {
        Self {
            verdict,
            message: message.into(),
            span,
            label: String::new(),
            mismatches: Vec::new(),
            story: None,
            advice: None,
            addition: None,
            lacks: None,
            ours: false,
        }
    }

    /// The same with a few words under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with where expectation and answer differ; the caret moves to the first difference.
    #[must_use]
    pub fn mismatches(mut self, mismatches: Vec<Mismatch>) -> Self {
        if let Some(first) = mismatches.first() {
            self.span = first.span;
            self.label = first.to_string();
        }
        self.mismatches = mismatches;
        self
    }

    /// The same with what a probe saw.
    #[must_use]
    pub fn story(mut self, story: Story) -> Self {
        self.story = Some(story);
        self
    }

    /// The same, put down to this machine.
    #[must_use]
    pub fn ours(mut self) -> Self {
        self.ours = true;
        self
    }

    /// The same with what to add.
    #[must_use]
    pub fn to_add(mut self, addition: Option<String>) -> Self {
        self.addition = addition;
        self
    }

    /// The same with what can be done about it.
    #[must_use]
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// What a probe saw over time, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Story {
    /// The query, as it was asked.
    pub asked: String,
    /// How often it was asked.
    pub polls: usize,
    /// From the first call to the last answer.
    pub lasted: Duration,
    /// How long the probe would have gone on at most; `None` for a single read.
    pub allowed: Option<Duration>,
    /// The answers over time, cut down to what was looked at: `absent ×3, {status: "pending"} ×8`.
    pub course: String,
    /// The last answer, whole but for its length.
    pub last: String,
}
