//! `~/regex/`.

use regex_lite::{Regex, RegexBuilder};

use super::{Judge, MatcherDoc};
use crate::contract::expr::EvalError;
use crate::text::{Code, Span};
use crate::value::{Value, inert};

pub(super) static DOC: MatcherDoc = MatcherDoc {
    name: "regex",
    syntax: "~/REGEX/",
    means: "text in which the regular expression is found anywhere (`^` and `$` hold it to the ends)",
    example: "{ detail: ~/confirmed/ }",
};

/// How much memory a compiled expression may take, in bytes. The time to match is linear in it and in the text.
const MAX_COMPILED_BYTES: usize = 256 << 10;

#[derive(Debug)]
pub(super) struct Found {
    regex: Regex,
}

pub(super) fn bind(pattern: &str, span: Span) -> Result<Found, EvalError> {
    let regex = RegexBuilder::new(pattern).size_limit(MAX_COMPILED_BYTES).build();
    regex.map(|regex| Found { regex }).map_err(|error| {
        let message = format!("this is no regular expression: {}", inert(&error.to_string()));
        EvalError::new(Code::BAD_REGEX, span, message)
    })
}

impl Judge for Found {
    fn matches(&self, actual: Option<&Value>) -> bool {
        actual.and_then(Value::as_text).is_some_and(|text| self.regex.is_match(text))
    }

    fn describe(&self, limit: usize) -> String {
        let pattern = inert(self.regex.as_str());
        match pattern.char_indices().nth(limit) {
            Some((end, _)) => format!("~/{}…/", &pattern[..end]),
            None => format!("~/{pattern}/"),
        }
    }

    fn actual(&self, actual: Option<&Value>) -> String {
        match actual {
            Some(Value::Number(_)) => format!("the number {}, not text", super::mismatch::show(actual)),
            other => super::mismatch::show(other),
        }
    }
}
