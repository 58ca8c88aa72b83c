use super::documents::Node;
use super::service::{Bound, Kind, Shape};
use crate::value::{Number, Value};

/// More words of one choice are left out.
const MOST: usize = 200;

fn whole_number(value: &Value) -> Option<i64> {
    value.as_number()?.to_i64()
}

/// How many of something there are at least, or at most.
pub(super) fn count(schema: Node<'_>, name: &str) -> Option<u64> {
    u64::try_from(whole_number(schema.value.get(name)?)?).ok()
}

/// What a schema says that lists its values, or has one only.
pub(super) fn listed(schema: Node<'_>) -> Option<Shape> {
    let one = schema.value.get("const").map(std::slice::from_ref);
    let values = schema.value.get("enum").and_then(Value::as_list).or(one)?;
    let words: Vec<String> = values.iter().filter_map(Value::as_text).take(MOST).map(str::to_owned).collect();
    if !words.is_empty() {
        return Some(Shape::Choice(words));
    }
    let numbers: Vec<Number> = values.iter().filter_map(Value::as_number).take(MOST).cloned().collect();
    (!numbers.is_empty()).then(|| among(numbers))
}

/// One of these numbers: a range, where they follow each other without a gap.
pub(super) fn among(mut numbers: Vec<Number>) -> Shape {
    numbers.sort();
    numbers.dedup();
    let whole: Option<Vec<i64>> = numbers.iter().map(Number::to_i64).collect();
    match whole.as_deref() {
        Some([first, .., last]) if i64::try_from(numbers.len() - 1) == Ok(last.saturating_sub(*first)) => {
            Shape::Whole(Some(*first), Some(*last))
        }
        Some([only]) => Shape::Whole(Some(*only), Some(*only)),
        _ => Shape::Among(numbers),
    }
}

/// A bound of a number, and whether it is outside itself. OpenAPI 3.0 says that with `true`, 3.1 with a number.
fn bound(schema: Node<'_>, inclusive: &str, exclusive: &str) -> Option<(Number, bool)> {
    let number = |name: &str| schema.value.get(name).and_then(Value::as_number).cloned();
    let marked = schema.value.get(exclusive).and_then(Value::as_bool) == Some(true);
    match (number(inclusive), number(exclusive)) {
        (_, Some(outside)) => Some((outside, true)),
        (Some(bound), None) => Some((bound, marked)),
        (None, None) => None,
    }
}

pub(super) fn whole(schema: Node<'_>) -> Shape {
    let end = |inclusive, exclusive, by: i64| {
        let (number, outside) = bound(schema, inclusive, exclusive)?;
        number.to_i64()?.checked_add(if outside { by } else { 0 })
    };
    let least = end("minimum", "exclusiveMinimum", 1);
    let most = end("maximum", "exclusiveMaximum", -1);
    Shape::Whole(least, most.filter(|most| least.is_none_or(|least| least <= *most)))
}

pub(super) fn decimal(schema: Node<'_>, text: bool) -> Shape {
    let end = |inclusive, exclusive| {
        let (number, outside) = bound(schema, inclusive, exclusive)?;
        Some(Bound { at: number.decimal()?.normalize(), outside })
    };
    let least = end("minimum", "exclusiveMinimum");
    let most = end("maximum", "exclusiveMaximum");
    let apart = match (&least, &most) {
        (Some(least), Some(most)) => least.at < most.at,
        _ => true,
    };
    Shape::Decimal { least, most: most.filter(|_| apart), text }
}

/// What a value is where it isn't given, if that can be said in a contract.
pub(super) fn default(schema: Node<'_>, shape: &Shape) -> Option<Value> {
    let value = schema.value.get("default")?;
    let fits = match (shape, value) {
        (Shape::Text { length: (None, None), alphabet: None, sample: None, .. }, Value::Text(_))
        | (Shape::Truth, Value::Bool(_)) => true,
        (Shape::Choice(words), Value::Text(text)) => words.iter().any(|word| **word == **text),
        (Shape::Whole(least, most), Value::Number(_)) => whole_number(value)
            .is_some_and(|n| least.is_none_or(|least| least <= n) && most.is_none_or(|most| n <= most)),
        _ => false,
    };
    fits.then(|| value.clone())
}

/// Texts that are known to fit a format.
fn of_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "email" => "someone@example.com",
        "date-time" => "2026-01-01T00:00:00Z",
        "date" => "2026-01-01",
        "time" => "12:00:00Z",
        "duration" => "P1D",
        "uri" | "url" => "https://example.com/",
        "hostname" => "example.com",
        "uuid" => "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "ZXhhbXBsZQ==",
        _ => return None,
    })
}

/// What a text has to be that no type says, in words; nothing where any text of its length and alphabet will do.
pub(super) fn demand(schema: Node<'_>) -> Option<String> {
    let format = schema.text("format").unwrap_or_default();
    if !matches!(format, "uuid" | "date-time" | "decimal") && of_format(format).is_some() {
        return Some(format!("has the format {format}"));
    }
    let pattern =
        schema.text("pattern").filter(|pattern| !digits(pattern) && characters(pattern).is_none())?;
    Some(format!("has to fit the pattern {pattern}"))
}

