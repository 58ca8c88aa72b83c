use std::fmt::Write as _;
use std::time::Duration;

use super::promises;
use crate::protocol::{
    Answer, Command, Expected, Outcome, Promises, Query, Rejection, Seen, Unknown, Version,
};
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
    /// What it promises: by that it was drawn for and judged.
    pub promises: &'a Promises,
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
    out.push_str(",\"promises\":");
    Value::Record(promises::record(header.promises)).write_json(out);
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
            if let Some(total) = answer.total {
                let _ = write!(out, ",\"total\":{total}");
            }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::protocol::{Deviation, Does, Doubt, Effect, IdForm, Receipt};
    use crate::value::{Demand, Limits, Tolerances};

    fn record(json: &str) -> Record {
        match Value::from_json(json, &Limits::default()) {
            Ok(Value::Record(record)) => record,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn check(event: Event<'_>, line: &str) {
        let mut out = String::new();
        write_entry(Stamp { index: 4, at: Duration::from_micros(7) }, event, &mut out);
        assert_eq!(out, format!("{{\"i\":4,\"t\":7000,\"e\":{line}}}\n"));
        assert!(Value::from_json(out.trim_end(), &Limits::default()).is_ok(), "{out}");
    }

    fn promised() -> Promises {
        let mut promises = Promises::default();
        promises.bounds.insert("A".into(), Duration::ZERO);
        let mut off = Tolerances::default();
        off.allow(["rows".into(), "total".into()], rust_decimal::Decimal::new(5, 3).into());
        promises.tolerances.insert("B".into(), off);
        promises.deviations.push(Deviation {
            command: "C".into(),
            rule: "No".into(),
            does: Does::Accepts,
            effect: Effect::None,
            because: "it is old".into(),
        });
        promises.private.insert("A".into());
        promises.ids = IdForm::Text;
        promises.demands.insert("k".into(), Demand::Uuid);
        promises.demands.insert("n".into(), Demand::Whole { least: Some(1), most: None });
        let letters = Some([('a', 'z')].into());
        promises.demands.insert("t".into(), Demand::Text { least: 2, most: Some(8), alphabet: letters });
        promises
    }

    #[test]
    fn a_header_names_contract_models_seed_target_and_promises() {
        let line = |contracts| {
            let mut out = String::new();
            let promises = &promised();
            let header = Header { contracts, models: vec!["A", "B"], seed: 7, target: "t \"q\"", promises };
            write_header(&header, &mut out);
            out
        };
        let version = env!("CARGO_PKG_VERSION");
        let promises = r#"{"bound_ns":5000000000,"bounds_ns":{"A":0},"tolerances":{"B":{"rows.total":0.005}},"deviations":[{"command":"C","rule":"No","does":"accepts","effect":"none","because":"it is old"}],"private":["A"],"ids":"text","generate":{"k":{"as":"uuid"},"n":{"as":"int","range":"1.."},"t":{"as":"string","length":"2..8","alphabet":"a-z"}}}"#;
        let rest = format!(
            r#""models":["A","B"],"seed":7,"target":"t \"q\"","promises":{promises},"toolkit":"{version}"}}"#
        );
        assert_eq!(line(vec!["c"]), format!("{{\"h\":1,\"clock\":\"mono_ns\",\"contract\":\"c\",{rest}\n"));
        assert!(line(vec!["c", "d"]).contains(r#""contract":["c","d"]"#));
    }

    #[test]
    fn calls_say_all_that_was_asked() {
        let mut command = Command {
            name: "AddItem".into(),
            on: Some(Value::from("o-1")),
            fields: record(r#"{"price":2.00}"#),
            key: None,
            expected: Expected::Any,
            id: "c-9".into(),
        };
        check(
            Event::Submit { op: 3, client: 2, attempt: 1, command: &command },
            r#""call","op":3,"c":2,"k":"cmd","n":"AddItem","id":"c-9","try":1,"a":["o-1"],"in":{"price":2.00}"#,
        );
        command.key = Some(Arc::from("k"));
        command.expected = Expected::Exactly(Version::Number(4));
        command.on = None;
        command.fields = Record::default();
        check(
            Event::Submit { op: 3, client: 2, attempt: 1, command: &command },
            r#""call","op":3,"c":2,"k":"cmd","n":"AddItem","id":"c-9","try":1,"exp":4,"key":"k","a":[]"#,
        );
        let query = Query { name: "List".into(), on: None, fields: record(r#"{"page":1}"#) };
        let ask = Event::Ask { op: 3, client: 2, query: &query };
        check(ask, r#""call","op":3,"c":2,"k":"qry","n":"List","a":[],"in":{"page":1}"#);
    }

    #[test]
    fn outcomes_keep_their_words() {
        let unknown = |doubt, status| Unknown { doubt, status, detail: "d".into() };
        let receipt = Receipt {
            id: Some(Value::from("o-1")),
            version: Some(Version::Number(5)),
            position: Some(88),
            body: record(r#"{"x":1}"#),
        };
        check(
            Event::Outcome(3, &Outcome::Accepted(receipt)),
            r#""ok","op":3,"v":5,"p":88,"named":"o-1","out":{"x":1}"#,
        );
        let no = Rejection { code: Some("No".into()), detail: Some("why".into()), ..Rejection::default() };
        check(Event::Outcome(3, &Outcome::Rejected(no)), r#""rejected","op":3,"code":"No","detail":"why""#);
        check(
            Event::Outcome(3, &Outcome::Rejected(Rejection::default())),
            r#""rejected","op":3,"code":null"#,
        );
        for (doubt, status, told) in [
            (Doubt::ServerError, Some(503), r#""5xx","status":503"#),
            (Doubt::Timeout, None, r#""timeout""#),
            (Doubt::Lost, None, r#""lost""#),
            (Doubt::Unreadable, Some(200), r#""unreadable","status":200"#),
        ] {
            let outcome = Outcome::Unknown(unknown(doubt, status));
            check(Event::Outcome(3, &outcome), &format!(r#""unknown","op":3,"err":{told}"#));
        }
        let refused = Outcome::NotSent("connection refused".into());
        check(Event::Outcome(3, &refused), r#""not_sent","op":3,"err":"connection refused""#);
    }

    #[test]
    fn answers_tell_absence_from_an_answer() {
        let found = Answer {
            seen: Seen::Found(Value::List(vec![])),
            version: Some(Version::Opaque("w".into())),
            position: Some(9),
            total: Some(4),
        };
        check(Event::Answer(3, &found), r#""ok","op":3,"v":"w","p":9,"total":4,"out":[]"#);
        let absent = Answer { position: Some(9), ..Answer::new(Seen::Absent) };
        check(Event::Answer(3, &absent), r#""absent","op":3,"p":9"#);
        let refused = Answer::new(Seen::Refused(Rejection::default()));
        check(Event::Answer(3, &refused), r#""rejected","op":3,"code":null"#);
        check(Event::Answer(3, &Answer::new(Seen::NotSent("r".into()))), r#""not_sent","op":3,"err":"r""#);
        check(Event::Mark("verdict", &record(r#"{"a":1}"#)), r#""mark","what":"verdict","data":{"a":1}"#);
    }
}
