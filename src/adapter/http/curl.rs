use std::fmt;

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION};

use super::ask::Ask;
use super::redact::Redactor;

/// A request that was sent, and what must not be shown of it. It prints as a command for a POSIX shell; credentials are
/// left for whoever types it to fill in.
pub(super) struct Sent {
    pub(super) ask: Ask,
    pub(super) redactor: Redactor,
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::value::inert(&words(&self.ask, &self.redactor).concat().join(" ")))
    }
}

/// Its words: up to the URL, the header fields, the body.
pub(super) fn words(ask: &Ask, redactor: &Redactor) -> [Vec<String>; 3] {
    let url = quoted(&redactor.text(ask.url.as_str()));
    let words = vec!["curl".to_owned(), "-i".to_owned(), "-X".to_owned(), ask.method.to_string(), url];
    let mut fields = Vec::new();
    for (name, value) in ask.headers.iter().filter(|(name, _)| **name != ACCEPT_ENCODING) {
        let value = match *name {
            AUTHORIZATION => "[redacted]".to_owned(),
            _ => redactor.text(&String::from_utf8_lossy(value.as_bytes())),
        };
        fields.push("-H".to_owned());
        fields.push(quoted(&format!("{name}: {value}")));
    }
    let body = ask.body.iter().flat_map(|body| ["--data-raw".to_owned(), quoted(&redactor.text(body))]);
    [words, fields, body.collect()]
}

pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
