use std::str::FromStr;
use std::sync::Arc;

use crate::language::syntax::Tag;
use crate::protocol::ClauseId;
use crate::text::{Code, Diagnostic, did_you_mean};

/// A choice of scenarios by their tags: `smoke`, `@EC-1 or @BR-1`, `core and not (slow or flaky)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TagExpr {
    /// Scenarios that have the tag.
    Has(Arc<str>),
    /// The others.
    Not(Box<TagExpr>),
    /// Scenarios that both choose.
    And(Box<TagExpr>, Box<TagExpr>),
    /// Scenarios that either chooses.
    Or(Box<TagExpr>, Box<TagExpr>),
}

/// A tag expression that can't be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{what} in the tag expression `{text}`; it is made of tags, `and`, `or`, `not` and parentheses, as in `@EC-1 or smoke and not slow`"
)]
pub struct TagError {
    what: String,
    text: String,
}

/// Deep enough for anybody; shallow enough for the stack.
const MAX_DEPTH: usize = 64;

impl TagExpr {
    /// Whether a scenario with these tags is chosen.
    pub fn chooses(&self, tags: &[Arc<str>]) -> bool {
        match self {
            Self::Has(tag) => tags.iter().any(|has| **has == **tag),
            Self::Not(inner) => !inner.chooses(tags),
            Self::And(left, right) => left.chooses(tags) && right.chooses(tags),
            Self::Or(left, right) => left.chooses(tags) || right.chooses(tags),
        }
    }
}

impl FromStr for TagExpr {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        let error = |what: String| TagError { what, text: text.chars().take(200).collect() };
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let mut words = Words { all: spaced.split_whitespace().collect(), at: 0, depth: 0 };
        let expr = words.or().map_err(error)?;
        match words.next() {
            None => Ok(expr),
            Some(word) => Err(error(format!("unexpected `{word}`"))),
        }
    }
}

struct Words<'a> {
    all: Vec<&'a str>,
    at: usize,
    depth: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let word = self.all.get(self.at).copied();
        self.at += 1;
        word
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.all.get(self.at) == Some(&word);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<TagExpr, String> {
        let mut left = self.and()?;
        while self.eat("or") {
            left = TagExpr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<TagExpr, String> {
        let mut left = self.one()?;
        while self.eat("and") {
            left = TagExpr::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<TagExpr, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("too many levels".into());
        }
        let expr = match self.next() {
            Some("not") => TagExpr::Not(Box::new(self.one()?)),
            Some("(") => {
                let inner = self.or()?;
                if !self.eat(")") {
                    return Err("a missing `)`".into());
                }
                inner
            }
            Some(word @ ("and" | "or" | ")")) => return Err(format!("unexpected `{word}`")),
            Some(word) => TagExpr::Has(tag(word)?),
            None => return Err("a missing tag".into()),
        };
        self.depth -= 1;
        Ok(expr)
    }
}

fn tag(word: &str) -> Result<Arc<str>, String> {
    let name = word.strip_prefix('@').unwrap_or(word);
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(fits) {
        return Err(format!("`{word}` is no tag"));
    }
    Ok(name.into())
}

/// What is wrong with a tag that looks like the id of a clause: a group of the catalogue, a hyphen and a number. A tag of any
/// other form is its author's own.
pub(super) fn unknown_clause(tag: &Tag) -> Option<Diagnostic> {
    let (group, number) = tag.text.split_once('-')?;
    let known = ClauseId::ALL.iter().any(|id| id.group() == group.to_uppercase());
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    // Tags are compared to the letter: `ec-1` would not be found as `EC-1`.
    let found = tag.text.parse::<ClauseId>().ok().map(ClauseId::as_str);
    if !known || !numbered || found.is_some_and(|id| *id == *tag.text) {
        return None;
    }
    let what = format!("there is no clause {}", tag.text);
    let near =
        found.or_else(|| did_you_mean(&tag.text.to_uppercase(), ClauseId::ALL.iter().map(|id| id.as_str())));
    Some(Diagnostic::warning(Code::NO_CLAUSE, tag.span, what).advise(match near {
        Some(near) => format!("did you mean `@{near}`? `proofmark list clauses` has all of them"),
        None => "`proofmark list clauses` has all of them".into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    #[test]
    fn a_tag_that_looks_like_a_clause_is_one() {
        let told = |text: &str| {
            let found = unknown_clause(&Tag { text: text.into(), span: Span::default() });
            found.and_then(|mistake| mistake.fix).map(|fix| fix.advice)
        };
        for own in ["EC-1", "smoke", "JIRA-7", "EC-", "EC-1a", "EC", "br-", "wip-2"] {
            assert_eq!(told(own), None, "{own}");
        }
        assert_eq!(
            told("EC-33").as_deref(),
            Some("did you mean `@EC-3`? `proofmark list clauses` has all of them")
        );
        let lower = told("br-2").unwrap_or_default();
        assert!(lower.starts_with("did you mean `@BR-2`?"), "{lower}");
    }

    fn chooses(expr: &str, tags: &str) -> bool {
        let tags: Vec<Arc<str>> = tags.split_whitespace().map(Arc::from).collect();
        expr.parse::<TagExpr>().expect("an expression").chooses(&tags)
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(chooses("@a or b and c", "a"));
        assert!(!chooses("(a or b) and c", "a"));
        assert!(chooses("not slow", ""));
        assert!(!chooses("a and not (slow or flaky)", "a flaky"));
        assert!(chooses("EC-1", "EC-1 smoke"));
    }

    #[test]
    fn what_can_not_be_read_is_said() {
        for (text, what) in [
            ("", "a missing tag"),
            ("a and", "a missing tag"),
            ("(a", "a missing `)`"),
            ("a b", "unexpected `b`"),
            ("or", "unexpected `or`"),
            ("a|b", "`a|b` is no tag"),
        ] {
            assert_eq!(text.parse::<TagExpr>().expect_err(text).what, what);
        }
        assert!("not ".repeat(100_000).parse::<TagExpr>().is_err());
    }
}
