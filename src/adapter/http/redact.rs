use std::error::Error;
use std::fmt::{self, Display};
use std::sync::{Arc, PoisonError, RwLock};

use super::secret::{Secret, covered};
use crate::value::{Record, Value};

/// What stands in a secret's place.
pub(super) const STAND_IN: &str = "[redacted]";

/// Keeps secrets, and what derives from them, out of everything that is shown or written down.
#[derive(Clone, Default)]
pub(super) struct Redactor {
    secrets: Arc<Vec<Secret>>,
    /// What logins brought meanwhile; all that came from one know it.
    learned: Arc<RwLock<Vec<Secret>>>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

/// An error whose sentence is without secrets. What it comes from is not told: there they would stand again.
#[derive(Clone)]
pub(super) struct Redacted<E> {
    error: E,
    redactor: Redactor,
}

impl<E> Redacted<E> {
    pub(super) fn new(error: E, redactor: &Redactor) -> Self {
        Self { error, redactor: redactor.clone() }
    }
}

impl<E> AsRef<E> for Redacted<E> {
    fn as_ref(&self) -> &E {
        &self.error
    }
}

impl<E: Display> Display for Redacted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redactor.text(&self.error.to_string()))
    }
}

impl<E: Display> fmt::Debug for Redacted<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Redacted").field(&self.to_string()).finish()
    }
}

impl<E: Display> Error for Redacted<E> {}

impl Redactor {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self::default().and(secrets)
    }

    /// The same with more secrets.
    pub(super) fn and<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all: Vec<Secret> = (*self.secrets).clone();
        all.extend(secrets.into_iter().filter_map(Secret::new));
        Self { secrets: Arc::new(all), learned: self.learned.clone() }
    }

    /// Knows one secret more from now on, and so do all that it came from and that came from it.
    pub(super) fn learn(&self, secret: &str) {
        let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
        if !learned.iter().any(|known| known.plain() == secret) {
            learned.extend(Secret::new(secret));
        }
    }

    pub(super) fn text(&self, text: &str) -> String {
        let learned = self.learned.read().unwrap_or_else(PoisonError::into_inner);
        covered(text, self.secrets.iter().chain(learned.iter()), STAND_IN).unwrap_or_else(|| text.to_owned())
    }

    /// The same for a text that was cut: the beginning of a secret at its end goes, too.
    pub(super) fn beginning(&self, text: &str) -> String {
        let mut text = self.text(text);
        let learned = self.learned.read().unwrap_or_else(PoisonError::into_inner);
        let cut = self.secrets.iter().chain(learned.iter()).filter_map(|secret| secret.find_cut(&text)).min();
        text.truncate(cut.unwrap_or(text.len()));
        text
    }

    pub(super) fn is_secret(&self, text: &String) -> bool {
        let learned = self.learned.read().unwrap_or_else(PoisonError::into_inner);
        self.secrets.iter().chain(learned.iter()).any(|secret| secret.plain() == text)
    }

    fn knows_none(&self) -> bool {
        let learned = self.learned.read().unwrap_or_else(PoisonError::into_inner);
        self.secrets.is_empty() && learned.is_empty()
    }

    pub(super) fn value(&self, value: Value) -> Value {
        if self.knows_none() {
            return value;
        }
        match value {
            Value::Text(text) => Value::from(self.text(&text)),
            Value::Number(number) if self.is_secret(&number.to_string()) => Value::from(STAND_IN),
            Value::List(elements) => elements.into_iter().map(|element| self.value(element)).collect(),
            Value::Record(record) => {
                let fields = record
                    .iter()
                    .map(|(name, value)| (Arc::from(self.text(name)), self.value(value.clone())));
                Value::Record(fields.collect::<Record>())
            }
            plain => plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_secret_is_left() {
        let redactor = Redactor::new(["tok/en", "tok/en-longer"]);
        assert_eq!(redactor.text("a tok/en-longer and tok%2Fen"), "a [redacted] and [redacted]");
        let echoed = Value::from(Record::from([("tok/en", Value::from(["x tok/en"]))]));
        assert_eq!(redactor.value(echoed).to_json(), r#"{"[redacted]":["x [redacted]"]}"#);
        assert!(!format!("{redactor:?}").contains("tok"));
    }

    #[test]
    fn nothing_of_a_secret_is_left_where_a_text_was_cut() {
        let redactor = Redactor::new(["tok/en"]);
        redactor.learn("sesame");
        assert_eq!(redactor.beginning("tok/en and tok/e"), "[redacted] and ");
        assert_eq!(redactor.beginning("open sesam"), "open ");
        assert_eq!(redactor.beginning("nothing"), "nothing");
    }

    #[test]
    fn nothing_of_a_secret_is_left_of_an_error() {
        let redactor = Redactor::new(["sesame"]);
        let cause = std::io::Error::other("sesame");
        let error = Redacted::new(cause, &redactor);
        redactor.learn("io");
        assert_eq!(error.to_string(), STAND_IN);
        assert!(!format!("{error:?}").contains("sesame") && error.source().is_none());
    }

    #[test]
    fn what_is_learned_later_is_known_to_all() {
        let first = Redactor::new(["short"]);
        let other = first.and(["else"]);
        other.learn("short-and-longer");
        assert_eq!(first.text("a short-and-longer, short"), "a [redacted], [redacted]");
    }
}
