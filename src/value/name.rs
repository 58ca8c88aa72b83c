use std::fmt;
use std::sync::Arc;

/// A name that stands for a value which is not drawn yet: the id of an aggregate, a text that nobody else uses, a key.
///
/// It is a variant of [`Value`](super::Value) and never a text with a mark, so that no text of a contract, a service or an attack can be taken for
/// one. Rules are evaluated on names as they are on values, which is why it lives here: a state that is explored before anything
/// runs holds names where a run's states hold ids. Nothing that is read (JSON, TOML, answers) ever makes one, and whoever
/// sends puts the drawn value in its place first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The name `text`, which has to be fit for a variable of a scenario: letters, digits, `_` and `-`, without `$`.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The name without `$`: `order1`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without the digits at its end: `order`.
    pub fn stem(&self) -> &str {
        self.0.trim_end_matches(|c: char| c.is_ascii_digit())
    }
}

impl fmt::Display for Name {
    /// As scenarios write it: `$order1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
