//! Commands that come near a rule with several conditions: all of them hold, or all but one. And lists whose elements agree in one
//! field alone, where a rule compares them with each other.

use super::comparison::{flat, mapped, names};
use super::inputs::samples;
use super::{Naming, Subject};
use crate::contract::rules::{Interpreted, World};
use crate::contract::{FieldDef, Type};
use crate::language::syntax::{BinaryOp, CompareOp, Expr, ExprKind, Fold, UnaryOp};
use crate::protocol::Command;
use crate::value::{Number, Record, Value};

/// How deep expressions are looked into.
const DEEP: usize = 32;
/// Elements of a list that a command is brought near to.
const ELEMENTS: usize = 6;

/// What of a command a rule looks at in several conditions at once.
#[derive(Clone, Debug)]
pub(crate) enum Near {
    /// Fields that are equal to something, all at the same time: `v.voter == voter and v.option == option`.
    Equal(Vec<Term>),
    /// A list of records whose elements are compared with each other.
    Alike(Box<FieldDef>),
}

/// A field, and what it is compared with: of each element, where the condition is about the elements of a list.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    field: FieldDef,
    other: Expr,
}

/// What the rules of the command called `name` look at in several conditions.
pub(crate) fn near(model: &Interpreted, name: &str) -> Vec<Near> {
    let (Some(decl), Some(def)) = (model.rules(name), model.contract().command(name)) else {
        return Vec::new();
    };
    let mut search = Search { fields: &def.fields, found: Vec::new() };
    for reject in &decl.rejects {
        search.look(&reject.when, &mut Vec::new(), 0);
    }
    let lists = def.fields.iter().filter(|field| {
        let is_records = matches!(field.ty.element(), Some(Type::Record(_)));
        is_records && decl.rejects.iter().any(|reject| compares_elements(&reject.when, &field.name))
    });
    search.found.extend(lists.map(|field| Near::Alike(Box::new(field.clone()))));
    search.found
}

impl Near {
    /// The commands that come near, made of one that may be far from it.
    pub(crate) fn propose(
        &self,
        model: &Interpreted,
        naming: &Naming,
        (world, subjects): (&World<Record>, &[Subject]),
        sent: &Command,
    ) -> Vec<Command> {
        let with = |fields: &[(&FieldDef, Value)]| {
            let mut moved = sent.clone();
            for (field, value) in fields {
                moved.fields.insert(field.name.clone(), value.clone());
            }
            moved
        };
        match self {
            Self::Equal(terms) => {
                let mut found = Vec::new();
                for equal in targets(model, world, sent, terms) {
                    found.push(with(&equal));
                    for (at, (field, value)) in equal.iter().enumerate() {
                        let Some(other) = other(naming, field, value, subjects) else { continue };
                        let mut all_but_one = equal.clone();
                        all_but_one[at].1 = other;
                        found.push(with(&all_but_one));
                    }
                }
                found
            }
            Self::Alike(list) => {
                let Some(Value::List(elements)) = sent.fields.get(&list.name) else { return Vec::new() };
                let Some(first @ Value::Record(record)) = elements.first() else { return Vec::new() };
                let lists = alike(naming, list, record, subjects).into_iter().flat_map(|(second, third)| {
                    // Once beside the first one, and once behind another.
                    [vec![first.clone(), third.clone()], vec![first.clone(), second, third]]
                });
                lists.map(|elements| with(&[(list, Value::List(elements))])).collect()
            }
        }
    }
}

/// The values that make all terms equal, once for each element.
fn targets<'t>(
    model: &Interpreted,
    world: &World<Record>,
    sent: &Command,
    terms: &'t [Term],
) -> Vec<Vec<(&'t FieldDef, Value)>> {
    let values = terms.iter().map(|term| match model.value(world, sent, &term.other).ok()? {
        list @ Value::List(_) => Some(flat(list)),
        value => Some(vec![value]),
    });
    let Some(values) = values.collect::<Option<Vec<Vec<Value>>>>() else { return Vec::new() };
    let many = values.iter().map(Vec::len).max().unwrap_or_default();
    if values.iter().any(|values| values.len() != many && values.len() != 1) {
        return Vec::new();
    }
    let target = |at: usize| {
        let value = |values: &Vec<Value>| values.get(at).or(values.first()).cloned();
        terms.iter().zip(&values).map(|(term, values)| Some((&term.field, value(values)?))).collect()
    };
    // The last ones came last.
    (0..many).rev().take(ELEMENTS).filter_map(target).collect()
}

