use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION};

use super::ask::Ask;
use super::redact::Redactor;

/// A request as a command for a POSIX shell. Credentials are left for whoever types it to fill in.
pub(super) fn curl(ask: &Ask, redactor: &Redactor) -> String {
    let mut words = vec!["curl".to_owned(), "-i".to_owned(), "-X".to_owned(), ask.method.to_string()];
    words.push(quoted(&redactor.text(ask.url.as_str())));
    for (name, value) in ask.headers.iter().filter(|(name, _)| **name != ACCEPT_ENCODING) {
        let value = match *name {
            AUTHORIZATION => "[redacted]".to_owned(),
            _ => redactor.text(&String::from_utf8_lossy(value.as_bytes())),
        };
        words.push("-H".to_owned());
        words.push(quoted(&format!("{name}: {value}")));
    }
    if let Some(body) = &ask.body {
        words.push("--data-raw".to_owned());
        words.push(quoted(&redactor.text(body)));
    }
    crate::value::inert(&words.join(" "))
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
