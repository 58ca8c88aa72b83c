use std::borrow::Cow;
use std::fmt::Write as _;

use super::contract::own;
use super::names::{field, quoted, singular, title, unused};
use super::outline::{Field, Outline};
use super::service::{Bound, Kind, Member, Shape};
use crate::value::Value;

/// A choice of more words that are no names is a text of any kind.
const MOST_WORDS: usize = 20;

/// The types that a contract declares for records and choices.
#[derive(Default)]
pub(super) struct Types {
    /// Name, shape.
    declared: Vec<(String, Shape)>,
    /// Names that aggregates have.
    taken: Vec<String>,
}

impl Types {
    /// All types of an outline, in a fixed order: contract and profile make the same ones.
    pub(super) fn of(outline: &Outline) -> Self {
        let taken = outline.aggregates.iter().map(|aggregate| aggregate.name.clone()).collect();
        let mut types = Self { taken, ..Self::default() };
        for aggregate in &outline.aggregates {
            for command in &aggregate.commands {
                command.fields.iter().for_each(|one| drop(types.name(one, &aggregate.name)));
            }
            for query in &aggregate.queries {
                for one in query.filters.iter().chain(own(aggregate, query)) {
                    types.name(one, &aggregate.name);
                }
            }
        }
        types
    }

    pub(super) fn records(&self) -> impl Iterator<Item = (&str, Cow<'_, [Member]>)> {
        let records =
            self.declared.iter().filter(|(_, shape)| matches!(shape, Shape::Record(_) | Shape::Map(_)));
        records.map(|(name, shape)| (&**name, members(shape)))
    }

    /// The type of a field, with its law.
    pub(super) fn name(&mut self, one: &Field, owner: &str) -> String {
        one.refers.clone().unwrap_or_else(|| self.ty(&one.shape, &one.name, owner))
    }

    /// The type of a field without its law: what a service shows, or keeps, has come through a command.
    pub(super) fn bare(&mut self, one: &Field, owner: &str) -> String {
        one.refers.clone().unwrap_or_else(|| self.ty(&lax(&one.shape), &one.name, owner))
    }

    /// A field of a command, query or view.
    pub(super) fn declared(&mut self, one: &Field, owner: &str) -> String {
        let ty = self.name(one, owner);
        optional(&one.name, &ty, one.needed, one.null, one.default.as_ref())
    }

    fn ty(&mut self, shape: &Shape, hint: &str, owner: &str) -> String {
        match shape {
            Shape::Text { kind: Kind::Uuid, .. } => "id".to_owned(),
            Shape::Text { kind: Kind::Instant, .. } => "instant".to_owned(),
            Shape::Text { length, alphabet, .. } => {
                let alphabet = alphabet.as_ref().map(|alphabet| format!(" [{alphabet}]")).unwrap_or_default();
                format!("string{}{alphabet}", range(length.0, length.1))
            }
            Shape::Any | Shape::Lost => "string".to_owned(),
            Shape::Whole(least, most) => format!("int{}", range(*least, *most)),
            Shape::Decimal { least, most, .. } => {
                let end = |end: &Option<Bound>| end.as_ref().map(|end| end.at);
                format!("decimal{}", range(end(least), end(most)))
            }
            Shape::Among(numbers) => {
                let whole = numbers.iter().all(|number| number.to_i64().is_some());
                format!("{}{}", if whole { "int" } else { "decimal" }, range(numbers.first(), numbers.last()))
            }
            Shape::Truth => "bool".to_owned(),
            Shape::Choice(words) if !choosable(words) => "string".to_owned(),
            Shape::List(element, _) => format!("[{}]", self.ty(element, &singular(hint), owner)),
            Shape::Record(members) if members.is_empty() => "string".to_owned(),
            Shape::Choice(_) | Shape::Record(_) | Shape::Map(_) => {
                for member in &*members(shape) {
                    self.ty(&member.shape, &field(&member.name), &title(hint, owner));
                }
                self.declare(shape, hint, owner)
            }
        }
    }

    fn declare(&mut self, shape: &Shape, hint: &str, owner: &str) -> String {
        if let Some((name, _)) = self.declared.iter().find(|(_, known)| known == shape) {
            return name.clone();
        }
        let name = format!("{owner}{}", title(hint, "Part"));
        let taken = |name: &str| {
            self.taken.iter().chain(self.declared.iter().map(|(known, _)| known)).any(|known| known == name)
        };
        let name = unused(name, &taken);
        self.declared.push((name.clone(), shape.clone()));
        name
    }

