//! A sequence as a scenario.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::shown::{Names, of_type, shown};
use crate::contract::{Contract, QueryDef, Type};
use crate::protocol::{Expected, Query, Version};
use crate::step::{Binding, Draw, Step, Submit, asked, called, written_name};
use crate::value::{Name, Record, Value, inert, quote};

/// A step as it was done.
#[derive(Clone, PartialEq, Debug)]
pub struct Done {
    /// The step, with its names.
    pub step: Step,
    /// What became of it, if it is a command.
    pub became: Became,
    /// The place of the step that told the version which this one demanded, if one did.
    pub told_by: Option<usize>,
    /// Whether it is the command before it once more, to the letter.
    pub again: bool,
}

/// What a step is to come to.
#[derive(Clone, PartialEq, Debug)]
pub enum Became {
    /// A command is accepted.
    Accepted,
    /// A command is refused with one of these codes; with none, for any reason.
    Rejected(Vec<Arc<str>>),
    /// Whatever it comes to.
    Anything,
}

/// The read that is wrong, and what it must be. Values are as they were drawn; where a type lets a value stand for a name, the name is written.
#[derive(Clone, PartialEq, Debug)]
pub enum Failing {
    /// An answer shows at least these fields: one without a value is the service's choice, and only its type is told.
    Fields(Vec<(Arc<str>, Option<Value>)>),
    /// The answer has exactly these rows, in this order.
    Rows(Vec<Value>),
    /// The answer has exactly these rows, in any order.
    Unordered(Vec<Value>),
    /// In each row this field is the service's choice, of its type.
    Each(Arc<str>),
    /// The answer has so many rows.
    Count(usize),
    /// There is no such thing.
    Absent,
    /// At no time an answer shows this.
    Never(Record),
    /// At no time an answer has exactly these rows, in any order.
    NeverRows(Vec<Value>),
    /// The answer has a row that shows this.
    Contains(Value),
    /// At no time an answer has a row that shows this.
    NeverContains(Value),
    /// The answer tells another number of rows on all pages than this.
    Total(usize),
    /// It is the command that is wrong, and what is to become of it is said there.
    Command,
}

/// What is written above a scenario, and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Above<'a> {
    /// Its name.
    pub title: &'a str,
    /// Lines of comment.
    pub comment: &'a [String],
    /// How many rounds it has.
    pub rounds: usize,
}

/// Writes what was done as a scenario of `contract` that fails as long as its last step is wrong. `drawn` says which name a value was drawn for.
pub fn script(
    contract: &Contract,
    above: Above<'_>,
    (names, done): (&[Binding], &[Done]),
    failing: &Failing,
    drawn: &dyn Fn(&Value) -> Option<Name>,
) -> String {
    let mut out = String::new();
    for line in above.comment {
        let _ = writeln!(out, "{}", format!("# {}", inert(line)).trim_end());
    }
    let (name, title) = (contract.name(), quote(above.title));
    let _ = write!(out, "\nfeature \"Found by generation\"\nuse {name}\n\n");
    if above.rounds > 1 {
        let _ = writeln!(out, "@found repeat {}", above.rounds);
    }
    let _ = writeln!(out, "scenario {title}");
    let spelled = spelled(names);
    let rename = |name: &Name| spelled.get(name).cloned();
    let steps: Vec<Step> =
        done.iter().map(|done| done.step.bound(&|name| rename(name).map(Value::Name))).collect();
    let used = used(&steps);
    for binding in names {
        let Some(name) = rename(&binding.name).filter(|name| used.contains(name)) else { continue };
        let drawn = match &binding.draw {
            Draw::New(aggregate) => format!("new {aggregate}"),
            Draw::Unique(prefix) => format!("unique {}", quote(prefix)),
            Draw::Key => "unique \"key\"".to_owned(),
        };
        let _ = writeln!(out, "  let   {name} = {drawn}");
    }
    let drawn = |value: &Value| drawn(value).as_ref().and_then(rename).filter(|name| used.contains(name));
    let version = version_stem(spelled.values());
    let mut script = Script { out, role: "", contract, drawn: &drawn, version };
    let told: HashSet<usize> = done.iter().filter_map(|done| done.told_by).collect();
    let last = done.len().saturating_sub(1);
    for (at, (done, step)) in done.iter().zip(&steps).enumerate() {
        match step {
            Step::Submit(submit) => {
                script.command(at, submit, done, told.contains(&at));
                script.became(&done.became, at == last);
            }
            Step::Settle => script.line("then", "settled"),
            Step::Ask(query) if at == last => script.failing(query, failing),
            // What was read on the way was as it may be; it is read, since it may have a part in it.
            Step::Ask(query) => script.line("when", &asked(query)),
        }
    }
    script.out
}

struct Script<'a> {
    out: String,
    role: &'static str,
    contract: &'a Contract,
    /// Which name a value was drawn for.
    drawn: Names<'a>,
    /// What the names of versions begin with.
    version: String,
}

