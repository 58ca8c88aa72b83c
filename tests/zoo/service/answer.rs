//! What answers look like.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::moment::Instant;
use super::pen::Pen;
use super::text;
use super::wire::Response;
use crate::zoo::oddity::Oddity::*;
use crate::zoo::setup::Setup;

const JSON: (&str, &str) = ("content-type", "application/json");
const PROBLEM: (&str, &str) = ("content-type", "application/problem+json");
const WORDS: (&str, &str) = ("content-type", "text/plain; charset=utf-8");

fn response(status: u16, (name, kind): (&'static str, &str), body: String) -> Response {
    Response { status, headers: vec![(name, kind.to_owned())], body }
}

pub(super) fn nothing() -> Response {
    Response { status: 204, headers: Vec::new(), body: String::new() }
}

pub(super) fn refused(setup: &Setup, status: u16, code: &str) -> Response {
    if setup.has(PlainText) {
        return response(status, WORDS, format!("sorry: {code}"));
    }
    if setup.has(ErrorsIn200) && status == 409 {
        return response(200, JSON, format!(r#"{{"errors": [{{"code": {}}}]}}"#, text(code)));
    }
    response(
        status,
        PROBLEM,
        format!(r#"{{"status": {status}, "title": "refused", "code": {}}}"#, text(code)),
    )
}

/// Somebody else's version is there.
pub(super) fn conflict(setup: &Setup) -> Response {
    if setup.has(ConflictsAs500) {
        return response(500, WORDS, "tuple concurrently updated".into());
    }
    refused(setup, 412, "ConcurrencyConflict")
}

pub(super) fn accepted(setup: &Setup, id: &str, version: u64) -> Response {
    let mut response = if setup.has(PlainText) {
        response(200, WORDS, "done".into())
    } else {
        let id =
            if setup.has(LookedUpIds) { String::new() } else { format!(r#""id": {}, "#, written(setup, id)) };
        response(201, JSON, format!(r#"{{{id}"done": true}}"#))
    };
    // What was removed has no version any more.
    if version > 0 {
        response.headers.push(("etag", format!("\"{version}\"")));
    }
    if !setup.has(LookedUpIds) {
        response.headers.push(("location", format!("/pens/{id}")));
    }
    response
}

/// What was answered already is answered again.
pub(super) fn replayed(setup: &Setup, answer: Response) -> Response {
    let was_accepted = answer.status < 300 && !answer.body.starts_with(r#"{"errors""#);
    if !setup.has(OtherReplays) || !was_accepted {
        return answer;
    }
    let body = match answer.body.strip_prefix('{') {
        Some(rest) => format!(r#"{{"replayed": true, {rest}"#),
        None => "done before".into(),
    };
    Response { status: 409, body, ..answer }
}

/// An id, as the service writes it.
fn written(setup: &Setup, id: &str) -> String {
    if setup.has(IntegerIds) && id.parse::<u64>().is_ok() { id.to_owned() } else { text(id) }
}

fn amount(setup: &Setup, amount: Decimal) -> String {
    if !setup.has(Floats) {
        return amount.normalize().to_string();
    }
    // What adding up hundredths brings in binary, made visible: some of the sums are off in their last digits.
    let float = amount.to_f64().expect("an amount");
    format!("{:?}", (float * 1.1) / 1.1 + 1e-10)
}

fn instant(setup: &Setup, instant: &Instant) -> String {
    match setup.instants() {
        Some(OffsetInstants) => instant.shown(0, "+00:00", 0),
        Some(MilliInstants) => instant.shown(0, "Z", 3),
        Some(OtherZone) => instant.shown(330, "+05:30", 0),
        _ => instant.shown(0, "Z", 0),
    }
}

pub(super) fn found(setup: &Setup, id: &str, pen: &Pen) -> Response {
    let status = if pen.closed { "closed" } else { "open" };
    let mut fields = vec![
        ("pen", written(setup, id)),
        ("status", text(status)),
        ("feed", amount(setup, pen.feed)),
        ("label", text(&pen.label)),
        ("keeper", text(&pen.opened.keeper)),
        ("lit", pen.lit.to_string()),
        ("places", pen.opened.places.to_string()),
    ];
    let texts = [("tag", &pen.opened.tag), ("note", &pen.opened.note), ("colour", &pen.opened.colour)];
    fields.extend(texts.into_iter().filter_map(|(name, value)| Some((name, text(value.as_ref()?)))));
    if let Some(since) = &pen.opened.since {
        fields.push(("since", text(&instant(setup, since))));
    }
    let mut response = response(200, JSON, record(&fields));
    response.headers.push(("etag", format!("\"{}\"", pen.version)));
    response
}

pub(super) fn list(setup: &Setup, pens: &[(String, Pen)], total: usize, next: Option<u64>) -> Response {
    let row = |(id, pen): &(String, Pen)| {
        let mut fields =
            vec![("pen", written(setup, id)), ("label", text(&pen.label)), ("feed", amount(setup, pen.feed))];
        fields.extend(pen.opened.note.as_ref().map(|note| ("note", text(note))));
        record(&fields)
    };
    let rows: Vec<String> = pens.iter().map(row).collect();
    let next = next.map_or_else(|| "null".into(), |next| text(&next.to_string()));
    response(200, JSON, format!(r#"{{"pens": [{}], "total": {total}, "next": {next}}}"#, rows.join(", ")))
}

pub(super) fn totals(setup: &Setup, pens: usize, feed: Decimal) -> Response {
    response(200, JSON, record(&[("pens", pens.to_string()), ("feed", amount(setup, feed))]))
}

pub(super) fn tagged<'a>(setup: &Setup, pens: impl Iterator<Item = (&'a str, &'a str)>) -> Response {
    let rows = pens.map(|(id, tag)| record(&[("pen", written(setup, id)), ("tag", text(tag))]));
    let rows: Vec<String> = rows.collect();
    response(200, JSON, format!(r#"{{"pens": [{}]}}"#, rows.join(", ")))
}

fn record(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}: {value}", text(name))).collect();
    format!("{{{}}}", fields.join(", "))
}
