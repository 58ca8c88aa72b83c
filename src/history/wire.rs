use std::fmt::Write as _;
use std::time::Duration;

use crate::protocol::{Answer, Command, Expected, Outcome, Query, Rejection, Seen, Unknown, Version};
use crate::value::{Record, Value};

/// The version of the format, in every header as `h`.
const FORMAT: u32 = 1;

/// The first line of a history.
#[derive(Clone, Debug)]
pub struct Header<'a> {
    /// The contracts that were spoken.
    pub contracts: Vec<&'a str>,
    /// The queries that were read.
    pub models: Vec<&'a str>,
    /// The run's seed.
    pub seed: u64,
    /// The target's name.
    pub target: &'a str,
}

/// Where an entry stands in the order of things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Taken atomically outside the call.
    pub index: u64,
    /// Since the run began.
    pub at: Duration,
}

/// What an entry tells.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A command is about to be sent.
    Submit {
        /// The operation's number.
        op: u64,
        /// The session.
        client: u64,
        /// 0 for the first attempt.
        attempt: u32,
        /// The command.
        command: &'a Command,
    },
    /// A query is about to be asked.
    Ask {
        /// The operation's number.
        op: u64,
        /// The session.
        client: u64,
        /// The query.
        query: &'a Query,
    },
    /// A command has ended.
    Outcome(u64, &'a Outcome),
    /// A query has been answered.
    Answer(u64, &'a Answer),
    /// Something beside operations.
    Mark(&'a str, &'a Record),
}

/// Appends the header's line to `out`.
pub fn write_header(header: &Header<'_>, out: &mut String) {
    let texts = |names: &[&str]| Value::List(names.iter().map(|name| Value::from(*name)).collect());
    let contract = match header.contracts.as_slice() {
        [one] => Value::from(*one),
        several => texts(several),
    };
    let _ = write!(out, "{{\"h\":{FORMAT},\"clock\":\"mono_ns\",\"contract\":");
    contract.write_json(out);
    out.push_str(",\"models\":");
    texts(&header.models).write_json(out);
    let _ = write!(out, ",\"seed\":{},\"target\":", header.seed);
    Value::from(header.target).write_json(out);
    out.push_str(",\"toolkit\":");
    Value::from(env!("CARGO_PKG_VERSION")).write_json(out);
    out.push_str("}\n");
}

/// Appends an entry's line to `out`.
pub fn write_entry(stamp: Stamp, event: Event<'_>, out: &mut String) {
    let _ = write!(out, "{{\"i\":{},\"t\":{},\"e\":\"", stamp.index, stamp.at.as_nanos());
    match event {
        Event::Submit { op, client, attempt, command } => write_submit(op, client, attempt, command, out),
        Event::Ask { op, client, query } => {
            let _ = write!(out, "call\",\"op\":{op},\"c\":{client},\"k\":\"qry\",\"n\":");
            Value::Text(query.name.clone()).write_json(out);
            write_input(query.on.as_ref(), &query.fields, out);
        }
        Event::Outcome(op, outcome) => write_outcome(op, outcome, out),
        Event::Answer(op, answer) => write_answer(op, answer, out),
        Event::Mark(what, data) => {
            out.push_str("mark\",\"what\":");
            Value::from(what).write_json(out);
            write_body("data", data, out);
        }
    }
    out.push_str("}\n");
}

fn write_submit(op: u64, client: u64, attempt: u32, command: &Command, out: &mut String) {
    let _ = write!(out, "call\",\"op\":{op},\"c\":{client},\"k\":\"cmd\",\"n\":");
    Value::Text(command.name.clone()).write_json(out);
    out.push_str(",\"id\":");
    Value::Text(command.id.clone()).write_json(out);
    let _ = write!(out, ",\"try\":{attempt}");
    if let Expected::Exactly(version) = &command.expected {
        write_version("exp", version, out);
    }
    if let Some(key) = &command.key {
        out.push_str(",\"key\":");
        Value::Text(key.clone()).write_json(out);
    }
    write_input(command.on.as_ref(), &command.fields, out);
}

fn write_input(on: Option<&Value>, fields: &Record, out: &mut String) {
    out.push_str(",\"a\":[");
    if let Some(id) = on {
        id.write_json(out);
    }
    out.push(']');
    write_body("in", fields, out);
}

fn write_outcome(op: u64, outcome: &Outcome, out: &mut String) {
    match outcome {
        Outcome::Accepted(receipt) => {
            let _ = write!(out, "ok\",\"op\":{op}");
            write_place(receipt.version.as_ref(), receipt.position, out);
            if let Some(id) = &receipt.id {
                out.push_str(",\"named\":");
                id.write_json(out);
            }
            write_body("out", &receipt.body, out);
        }
        Outcome::Rejected(rejection) => write_rejection(op, rejection, out),
        Outcome::Unknown(unknown) => write_unknown(op, unknown, out),
        Outcome::NotSent(why) => write_not_sent(op, why, out),
    }
}

fn write_answer(op: u64, answer: &Answer, out: &mut String) {
    match &answer.seen {
        Seen::Found(value) => {
            let _ = write!(out, "ok\",\"op\":{op}");
            write_place(answer.version.as_ref(), answer.position, out);
            out.push_str(",\"out\":");
            value.write_json(out);
        }
        Seen::Absent => {
            let _ = write!(out, "absent\",\"op\":{op}");
            write_place(answer.version.as_ref(), answer.position, out);
        }
        Seen::Refused(rejection) => write_rejection(op, rejection, out),
        Seen::Broken(unknown) => write_unknown(op, unknown, out),
        Seen::NotSent(why) => write_not_sent(op, why, out),
    }
}

fn write_rejection(op: u64, rejection: &Rejection, out: &mut String) {
    let _ = write!(out, "rejected\",\"op\":{op},\"code\":");
    rejection.code.clone().map_or(Value::Null, Value::Text).write_json(out);
    if let Some(detail) = &rejection.detail {
        out.push_str(",\"detail\":");
        Value::Text(detail.clone()).write_json(out);
    }
    write_body("out", &rejection.body, out);
}

fn write_unknown(op: u64, unknown: &Unknown, out: &mut String) {
    let _ = write!(out, "unknown\",\"op\":{op},\"err\":\"{}\"", unknown.doubt.word());
    if let Some(status) = unknown.status {
        let _ = write!(out, ",\"status\":{status}");
    }
}

fn write_not_sent(op: u64, why: &str, out: &mut String) {
    let _ = write!(out, "not_sent\",\"op\":{op},\"err\":");
    Value::from(why).write_json(out);
}

fn write_place(version: Option<&Version>, position: Option<u64>, out: &mut String) {
    if let Some(version) = version {
        write_version("v", version, out);
    }
    if let Some(position) = position {
        let _ = write!(out, ",\"p\":{position}");
    }
}

fn write_version(name: &str, version: &Version, out: &mut String) {
    let _ = write!(out, ",\"{name}\":");
    match version {
        Version::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Version::Opaque(text) => Value::Text(text.clone()).write_json(out),
    }
}

fn write_body(name: &str, body: &Record, out: &mut String) {
    if !body.is_empty() {
        let _ = write!(out, ",\"{name}\":");
        Value::Record(body.clone()).write_json(out);
    }
}
