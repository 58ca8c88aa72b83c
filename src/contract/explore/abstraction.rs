//! Which states are taken for one: the nodes of the graph.

use crate::contract::rules::{Interpreted, World};
use crate::contract::{Contract, RecordType, Type};
use crate::language::syntax::contract::{CommandDecl, Invariant};
use crate::language::syntax::{BinaryOp, Expr, ExprKind};
use crate::value::{Number, Record, Value};

use super::Subject;

/// The longest list that a rule's comparison is looked for with.
const LONGEST: usize = 12;

/// Up to this length lists are told apart, in any contract. Each length takes nodes of its own: where a rule counts further, a search goes
/// (`beyond`).
const SHORT: usize = 2;

/// What a contract speaks of: between two of its numbers, numbers are taken for one.
#[derive(Clone, Debug)]
pub(crate) struct Landmarks {
    /// Ends of ranges, and constants in rules and filters.
    numbers: Vec<Number>,
}

/// The landmarks of a contract.
pub(super) fn landmarks(model: &Interpreted) -> Landmarks {
    let contract = model.contract();
    let mut all = Vec::new();
    for aggregate in contract.aggregates() {
        of_fields(&aggregate.state, &mut all);
    }
    for condition in conditions(model) {
        constants(condition, &mut all);
    }
    all.extend([0, 1].map(Number::from));
    all.sort();
    all.dedup();
    Landmarks { numbers: all }
}

/// All that rules hold: invariants, rejections, filters.
fn conditions(model: &Interpreted) -> impl Iterator<Item = &Expr> {
    let contract = model.contract();
    let invariants = contract.aggregates().flat_map(|aggregate| model.invariants(&aggregate.name));
    let invariants = invariants.map(|Invariant { condition, .. }| condition);
    let rules = contract.commands().filter_map(|command| model.rules(&command.name));
    let rejects = rules.flat_map(|CommandDecl { rejects, .. }| rejects).map(|reject| &reject.when);
    invariants.chain(rejects).chain(model.filters().map(|filter| filter.condition))
}

/// The greatest number, up to 12, that a rule compares a list's length with.
pub(crate) fn counted(model: &Interpreted) -> Option<usize> {
    conditions(model).filter_map(counted_to).filter(|count| *count <= LONGEST).max()
}

/// The greatest number that a list's length is compared with.
fn counted_to(condition: &Expr) -> Option<usize> {
    let mut most = None;
    condition.walk(&mut |expr| {
        if let ExprKind::Binary(BinaryOp::Compare(_), left, right) = &expr.kind {
            for (side, other) in [(left, right), (right, left)] {
                if let (true, ExprKind::Literal(Value::Number(number))) = (is_count(side), &other.kind) {
                    most = most.max(number.to_u64().and_then(|count| usize::try_from(count).ok()));
                }
            }
        }
    });
    most
}

fn is_count(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(function, _) => &*function.text == "count",
        ExprKind::Fold(fold) => &*fold.function.text == "count",
        _ => false,
    }
}

fn of_fields(record: &RecordType, all: &mut Vec<Number>) {
    for field in &record.fields {
        if let Type::Int(range) | Type::Decimal(range) = &field.ty {
            all.extend([range.min.clone(), range.max.clone()].into_iter().flatten());
        }
    }
}

fn constants(expr: &Expr, all: &mut Vec<Number>) {
    expr.walk(&mut |expr| {
        if let ExprKind::Literal(Value::Number(number)) = &expr.kind {
            all.push(number.clone());
        }
    });
}

/// What is told apart of one subject.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Told {
    /// All of it, in words; with its kind in front where there are several subjects.
    pub(super) label: String,
    /// Its enums and truth values in short, or else its kind: what people call such a state.
    pub(super) name: String,
    /// The rest, a piece a state.
    pub(super) rest: Vec<String>,
}

/// What is told apart of a world: for each subject, in an order that its name has no part in, each state that is
/// neither an id nor unknown. Texts are there or aren't, numbers lie on a landmark or between two, and of lists there
/// is the length, as long as it is short, and how many ids in it differ.
pub(super) fn told(
    model: &Interpreted,
    world: &World<Record>,
    subjects: &[Subject],
    landmarks: &Landmarks,
) -> Vec<Told> {
    let mut all: Vec<Told> = subjects
        .iter()
        .filter_map(|subject| {
            let state = model.state(world, &subject.kind, &subject.id)?;
            let mut told = of_state(model.contract(), &subject.kind, &state, landmarks);
            if subjects.len() > 1 {
                told.label = format!("{}: {}", subject.kind, told.label);
            }
            Some(told)
        })
        .collect();
    all.sort();
    all
}

/// The same as one text: the label of a node.
pub(super) fn key(
    model: &Interpreted,
    world: &World<Record>,
    subjects: &[Subject],
    landmarks: &Landmarks,
) -> String {
    let told = told(model, world, subjects, landmarks);
    told.into_iter().map(|told| told.label).collect::<Vec<_>>().join("\n")
}

fn of_state(contract: &Contract, kind: &str, state: &Record, landmarks: &Landmarks) -> Told {
    let (mut label, mut names, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    let fields = contract.aggregate(kind).map(|aggregate| &aggregate.state.fields);
    for field in fields.into_iter().flatten().filter(|field| &*field.name != "id") {
        let Some(value) = state.get(&field.name) else { continue };
        let words = match value {
            Value::Null => "null".into(),
            Value::Bool(truth) => {
                names.push(if *truth { field.name.to_string() } else { format!("not {}", field.name) });
                label.push(format!("{}: {truth}", field.name));
                continue;
            }
            Value::Text(text) if matches!(field.ty, Type::Enum(_)) => {
                names.push(text.to_string());
                label.push(text.to_string());
                continue;
            }
            Value::Text(_) | Value::Name(_) | Value::Record(_) => "given".into(),
            Value::Number(number) => place(number, &landmarks.numbers),
            Value::List(elements) => length(elements),
        };
        let words = format!("{}: {words}", field.name);
        label.push(words.clone());
        rest.push(words);
    }
    let name = if names.is_empty() { kind.to_owned() } else { names.join(", ") };
    Told { label: label.join(", "), name, rest }
}

/// How long a list is, and whether elements of it are alike.
fn length(elements: &[Value]) -> String {
    let length = elements.len();
    let count = if length > SHORT { format!("{}+", SHORT + 1) } else { length.to_string() };
    let mut firsts: Vec<&Value> = elements.iter().map(identity).collect();
    firsts.sort_by_key(|value| value.brief(120));
    firsts.dedup();
    let same = firsts.len() < length;
    format!("{count}{}", if same { " (some alike)" } else { "" })
}

/// What tells an element from others: its first text or name, where it is a record.
fn identity(element: &Value) -> &Value {
    let record = element.as_record();
    record
        .and_then(|record| record.iter().find(|(_, value)| matches!(value, Value::Text(_) | Value::Name(_))))
        .map_or(element, |(_, value)| value)
}

/// `0`, `1`, `>1`, `0<…<1`: where a number lies.
fn place(number: &Number, landmarks: &[Number]) -> String {
    match landmarks.binary_search(number) {
        Ok(_) => number.to_string(),
        Err(at) => match (at.checked_sub(1).and_then(|at| landmarks.get(at)), landmarks.get(at)) {
            (Some(below), Some(above)) => format!("{below}<…<{above}"),
            (Some(below), None) => format!(">{below}"),
            (None, Some(above)) => format!("<{above}"),
            (None, None) => number.to_string(),
        },
    }
}