    /// Their declarations.
    pub(super) fn text(&mut self) -> String {
        let mut out = String::new();
        for (name, shape) in self.declared.clone() {
            if let Shape::Choice(words) = &shape {
                let _ = writeln!(out, "type {name} = {}", words.join(" | "));
                continue;
            }
            let members = members(&shape);
            let fields = names(&members).into_iter().map(|(here, member)| {
                let ty = self.ty(&member.shape, &field(&member.name), &title(&name, "Part"));
                let ty = self.known(&member.shape).unwrap_or(ty);
                optional(&here, &ty, member.needed, member.null, None)
            });
            let fields: Vec<String> = fields.collect();
            if matches!(shape, Shape::Map(_)) {
                let _ = writeln!(out, "# A map: `{EXAMPLE}` stands for any name.");
            }
            for (here, member) in names(&members) {
                for law in laws(&here, &member.shape) {
                    let _ = writeln!(
                        out,
                        "# {name} is refused where {law}; say so in the commands that take one."
                    );
                }
            }
            let _ = writeln!(out, "type {name} {{ {} }}", fields.join(", "));
        }
        if out.is_empty() { out } else { out + "\n" }
    }

    fn known(&self, shape: &Shape) -> Option<String> {
        self.declared.iter().find(|(_, known)| known == shape).map(|(name, _)| name.clone())
    }
}

/// What a value of a map is called.
const EXAMPLE: &str = "example";

/// The fields of a record, or of a map: there is one that stands for all.
pub(super) fn members(shape: &Shape) -> Cow<'_, [Member]> {
    match shape {
        Shape::Map(value) => Cow::Owned(vec![Member {
            name: EXAMPLE.to_owned(),
            shape: (**value).clone(),
            ..Member::default()
        }]),
        shape => Cow::Borrowed(shape.members()),
    }
}

/// When a value is refused that its type lets through, as contracts say it.
pub(super) fn laws(name: &str, shape: &Shape) -> Vec<String> {
    let none_of = |values: Vec<String>| {
        let each: Vec<String> = values.iter().map(|value| format!("{name} != {value}")).collect();
        vec![each.join(" and ")]
    };
    match shape {
        Shape::Among(numbers) => none_of(numbers.iter().map(ToString::to_string).collect()),
        // Words that can't be written here could not be asked for either.
        Shape::Choice(words)
            if !choosable(words)
                && words.len() <= MOST_WORDS
                && !words.iter().any(|word| word.contains(char::is_control)) =>
        {
            none_of(words.iter().map(|word| quoted(word)).collect())
        }
        Shape::Decimal { least, most, .. } => {
            let end = |end: &Option<Bound>, sign: &str| {
                end.as_ref().filter(|end| end.outside).map(|end| format!("{name} {sign} {}", end.at))
            };
            end(least, "<=").into_iter().chain(end(most, ">=")).collect()
        }
        _ => Vec::new(),
    }
}

/// The names of a record's fields, each once.
pub(super) fn names(members: &[Member]) -> Vec<(String, &Member)> {
    let mut names: Vec<(String, &Member)> = Vec::new();
    for member in members {
        let name = unused(field(&member.name), &|name| names.iter().any(|(known, _)| known == name));
        names.push((name, member));
    }
    names
}

/// `name: T`, and what may be left out or null.
fn optional(name: &str, ty: &str, needed: bool, null: bool, default: Option<&Value>) -> String {
    let null = if null || !needed && default.is_none() { "?" } else { "" };
    match default.map(literal) {
        Some(default) => format!("{name}: {ty}{null} = {default}"),
        None => format!("{name}: {ty}{null}"),
    }
}

/// A text, a number or a truth value as contracts write it.
fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        other => other.to_string(),
    }
}

/// ` 1..20`; nothing where there is no bound.
fn range<N: ToString>(least: Option<N>, most: Option<N>) -> String {
    if least.is_none() && most.is_none() {
        return String::new();
    }
    let end = |end: Option<N>| end.map(|end| end.to_string()).unwrap_or_default();
    format!(" {}..{}", end(least), end(most))
}

/// A shape without its bounds. Records are declared with theirs.
fn lax(shape: &Shape) -> Shape {
    match shape {
        Shape::Text { kind, .. } => {
            Shape::Text { sample: None, length: (None, None), alphabet: None, kind: *kind }
        }
        Shape::Whole(..) => Shape::Whole(None, None),
        Shape::Among(numbers) if numbers.iter().all(|number| number.to_i64().is_some()) => {
            Shape::Whole(None, None)
        }
        Shape::Among(_) => Shape::Decimal { least: None, most: None, text: false },
        Shape::Decimal { text, .. } => Shape::Decimal { least: None, most: None, text: *text },
        Shape::List(element, _) => Shape::List(Box::new(lax(element)), 0),
        other => other.clone(),
    }
}

/// Whether the words can be members of an enum.
pub(super) fn choosable(words: &[String]) -> bool {
    let plain = |word: &String| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.len() <= 40
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && field(word) == *word
            && !["id", "string", "int", "decimal", "bool", "instant", "bag"].contains(&&**word)
    };
    let twice = (1..words.len()).any(|at| words[..at].contains(&words[at]));
    words.len() >= 2 && words.iter().all(plain) && !twice
}
