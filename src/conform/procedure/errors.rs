//! What error answers look like: problem details (CH-3), without a word too many (SE-3).

use crate::clause::Unit;
use crate::conform::Counterexample;
use crate::conform::lab::Lab;
use crate::protocol::{ClauseId, Exchange, Response};
use crate::value::{JsonError, Limits, Value, inert_within};

/// How much of an answer a sentence shows, in characters.
const SHOWN: usize = 200;

/// What stands at the end of a frame's file.
const SOURCES: [&str; 22] = [
    "java", "kt", "scala", "groovy", "clj", "js", "mjs", "cjs", "jsx", "ts", "tsx", "rs", "py", "rb", "php",
    "go", "cs", "vb", "fs", "ex", "exs", "cpp",
];

/// Words that only a runtime says, on whatever line.
const TRACES: [&str; 9] = [
    "Traceback (most recent call last)",
    "stack backtrace:",
    "Stack trace:",
    "stack trace ---",
    "panicked at ",
    "Exception in thread \"",
    "Fatal error: Uncaught",
    "[running]:",
    "Caused by: java.",
];

/// Words that only a database or what speaks to one says.
const SQL: [&str; 18] = [
    "SQLSTATE",
    "SQLException",
    "SqlException",
    "SQL syntax",
    "SQLITE_",
    "PG::",
    "psycopg2",
    "org.hibernate.",
    "sqlalchemy.",
    "sqlx::",
    "syntax error at or near",
    "Incorrect syntax near",
    "Unclosed quotation mark after the character string",
    "could not execute statement",
    "violates unique constraint",
    "violates foreign key constraint",
    "violates not-null constraint",
    "violates check constraint",
];

/// Statements: all of these words, in this order.
const STATEMENTS: [[&str; 2]; 4] =
    [["SELECT ", " FROM "], ["INSERT INTO ", " VALUES"], ["UPDATE ", " SET "], ["DELETE FROM ", " WHERE "]];

impl Lab {
    /// Looks at the answer to `what`, if it tells of an error. One that a server gives before anybody reads what was sent need not
    /// look like the service's own.
    pub(super) fn look_at_error(&self, what: &str, exchange: &Exchange, own: bool) {
        let Some(response) = exchange.response().filter(|response| response.status >= 400) else { return };
        if own && response.status < 500 {
            match problem(response) {
                Ok(()) => self.ledger.count(ClauseId::Ch3, Unit::Errors, 1),
                Err(why) => {
                    let wrong =
                        format!("the answer {} to {what} is no problem document: {why}", response.status);
                    let first = "answer errors as application/problem+json, with the status that they have";
                    self.broken(ClauseId::Ch3, told(wrong, what, exchange, response, first));
                }
            }
        }
        match leak(&response.body) {
            None => self.ledger.count(ClauseId::Se3, Unit::Errors, 1),
            Some((kind, line)) => {
                let line = inert_within(line, SHOWN);
                let wrong = format!("the answer {} to {what} tells {kind}: {line}", response.status);
                let first = "tell clients what they did wrong, and the log what went wrong inside";
                self.broken(ClauseId::Se3, told(wrong, what, exchange, response, first));
            }
        }
    }
}

fn told(wrong: String, what: &str, exchange: &Exchange, response: &Response, first: &str) -> Counterexample {
    let kind = response.content_type.as_deref().unwrap_or("no media type");
    let (kind, body) = (inert_within(kind, SHOWN), inert_within(&response.body, SHOWN));
    Counterexample {
        wrong,
        story: vec![format!("{what} → {} ({kind}): {body}", response.status)],
        requests: vec![exchange.request.clone()],
        first: first.to_owned(),
        ..Counterexample::default()
    }
}

/// Why an answer is no problem document (RFC 9457, section 3).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
enum NoProblem {
    #[error("it has no media type")]
    NoMediaType,
    #[error("its media type is {}", inert_within(.0, SHOWN))]
    MediaType(String),
    #[error("its body is no JSON: {0}")]
    NoJson(#[from] JsonError),
    #[error("its body is no object")]
    NoObject,
    #[error("it says that its status is {}", .0.brief(SHOWN))]
    OtherStatus(Value),
}

/// Whether it is a problem document (RFC 9457), and does not say that it has another status. All its members may be left out.
fn problem(response: &Response) -> Result<(), NoProblem> {
    let kind = response.content_type.as_deref().unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/problem+json" => {}
        "application/problem+xml" => return Ok(()),
        "" => return Err(NoProblem::NoMediaType),
        other => return Err(NoProblem::MediaType(other.to_owned())),
    }
    if !response.whole {
        return Ok(());
    }
    let body = Value::from_json(&response.body, &Limits::default());
    match body? {
        Value::Record(members) => match members.get("status") {
            None | Some(Value::Null) => Ok(()),
            Some(Value::Number(status)) if status.to_u64() == Some(u64::from(response.status)) => Ok(()),
            Some(other) => Err(NoProblem::OtherStatus(other.clone())),
        },
        _ => Err(NoProblem::NoObject),
    }
}

