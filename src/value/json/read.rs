//! The reader. It keeps open lists and records on a stack of its own, so that no input exhausts the thread's.

use std::sync::Arc;

use super::super::{Number, Record, Value};
use super::text::read_text;
use super::{JsonError, JsonProblem, Limits};

impl Value {
    /// Reads one JSON value (RFC 8259, strictly), all of `json`, numbers exactly.
    ///
    /// Refused beyond the grammar: input over the limits, names that appear twice in a record, halves of surrogate
    /// pairs, a byte order mark, and exponents beyond ±10^18.
    pub fn from_json(json: impl AsRef<[u8]>, limits: &Limits) -> Result<Self, JsonError> {
        Self::from_json_counted(json.as_ref(), limits).map(|(value, _)| value)
    }

    /// The same, with how many values it holds, itself among them.
    pub(crate) fn from_json_counted(json: &[u8], limits: &Limits) -> Result<(Self, usize), JsonError> {
        if json.len() > limits.size {
            return Err(JsonError { offset: limits.size, what: JsonProblem::TooLarge(limits.size) });
        }
        let text = std::str::from_utf8(json)
            .map_err(|error| JsonError { offset: error.valid_up_to(), what: JsonProblem::NotUtf8 })?;
        let limits = Limits { depth: limits.depth.min(Limits::MAX_DEPTH), ..*limits };
        let mut reader = Reader { cursor: Cursor { text, at: 0 }, open: Vec::new(), limits, values: 0 };
        let value = reader.document()?;
        Ok((value, reader.values))
    }
}

/// A place in the text.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl Cursor<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over `byte` if it stands here.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    pub(super) fn error(&self, what: JsonProblem) -> JsonError {
        // What is missing at the end of the text is the rest of the text.
        let what = match what {
            JsonProblem::Expected(_) if self.at >= self.text.len() => JsonProblem::Ended,
            what => what,
        };
        JsonError { offset: self.at, what }
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }
}

/// A list or record whose end was not read yet.
enum Open {
    List(Vec<Value>),
    /// With the name whose value is being read.
    Record(Record, Arc<str>),
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    open: Vec<Open>,
    limits: Limits,
    /// How many were begun.
    values: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Value, JsonError> {
        loop {
            self.cursor.skip_space();
            let Some(value) = self.value()? else { continue };
            if let Some(value) = self.attach(value)? {
                self.cursor.skip_space();
                return match self.cursor.peek() {
                    None => Ok(value),
                    Some(_) => Err(self.cursor.error(JsonProblem::LeftOver)),
                };
            }
        }
    }

    /// Reads a value, or opens a list or record (`None`) that is not empty.
    fn value(&mut self) -> Result<Option<Value>, JsonError> {
        if self.values >= self.limits.values {
            return Err(self.cursor.error(JsonProblem::TooManyValues(self.limits.values)));
        }
        self.values += 1;
        match self.cursor.peek() {
            Some(b'"') => Ok(Some(Value::Text(read_text(&mut self.cursor)?))),
            Some(b'-' | b'0'..=b'9') => self.number().map(Some),
            Some(b'[') => {
                self.enter()?;
                if self.cursor.eat(b']') {
                    return Ok(Some(Value::List(Vec::new())));
                }
                self.open.push(Open::List(Vec::new()));
                Ok(None)
            }
            Some(b'{') => {
                self.enter()?;
                if self.cursor.eat(b'}') {
                    return Ok(Some(Value::Record(Record::new())));
                }
                let record = Record::new();
                let name = self.name(&record)?;
                self.open.push(Open::Record(record, name));
                Ok(None)
            }
            _ => self.word().map(Some),
        }
    }

    /// Steps over an opening bracket and the white space behind it.
    fn enter(&mut self) -> Result<(), JsonError> {
        if self.open.len() >= self.limits.depth {
            return Err(self.cursor.error(JsonProblem::TooDeep(self.limits.depth)));
        }
        self.cursor.at += 1;
        self.cursor.skip_space();
        Ok(())
    }

    /// Puts a finished value where it belongs and closes what ends behind it. `Some` once the outermost is done.
    fn attach(&mut self, mut value: Value) -> Result<Option<Value>, JsonError> {
        loop {
            let Some(open) = self.open.pop() else { return Ok(Some(value)) };
            self.cursor.skip_space();
            match open {
                Open::List(mut elements) => {
                    elements.push(value);
                    if self.cursor.eat(b',') {
                        self.open.push(Open::List(elements));
                        return Ok(None);
                    }
                    if !self.cursor.eat(b']') {
                        return Err(self.cursor.error(JsonProblem::Expected("`,` or `]`")));
                    }
                    value = Value::List(elements);
                }
                Open::Record(mut record, name) => {
                    record.insert(name, value);
                    if self.cursor.eat(b',') {
                        self.cursor.skip_space();
                        let name = self.name(&record)?;
                        self.open.push(Open::Record(record, name));
                        return Ok(None);
                    }
                    if !self.cursor.eat(b'}') {
                        return Err(self.cursor.error(JsonProblem::Expected("`,` or `}`")));
                    }
                    value = Value::Record(record);
                }
            }
        }
    }

