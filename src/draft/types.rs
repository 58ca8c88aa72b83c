use std::fmt::Write as _;

use super::contract::own;
use super::names::{field, quoted, singular, title, unused};
use super::outline::{Field, Outline};
use super::service::{Kind, Member, Shape};
use crate::value::Value;

/// The types that a contract declares for records and choices.
#[derive(Default)]
pub(super) struct Types {
    /// Name, shape.
    declared: Vec<(String, Shape)>,
}

impl Types {
    /// All types of an outline, in a fixed order: contract and profile make the same ones.
    pub(super) fn of(outline: &Outline) -> Self {
        let mut types = Self::default();
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

    pub(super) fn records(&self) -> impl Iterator<Item = (&str, &[Member])> {
        let records = self.declared.iter().filter(|(_, shape)| matches!(shape, Shape::Record(_)));
        records.map(|(name, shape)| (&**name, shape.members()))
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
            Shape::Any => "string".to_owned(),
            Shape::Whole(least, most) => format!("int{}", range(*least, *most)),
            Shape::Decimal { least: Some(least), .. } => format!("decimal {least}.."),
            Shape::Decimal { .. } => "decimal".to_owned(),
            Shape::Truth => "bool".to_owned(),
            Shape::Choice(words) if !choosable(words) => "string".to_owned(),
            Shape::List(element, _) => format!("[{}]", self.ty(element, &singular(hint), owner)),
            Shape::Record(members) if members.is_empty() => "string".to_owned(),
            Shape::Choice(_) | Shape::Record(_) => {
                for member in shape.members() {
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
        let name = unused(name, &|name| self.declared.iter().any(|(known, _)| known == name));
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
            let fields = names(shape.members()).into_iter().map(|(here, member)| {
                let ty = self.ty(&member.shape, &field(&member.name), &title(&name, "Part"));
                let ty = self.known(&member.shape).unwrap_or(ty);
                optional(&here, &ty, member.needed, member.null, None)
            });
            let fields: Vec<String> = fields.collect();
            let _ = writeln!(out, "type {name} {{ {} }}", fields.join(", "));
        }
        if out.is_empty() { out } else { out + "\n" }
    }

    fn known(&self, shape: &Shape) -> Option<String> {
        self.declared.iter().find(|(_, known)| known == shape).map(|(name, _)| name.clone())
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
        Shape::Decimal { text, .. } => Shape::Decimal { least: None, text: *text },
        Shape::List(element, _) => Shape::List(Box::new(lax(element)), 0),
        other => other.clone(),
    }
}

/// Whether the words can be members of an enum.
fn choosable(words: &[String]) -> bool {
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
