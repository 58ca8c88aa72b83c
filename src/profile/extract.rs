use regex_lite::Regex;

use super::filter::Filter;
use super::template::{filters, split};
use super::tree::Text;
use crate::text::{Code, Diagnostic};
use crate::value::Path;

/// Where something stands in an answer: `"$.path | filter"` or `"header Name ~ /regex/ | filter"`.
#[derive(Clone, Debug)]
pub(crate) struct Extraction {
    pub(crate) place: Place,
    pub(crate) filters: Vec<Filter>,
}

#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A singular query of RFC 9535: names and indices only.
    Body(Path),
    /// A header field (RFC 9110, section 5), and what of its value.
    Header { name: String, pattern: Option<Regex> },
}

impl Extraction {
    pub(super) fn parse(text: &Text, out: &mut Vec<Diagnostic>) -> Option<Self> {
        let written = text.content.trim();
        if let Some(rest) = written.strip_prefix("header ") {
            return header(text, rest.trim_start(), out);
        }
        let mut pieces = split(written, '|').into_iter();
        let at = pieces.next().unwrap_or_default().trim();
        let path = path(&text.slice(at), out);
        let filters = filters(text, pieces, out);
        Some(Self { place: Place::Body(path?), filters })
    }
}

/// What a text says behind `$`, which is the root of an answer (RFC 9535, section 2.2); nothing if it doesn't begin there.
pub(super) fn from_root(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    Some(rest.strip_prefix('.').unwrap_or(rest))
}

/// A path in a body: `$`, `$.errors[0].code`.
pub(super) fn path(text: &Text, out: &mut Vec<Diagnostic>) -> Option<Path> {
    let Some(rest) = from_root(&text.content) else {
        let what = format!("`{}` is no place in an answer", text.content);
        let mistake = Diagnostic::error(Code::BAD_PATH, text.span(), what);
        out.push(mistake.advise("write `$.path.to[0].it`, or `header Name ~ /regex/`"));
        return None;
    };
    // `$..x`, wildcards and filters find many places; what is read is one.
    match Path::parse(rest) {
        Ok(path) => Some(path),
        Err(error) => {
            let what = format!("`{}` is no path to one place: {}", text.content, error.what);
            out.push(
                Diagnostic::error(Code::BAD_PATH, text.span(), what)
                    .advise("write it like `$.items[0].price`"),
            );
            None
        }
    }
}

fn header(text: &Text, rest: &str, out: &mut Vec<Diagnostic>) -> Option<Extraction> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(length);
    if name.is_empty() {
        let what = "which header field?";
        out.push(Diagnostic::error(Code::BAD_PATH, text.span(), what).advise("write `header Name`"));
        return None;
    }
    let rest = rest.trim_start();
    let (pattern, rest) = match rest.strip_prefix('~') {
        None => (None, rest),
        Some(rest) => {
            let rest = rest.trim_start();
            let end = rest.rfind('/').filter(|end| *end > 0 && rest.starts_with('/'));
            let Some(end) = end else {
                let what = "a regular expression between slashes is missing";
                out.push(Diagnostic::error(Code::BAD_REGEX, text.slice(rest).span(), what));
                return None;
            };
            (Some(regex(&text.slice(&rest[1..end]), out)?), rest[end + 1..].trim_start())
        }
    };
    let mut pieces = split(rest, '|').into_iter();
    let between = pieces.next().unwrap_or_default().trim();
    if !between.is_empty() {
        let span = text.slice(between).span();
        let mistake = Diagnostic::error(Code::BAD_PATH, span, format!("`{between}` can't stand here"));
        out.push(mistake.advise("write `header Name ~ /regex/ | filter`"));
        return None;
    }
    let filters = filters(text, pieces, out);
    Some(Extraction { place: Place::Header { name: name.to_owned(), pattern }, filters })
}

pub(super) fn regex(text: &Text, out: &mut Vec<Diagnostic>) -> Option<Regex> {
    match Regex::new(&text.content) {
        Ok(regex) => Some(regex),
        Err(error) => {
            let what = format!("this is no regular expression: {error}");
            out.push(Diagnostic::error(Code::BAD_REGEX, text.span(), what));
            None
        }
    }
}
