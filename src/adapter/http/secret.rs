//! Finds a secret in text, however it is written there: as it is, in the other case, in JSON, HTML or a URL, in base64, and
//! broken over lines.

use std::borrow::Cow;
use std::cmp::Reverse;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// So much of a secret in base64 is known for it; less might be anything.
const SHORTEST_CORE: usize = 4;

/// The longest way to write one character: `%25F0%259F%2594%2591`.
const LONGEST_UNIT: usize = 24;

/// JSON within JSON within JSON has seven backslashes for one.
const MOST_SLASHES: usize = 8;

/// The longest name or number of a character in HTML: `#x1F511`.
const LONGEST_NAME: usize = 8;

/// A secret as it is looked for.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret {
    plain: String,
    patterns: Vec<Pattern>,
}

/// What is looked for, character by character.
#[derive(Clone, PartialEq, Eq)]
struct Pattern {
    chars: Vec<char>,
    /// What stands around it belongs to it where it is of that alphabet: a character of base64 may hold some bits of the
    /// secret, and some of its neighbour.
    base64: bool,
}

/// How far a text reads as a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Read {
    /// To here, all of it.
    Whole(usize),
    /// To the end of the text, and there it is cut.
    Cut,
    No,
}

impl Secret {
    /// Nothing for a text without a character.
    pub(super) fn new(plain: &str) -> Option<Self> {
        let pattern = Pattern { chars: plain.chars().collect(), base64: false };
        let patterns = std::iter::once(pattern).chain(cores(plain.as_bytes())).collect();
        (!plain.is_empty()).then(|| Self { plain: plain.to_owned(), patterns })
    }

    pub(super) fn plain(&self) -> &str {
        &self.plain
    }

    /// Where the beginning of it stands that the end of the text cuts off.
    pub(super) fn find_cut(&self, text: &str) -> Option<usize> {
        let longest = self.patterns.iter().map(|pattern| pattern.chars.len()).max().unwrap_or(0);
        let mut from = text.len().saturating_sub(longest * LONGEST_UNIT);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let places = text[from..].char_indices().map(|(at, _)| from + at);
        let cut = |at: &usize| self.patterns.iter().any(|pattern| pattern.read(&text[*at..]) == Read::Cut);
        places.into_iter().find(cut)
    }
}

/// The text with something else in the place of every secret; nothing where none stands in it. Of those that begin at one
/// place, the longest goes.
pub(super) fn covered<'s>(
    text: &str,
    secrets: impl Iterator<Item = &'s Secret>,
    with: impl Fn(&Secret) -> Cow<'static, str>,
) -> Option<String> {
    // Each pattern is looked for once, and again only behind where it was found.
    let mut found: Vec<_> = secrets
        .flat_map(|secret| secret.patterns.iter().map(move |pattern| (secret, pattern)))
        .filter_map(|(secret, pattern)| Some((pattern.find(text, 0)?, secret, pattern)))
        .collect();
    let mut from = 0;
    let mut shown = String::new();
    let first = |found: &[(_, &'s Secret, _)]| {
        let places = found.iter().map(|(place, secret, _): &((usize, usize), _, _)| (*place, *secret));
        places.min_by_key(|((start, end), _)| (*start, Reverse(*end)))
    };
    while let Some(((start, end), secret)) = first(&found) {
        shown = shown + &text[from..start] + &with(secret);
        from = end;
        found.retain_mut(|(place, _, pattern)| {
            place.0 >= from || pattern.find(text, from).inspect(|next| *place = *next).is_some()
        });
    }
    (from > 0).then(|| shown + &text[from..])
}

impl Pattern {
    /// Where it stands for the first time behind `from`, and where it ends.
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let first = self.chars.first()?;
        // Most texts hold nothing that could begin it.
        let begins =
            |c: char| matches!(c, '\\' | '&' | '%' | '+' | '-' | '_') || c.eq_ignore_ascii_case(first);
        let places = text[from..].char_indices().filter(|(_, c)| begins(*c)).map(|(at, _)| from + at);
        for start in places {
            if let Read::Whole(length) = self.read(&text[start..]) {
                let end = start + length;
                return Some(if self.base64 { widened(text, from, start, end) } else { (start, end) });
            }
        }
        None
    }

    /// How far a text reads as this, from its beginning on.
    fn read(&self, text: &str) -> Read {
        let mut places = vec![0];
        for (number, wanted) in self.chars.iter().enumerate() {
            let mut next = Vec::new();
            for place in places {
                let place = if number > 0 { place + line_break(&text[place..]) } else { place };
                let escaped = if number > 0 { escaped_break(&text[place..]) } else { 0 };
                // The escape of a line break may as well be two characters of the secret.
                for place in [Some(place), (escaped > 0).then_some(place + escaped)].into_iter().flatten() {
                    let rest = &text[place..];
                    if number > 0 && is_cut(rest) {
                        return Read::Cut;
                    }
                    readings(rest, *wanted, self.base64, |length| {
                        if !next.contains(&(place + length)) {
                            next.push(place + length);
                        }
                    });
                }
            }
            if next.is_empty() {
                return Read::No;
            }
            places = next;
        }
        places.into_iter().max().map_or(Read::No, Read::Whole)
    }
}

