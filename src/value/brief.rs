//! The compact printing used in messages: JSON-like, bounded, inert on a terminal.

use std::fmt::{self, Write};

use super::path::is_plain;
use super::{Number, Value};
use crate::text::is_inert;

/// How deep lists and records are opened before only their size is shown.
const MAX_DEPTH: usize = 6;

/// Room kept for the next element; with less left, the rest is only counted.
const ROOM: usize = 8;

impl Value {
    /// The value in about `limit` characters (at most 120 more) on one line:
    /// `{status: "pending", items: [… 12 more]}`.
    ///
    /// Numbers are exact, names stand without quotes where they can, and nothing in it moves a terminal's cursor
    /// or turns its text around.
    pub fn brief(&self, limit: usize) -> String {
        let mut writer = Writer { out: String::new(), left: limit };
        writer.value(self, MAX_DEPTH);
        writer.out
    }
}

/// The whole value, in the same way.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer { out: String::new(), left: usize::MAX };
        writer.value(self, usize::MAX);
        f.write_str(&writer.out)
    }
}

/// `text` in quotes, with all that is not plainly visible escaped.
pub fn quote(text: &str) -> String {
    let mut writer = Writer { out: String::new(), left: usize::MAX };
    writer.text(text);
    writer.out
}

/// `text` without quotes, in which only what is not plainly visible is escaped.
pub fn inert(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if is_inert(c) {
            out.push(c);
        } else {
            escape(c, &mut out);
        }
        out
    })
}

/// The same, cut behind about `limit` characters: a service may answer with megabytes.
pub fn inert_within(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", inert(&text[..end])),
        None => inert(text),
    }
}

struct Writer {
    out: String,
    /// How many characters may still be written.
    left: usize,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => self.put("null"),
            Value::Bool(truth) => self.put(if *truth { "true" } else { "false" }),
            Value::Number(number) => self.number(number),
            Value::Text(text) => self.text(text),
            Value::Name(name) => self.put(&name.to_string()),
            Value::List(elements) => self.group(['[', ']'], depth, elements.iter(), |writer, element| {
                writer.value(element, depth - 1);
            }),
            Value::Record(record) => self.group(['{', '}'], depth, record.iter(), |writer, (name, value)| {
                if is_plain(name) && name.chars().count() < writer.left {
                    writer.put(name);
                } else {
                    writer.text(name);
                }
                writer.put(": ");
                if writer.left == 0 {
                    writer.put("…");
                } else {
                    writer.value(value, depth - 1);
                }
            }),
        }
    }

    /// Elements between brackets, up to where the room ends.
    fn group<T>(
        &mut self,
        [open, close]: [char; 2],
        depth: usize,
        elements: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        let count = elements.len();
        self.out.push(open);
        self.left = self.left.saturating_sub(2);
        for (at, element) in elements.enumerate() {
            if at > 0 {
                self.put(", ");
            }
            if self.left < ROOM || depth == 0 {
                // Room for this was kept by whoever wrote the last element.
                let _ = write!(self.out, "… {} more", count - at);
                self.left = 0;
                break;
            }
            write(self, element);
        }
        self.out.push(close);
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.left = self.left.saturating_sub(text.chars().count());
    }

    fn number(&mut self, number: &Number) {
        let text = number.to_string();
        // Decimals have at most 31 characters and are never cut; half a number would be a lie.
        match text.char_indices().nth(self.left.max(31)) {
            Some((end, _)) if number.decimal().is_none() => {
                self.put(&text[..end]);
                self.put("…");
            }
            _ => self.put(&text),
        }
    }

    /// Quoted; what does not fit is counted behind the closing quote.
    fn text(&mut self, text: &str) {
        self.out.push('"');
        self.left = self.left.saturating_sub(2);
        for (at, c) in text.char_indices() {
            if self.left == 0 {
                let _ = write!(self.out, "\"… {} more", text[at..].chars().count());
                return;
            }
            let before = self.out.len();
            escape(c, &mut self.out);
            self.left =
                self.left.saturating_sub((self.out.len() - before).min(if is_inert(c) { 1 } else { 10 }));
        }
        self.out.push('"');
    }
}

fn escape(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if is_inert(c) => out.push(c),
        c => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Record;

    fn check(value: impl Into<Value>, limit: usize, expected: &str) {
        assert_eq!(value.into().brief(limit), expected);
    }

    #[test]
    fn prints_like_json_without_quotes_around_names() {
        let order = Record::from([
            ("status", Value::from("pending")),
            ("total", Number::parse("59.90").into()),
            ("odd name", Value::from([Value::Null, true.into()])),
            ("empty", Record::new().into()),
        ]);
        check(order, 80, r#"{status: "pending", total: 59.90, "odd name": [null, true], empty: {}}"#);
    }

    #[test]
    fn stops_where_the_room_ends() {
        let items = Value::from((0..14).collect::<Vec<i32>>());
        let order = Record::from([("status", Value::from("pending")), ("items", items)]);
        check(order.clone(), 36, r#"{status: "pending", items: [… 14 more]}"#);
        check(order.clone(), 48, r#"{status: "pending", items: [0, 1, 2, 3, … 10 more]}"#);
        check(order, 0, "{… 2 more}");
        check(Record::from([("a_name_that_is_long", Record::new())]), 16, "{\"a_name_that_\"… 7 more: …}");
        check("a text that is long", 8, "\"a text\"… 13 more");
        check(Number::parse(&"7".repeat(100)), 10, &format!("{}…", "7".repeat(31)));
    }

    #[test]
    fn is_inert() {
        check("a\u{1b}[31mb\n\u{202e}\u{9b}\u{7f}\"\\", 80, r#""a\u{1b}[31mb\n\u{202e}\u{9b}\u{7f}\"\\""#);
        check(Record::from([("\u{1b}[2J", 1)]), 80, r#"{"\u{1b}[2J": 1}"#);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = (0..300).fold(Value::Null, |value, _| Value::List(vec![value]));
        check(deep, 1000, "[[[[[[[… 1 more]]]]]]]");
    }
}
