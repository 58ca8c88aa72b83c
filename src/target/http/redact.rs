use std::sync::Arc;

use crate::value::{Record, Value};

const STAND_IN: &str = "[redacted]";

/// Keeps secrets, and what derives from them, out of everything that is shown or written down.
#[derive(Clone, Default)]
pub(super) struct Redactor {
    /// The longest first: one may be part of another.
    secrets: Arc<Vec<String>>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Redactor {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self::default().and(secrets)
    }

    /// The same with more secrets.
    pub(super) fn and<'a>(&self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all: Vec<String> = (*self.secrets).clone();
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            all.push(super::fill::encode(secret));
            let quoted = Value::from(secret).to_json();
            all.push(quoted.trim_matches('"').to_owned());
            all.push(secret.to_owned());
        }
        all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        all.dedup();
        Self { secrets: Arc::new(all) }
    }

    pub(super) fn text(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), STAND_IN) } else { text }
        })
    }

    pub(super) fn value(&self, value: Value) -> Value {
        if self.secrets.is_empty() {
            return value;
        }
        match value {
            Value::Text(text) => Value::from(self.text(&text)),
            Value::Number(number) if self.secrets.contains(&number.to_string()) => Value::from(STAND_IN),
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
}
