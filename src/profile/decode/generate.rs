use std::collections::BTreeMap;
use std::sync::Arc;

use super::Decoder;
use super::section::Section;
use crate::contract::{Contract, FieldDef, Type};
use crate::profile::tree::{Node, Text};
use crate::text::{Code, Diagnostic, Span, did_you_mean};
use crate::value::Demand;

#[derive(Clone, Copy, PartialEq)]
enum As {
    Uuid,
    Int,
    Text,
}

impl Decoder<'_> {
    /// `[generate]`: what the service can take in fields of these names.
    pub(super) fn generate(&mut self, node: &Node) -> BTreeMap<Arc<str>, Demand> {
        let mut demands = BTreeMap::new();
        let contract = self.contract.clone();
        let Some(table) = self.table(node) else { return demands };
        let mut fields = Vec::new();
        taken(&contract, &mut fields);
        for (name, node) in &table.entries {
            let types: Vec<&Type> =
                fields.iter().filter(|field| *field.name == *name.node).map(|field| &field.ty).collect();
            if types.is_empty() {
                let what = format!("no command or query takes a field `{}`", name.node);
                let near = did_you_mean(&name.node, fields.iter().map(|field| &*field.name));
                self.out.push(Diagnostic::error(Code::UNKNOWN_FIELD, name.span, what).suggest(near));
            }
            let Some(demand) = self.demand(node) else { continue };
            if let Some(fitting) = self.fitting(&name.node, name.span, &types, &demand) {
                demands.insert(Arc::from(name.node.as_str()), fitting);
            }
        }
        demands
    }

    /// `{ as = "uuid" }`, `{ as = "int", range = "1..1000000" }`, `{ length = "2..8", alphabet = "a-z" }`
    fn demand(&mut self, node: &Node) -> Option<Demand> {
        let table = self.table(node)?;
        let mut section = Section::new(table, node.span, "a field of [generate]");
        let forms = [("uuid", As::Uuid), ("int", As::Int), ("string", As::Text)];
        let form = section.get("as").map(|node| self.word(node, &forms));
        let length = section.get("length");
        let alphabet = section.get("alphabet");
        let range = section.get("range");
        section.finish(&mut self.out);
        let form = match form {
            Some(form) => form?,
            None if range.is_some() => As::Int,
            None => As::Text,
        };
        let misplaced = [(length, As::Text), (alphabet, As::Text), (range, As::Int)];
        for (node, of) in misplaced {
            if let Some(node) = node
                && of != form
            {
                let what = if of == As::Int {
                    "only an `int` has a range"
                } else {
                    "only a `string` has a length and an alphabet"
                };
                self.out.push(Diagnostic::error(Code::BAD_VALUE, node.span, what));
                return None;
            }
        }
        match form {
            As::Uuid => Some(Demand::Uuid),
            As::Int => {
                let (least, most) = match range {
                    Some(node) => self.ends(node)?,
                    None => (None, None),
                };
                Some(Demand::Whole { least, most })
            }
            As::Text => {
                let (least, most) = match length {
                    Some(node) => self.ends(node)?,
                    None => (None, None),
                };
                let [least, most] = [least, most].map(|end| end.map(|end| u64::try_from(end).unwrap_or(0)));
                let alphabet = match alphabet {
                    Some(node) => {
                        let text = self.text(node)?.clone();
                        Some(self.alphabet(&text)?)
                    }
                    None => None,
                };
                Some(Demand::Text { least: least.unwrap_or_default(), most, alphabet })
            }
        }
    }

    /// `"2..8"`, `"2.."`, `"..8"`, `"8"`
    fn ends(&mut self, node: &Node) -> Option<(Option<i64>, Option<i64>)> {
        let text = self.text(node)?;
        let written = text.content.trim();
        let end = |end: &str| if end.is_empty() { Some(None) } else { end.parse().ok().map(Some) };
        let ends = match written.split_once("..") {
            Some((least, most)) => end(least.trim()).zip(end(most.trim())),
            None => written.parse().ok().map(|only| (Some(only), Some(only))),
        };
        let ends = ends.filter(|(least, most)| least.zip(*most).is_none_or(|(least, most)| least <= most));
        if ends.is_none() {
            let what = format!("`{written}` is no range of whole numbers");
            let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, what);
            self.out.push(mistake.advise("write it like `2..8`, `1..` or `8`"));
        }
        ends
    }

    /// `"a-zA-Z0-9_"`
    fn alphabet(&mut self, text: &Text) -> Option<Arc<[(char, char)]>> {
        let letters: Vec<char> = text.content.chars().collect();
        let mut ranges: Vec<(char, char)> = Vec::new();
        let mut rest = &*letters;
        while let [from, more @ ..] = rest {
            (rest, ranges) = match more {
                ['-', to, behind @ ..] => (behind, with(ranges, (*from, *to))),
                behind => (behind, with(ranges, (*from, *from))),
            };
        }
        let crossed = ranges.iter().any(|(from, to)| from > to);
        if ranges.is_empty() || crossed {
            let what = format!("`{}` is no alphabet", text.content);
            let mistake = Diagnostic::error(Code::BAD_VALUE, text.span(), what);
            self.out.push(mistake.advise("write it like `a-z` or `A-Z0-9`"));
            return None;
        }
        Some(ranges.into())
    }

    /// The values of all the types that the service takes; nothing where there are none, and a warning where they are few.
    fn fitting(&mut self, name: &str, span: Span, types: &[&Type], demand: &Demand) -> Option<Demand> {
        let mut both = Some(demand.clone());
        for ty in types {
            both = match (both, ty.demand()) {
                (Some(both), Ok(Some(of_type))) => both.and(&of_type),
                (both, Ok(None)) => both,
                (_, Err(_)) | (None, _) => None,
            };
            if both.is_none() {
                let what =
                    format!("no value of this kind is {}, as the contract has `{name}`", ty.in_words());
                self.out.push(Diagnostic::error(Code::BAD_VALUE, span, what));
                return None;
            }
        }
        if let Some(both) = both.as_ref().filter(|both| both.is_narrow()) {
            let what = format!(
                "only {} values fit `{name}`: `unique` may draw one that was drawn before",
                both.count()
            );
            let warning = Diagnostic::warning(Code::FEW_VALUES, span, what);
            self.out
                .push(warning.advise("allow longer values or more characters, if the service takes them"));
        }
        both
    }
}

fn with(mut ranges: Vec<(char, char)>, range: (char, char)) -> Vec<(char, char)> {
    ranges.push(range);
    ranges
}

/// All fields that commands and queries take, with those of records in them.
fn taken<'c>(contract: &'c Contract, fields: &mut Vec<&'c FieldDef>) {
    let commands = contract.commands().flat_map(|command| &command.fields);
    let queries = contract.queries().flat_map(|query| &query.fields);
    for field in commands.chain(queries) {
        add(field, fields);
    }
}

/// Types can't hold themselves, so this comes to an end.
fn add<'c>(field: &'c FieldDef, fields: &mut Vec<&'c FieldDef>) {
    fields.push(field);
    let mut ty = &field.ty;
    while let Type::Optional(of) | Type::List(of) | Type::Bag(of) = ty {
        ty = of;
    }
    if let Type::Record(record) = ty {
        record.fields.iter().for_each(|field| add(field, fields));
    }
}