/// What should have stayed inside, and the line that tells it.
fn leak(body: &str) -> Option<(&'static str, &str)> {
    // A text in JSON has its line breaks escaped.
    let lines = body.split('\n').flat_map(|line| line.split("\\n"));
    lines.map(str::trim).find_map(|line| {
        let tells = |words: &[&str]| words.iter().any(|word| line.contains(word));
        if tells(&TRACES) || is_frame(line) {
            return Some(("a stack trace", line));
        }
        let statement = STATEMENTS
            .iter()
            .any(|[first, second]| line.split_once(first).is_some_and(|(_, behind)| behind.contains(second)));
        (statement || tells(&SQL) || is_oracle(line)).then_some(("SQL", line))
    })
}

/// `at com.shop.Orders.add(Orders.java:42)`, `at add (/app/orders.js:4:2)`, `at Orders.Add() in C:\orders.cs:line 4`,
/// `File "orders.py", line 4`, `#0 /app/orders.php(4)`, `orders.rb:4:in`.
fn is_frame(line: &str) -> bool {
    let in_source = SOURCES.iter().any(|source| {
        line.match_indices(&format!(".{source}")).any(|(at, found)| {
            let behind = &line[at + found.len()..];
            let behind = behind
                .trim_start_matches(['\\', '"'])
                .trim_start_matches(", ")
                .trim_start_matches([':', '(']);
            behind.trim_start_matches("line ").starts_with(|c: char| c.is_ascii_digit())
        })
    });
    let starts = ["at ", "File ", "File \\\"", "#", "from "];
    // In JSON, a trace's first line is behind a quote.
    in_source
        && (starts.iter().any(|start| line.starts_with(start))
            || line.contains("\"at ")
            || line.contains(":in "))
}

/// `ORA-00942`.
fn is_oracle(line: &str) -> bool {
    line.split("ORA-")
        .skip(1)
        .any(|behind| behind.len() >= 5 && behind.as_bytes()[..5].iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conform::procedure::attacks::TEXTS;

    fn kind(body: &str) -> Option<&'static str> {
        leak(body).map(|(kind, _)| kind)
    }

    #[test]
    fn what_should_stay_inside_is_known() {
        for trace in [
            "java.lang.IllegalStateException: no\n\tat com.shop.Orders.add(Orders.java:42)",
            r#"{"error":"Error: no\n    at add (/app/orders.js:4:2)\n    at next"}"#,
            r#"{"stack":"at Shop.Orders.Add(Item item) in C:\\shop\\Orders.cs:line 42"}"#,
            "Traceback (most recent call last):\n  File \"orders.py\", line 4, in add",
            r#"{"detail":"x\n  File \"orders.py\", line 4"}"#,
            "#0 /app/orders.php(4): add()",
            "app/models/order.rb:4:in `add'",
            "thread 'main' panicked at src/orders.rs:4:2:",
            r#"{"trace":"stack backtrace:\n   0: orders::add\n             at ./src/orders.rs:4:2"}"#,
            "goroutine 7 [running]:",
        ] {
            assert_eq!(kind(trace), Some("a stack trace"), "{trace}");
        }
        for sql in [
            "SQLSTATE[23505]: Unique violation",
            r#"{"detail":"ERROR: duplicate key value violates unique constraint \"orders_pkey\""}"#,
            "ORA-00942: table or view does not exist",
            "Error in INSERT INTO orders (id) VALUES ($1)",
            "SELECT id FROM orders",
        ] {
            assert_eq!(kind(sql), Some("SQL"), "{sql}");
        }
    }

    #[test]
    fn what_is_for_clients_is_no_leak() {
        for text in [
            "",
            r#"{"type":"/problems/Malformed","title":"The request is malformed","status":400,"detail":"the body can't be read: expected value at line 1 column 16"}"#,
            "select a product from the list, then update your address, and set a date",
            "at example.com:8080 nobody answers",
            "at most 64 fields (see orders.txt:4)",
            "ORA-NGE",
            "the request failed at 10:42:17",
        ] {
            assert_eq!(kind(text), None, "{text}");
        }
        for text in TEXTS {
            assert_eq!(kind(text), None, "a service that repeats what it was sent leaks nothing: {text}");
        }
    }

    #[test]
    fn a_problem_says_its_own_status_or_none() {
        let check = |content_type: Option<&str>, body: &str| {
            let content_type = content_type.map(str::to_owned);
            let (location, etag) = (None, None);
            problem(&Response { status: 409, content_type, location, etag, body: body.into(), whole: true })
        };
        let kind = Some("application/problem+json; charset=utf-8");
        for body in ["{}", r#"{"status": 409}"#, r#"{"status": null, "code": "x"}"#] {
            assert_eq!(check(kind, body), Ok(()), "{body}");
        }
        for body in ["", "[]", "{", r#"{"status": 400}"#, r#"{"status": "409"}"#] {
            assert!(check(kind, body).is_err(), "{body}");
        }
        assert!(check(Some("application/json"), r#"{"status": 409}"#).is_err() && check(None, "{}").is_err());
        assert_eq!(check(Some("application/problem+xml"), "<problem/>"), Ok(()));
    }
}