/// What of a secret in base64 (RFC 4648) is the same wherever it stands in what was encoded: for each of the three places
/// that its first byte may have in a group.
fn cores(secret: &[u8]) -> impl Iterator<Item = Pattern> {
    let core = move |before: usize| {
        let encoded = STANDARD_NO_PAD.encode([&vec![0; before], secret].concat());
        let whole = (before + secret.len()) * 8 / 6;
        let chars: Vec<char> = encoded.chars().take(whole).skip((before * 8).div_ceil(6)).collect();
        Pattern { chars, base64: true }
    };
    let cores: Vec<_> = (0..3).map(core).filter(|core| core.chars.len() >= SHORTEST_CORE).collect();
    cores.into_iter()
}

/// A place in base64 with the characters on both sides that may hold a part of it, and its padding.
fn widened(text: &str, from: usize, start: usize, end: usize) -> (usize, usize) {
    let is_of_it = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let before = text[from..start].chars().next_back().filter(is_of_it).map_or(0, char::len_utf8);
    let after = text[end..].chars().next().filter(is_of_it).map_or(0, char::len_utf8);
    let padding = text[end + after..].bytes().take(2).take_while(|byte| *byte == b'=').count();
    (start - before, end + after + padding)
}

/// How long the line break is that a text begins with, with what a quoted line begins with.
fn line_break(text: &str) -> usize {
    let rest = text.strip_prefix('\r').unwrap_or(text);
    match rest.strip_prefix('\n') {
        Some(line) => text.len() - line.strip_prefix("  | ").unwrap_or(line).len(),
        None => 0,
    }
}

/// How long the line break is that a text begins with as JSON has it: `\n`, `\r\n`, the backslashes once or several times.
fn escaped_break(text: &str) -> usize {
    let escape = |text: &str| json(text).filter(|_| text.starts_with('\\'));
    let after_return = escape(text).filter(|(c, _)| *c == '\r').map_or(0, |(_, length)| length);
    match escape(&text[after_return..]) {
        Some(('\n', length)) => after_return + length,
        _ => 0,
    }
}

/// Whether the text ends here, perhaps within a character that is written as several.
fn is_cut(rest: &str) -> bool {
    let end = rest.len();
    let body = || rest.chars().skip(1).all(|c| c.is_ascii_alphanumeric() || matches!(c, '#' | '\\' | '%'));
    end == 0
        || match rest.as_bytes()[0] {
            b'%' => end < 3 && body(),
            b'\\' => end < 6 && body(),
            b'&' => end < 8 && body(),
            _ => false,
        }
}

/// Tells how long the part of a text is, from its beginning on, that reads as a character; there may be several ways.
fn readings(text: &str, wanted: char, exactly: bool, mut tell: impl FnMut(usize)) {
    let is_wanted = |c: char| match (exactly, c) {
        (true, '-') => wanted == '+',
        (true, '_') => wanted == '/',
        (true, c) => c == wanted,
        (false, c) => c.eq_ignore_ascii_case(&wanted),
    };
    let Some(first) = text.chars().next() else { return };
    if is_wanted(first) || (!exactly && first == '+' && wanted == ' ') {
        tell(first.len_utf8());
    }
    let written = match first {
        '\\' => json(text),
        '&' => html(text),
        '%' => percent(text, wanted.len_utf8()),
        _ => None,
    };
    if let Some((c, length)) = written
        && is_wanted(c)
    {
        tell(length);
    }
}

/// An escape of JSON (RFC 8259 section 7), its backslash once or, in JSON within JSON, several times.
fn json(text: &str) -> Option<(char, usize)> {
    let slashes = text.bytes().take(MOST_SLASHES).take_while(|byte| *byte == b'\\').count();
    let rest = &text[slashes..];
    let c = rest.chars().next();
    let simple = match c {
        Some('/') => '/',
        Some('"') => '"',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unicode(rest).map(|(c, length)| (c, slashes + length)),
        _ => return Some(('\\', slashes)),
    };
    Some((simple, slashes + 1))
}

/// `u002B`, or a pair of surrogates.
fn unicode(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix('u')?.get(..4)?, 16).ok();
    let first = unit(text)?;
    if let Some(c) = char::from_u32(first.into()) {
        return Some((c, 5));
    }
    let rest = text[5..].trim_start_matches('\\');
    let c = char::decode_utf16([first, unit(rest)?]).next()?.ok()?;
    Some((c, text.len() - rest.len() + 5))
}

/// A character reference of HTML: by its number, or one of the five names that every writer uses.
fn html(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST_NAME + 2).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let lower = name.to_ascii_lowercase();
    let c = match (&*lower, lower.strip_prefix("#x"), lower.strip_prefix('#')) {
        (_, Some(hexadecimal), _) => char::from_u32(u32::from_str_radix(hexadecimal, 16).ok()?)?,
        (_, _, Some(decimal)) => char::from_u32(decimal.parse().ok()?)?,
        ("amp", ..) => '&',
        ("lt", ..) => '<',
        ("gt", ..) => '>',
        ("quot", ..) => '"',
        ("apos", ..) => '\'',
        _ => return None,
    };
    Some((c, name.len() + 2))
}

