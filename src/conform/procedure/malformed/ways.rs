//! The ways in which a command is made wrong.

use crate::adapter::Malformation;
use crate::conform::lab::Lab;
use crate::conform::procedure::bases::Base;
use crate::contract::explore::{ends, fire};
use crate::contract::{FieldDef, Type};
use crate::protocol::Command;
use crate::value::{Record, Value};

/// How much of a value a sentence shows, in characters.
const SHOWN: usize = 40;

/// One way.
pub(super) enum Way {
    /// Fields that no client of the contract may send: in words behind the command's name, and the command, in names.
    Fields(String, Command),
    /// A request that is no command.
    Wire(Malformation),
}

/// Every way for a command that is right.
pub(super) fn ways(lab: &Lab, base: &Base) -> Vec<Way> {
    let right = &base.command;
    let Some(def) = lab.contract.command(&right.name) else { return Vec::new() };
    let spoilt = spoilt_fields(&def.fields, &right.fields, "").into_iter();
    let commands = spoilt.map(|(words, fields)| (words, Command { fields, ..right.clone() }));
    // The rules have the last word on whether it is wrong.
    let refused =
        commands.filter(|(_, command)| matches!(fire(&lab.model, &base.world, command), Ok((_, None))));
    let mut ways: Vec<Way> = refused.map(|(words, command)| Way::Fields(words, command)).collect();
    // A body in which nothing has to be may as well be none.
    if def.fields.iter().any(FieldDef::is_required) {
        ways.extend([Malformation::Truncated, Malformation::Unparsable].map(Way::Wire));
    }
    ways.push(Way::Wire(Malformation::UnknownCommand));
    ways
}

/// The fields with one of them wrong, each in words.
fn spoilt_fields(defs: &[FieldDef], right: &Record, within: &str) -> Vec<(String, Record)> {
    let mut all = Vec::new();
    for def in defs.iter().filter(|def| !def.chosen) {
        let path = format!("{within}{}", def.name);
        if def.is_required() {
            let mut without = right.clone();
            without.remove(&def.name);
            all.push((format!("without `{path}`"), without));
        }
        for (words, value) in spoilt(def, right.get(&def.name), &path) {
            let mut fields = right.clone();
            fields.insert(&*def.name, value);
            all.push((words, fields));
        }
    }
    all
}

/// Values that are wrong in that field.
fn spoilt(def: &FieldDef, right: Option<&Value>, path: &str) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    if def.is_required() {
        all.push((format!("with null for `{path}`"), Value::Null));
    }
    if is_scalar(&def.ty) {
        let object: Record = [("unexpected", Value::from(true))].into();
        all.push((format!("with an object for `{path}`"), Value::Record(object)));
        all.push((format!("with a list for `{path}`"), Value::List(vec![1.into(), 2.into()])));
    }
    if let Some(right) = right {
        let ends = ends(def, right).into_iter();
        all.extend(ends.map(|end| (format!("with {} for `{path}`", end.brief(SHOWN)), end)));
        all.extend(nested(&def.ty, right, path));
    }
    all
}

/// The value with something wrong inside of it.
fn nested(ty: &Type, right: &Value, path: &str) -> Vec<(String, Value)> {
    match (ty, right) {
        (Type::Optional(ty), right) => nested(ty, right, path),
        (Type::Record(ty), Value::Record(right)) => {
            let inside = spoilt_fields(&ty.fields, right, &format!("{path}.")).into_iter();
            inside.map(|(words, record)| (words, Value::Record(record))).collect()
        }
        (Type::List(ty) | Type::Bag(ty), Value::List(elements)) => {
            let Some((first, rest)) = elements.split_first() else { return Vec::new() };
            let inside = nested(ty, first, &format!("{path}[0]")).into_iter();
            let whole = |first: Value| [first].into_iter().chain(rest.iter().cloned()).collect();
            inside.map(|(words, first)| (words, Value::List(whole(first)))).collect()
        }
        _ => Vec::new(),
    }
}

fn is_scalar(ty: &Type) -> bool {
    match ty {
        Type::Optional(ty) => is_scalar(ty),
        Type::List(_) | Type::Bag(_) | Type::Record(_) | Type::Unknown => false,
        _ => true,
    }
}
