//! What matchers match, what they say where they don't, and the laws that hold for all of them.

mod laws;
mod matching;
mod pairing;
mod sentences;

use super::bind;
use crate::contract::expr::Nothing;
use crate::contract::expr::build::json;
use crate::language::syntax::Matcher;

/// What `matcher` says about `answer` (JSON; empty for no answer), a mismatch a line; empty if it matches.
fn judge(matcher: &Matcher, answer: &str) -> String {
    let bound = bind(matcher, &Nothing).unwrap_or_else(|error| panic!("{error}"));
    let answer = (!answer.is_empty()).then(|| json(answer));
    let mismatches = bound.judge(answer.as_ref());
    assert_eq!(bound.matches(answer.as_ref()), mismatches.is_empty(), "verdict and explanation agree");
    mismatches.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// `matcher` matches each of `yes` and none of `no` (JSON; empty for no answer).
fn check(matcher: &Matcher, yes: &[&str], no: &[&str]) {
    for answer in yes {
        assert_eq!(judge(matcher, answer), "", "{answer}");
    }
    for answer in no {
        assert_ne!(judge(matcher, answer), "", "{answer}");
    }
}
