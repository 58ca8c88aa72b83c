use super::service::{Kind, Member, Shape};
use crate::value::Value;

/// Deeper shapes are taken as anything.
const DEEPEST: usize = 6;

/// More fields of one record, and more words of one choice, are left out.
const MOST: usize = 200;

/// How many schemas one document may have looked at, so that a web of references ends.
pub(super) const BUDGET: usize = 100_000;

/// Looks things up in a document, as long as the budget lasts.
pub(super) struct Reader<'a> {
    pub(super) root: &'a Value,
    pub(super) budget: usize,
}

impl<'a> Reader<'a> {
    /// What a `$ref` leads to, or the value itself. References into other documents lead nowhere.
    pub(super) fn follow(&mut self, mut value: &'a Value) -> Option<&'a Value> {
        for _ in 0..8 {
            let Some(to) = value.get("$ref") else { return Some(value) };
            self.budget = self.budget.checked_sub(1)?;
            let path = to.as_text()?.strip_prefix("#/")?;
            value = self.root;
            for step in path.split('/') {
                value = value.get(&step.replace("~1", "/").replace("~0", "~"))?;
            }
        }
        None
    }

    /// What a schema describes, and whether `null` is allowed beside it.
    pub(super) fn shape(&mut self, schema: &'a Value, depth: usize) -> (Shape, bool) {
        let Some(schema) = self.follow(schema) else { return (Shape::Any, false) };
        if depth > DEEPEST || self.budget == 0 {
            return (Shape::Any, false);
        }
        self.budget -= 1;
        let mut null = schema.get("nullable").and_then(Value::as_bool).unwrap_or(false);
        for one_of in ["oneOf", "anyOf"] {
            let Some(variants) = schema.get(one_of).and_then(Value::as_list) else { continue };
            let mut found = None;
            for variant in variants.iter().take(8) {
                let is_null = variant.get("type").and_then(Value::as_text) == Some("null");
                null |= is_null;
                if is_null {
                    continue;
                }
                let shape = self.shape(variant, depth + 1);
                // A number that may also be text keeps all its digits there.
                if found.is_none() || matches!(shape.0, Shape::Decimal { text: true, .. }) {
                    found = Some(shape);
                }
            }
            if let Some((shape, also)) = found {
                return (shape, null || also);
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_list) {
            return (self.all_of(schema, parts, depth), null);
        }
        let kind = match schema.get("type") {
            Some(Value::List(kinds)) => {
                null |= kinds.iter().any(|kind| kind.as_text() == Some("null"));
                kinds.iter().filter_map(Value::as_text).find(|kind| *kind != "null")
            }
            Some(kind) => kind.as_text(),
            None if schema.get("properties").is_some() => Some("object"),
            None if schema.get("enum").is_some() || schema.get("const").is_some() => Some("string"),
            None => None,
        };
        let shape = match kind.unwrap_or_default() {
            "string" => text(schema),
            "integer" => whole(schema),
            "number" => Shape::Decimal { least: least(schema), text: false },
            "boolean" => Shape::Truth,
            "array" => {
                let fewest = schema.get("minItems").and_then(number).and_then(|n| u64::try_from(n).ok());
                let items = schema.get("items").map_or(Shape::Any, |items| self.shape(items, depth + 1).0);
                Shape::List(Box::new(items), fewest.unwrap_or(0))
            }
            "object" => Shape::Record(self.members(schema, depth)),
            _ => Shape::Any,
        };
        (shape, null)
    }

    /// The fields of all parts together; a part that is no record, where none is.
    fn all_of(&mut self, schema: &'a Value, parts: &'a [Value], depth: usize) -> Shape {
        let mut members = self.members(schema, depth);
        let mut other = Shape::Any;
        for part in parts.iter().take(16) {
            match self.shape(part, depth + 1).0 {
                Shape::Record(more) => {
                    for member in more {
                        if members.iter().all(|known| known.name != member.name) {
                            members.push(member);
                        }
                    }
                }
                shape if other == Shape::Any => other = shape,
                _ => {}
            }
        }
        if members.is_empty() { other } else { Shape::Record(members) }
    }

    fn members(&mut self, schema: &'a Value, depth: usize) -> Vec<Member> {
        let needed: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_list)
            .map(|names| names.iter().filter_map(Value::as_text).collect())
            .unwrap_or_default();
        let mut members = Vec::new();
        let Some(properties) = schema.get("properties").and_then(Value::as_record) else { return members };
        for (name, property) in properties.iter().take(MOST) {
            let (shape, null) = self.shape(property, depth + 1);
            let default = default(property, &shape);
            members.push(Member {
                name: name.to_owned(),
                shape,
                needed: needed.contains(&name),
                null,
                default,
            });
        }
        members
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_number()?.to_i64()
}

fn whole(schema: &Value) -> Shape {
    let exclusive = |name: &str, by: i64| schema.get(name).and_then(number)?.checked_add(by);
    let least = schema.get("minimum").and_then(number).or_else(|| exclusive("exclusiveMinimum", 1));
    let most = schema.get("maximum").and_then(number).or_else(|| exclusive("exclusiveMaximum", -1));
    Shape::Whole(least, most.filter(|most| least.is_none_or(|least| least <= *most)))
}

fn least(schema: &Value) -> Option<String> {
    let least = schema.get("minimum").or_else(|| schema.get("exclusiveMinimum"))?;
    let plain = least.as_number()?.decimal()?;
    Some(plain.to_string())
}

/// What a value is where it isn't given, if that can be said in a contract.
pub(super) fn default(schema: &Value, shape: &Shape) -> Option<Value> {
    let value = schema.get("default")?;
    let fits = match (shape, value) {
        (Shape::Text { length: (None, None), alphabet: None, .. }, Value::Text(_))
        | (Shape::Truth, Value::Bool(_)) => true,
        (Shape::Choice(words), Value::Text(text)) => words.iter().any(|word| **word == **text),
        (Shape::Whole(least, most), Value::Number(_)) => number(value)
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
        "uri" | "url" => "https://example.com/",
        "uuid" => "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "ipv4" => "192.0.2.1",
        _ => return None,
    })
}

/// A text, a choice, or a number that is written as text.
fn text(schema: &Value) -> Shape {
    let one = schema.get("const").map(std::slice::from_ref);
    if let Some(words) = schema.get("enum").and_then(Value::as_list).or(one) {
        let words = words.iter().filter_map(Value::as_text).take(MOST);
        return Shape::Choice(words.map(str::to_owned).collect());
    }
    let of = |name: &str| schema.get(name).and_then(Value::as_text);
    let format = of("format").unwrap_or_default();
    let pattern = of("pattern");
    let digits = pattern.is_some_and(|pattern| {
        let rest = pattern.replace("\\d", "9");
        // An exponent's `e` is the one letter that numbers have.
        let letters = rest.chars().any(|c| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'));
        rest.contains('9') && rest.contains("\\.") && !letters
    });
    if format == "decimal" || digits {
        return Shape::Decimal { least: None, text: true };
    }
    let first =
        schema.get("examples").and_then(Value::as_list).and_then(<[_]>::first).and_then(Value::as_text);
    let given = of("example").or(first).or_else(|| of("default")).map(str::to_owned);
    let characters = pattern.and_then(characters);
    // Where any text will do, a fresh one is better than a given one: it can't be mistaken for somebody else's.
    let sample = match (of_format(format), pattern) {
        (Some(known), _) => Some(given.unwrap_or_else(|| known.to_owned())),
        (None, Some(_)) if characters.is_none() => Some(given.unwrap_or_else(|| "example".to_owned())),
        _ => None,
    };
    let count = |name: &str| schema.get(name).and_then(number).and_then(|n| u64::try_from(n).ok());
    let (alphabet, least, most) =
        characters.map_or((None, None, None), |(alphabet, least, most)| (Some(alphabet), least, most));
    let least = count("minLength").max(least).filter(|least| *least > 0);
    let most = [count("maxLength"), most].into_iter().flatten().min();
    let length = if least > most && most.is_some() { (None, None) } else { (least, most) };
    let kind = match format {
        "uuid" => Kind::Uuid,
        "date-time" => Kind::Instant,
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