/// Whether a pattern is that of a decimal number.
fn digits(pattern: &str) -> bool {
    let rest = pattern.replace("\\d", "9");
    // An exponent's `e` is the one letter that numbers have.
    let letters = rest.chars().any(|c| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'));
    rest.contains('9') && rest.contains("\\.") && !letters
}

/// A text, or a number that is written as text.
pub(super) fn text(schema: Node<'_>) -> Shape {
    let of = |name: &str| schema.text(name);
    let format = of("format").unwrap_or_default();
    let pattern = of("pattern");
    if format == "decimal" || pattern.is_some_and(digits) {
        return decimal(schema, true);
    }
    let first = schema.list("examples").next().and_then(|first| first.value.as_text());
    let given = of("example").or(first).or_else(|| of("default")).map(str::to_owned);
    let characters = pattern.and_then(characters);
    // Where any text will do, a fresh one is better than a given one: it can't be mistaken for somebody else's.
    let sample = match (of_format(format), pattern) {
        (Some(known), _) => Some(given.unwrap_or_else(|| known.to_owned())),
        (None, Some(_)) if characters.is_none() => Some(given.unwrap_or_else(|| "example".to_owned())),
        _ => None,
    };
    let (alphabet, least, most) =
        characters.map_or((None, None, None), |(alphabet, least, most)| (Some(alphabet), least, most));
    let least = count(schema, "minLength").max(least).filter(|least| *least > 0);
    let most = [count(schema, "maxLength"), most].into_iter().flatten().min();
    let length = if least > most && most.is_some() { (None, None) } else { (least, most) };
    let kind = match format {
        "uuid" => Kind::Uuid,
        "date-time" => Kind::Instant,
        "uri" | "uri-reference" | "iri" | "iri-reference" | "url" => Kind::Url,
        _ => Kind::Plain,
    };
    Shape::Text { sample, length, alphabet, kind }
}

/// The characters of a pattern that says no more than these, such as `^[a-z]{2,8}$`, and how many.
fn characters(pattern: &str) -> Option<(String, Option<u64>, Option<u64>)> {
    let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let (class, many) = match inner.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => inner.split_at_checked(2).filter(|(class, _)| matches!(*class, "\\d" | "\\w"))?,
    };
    let class = class.replace("\\d", "0-9").replace("\\w", "a-zA-Z0-9_");
    let alphabet = alphabet(&class)?;
    let (least, most) = match many {
        "" => (Some(1), Some(1)),
        "+" => (Some(1), None),
        "*" => (None, None),
        _ => {
            let counts = many.strip_prefix('{')?.strip_suffix('}')?;
            let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
            let most = if most.is_empty() { None } else { Some(most.parse().ok()?) };
            (Some(least.parse().ok()?), most)
        }
    };
    Some((alphabet, least, most))
}

/// A class of characters as contracts write it, where they can: a dash first, digits last, as one range.
fn alphabet(class: &str) -> Option<String> {
    let (mut dash, mut letters, mut digits) = ("", String::new(), String::new());
    let chars: Vec<char> = class.chars().collect();
    let mut rest = &chars[..];
    while let [first, tail @ ..] = rest {
        let (last, behind) = match tail {
            ['-', last, behind @ ..] => (last, behind),
            _ => (first, tail),
        };
        let range = if first == last { first.to_string() } else { format!("{first}-{last}") };
        match (first, last) {
            ('-', '-') => dash = "-",
            ('0'..='9', '0'..='9') if first <= last && digits.is_empty() => digits = range,
            ('a'..='z', 'a'..='z') | ('A'..='Z', 'A'..='Z') | ('_', '_')
                if first <= last && letters.len() < 20 =>
            {
                letters.push_str(&range);
            }
            _ => return None,
        }
        rest = behind;
    }
    let alphabet = format!("{dash}{letters}{digits}");
    (!alphabet.is_empty() && alphabet != "-").then_some(alphabet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_are_alphabets() {
        let check = |pattern, expected: Option<(&str, Option<u64>, Option<u64>)>| {
            let found = characters(pattern);
            assert_eq!(
                found.as_ref().map(|(class, least, most)| (&**class, *least, *most)),
                expected,
                "{pattern}"
            );
        };
        check("^[a-z]{2,8}$", Some(("a-z", Some(2), Some(8))));
        check("^[0-9a-z_-]+$", Some(("-a-z_0-9", Some(1), None)));
        check("^\\d{4}$", Some(("0-9", Some(4), Some(4))));
        check("^\\w*$", Some(("a-zA-Z_0-9", None, None)));
        check("^[A-Z]{3,}$", Some(("A-Z", Some(3), None)));
        for other in [
            "[a-z]+",
            "^[^a]+$",
            "^[a-z]+@[a-z]+$",
            "^[z-a]$",
            "^[0-57-9]$",
            "^[]$",
            "^[a.]$",
            "^[a]{x}$",
            "^.*$",
        ] {
            check(other, None);
        }
    }
}
