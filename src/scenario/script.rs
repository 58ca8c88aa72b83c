//! A sequence as a scenario.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::protocol::{Expected, Query, Version};
use crate::step::{Draw, Sequence, Step, Submit, Told, asked, called, literal};
use crate::value::{Value, quote};

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
    /// The answer has so many rows.
    Count(usize),
    /// There is no such thing.
    Absent,
    /// At no time an answer shows this.
    Never(Value),
    /// The answer has a row that shows this.
    Contains(Value),
    /// At no time an answer has a row that shows this.
    NeverContains(Value),
    /// The answer tells another number of rows on all pages than this, which a scenario has no words for.
    Total(usize),
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
    let _ = write!(out, "\nfeature \"Found by generation\"\nuse {contract}\n\nscenario {}\n", quote(title));
    let mut script = Script { out, role: "", told: told(sequence, became) };
    for binding in &sequence.names {
        let drawn = match &binding.draw {
            Draw::New(aggregate) => format!("new {aggregate}"),
            Draw::Unique(prefix) => format!("unique {}", quote(prefix)),
            Draw::Key => "unique \"key\"".to_owned(),
        };
        let _ = writeln!(script.out, "  let   {} = {drawn}", binding.name);
    }
    let last = sequence.steps.len().saturating_sub(1);
    for (at, step) in sequence.steps.iter().enumerate() {
        match step {
            Step::Submit(submit) => {
                script.command(at, submit);
                match became.get(at).unwrap_or(&Became::Unsaid) {
                    Became::Accepted if at == last => script.line("then", "accepted"),
                    Became::Rejected(codes) => {
                        script.line("then", format!("rejected {}", codes.join(" | ")).trim());
                    }
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
    /// For each step that demands a version: the step that told it.
    told: HashMap<usize, usize>,
}

impl Script {
    fn line(&mut self, role: &'static str, what: &str) {
        let word = if self.role == role { "and" } else { role };
        self.role = role;
        let _ = writeln!(self.out, "  {word:<5} {what}");
    }

    fn command(&mut self, at: usize, submit: &Submit) {
        let mut what = called(&submit.command);
        match (&submit.key, &submit.command.key) {
            (Some(name), _) => drop(write!(what, " key {name}")),
            (None, Some(text)) => drop(write!(what, " key {}", quote(text))),
            (None, None) => {}
        }
        match (self.told.get(&at), &submit.command.expected) {
            (Some(step), _) => drop(write!(what, " at version $version{}", step + 1)),
            (None, Expected::Exactly(Version::Number(number))) => {
                let _ = write!(what, " at version {number}");
            }
            (None, Expected::Exactly(Version::Opaque(text))) => {
                let _ = write!(what, " at version {}", quote(text));
            }
            (None, Expected::Any) => {}
        }
        if self.told.values().any(|step| *step == at) {
            let _ = write!(what, " -> $version{} = version", at + 1);
        }
        self.line("when", &what);
    }

    fn failing(&mut self, query: &Query, failing: &Failing) {
        let asked = asked(query);
        let what = match failing {
            Failing::Count(count) => format!("{asked} shows count {count}"),
            Failing::Shows(value) => format!("{asked} shows {}", literal(value)),
            Failing::Unordered(rows) => {
                format!("{asked} shows unordered {}", literal(&Value::List(rows.clone())))
            }
            Failing::Absent => format!("{asked} absent"),
            Failing::Never(value) => format!("never {asked} shows {}", literal(value)),
            Failing::Contains(row) => format!("{asked} shows contains {}", listed(row)),
            Failing::NeverContains(row) => format!("never {asked} shows contains {}", listed(row)),
            Failing::Total(total) => format!("{asked} shows total {total}"),
            Failing::Command => asked,
        };
        self.line("then", &what);
    }
}

/// The row alone in a list.
fn listed(row: &Value) -> String {
    literal(&Value::List(vec![row.clone()]))
}

/// For each step that demands the first or the last version of its aggregate, the step that told it.
fn told(sequence: &Sequence, became: &[Became]) -> HashMap<usize, usize> {
    let mut known: HashMap<&Value, (usize, usize)> = HashMap::new();
    let mut told = HashMap::new();
    for (at, step) in sequence.steps.iter().enumerate() {
        let Step::Submit(submit) = step else { continue };
        let Some(on) = &submit.command.on else { continue };
        let repeats = |earlier: &Step| match earlier {
            Step::Submit(earlier) => {
                submit.is_keyed() && (&earlier.key, &earlier.command) == (&submit.key, &submit.command)
            }
            _ => false,
        };
        if let Some(first) = sequence.steps[..at].iter().position(repeats) {
            // A retry demands what it demanded the first time.
            if let Some(step) = told.get(&first).copied() {
                told.insert(at, step);
            }
        } else if let (Some(which), Some((first, last))) = (submit.demands, known.get(on)) {
            told.insert(
                at,
                match which {
                    Told::First => *first,
                    Told::Last => *last,
                },
            );
        }
        if became.get(at) == Some(&Became::Accepted) {
            known.entry(on).or_insert((at, at)).1 = at;
        }
    }
    told
}