/// For each field of the elements, one that agrees with `first` in nothing, and one that agrees with it in this field alone.
fn alike(naming: &Naming, list: &FieldDef, first: &Record, subjects: &[Subject]) -> Vec<(Value, Value)> {
    let Some(Type::Record(ty)) = list.ty.element() else { return Vec::new() };
    let mut second = first.clone();
    for field in &ty.fields {
        if let Some(value) = first.get(&field.name).and_then(|value| other(naming, field, value, subjects)) {
            second.insert(field.name.clone(), value);
        }
    }
    let fields = ty.fields.iter().filter_map(|field| {
        let mut third = second.clone();
        third.insert(field.name.clone(), first.get(&field.name)?.clone());
        Some((Value::Record(second.clone()), Value::Record(third)))
    });
    fields.collect()
}

/// Another value for a field than this one.
fn other(naming: &Naming, field: &FieldDef, value: &Value, subjects: &[Subject]) -> Option<Value> {
    let mut samples = samples(naming, field, subjects).into_iter();
    if let Some(other) = samples.find(|sample| sample != value && !sample.is_null()) {
        return Some(other);
    }
    let (Type::Int(range) | Type::Decimal(range), number) = (&field.ty, value.as_number()?) else {
        return None;
    };
    let near = [number.add(&Number::from(1)), number.sub(&Number::from(1))];
    let lawful = |number: &Number| {
        range.min.as_ref().is_none_or(|min| number >= min)
            && range.max.as_ref().is_none_or(|max| number <= max)
    };
    near.into_iter().flatten().find(lawful).map(Value::Number)
}

struct Search<'a> {
    fields: &'a [FieldDef],
    found: Vec<Near>,
}

impl Search<'_> {
    fn look<'e>(&mut self, expr: &'e Expr, folds: &mut Vec<&'e Fold>, depth: usize) {
        if depth > DEEP {
            return;
        }
        let together = conjuncts(expr);
        if together.len() > 1 && folds.len() < 2 {
            let terms: Vec<Term> = together.iter().filter_map(|part| self.term(part, folds)).collect();
            if terms.len() > 1 {
                self.found.push(Near::Equal(terms));
            }
        }
        match &expr.kind {
            ExprKind::Fold(fold) => {
                self.look(&fold.list, folds, depth + 1);
                if let Some(body) = &fold.body {
                    folds.push(fold);
                    self.look(body, folds, depth + 1);
                    folds.pop();
                }
            }
            ExprKind::Binary(_, left, right) => {
                // Parts of what was just taken together are not looked at once more.
                for part in if together.len() > 1 { together } else { vec![&**left, &**right] } {
                    self.look(part, folds, depth + 1);
                }
            }
            ExprKind::Unary(_, inner) => self.look(inner, folds, depth + 1),
            ExprKind::If(condition, yes, no) => {
                for part in [condition, yes, no] {
                    self.look(part, folds, depth + 1);
                }
            }
            ExprKind::Call(_, arguments) => {
                for argument in arguments {
                    self.look(argument, folds, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// A field of the command that is compared for being equal, or not, with something else.
    fn term(&self, part: &Expr, folds: &[&Fold]) -> Option<Term> {
        let ExprKind::Binary(BinaryOp::Compare(CompareOp::Equal | CompareOp::NotEqual), left, right) =
            &part.kind
        else {
            return None;
        };
        let field = |expr: &Expr| match &expr.kind {
            ExprKind::Name(name) if folds.iter().all(|fold| fold.binder.text != name.text) => {
                self.fields.iter().find(|field| field.name == name.text && !field.chosen)
            }
            _ => None,
        };
        let (field, other) = match (field(left), field(right)) {
            (Some(field), None) => (field, right),
            (None, Some(field)) => (field, left),
            _ => return None,
        };
        Some(Term { field: field.clone(), other: mapped(other, folds) })
    }
}

/// The parts of `a and b and c`, and of `not a or not b`, which is the same turned round.
fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    fn gather<'e>(expr: &'e Expr, of: BinaryOp, out: &mut Vec<&'e Expr>, depth: usize) {
        match &expr.kind {
            ExprKind::Binary(op, left, right) if *op == of && depth < DEEP => {
                gather(left, of, out, depth + 1);
                gather(right, of, out, depth + 1);
            }
            ExprKind::Unary(UnaryOp::Not, inner) if depth > 0 => out.push(inner),
            _ => out.push(expr),
        }
    }
    let mut parts = Vec::new();
    match &expr.kind {
        ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), ..) => gather(expr, *op, &mut parts, 0),
        _ => parts.push(expr),
    }
    parts
}

