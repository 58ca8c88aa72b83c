//! Quoted text: RFC 8259, section 7.

use std::sync::Arc;

use super::read::Cursor;
use super::{JsonError, JsonProblem};

/// Reads a text whose opening quote stands at the cursor.
pub(super) fn read_text(cursor: &mut Cursor<'_>) -> Result<Arc<str>, JsonError> {
    cursor.at += 1;
    let plain = skip_plain(cursor);
    if cursor.eat(b'"') {
        return Ok(plain.into());
    }
    let mut text = plain.to_owned();
    loop {
        match cursor.peek() {
            Some(b'"') => {
                cursor.at += 1;
                return Ok(text.into());
            }
            Some(b'\\') => text.push(read_escape(cursor)?),
            Some(_) => return Err(cursor.error(JsonProblem::ControlCharacter)),
            None => return Err(cursor.error(JsonProblem::Ended)),
        }
        text.push_str(skip_plain(cursor));
    }
}

/// Steps over what stands for itself.
fn skip_plain<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    let rest = &cursor.text[cursor.at..];
    // A quote, a backslash and control characters are single bytes, so the cut is at a character's edge.
    let end = rest.bytes().position(|b| b < 0x20 || b == b'"' || b == b'\\').unwrap_or(rest.len());
    cursor.at += end;
    &rest[..end]
}

/// Reads the escape whose backslash stands at the cursor.
fn read_escape(cursor: &mut Cursor<'_>) -> Result<char, JsonError> {
    let rest = &cursor.text.as_bytes()[cursor.at + 1..];
    let (c, len) = match rest.first() {
        None => return Err(JsonError { offset: cursor.text.len(), what: JsonProblem::Ended }),
        Some(c @ (b'"' | b'\\' | b'/')) => (char::from(*c), 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => match unit(rest) {
            None => return Err(cursor.error(JsonProblem::UnknownEscape)),
            Some(high @ 0xd800..=0xdbff) => {
                let low = rest
                    .get(5..)
                    .filter(|rest| rest[..].starts_with(b"\\"))
                    .and_then(|rest| unit(&rest[1..]));
                let Some(low @ 0xdc00..=0xdfff) = low else {
                    return Err(cursor.error(JsonProblem::LoneSurrogate));
                };
                (char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)).unwrap_or_default(), 12)
            }
            Some(unit) => {
                // Only surrogates are no characters.
                let c = char::from_u32(unit).ok_or_else(|| cursor.error(JsonProblem::LoneSurrogate))?;
                (c, 6)
            }
        },
        Some(_) => return Err(cursor.error(JsonProblem::UnknownEscape)),
    };
    cursor.at += len;
    Ok(c)
}

/// The UTF-16 unit that `u` and four hexadecimal digits say.
fn unit(escape: &[u8]) -> Option<u32> {
    let digits = escape.get(..5)?.strip_prefix(b"u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
}
