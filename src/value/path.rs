use std::borrow::Cow;
use std::fmt;
use std::iter::Peekable;
use std::str::CharIndices;
use std::sync::Arc;

use super::{Value, quote};

/// The way to a part of a value: `items[0].price`. The empty path is the whole.
///
/// A name that is more than letters, digits, `_` and `-` stands in brackets and quotes: `["odd name"].price`.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub struct Path {
    steps: Vec<PathStep>,
}

/// One step of a [`Path`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum PathStep {
    /// To the field of a record.
    Field(Arc<str>),
    /// To the element of a list, counted from 0.
    Index(usize),
}

/// Text that is no [`Path`].
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what} at byte {offset} of the path")]
pub struct PathError {
    /// Byte offset into the text.
    pub offset: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl Path {
    /// The empty path: the whole value.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads `items[0].price`; the empty text is the whole value.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        Reader { chars: text.char_indices().peekable(), len: text.len() }.path()
    }

    /// Whether it is the way to the whole.
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// Its steps, from the whole to the part.
    pub fn steps(&self) -> &[PathStep] {
        &self.steps
    }

    /// Goes one step further.
    pub fn push(&mut self, step: impl Into<PathStep>) {
        self.steps.push(step.into());
    }

    /// Goes one step back.
    pub fn pop(&mut self) -> Option<PathStep> {
        self.steps.pop()
    }

    /// The part of `value` this leads to, if it is there.
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(value, |value, step| match step {
            PathStep::Field(name) => value.get(name),
            PathStep::Index(index) => value.as_list()?.get(*index),
        })
    }
}

impl From<usize> for PathStep {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl From<&str> for PathStep {
    fn from(name: &str) -> Self {
        Self::Field(name.into())
    }
}

impl From<Arc<str>> for PathStep {
    fn from(name: Arc<str>) -> Self {
        Self::Field(name)
    }
}

/// Whether `name` needs no quotes where a field's name is expected.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_plain_char)
}

/// A field's name as messages show it: quoted and escaped if it is more than letters, digits, `_` and `-`.
pub fn field_name(name: &str) -> Cow<'_, str> {
    if is_plain(name) { Cow::Borrowed(name) } else { Cow::Owned(quote(name)) }
}

fn is_plain_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                PathStep::Index(index) => write!(f, "[{index}]")?,
                PathStep::Field(name) if !is_plain(name) => write!(f, "[{}]", quote(name))?,
                PathStep::Field(name) if at == 0 => f.write_str(name)?,
                PathStep::Field(name) => write!(f, ".{name}")?,
            }
        }
        Ok(())
    }
}

struct Reader<'a> {
    chars: Peekable<CharIndices<'a>>,
    len: usize,
}

impl Reader<'_> {
    fn path(mut self) -> Result<Path, PathError> {
        let mut path = Path::root();
        while let Some(&(_, c)) = self.chars.peek() {
            let step = match c {
                '[' => {
                    self.chars.next();
                    self.bracket()?
                }
                '.' if !path.is_root() => {
                    self.chars.next();
                    self.name()?
                }
                _ if path.is_root() => self.name()?,
                _ => return self.fail("expected `.` or `[`"),
            };
            path.steps.push(step);
        }
        Ok(path)
    }

    fn name(&mut self) -> Result<PathStep, PathError> {
        let mut name = String::new();
        while let Some((_, c)) = self.chars.next_if(|(_, c)| is_plain_char(*c)) {
            name.push(c);
        }
        if name.is_empty() { self.fail("expected a field's name") } else { Ok(PathStep::Field(name.into())) }
    }

    fn bracket(&mut self) -> Result<PathStep, PathError> {
        let step = if self.chars.next_if(|(_, c)| *c == '"').is_some() {
            PathStep::Field(self.quoted()?.into())
        } else {
            let mut digits = String::new();
            while let Some((_, c)) = self.chars.next_if(|(_, c)| c.is_ascii_digit()) {
                digits.push(c);
            }
            match digits.parse() {
                Ok(index) => PathStep::Index(index),
                Err(_) if digits.is_empty() => {
                    return self.fail("expected an element's number or a quoted name");
                }
                Err(_) => return self.fail("too large a number"),
            }
        };
        match self.chars.next_if(|(_, c)| *c == ']') {
            Some(_) => Ok(step),
            None => self.fail("expected `]`"),
        }
    }

    /// Text up to the closing quote, as [`quote`] writes it.
    fn quoted(&mut self) -> Result<String, PathError> {
        let mut text = String::new();
        loop {
            match self.chars.next() {
                None => return self.fail("expected `\"`"),
                Some((_, '"')) => return Ok(text),
                Some((_, '\\')) => text.push(self.escaped()?),
                Some((_, c)) => text.push(c),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, PathError> {
        match self.chars.next() {
            Some((_, c @ ('"' | '\\'))) => Ok(c),
            Some((_, 'n')) => Ok('\n'),
            Some((_, 'r')) => Ok('\r'),
            Some((_, 't')) => Ok('\t'),
            Some((_, 'u')) if self.chars.next_if(|(_, c)| *c == '{').is_some() => {
                let mut digits = String::new();
                while let Some((_, c)) = self.chars.next_if(|(_, c)| c.is_ascii_hexdigit()) {
                    digits.push(c);
                }
                let escaped = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                match escaped.filter(|_| self.chars.next_if(|(_, c)| *c == '}').is_some()) {
                    Some(c) => Ok(c),
                    None => self.fail("unknown character"),
                }
            }
            _ => self.fail("unknown escape"),
        }
    }

    fn fail<T>(&mut self, what: &'static str) -> Result<T, PathError> {
        let offset = self.chars.peek().map_or(self.len, |(offset, _)| *offset);
        Err(PathError { offset, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Record;

    fn check(text: &str, expected: &str) {
        let printed = Path::parse(text).map_or_else(|e| e.to_string(), |path| path.to_string());
        assert_eq!(printed, expected, "{text}");
    }

    #[test]
    fn reads_what_it_prints() {
        for text in [
            "",
            "total",
            "items[0].price",
            "[3][0]",
            "a.b-c.d_1",
            "größe",
            "[\"odd name\"].x",
            "[\"\\u{1b}\"]",
        ] {
            check(text, text);
        }
        check("a[\"plain\"]", "a.plain");
    }

    #[test]
    fn says_where_it_is_wrong() {
        check(".a", "expected a field's name at byte 0 of the path");
        check("a..b", "expected a field's name at byte 2 of the path");
        check("a.", "expected a field's name at byte 2 of the path");
        check("a[x]", "expected an element's number or a quoted name at byte 2 of the path");
        check("a[0", "expected `]` at byte 3 of the path");
        check("a[0]b", "expected `.` or `[` at byte 4 of the path");
        check("a b", "expected `.` or `[` at byte 1 of the path");
        check("a[99999999999999999999999]", "too large a number at byte 25 of the path");
        check("[\"a", "expected `\"` at byte 3 of the path");
        check("[\"\\q\"]", "unknown escape at byte 4 of the path");
    }

    #[test]
    fn leads_to_the_part() {
        let item = Record::from([("price", 5)]);
        let value = Value::from(Record::from([("items", Value::from([item]))]));
        let get = |text: &str| Path::parse(text).ok().and_then(|path| path.get(&value).cloned());
        assert_eq!(get(""), Some(value.clone()));
        assert_eq!(get("items[0].price"), Some(Value::from(5)));
        assert_eq!(get("items[1].price"), None);
        assert_eq!(get("items.price"), None);
    }
}
