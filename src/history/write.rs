use std::fmt::Write as _;
use std::time::Duration;

use super::{Case, CaseEnd, Deed, Part, Purpose, Quiet, Role};
use crate::protocol::{
    Actor, Answer, Command, Expected, Head, Outcome, Query, Rejection, Seen, Told, Unknown, Version,
};
use crate::value::{Name, Record, Value};

/// Where an entry stands in the order of things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Taken atomically outside the call.
    pub index: u64,
    /// Since the run began.
    pub at: Duration,
}

/// What an entry tells, as it is written.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A case begins.
    Case(&'a Case),
    /// A session is opened.
    Session {
        /// Its number.
        client: u64,
        /// Whose case it is in.
        case: Option<u64>,
        /// Who speaks.
        actor: &'a Actor,
    },
    /// A name stands for a value from now on.
    Drawn {
        /// Within this case.
        case: u64,
        /// The name.
        name: &'a Name,
        /// The value.
        value: &'a Value,
    },
    /// A command is about to be sent.
    Submit {
        /// The operation's number.
        op: u64,
        /// The session.
        client: u64,
        /// What it is done for.
        part: Part,
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
        /// What it is done for.
        part: Part,
        /// The query.
        query: &'a Query,
    },
    /// Something else is about to be done.
    Do {
        /// The operation's number.
        op: u64,
        /// What it is done for.
        part: Part,
        /// What.
        deed: Deed,
        /// More of it.
        data: &'a Record,
    },
    /// A command has ended.
    Outcome(u64, &'a Outcome, Option<&'a Head>),
    /// A query has been answered.
    Answer(u64, &'a Answer, Option<&'a Head>),
    /// Something else is done; with what came of it.
    Done(u64, &'a Record),
    /// The request of an operation, by its number and its case, as a command for a shell, without secrets.
    Request(u64, Option<u64>, &'a str),
    /// The target was quiet, as far as those of the case can know.
    Quiet(Part, Quiet),
    /// A scenario comes to a step.
    Step {
        /// Its case.
        case: u64,
        /// Where the step stands in its file.
        line: u64,
    },
    /// The racers of a race were let go.
    Released {
        /// Their case.
        case: u64,
        /// The race's number within it.
        race: u64,
    },
    /// The machine was held up: nothing can be said of how long things took meanwhile.
    Held {
        /// Since when.
        from: Duration,
        /// Until when.
        to: Duration,
    },
    /// A case is over.
    CaseEnd(u64, &'a CaseEnd),
    /// What the job says: `result` of a scenario, `told` of a failure that was made smaller, `clause`.
    Word(&'a str, &'a Record),
    /// All is over; with what came of it.
    End(&'a Record),
}

impl Event<'_> {
    /// Appends the entry's line to `out`.
    pub fn write(self, stamp: Stamp, out: &mut String) {
        let _ = write!(out, "{{\"i\":{},\"t\":{},\"e\":\"", stamp.index, stamp.at.as_nanos());
        match self {
            Event::Case(case) => write_case(case, out),
            Event::Session { client, case, actor } => write_session(client, case, actor, out),
            Event::Drawn { case, name, value } => {
                let _ = write!(out, "drawn\",\"case\":{case}");
                write_text("name", name.as_str(), out);
                write_value("is", value, out);
            }
            Event::Submit { op, client, part, attempt, command } => {
                write_submit((op, client, part), attempt, command, out);
            }
            Event::Ask { op, client, part, query } => {
                let _ = write!(out, "call\",\"op\":{op},\"c\":{client},\"k\":\"qry\"");
                write_part(part, out);
                write_text("n", &query.name, out);
                write_input(query.on.as_ref(), &query.fields, out);
            }
            Event::Do { op, part, deed, data } => {
                let _ = write!(out, "call\",\"op\":{op},\"k\":\"{}\"", deed.word());
                write_part(part, out);
                write_body("data", data, out);
            }
            Event::Outcome(op, outcome, head) => write_outcome(op, outcome, head, out),
            Event::Answer(op, answer, head) => write_answer(op, answer, head, out),
            Event::Done(op, data) => {
                let _ = write!(out, "done\",\"op\":{op}");
                write_body("data", data, out);
            }
            Event::Request(op, case, line) => {
                let _ = write!(out, "request\",\"op\":{op}");
                if let Some(case) = case {
                    let _ = write!(out, ",\"case\":{case}");
                }
                write_text("line", line, out);
            }
            other => other.write_mark(out),
        }
        out.push_str("}\n");
    }

    /// What is beside operations.
    fn write_mark(self, out: &mut String) {
        match self {
            Event::Quiet(part, quiet) => {
                out.push_str("quiet\"");
                if quiet == Quiet::Assumed {
                    out.push_str(",\"how\":\"assumed\"");
                }
                write_part(part, out);
            }
            Event::Step { case, line } => {
                let _ = write!(out, "step\",\"case\":{case},\"line\":{line}");
            }
            Event::Released { case, race } => {
                let _ = write!(out, "released\",\"case\":{case},\"race\":{race}");
            }
            Event::Held { from, to } => {
                let _ = write!(out, "held\",\"from\":{},\"to\":{}", from.as_nanos(), to.as_nanos());
            }
            Event::CaseEnd(case, end) => {
                let _ = write!(out, "over\",\"case\":{case}");
                if let Some(verdict) = end.verdict {
                    write_text("verdict", verdict.word(), out);
                }
                if let Some(trouble) = &end.trouble {
                    write_text("trouble", trouble, out);
                }
            }
            Event::Word(what, data) => {
                out.push_str("word\"");
                write_text("what", what, out);
                write_body("data", data, out);
            }
            Event::End(data) => {
                out.push_str("end\"");
                write_body("data", data, out);
            }
            _ => {}
        }
    }
}

fn write_case(case: &Case, out: &mut String) {
    let Case { number, experiment, purpose, about } = case;
    let _ = write!(out, "case\",\"case\":{number}");
    write_text("x", experiment, out);
    let _ = match purpose {
        Purpose::Subject => Ok(()),
        Purpose::Smaller { of } => write!(out, ",\"smaller\":{of}"),
        Purpose::Control { of } => write!(out, ",\"control\":{of}"),
        Purpose::Twin { of } => write!(out, ",\"twin\":{of}"),
    };
    write_body("about", about, out);
}

fn write_session(client: u64, case: Option<u64>, actor: &Actor, out: &mut String) {
    let _ = write!(out, "session\",\"c\":{client}");
    if let Some(case) = case {
        let _ = write!(out, ",\"case\":{case}");
    }
    match actor {
        Actor::Default => {}
        Actor::Named(name) => write_text("who", name, out),
        Actor::Nobody => out.push_str(",\"who\":null"),
    }
}

fn write_submit((op, client, part): (u64, u64, Part), attempt: u32, command: &Command, out: &mut String) {
    let _ = write!(out, "call\",\"op\":{op},\"c\":{client},\"k\":\"cmd\"");
    write_part(part, out);
    write_text("n", &command.name, out);
    write_text("id", &command.id, out);
    let _ = write!(out, ",\"try\":{attempt}");
    if let Expected::Exactly(version) = &command.expected {
        write_version("exp", version, out);
    }
    if let Some(key) = &command.key {
        write_text("key", key, out);
    }
    write_input(command.on.as_ref(), &command.fields, out);
}

fn write_part(part: Part, out: &mut String) {
    let Part { case, step, role, race, told } = part;
    for (name, number) in [("case", case), ("step", step), ("race", race)] {
        if let Some(number) = number {
            let _ = write!(out, ",\"{name}\":{number}");
        }
    }
    if role != Role::Act {
        write_text("role", role.word(), out);
    }
    if let Some(told) = told {
        write_text("told", told_word(told), out);
    }
}

/// The word for a version that a step names.
pub(super) fn told_word(told: Told) -> &'static str {
    match told {
        Told::First => "first",
        Told::Last => "last",
    }
}

fn write_input(on: Option<&Value>, fields: &Record, out: &mut String) {
    out.push_str(",\"a\":[");
    if let Some(id) = on {
        id.write_json(out);
    }
    out.push(']');
    write_body("in", fields, out);
}

fn write_outcome(op: u64, outcome: &Outcome, head: Option<&Head>, out: &mut String) {
    match outcome {
        Outcome::Accepted(receipt) => {
            let _ = write!(out, "ok\",\"op\":{op}");
            write_place(receipt.version.as_ref(), receipt.position, out);
            if let Some(id) = &receipt.id {
                write_value("named", id, out);
            }
            write_body("out", &receipt.body, out);
        }
        Outcome::Rejected(rejection) => write_rejection(op, rejection, out),
        Outcome::Unknown(unknown) => write_unknown(op, unknown, out),
        Outcome::NotSent(why) => write_not_sent(op, why, out),
    }
    write_http(head, out);
}

fn write_answer(op: u64, answer: &Answer, head: Option<&Head>, out: &mut String) {
    match &answer.seen {
        Seen::Found(value) => {
            let _ = write!(out, "ok\",\"op\":{op}");
            write_place(answer.version.as_ref(), answer.position, out);
            if let Some(total) = answer.total {
                let _ = write!(out, ",\"total\":{total}");
            }
            write_value("out", value, out);
        }
        Seen::Absent => {
            let _ = write!(out, "absent\",\"op\":{op}");
            write_place(answer.version.as_ref(), answer.position, out);
        }
        Seen::Refused(rejection) => write_rejection(op, rejection, out),
        Seen::Broken(unknown) => write_unknown(op, unknown, out),
        Seen::NotSent(why) => write_not_sent(op, why, out),
    }
    write_http(head, out);
}

fn write_rejection(op: u64, rejection: &Rejection, out: &mut String) {
    let _ = write!(out, "rejected\",\"op\":{op}");
    write_value("code", &rejection.code.clone().map_or(Value::Null, Value::Text), out);
    if let Some(detail) = &rejection.detail {
        write_text("detail", detail, out);
    }
    write_body("out", &rejection.body, out);
}

fn write_unknown(op: u64, unknown: &Unknown, out: &mut String) {
    let _ = write!(out, "unknown\",\"op\":{op},\"err\":\"{}\"", unknown.doubt.word());
    if let Some(status) = unknown.status {
        let _ = write!(out, ",\"status\":{status}");
    }
    write_text("detail", &unknown.detail, out);
}

fn write_not_sent(op: u64, why: &str, out: &mut String) {
    let _ = write!(out, "not_sent\",\"op\":{op}");
    write_text("err", why, out);
}

fn write_http(head: Option<&Head>, out: &mut String) {
    if let Some(head) = head {
        out.push_str(",\"http\":");
        write_head(head, out);
    }
}

/// An answer over HTTP as JSON.
pub(super) fn write_head(head: &Head, out: &mut String) {
    let Head { status, content_type, location, etag, body, whole } = head;
    let _ = write!(out, "{{\"status\":{status}");
    for (name, field) in [("type", content_type), ("location", location), ("etag", etag), ("body", body)] {
        if let Some(field) = field {
            write_text(name, field, out);
        }
    }
    if !whole {
        out.push_str(",\"cut\":true");
    }
    out.push('}');
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
    write_value(name, &version.to_value(), out);
}

fn write_body(name: &str, body: &Record, out: &mut String) {
    if !body.is_empty() {
        write_value(name, &Value::Record(body.clone()), out);
    }
}

fn write_text(name: &str, text: &str, out: &mut String) {
    write_value(name, &Value::from(text), out);
}

fn write_value(name: &str, value: &Value, out: &mut String) {
    let _ = write!(out, ",\"{name}\":");
    value.write_json(out);
}
