//! SE-3: errors tell nothing of what is inside.

use crate::clause::errors::{Error, SHOWN, errors};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Suite, Unit};
use crate::protocol::ClauseId;
use crate::value::inert_within;

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Se3,
    level: Level::Should,
    suite: Suite::Secure,
    statement: "Errors leak no stack trace and no SQL.",
    why: "They tell an attacker where to look.",
    source: "OWASP API Security Top 10, 2023: API8 (security misconfiguration); CWE-209",
    how: "Every error that was seen is looked through.",
    needs: &[Need::Wire],
    least: &[Least { count: 10, of: Unit::Errors }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: Check::EVERY, judge }],
};

const FIRST: &str = "tell clients what they did wrong, and the log what went wrong inside";

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

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    for error in errors(evidence) {
        let Error { what, head, .. } = &error;
        match leak(head.body.as_deref().unwrap_or_default()) {
            None => judged.count(Unit::Errors),
            Some((kind, line)) => {
                let line = inert_within(line, SHOWN);
                let wrong = format!("the answer {} to {what} tells {kind}: {line}", head.status);
                judged.broken_as(wrong, error.shows.clone(), vec![error.in_words()], FIRST);
            }
        }
    }
    judged
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
    use crate::protocol::Malformation;

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
        for text in Malformation::HOSTILE_TEXTS {
            assert_eq!(kind(text), None, "a service that repeats what it was sent leaks nothing: {text}");
        }
    }
}