impl Script<'_> {
    fn line(&mut self, role: &'static str, what: &str) {
        let word = if self.role == role { "and" } else { role };
        self.role = role;
        let _ = writeln!(self.out, "  {word:<5} {what}");
    }

    fn command(&mut self, at: usize, submit: &Submit, done: &Done, tells: bool) {
        if done.again {
            return self.line("when", "repeat last");
        }
        let mut what = called(&submit.command);
        match (&submit.key, &submit.command.key) {
            (Some(name), _) => drop(write!(what, " key {name}")),
            (None, Some(text)) => drop(write!(what, " key {}", quote(text))),
            (None, None) => {}
        }
        match (done.told_by, &submit.command.expected) {
            (Some(step), _) => drop(write!(what, " at version ${}{}", self.version, step + 1)),
            (None, Expected::Exactly(Version::Number(number))) => {
                let _ = write!(what, " at version {number}");
            }
            (None, Expected::Exactly(Version::Opaque(text))) => {
                let _ = write!(what, " at version {}", quote(text));
            }
            (None, Expected::Any) => {}
        }
        if tells {
            let _ = write!(what, " -> ${}{} = version", self.version, at + 1);
        }
        self.line("when", &what);
    }

    fn became(&mut self, became: &Became, is_last: bool) {
        match became {
            // A `when` of which nothing is said must be accepted.
            Became::Accepted if !is_last => {}
            Became::Accepted => self.line("then", "accepted"),
            Became::Rejected(codes) => {
                let known = codes.iter().all(|code| self.contract.is_rejection(code));
                let codes = if known { codes.join(" | ") } else { String::new() };
                self.line("then", format!("rejected {codes}").trim());
            }
            Became::Anything => self.line("then", "any outcome"),
        }
    }

    fn failing(&mut self, query: &Query, failing: &Failing) {
        let declared = self.contract.query(&query.name);
        let whole = declared.map_or(&Type::Unknown, |query| &query.answer);
        let row = whole.element().unwrap_or(&Type::Unknown);
        let asked = asked(query);
        let one = |value: &Value, ty: &Type| shown(value, ty, self.drawn);
        let rows = |rows: &[Value]| {
            let rows: Vec<String> = rows.iter().map(|value| one(value, row)).collect();
            format!("[{}]", rows.join(", "))
        };
        let what = match failing {
            Failing::Count(count) => format!("{asked} shows count {count}"),
            Failing::Fields(fields) => format!("{asked} shows {}", self.fields(fields, declared)),
            Failing::Rows(values) => format!("{asked} shows {}", rows(values)),
            Failing::Unordered(values) => format!("{asked} shows unordered {}", rows(values)),
            Failing::Each(field) => {
                format!("{asked} shows each {}", self.fields(&[(field.clone(), None)], declared))
            }
            Failing::Absent => format!("{asked} absent"),
            Failing::Never(value) => format!("never {asked} shows {}", one(&value.clone().into(), whole)),
            Failing::NeverRows(values) => format!("never {asked} shows unordered {}", rows(values)),
            Failing::Contains(value) => format!("{asked} shows contains [{}]", one(value, row)),
            Failing::NeverContains(value) => format!("never {asked} shows contains [{}]", one(value, row)),
            Failing::Total(total) => format!("{asked} shows total {total}"),
            Failing::Command => asked,
        };
        self.line("then", &what);
    }

    fn fields(&self, fields: &[(Arc<str>, Option<Value>)], declared: Option<&QueryDef>) -> String {
        let shows = declared.and_then(|query| query.shows.as_deref()).unwrap_or_default();
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| {
                let ty = shows.iter().find(|field| field.name == *name).map_or(&Type::Unknown, |f| &f.ty);
                let value = value.as_ref().map_or_else(|| of_type(ty), |value| shown(value, ty, self.drawn));
                format!("{}: {value}", written_name(name))
            })
            .collect();
        if fields.is_empty() { "{}".into() } else { format!("{{ {} }}", fields.join(", ")) }
    }
}

/// The names that the steps use.
fn used(steps: &[Step]) -> HashSet<Name> {
    let mut used = HashSet::new();
    for step in steps {
        step.each_name(|name| {
            used.insert(name.clone());
        });
    }
    used
}

/// Each name as a scenario can have it: a field may be called as no variable can be.
fn spelled(names: &[Binding]) -> HashMap<Name, Name> {
    let mut taken = HashSet::new();
    let spelled = names.iter().map(|binding| {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
        let mut text: String = binding.name.as_str().chars().map(plain).collect();
        while !taken.insert(text.clone()) {
            text.push('_');
        }
        (binding.name.clone(), Name::new(text))
    });
    spelled.collect()
}

/// What no name begins with that only digits follow.
fn version_stem<'a>(names: impl Iterator<Item = &'a Name>) -> String {
    let stems: HashSet<&str> = names.map(Name::stem).collect();
    let mut stem = "version".to_owned();
    while stems.contains(&*stem) {
        stem.push('_');
    }
    stem
}