/// Whether elements of this list are compared with each other: counted as distinct, or looked through for each of them.
fn compares_elements(expr: &Expr, list: &str) -> bool {
    let mut found = false;
    expr.walk(&mut |part| match &part.kind {
        ExprKind::Fold(fold) => {
            let own = names(&fold.list, list);
            let inner = fold.body.as_ref().is_some_and(|body| names(body, list));
            found |= own && (inner || &*fold.function.text == "distinct");
        }
        ExprKind::Call(function, arguments) => {
            found |= &*function.text == "distinct" && arguments.iter().any(|argument| names(argument, list));
        }
        _ => {}
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::explore::command;
    use crate::text::Source;

    /// What is proposed behind these commands, in short.
    fn proposed(behind: &[Command], sent: &Command) -> Vec<String> {
        let source = Source::read("tests/generating/polls.contract").expect("the contract");
        let model = Interpreted::read(&source).expect("rules");
        let naming = Naming::of(&model);
        let mut world = World::new();
        for command in behind {
            world = model.behind(&world, command).expect("rules").expect("accepted");
        }
        let all = near(&model, &sent.name);
        let all = all.iter().flat_map(|near| near.propose(&model, &naming, (&world, &[]), sent));
        all.map(|command| Value::Record(command.fields).to_string()).collect()
    }

    fn vote(name: &str, [voter, option]: [&str; 2], weight: u32) -> Command {
        let fields = [("voter", Value::from(voter)), ("option", option.into()), ("weight", weight.into())];
        command(name, &"p".into(), Record::from(fields))
    }

    fn choice(option: &str) -> Value {
        let fields = [
            ("option", Value::from(option)),
            ("label", "l".into()),
            ("weight", 1.into()),
            ("closes", "2026-01-01T00:00:00Z".into()),
        ];
        Value::Record(Record::from(fields))
    }

    fn open() -> Command {
        command("Open", &"p".into(), Record::from([("choices", Value::List(vec![choice("a")]))]))
    }

    #[test]
    fn each_condition_is_false_by_itself() {
        let behind = [open(), vote("Cast", ["v", "a"], 3)];
        assert_eq!(
            proposed(&behind, &vote("TakeBack", ["w", "b"], 1)),
            [
                r#"{voter: "v", option: "a", weight: 3}"#,
                r#"{voter: $voter1, option: "a", weight: 3}"#,
                r#"{voter: "v", option: $option1, weight: 3}"#,
                r#"{voter: "v", option: "a", weight: 1}"#,
            ]
        );
        // One condition alone is on a comparison.
        assert_eq!(proposed(&behind, &vote("Cast", ["w", "b"], 1)), [""; 0]);
    }

    #[test]
    fn elements_agree_in_one_field_alone() {
        let all = proposed(&[], &open());
        let first = r#"{option: "a", label: "l", weight: 1, closes: "2026-01-01T00:00:00Z"}"#;
        let moment = r#""2026-03-01T09:05:07.013Z""#;
        let alike = |option: &str, label: &str, weight: u32| {
            format!("{{option: {option}, label: {label}, weight: {weight}, closes: {moment}}}")
        };
        let (other, label, end) =
            ("$option1", "$label1", format!("{first}, {}", alike("$option1", "$label1", 2)));
        assert_eq!(all.len(), 8, "one field after the other, beside it and behind another: {all:#?}");
        let list = |elements: &str| format!("{{choices: [{elements}]}}");
        assert_eq!(all[0], list(&format!("{first}, {}", alike(r#""a""#, label, 2))));
        assert_eq!(all[1], list(&format!("{end}, {}", alike(r#""a""#, label, 2))));
        assert_eq!(all[2], list(&format!("{first}, {}", alike(other, r#""l""#, 2))));
        assert_eq!(all[4], list(&format!("{first}, {}", alike(other, label, 1))));
    }
}
