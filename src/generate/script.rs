//! A sequence as a scenario.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::weave::{FIRST_VERSION, LAST_VERSION};
use super::{Draw, Sequence, Step};
use crate::protocol::{Command, Expected, Query, Version};
use crate::value::{Record, Value, field_name};

/// What a step is to come to.
#[derive(Clone, PartialEq, Debug)]
pub enum Became {
    /// A command is accepted.
    Accepted,
    /// A command is refused with one of these codes; with none, for any reason.
    Rejected(Vec<Arc<str>>),
    /// Nothing is said of it.
    Unsaid,
}

/// The read that is wrong, and what it must be.
#[derive(Clone, PartialEq, Debug)]
pub enum Failing {
    /// An answer shows at least this record, or exactly these rows.
    Shows(Value),
    /// The answer has exactly these rows, in any order.
    Unordered(Vec<Value>),
    /// There is no such thing.
    Absent,
    /// At no time an answer shows this.
    Never(Value),
    /// It is the command that is wrong, and what is to become of it is said there.
    Command,
}

/// Writes the sequence as a scenario of `contract` that fails as long as its last step is wrong.
///
/// `became` says for each step what it is to come to, `comment` stands above. Values of names stand as names.
pub fn script(
    (contract, title, comment): (&str, &str, &[String]),
    sequence: &Sequence,
    became: &[Became],
    failing: &Failing,
) -> String {
    let mut out = String::new();
    for line in comment {
        let _ = writeln!(out, "{}", format!("# {line}").trim_end());
    }
    let _ = write!(out, "\nfeature \"Found by generation\"\nuse {contract}\n\nscenario {}\n", text(title));
    let mut script = Script { out, role: "", versions: HashMap::new(), wanted: Vec::new() };
    script.wanted = wanted(sequence);
    for name in &sequence.names {
        let drawn = match &name.draw {
            Draw::New(aggregate) => format!("new {aggregate}"),
            Draw::Unique(prefix) => format!("unique {}", text(prefix)),
        };
        let _ = writeln!(script.out, "  let   {} = {drawn}", name.text);
    }
    let last = sequence.steps.len().saturating_sub(1);
    for (at, step) in sequence.steps.iter().enumerate() {
        match step {
            Step::Submit(command) => {
                script.command(at, command);
                match became.get(at).unwrap_or(&Became::Unsaid) {
                    Became::Accepted if at == last => script.line("then", "accepted"),
                    Became::Rejected(codes) => script.line("then", format!("rejected {}", codes.join(" | ")).trim()),
                    Became::Accepted | Became::Unsaid => {}
                }
            }
            Step::Settle => script.line("then", "settled"),
            Step::Ask(query) if at == last => script.failing(query, failing),
            // What was read on the way was as it may be; it is read, since it may have a part in it.
            Step::Ask(query) => script.line("then", &asked(query)),
        }
    }
    script.out
}

struct Script {
    out: String,
    role: &'static str,
    /// The variable that holds the first and the last version told of an aggregate.
    versions: HashMap<Value, (String, String)>,
    /// The aggregates whose versions are demanded.
    wanted: Vec<Value>,
}

impl Script {
    fn line(&mut self, role: &'static str, what: &str) {
        let word = if self.role == role { "and" } else { role };
        self.role = role;
        let _ = writeln!(self.out, "  {word:<5} {what}");
    }

    fn command(&mut self, at: usize, command: &Command) {
        let mut what = command.name.to_string();
        if let Some(on) = &command.on {
            let _ = write!(what, " on {}", literal(on));
        }
        let _ = write!(what, "{}", fields(&command.fields));
        if let Some(key) = &command.key {
            let _ = write!(what, " key {}", literal(&Value::Text(key.clone())));
        }
        let known = command.on.as_ref().and_then(|on| self.versions.get(on));
        match (&command.expected, known) {
            (Expected::Exactly(Version::Opaque(which)), Some((first, last))) => {
                let variable = if **which == *FIRST_VERSION { first } else { last };
                let _ = write!(what, " at version {variable}");
            }
            (Expected::Exactly(Version::Number(number)), _) => {
                let _ = write!(what, " at version {number}");
            }
            _ => {}
        }
        if let Some(on) = command.on.as_ref().filter(|on| self.wanted.contains(on)) {
            let variable = format!("$version{}", at + 1);
            let _ = write!(what, " -> {variable} = version");
            let entry = self.versions.entry(on.clone()).or_insert((variable.clone(), variable.clone()));
            entry.1 = variable;
        }
        self.line("when", &what);
    }

    fn failing(&mut self, query: &Query, failing: &Failing) {
        let asked = asked(query);
        let what = match failing {
            Failing::Shows(value @ Value::Record(_)) => format!("{asked} shows {}", literal(value)),
            Failing::Shows(value) => format!("{asked} shows {}", literal(value)),
            Failing::Unordered(rows) => {
                format!("{asked} shows unordered {}", literal(&Value::List(rows.clone())))
            }
            Failing::Absent => format!("{asked} absent"),
            Failing::Never(value) => format!("never {asked} shows {}", literal(value)),
            Failing::Command => asked,
        };
        self.line("then", &what);
    }
}

/// The aggregates of which some command demands a version, but for those whose command comes before any was told.
fn wanted(sequence: &Sequence) -> Vec<Value> {
    let demands = sequence.steps.iter().filter_map(|step| match step {
        Step::Submit(Command { on: Some(on), expected: Expected::Exactly(Version::Opaque(which)), .. })
            if **which == *FIRST_VERSION || **which == *LAST_VERSION =>
        {
            Some(on.clone())
        }
        _ => None,
    });
    demands.collect()
}

fn asked(query: &Query) -> String {
    let on = query.on.as_ref().map(|on| format!(" on {}", literal(on))).unwrap_or_default();
    format!("{}{on}{}", query.name, fields(&query.fields))
}

fn fields(record: &Record) -> String {
    if record.is_empty() { String::new() } else { format!(" {}", literal(&Value::Record(record.clone()))) }
}

/// A value as scenarios write it.
fn literal(value: &Value) -> String {
    match value {
        Value::Text(name) if name.starts_with('$') => name.to_string(),
        Value::Text(text_) => text(text_),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Record(record) => {
            let fields: Vec<String> =
                record.iter().map(|(name, value)| format!("{}: {}", field_name(name), literal(value))).collect();
            if fields.is_empty() { "{}".into() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        Value::Null => "null".into(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
    }
}

fn text(text: &str) -> String {
    crate::value::quote(text)
}
