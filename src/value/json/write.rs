use std::fmt::Write;

use super::super::Value;

impl Value {
    /// Appends the value as JSON without white space. Numbers are written as they print.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            // Writing to a `String` can't fail.
            Self::Number(number) => drop(write!(out, "{number}")),
            Self::Text(text) => write_text(text, out),
            // Only for people: what is sent or kept has no names in it any more.
            Self::Name(name) => write_text(&name.to_string(), out),
            Self::List(elements) => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    element.write_json(out);
                }
                out.push(']');
            }
            Self::Record(record) => {
                out.push('{');
                for (at, (name, value)) in record.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
        }
    }

    /// The value as JSON without white space.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }
}

/// `text` as a JSON string (RFC 8259, section 7): quotes, backslashes and control characters are escaped.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| b < 0x20 || b == b'"' || b == b'\\') {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => drop(write!(out, "\\u{control:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Number, Record};

    #[test]
    fn writes_numbers_and_escapes_exactly() {
        let value = Value::from(Record::from([
            ("total", Value::from(Number::parse("0.10"))),
            ("big", Value::from(Number::parse("1e400"))),
            ("a\"b", Value::from("\u{0}\u{1b}\n\\ ü😀\u{7f}")),
            ("list", Value::from([Value::Null, Value::from(true), Value::List(Vec::new())])),
        ]));
        assert_eq!(
            value.to_json(),
            "{\"total\":0.10,\"big\":1e400,\"a\\\"b\":\"\\u0000\\u001b\\n\\\\ ü😀\u{7f}\",\"list\":[null,true,[]]}"
        );
    }
}
