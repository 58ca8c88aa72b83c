//! Texts in columns.
//!
//! A text of ours may hold U+0000, which PostgreSQL can't keep and SQLite cuts off in places. In a
//! column it is written as two characters, and so is the character that begins them; every other text
//! is written as it is. So columns are equal if and only if the texts are.

use std::borrow::Cow;

/// Begins what stands for something else: a character of the private use area.
const ESCAPE: char = '\u{F8FF}';

/// The text as a column holds it.
pub(crate) fn column(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\0' => written.extend([ESCAPE, '0']),
            ESCAPE => written.extend([ESCAPE, '1']),
            other => written.push(other),
        }
    }
    Cow::Owned(written)
}

/// The text that a column stands for.
pub(crate) fn original(column: &str) -> Cow<'_, str> {
    if !column.contains(ESCAPE) {
        return Cow::Borrowed(column);
    }
    let mut text = String::with_capacity(column.len());
    let mut characters = column.chars();
    while let Some(character) = characters.next() {
        match character {
            ESCAPE => text.push(if characters.next() == Some('0') { '\0' } else { ESCAPE }),
            other => text.push(other),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        let texts = ["", "p-1", "a\0b", "\0", "\u{F8FF}", "\u{F8FF}0", "\0\u{F8FF}1\0", "ü\u{10FFFF}"];
        for text in texts {
            let written = column(text);
            assert!(!written.contains('\0'), "{text:?}");
            assert_eq!(original(&written), text);
        }
        assert!(matches!(column("p-1"), Cow::Borrowed(_)));
    }
}
