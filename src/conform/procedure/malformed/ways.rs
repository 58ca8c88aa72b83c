//! The ways in which a command is made wrong.

use crate::adapter::Malformation;
use crate::conform::lab::Lab;
use crate::conform::procedure::bases::Base;
use crate::contract::explore::{ends, fire};
use crate::contract::{FieldDef, Type};
use crate::protocol::Command;
use crate::value::{Record, Value};

/// One way.
pub(super) enum Way {
    /// Fields that no client of the contract may send: the command, in names.
    Fields(Command),
    /// A request that is no command.
    Wire(Malformation),
}

/// Every way for a command that is right.
pub(super) fn ways(lab: &Lab, base: &Base) -> Vec<Way> {
    let right = &base.command;
    let Some(def) = lab.contract.command(&right.name) else { return Vec::new() };
    let spoilt = spoilt_fields(&def.fields, &right.fields).into_iter();
    let commands = spoilt.map(|fields| Command { fields, ..right.clone() });
    // The rules have the last word on whether it is wrong.
    let refused = commands.filter(|command| matches!(fire(&lab.model, &base.world, command), Ok((_, None))));
    let mut ways: Vec<Way> = refused.map(Way::Fields).collect();
    // A body in which nothing has to be may as well be none.
    if def.fields.iter().any(FieldDef::is_required) {
        ways.extend([Malformation::Truncated, Malformation::Unparsable].map(Way::Wire));
    }
    ways.push(Way::Wire(Malformation::UnknownCommand));
    ways
}

/// The fields with one of them wrong.
fn spoilt_fields(defs: &[FieldDef], right: &Record) -> Vec<Record> {
    let mut all = Vec::new();
    for def in defs.iter().filter(|def| !def.chosen) {
        if def.is_required() {
            let mut without = right.clone();
            without.remove(&def.name);
            all.push(without);
        }
        for value in spoilt(def, right.get(&def.name)) {
            let mut fields = right.clone();
            fields.insert(&*def.name, value);
            all.push(fields);
        }
    }
    all
}

/// Values that are wrong in that field.
fn spoilt(def: &FieldDef, right: Option<&Value>) -> Vec<Value> {
    let mut all = Vec::new();
    if def.is_required() {
        all.push(Value::Null);
    }
    all.extend(not_scalars(&def.ty));
    if let Some(right) = right {
        all.extend(ends(def, right));
        all.extend(nested(&def.ty, right));
    }
    all
}

/// What is no scalar where one must be.
fn not_scalars(ty: &Type) -> Vec<Value> {
    if !is_scalar(ty) {
        return Vec::new();
    }
    let object: Record = [("unexpected", Value::from(true))].into();
    vec![Value::Record(object), Value::List(vec![1.into(), 2.into()])]
}

/// The value with something wrong inside of it: of a list in its first element, and in its last; and elements that are something else.
fn nested(ty: &Type, right: &Value) -> Vec<Value> {
    match (ty, right) {
        (Type::Optional(ty), right) => nested(ty, right),
        (Type::Record(ty), Value::Record(right)) => {
            spoilt_fields(&ty.fields, right).into_iter().map(Value::Record).collect()
        }
        (Type::List(ty) | Type::Bag(ty), Value::List(elements)) => {
            let Some(last) = elements.len().checked_sub(1) else { return Vec::new() };
            let with = |at: usize, wrong: Value| {
                let mut elements = elements.clone();
                elements[at] = wrong;
                Value::List(elements)
            };
            // Of these, what the elements may be is sorted out by the rules.
            let others = not_scalars(&Type::Bool).into_iter().chain([Value::Null, Value::from(true)]);
            let mut all: Vec<Value> =
                others.chain(nested(ty, &elements[0])).map(|wrong| with(0, wrong)).collect();
            if last > 0 {
                all.extend(nested(ty, &elements[last]).into_iter().map(|wrong| with(last, wrong)));
            }
            all
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;
    use crate::text::Source;
    use crate::value::Limits;

    /// What is sent in the place of a list, by its first and its last element.
    #[test]
    fn elements_are_something_else_null_or_wrong_inside() {
        let check = |ty: &str, right: &str, expected: &[&str]| {
            let text = format!(
                "contract c\ntype Row {{ n: bool }}\naggregate A\n  command Send {{ rows: {ty} }}\n    no effect\n"
            );
            let contract = Contract::read(&Source::new("c.contract", text));
            let def = contract.command("Send").and_then(|command| command.field("rows")).expect("a field");
            let right = Value::from_json(right, &Limits::default()).expect("JSON");
            let all: Vec<String> = nested(&def.ty, &right).iter().map(Value::to_json).collect();
            assert_eq!(all, expected, "{ty}");
        };
        let records = [
            r#"[{"unexpected":true},{"n":2}]"#,
            r#"[[1,2],{"n":2}]"#,
            r#"[null,{"n":2}]"#,
            r#"[true,{"n":2}]"#,
            r#"[{},{"n":2}]"#,
            r#"[{"n":null},{"n":2}]"#,
            r#"[{"n":{"unexpected":true}},{"n":2}]"#,
            r#"[{"n":[1,2]},{"n":2}]"#,
            r#"[{"n":1},{}]"#,
            r#"[{"n":1},{"n":null}]"#,
            r#"[{"n":1},{"n":{"unexpected":true}}]"#,
            r#"[{"n":1},{"n":[1,2]}]"#,
        ];
        check("[Row]", r#"[{"n":1},{"n":2}]"#, &records);
        check("[bool]", "[false]", &[r#"[{"unexpected":true}]"#, "[[1,2]]", "[null]", "[true]"]);
        check("[bool]", "[]", &[]);
    }
}