/// So many bytes as a URL has them (RFC 3986 section 2.1), the sign once or twice encoded, as one character.
fn percent(text: &str, bytes: usize) -> Option<(char, usize)> {
    let mut rest = text;
    let mut found = Vec::with_capacity(bytes);
    for _ in 0..bytes {
        let sign = rest.strip_prefix('%')?;
        // `%25` may be the sign itself, or the sign of what follows.
        let twice = sign.strip_prefix("25").filter(|code| code.get(..2).is_some_and(is_code));
        let code = twice.unwrap_or(sign);
        found.push(u8::from_str_radix(code.get(..2).filter(|code| is_code(code))?, 16).ok()?);
        rest = &code[2..];
    }
    let c = std::str::from_utf8(&found).ok()?.chars().next()?;
    Some((c, text.len() - rest.len()))
}

fn is_code(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "Ab/Cd+Ef=9\"é";

    #[track_caller]
    fn check(text: &str, shown: &str) {
        let secret = Secret::new(CANARY).expect("a secret");
        let covered =
            covered(&format!("it was <{text}> once, {text}"), std::iter::once(&secret), |_| "…".into());
        assert_eq!(covered, Some(format!("it was <{shown}> once, {shown}")), "{text}");
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        for text in [
            CANARY,
            "aB/cD+eF=9\"é",
            r#"Ab\/Cd+Ef=9\"\u00e9"#,
            r"Ab\u002FCd\u002bEf\u003d9\u0022\u00E9",
            r#"Ab\\/Cd+Ef=9\\\"\\u00e9"#,
            "Ab&#47;Cd&#43;Ef&#x3D;9&quot;&#xE9;",
            "Ab&#x2f;Cd+Ef=9&QUOT;é",
            "Ab%2FCd%2BEf%3D9%22%C3%A9",
            "ab%2fcd%2bef%3d9%22%c3%a9",
            "Ab%252FCd%252BEf%253D9%2522%25C3%25A9",
            "Ab/Cd\n+Ef=9\"é",
            "Ab/Cd\r\n  | +Ef=9\"\n  | é",
            r#"Ab/Cd\n+Ef=9\"\r\né"#,
            r#"Ab\/Cd\\n+Ef=9\\\"é"#,
        ] {
            check(text, "…");
        }
    }

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_stands_in_what_was_encoded() {
        let encoders = [base64::engine::general_purpose::STANDARD, base64::engine::general_purpose::URL_SAFE];
        for before in ["", "a", "ann:", "bo", "key=", "Basic "] {
            for after in ["", ".", "..", "and more"] {
                for encoder in &encoders {
                    let encoded = encoder.encode(format!("{before}{CANARY}{after}"));
                    let secret = Secret::new(CANARY).expect("a secret");
                    let covered = covered(&encoded, std::iter::once(&secret), |_| "".into());
                    let left = covered.unwrap_or_else(|| panic!("{encoded} holds it"));
                    // What is left is no more than what stood around it.
                    assert!(
                        left.trim_end_matches('=').len() * 6 / 8 <= before.len() + after.len(),
                        "{encoded}: {left}"
                    );
                    check(&encoder.encode(CANARY), "…");
                }
            }
        }
        let folded = base64::engine::general_purpose::STANDARD.encode(CANARY);
        check(&format!("{}\n{}", &folded[..6], &folded[6..]), "…");
    }

    #[test]
    fn what_is_no_secret_is_left_alone() {
        let secret = Secret::new(CANARY).expect("a secret");
        for text in [
            "",
            "Ab/Cd+Ef=9",
            "Ab/Cd+Ef=8\"é",
            "Ab%2",
            "%",
            "\\",
            "&amp",
            "Ab Cd Ef",
            "b/Cd+Ef=9\"é",
            "Ab//Cd+Ef=9\"é",
        ] {
            assert_eq!(covered(text, std::iter::once(&secret), |_| "…".into()), None, "{text}");
        }
        assert!(Secret::new("").is_none());
    }

    #[test]
    fn a_secret_that_the_end_cuts_off_is_found() {
        let secret = Secret::new(CANARY).expect("a secret");
        for (kept, cut) in [
            ("it was ", "Ab/Cd"),
            ("it was ", "Ab%2FCd%2"),
            ("it was ", r"Ab\u00"),
            ("it was ", "Ab&#4"),
            ("é", "A"),
        ] {
            assert_eq!(secret.find_cut(&format!("{kept}{cut}")), Some(kept.len()), "{cut}");
        }
        for whole in ["", "nothing of it", "Ab/Cd and more", "100%", "é"] {
            assert_eq!(secret.find_cut(whole), None, "{whole}");
        }
    }
}