    /// A name and the colon behind it.
    fn name(&mut self, record: &Record) -> Result<Arc<str>, JsonError> {
        let start = self.cursor.at;
        if self.cursor.peek() != Some(b'"') {
            return Err(self.cursor.error(JsonProblem::Expected("a name in quotes")));
        }
        let name = read_text(&mut self.cursor)?;
        if record.contains(&name) {
            return Err(JsonError { offset: start, what: JsonProblem::DuplicateName((&*name).into()) });
        }
        self.cursor.skip_space();
        if self.cursor.eat(b':') { Ok(name) } else { Err(self.cursor.error(JsonProblem::Expected("`:`"))) }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let rest = &self.cursor.text[self.cursor.at..];
        let in_number = |b: &u8| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let token = &rest[..rest.bytes().take_while(|b| in_number(b)).count()];
        if token.bytes().filter(u8::is_ascii_digit).count() > self.limits.digits {
            return Err(self.cursor.error(JsonProblem::TooManyDigits(self.limits.digits)));
        }
        let number = Number::parse(token).ok_or_else(|| self.cursor.error(JsonProblem::BadNumber))?;
        self.cursor.at += token.len();
        Ok(Value::Number(number))
    }

    fn word(&mut self) -> Result<Value, JsonError> {
        let rest = &self.cursor.text[self.cursor.at..];
        for (word, value) in
            [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))]
        {
            if rest.starts_with(word) {
                self.cursor.at += word.len();
                return Ok(value);
            }
        }
        Err(self.cursor.error(JsonProblem::Expected("a value")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value as it prints, or the error.
    fn check(json: impl AsRef<[u8]>, expected: &str) {
        let read = Value::from_json(&json, &Limits { depth: 4, size: 64, values: 6, digits: 8 });
        let shown = String::from_utf8_lossy(json.as_ref()).into_owned();
        assert_eq!(read.map_or_else(|e| e.to_string(), |v| v.to_string()), expected, "{shown}");
    }

    #[test]
    fn reads_json() {
        check("null", "null");
        check(" [ 1 , -0.50, 1e400 ,true,false ] ", "[1, -0.50, 1e400, true, false]");
        check(r#"{"a": {"b": []}, "": {}}"#, r#"{a: {b: []}, "": {}}"#);
        check(r#""A\u0041\n\/\b\f\"\ud83d\ude00ü""#, "\"AA\\n/\\u{8}\\u{c}\\\"😀ü\"");
        check("[[[[]]]]", "[[[[]]]]");
    }

    #[test]
    fn refuses_all_else() {
        check("", "the text ends too early at byte 0");
        check("[1", "the text ends too early at byte 2");
        check("[1,", "the text ends too early at byte 3");
        check("[1,]", "expected a value at byte 3");
        check("[1 2]", "expected `,` or `]` at byte 3");
        check("{a: 1}", "expected a name in quotes at byte 1");
        check(r#"{"a" 1}"#, "expected `:` at byte 5");
        check(r#"{"a": 1,}"#, "expected a name in quotes at byte 8");
        check(r#"{"a": 1, "\u0061": 2}"#, "the name \"a\" appears twice at byte 9");
        check("[1, {\"a\": 3}, 4, 5]", "[1, {a: 3}, 4, 5]");
        check("[1, {\"a\": 3}, 4, []]", "[1, {a: 3}, 4, []]");
        check("[1, {\"a\": 3}, 4, 5, []]", "more than 6 values at byte 20");
        check("[-1234.56e78]", "[-1234.56e78]");
        check("[-1234.56e789]", "a number of more than 8 digits at byte 1");
        check("[[[[[]]]]]", "nested more than 4 levels deep at byte 4");
        check("1 2", "something stands behind the value at byte 2");
        check("nul", "expected a value at byte 0");
        check("NaN", "expected a value at byte 0");
        check("01", "bad number at byte 0");
        check("[1.]", "bad number at byte 1");
        check("\u{feff}1", "expected a value at byte 0");
        check("\"a\nb\"", "a control character inside a text at byte 2");
        check("\"abc", "the text ends too early at byte 4");
        check(r#""\x""#, "unknown escape at byte 1");
        check(r#""\u00g0""#, "unknown escape at byte 1");
        check(r#""\u00"#, "unknown escape at byte 1");
        check(r#""\ud800""#, "half a surrogate pair at byte 1");
        check(r#""\ud800\u0041""#, "half a surrogate pair at byte 1");
        check(r#""\udc00""#, "half a surrogate pair at byte 1");
        check(b"[\"\xff\"]", "not UTF-8 at byte 2");
        check(" ".repeat(65), "more than 64 bytes at byte 64");
    }

    #[test]
    fn deep_input_is_refused_or_read_without_recursion() {
        let limits = Limits { depth: usize::MAX, ..Limits::default() };
        let refused = Value::from_json("[".repeat(100_000), &limits).map_err(|e| e.what);
        assert_eq!(refused, Err(JsonProblem::TooDeep(Limits::MAX_DEPTH)));
        let deep = Limits::MAX_DEPTH;
        let text = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
        let read = Value::from_json(&text, &limits).expect("within the limits");
        assert_eq!(read.clone().to_json(), text);
        assert_eq!(read.to_string(), text);
    }
}
