use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION};

use super::ask::Ask;
use super::redact::Redactor;

/// A request as a command for a POSIX shell. Credentials are left for whoever types it to fill in.
pub(super) fn curl(ask: &Ask, redactor: &Redactor) -> String {
    crate::value::inert(&words(ask, redactor).concat().join(" "))
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
