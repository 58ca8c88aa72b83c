//! Values that sit on a rule's comparison: `amount > self.balance` is tried with the balance and its neighbours.

use std::sync::Arc;

use crate::contract::{FieldDef, Range, Type};
use crate::language::syntax::contract::CommandDecl;
use crate::language::syntax::{BinaryOp, Expr, ExprKind, Fold, Ident};
use crate::model::{Interpreted, World};
use crate::protocol::Command;
use crate::value::{Number, Record, Value};

/// How deep expressions are looked into; deeper comparisons are left to chance.
const DEEP: usize = 32;
/// How many values one comparison gives: members of a list may be many.
const MANY: usize = 16;

/// A value for a field of a command, that puts it on a rule's comparison or beside it.
#[derive(Clone, PartialEq, Debug)]
pub struct Boundary {
    /// The field of the command.
    pub field: Arc<str>,
    /// What of it.
    pub part: Part,
    /// The value: a number of elements where the part is [`Part::Length`].
    pub value: Value,
    /// Whether it makes both sides equal; otherwise it is one unit less or more.
    pub exact: bool,
    /// The rule, by its place among the command's rejections.
    pub rule: usize,
}

/// What of a field a rule compares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// All of it.
    Whole,
    /// This field of an element of the list that it is.
    Element(Arc<str>),
    /// How many elements it has.
    Length,
}

/// A place where a rule compares a field of its command with something else.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    field: FieldDef,
    part: Part,
    /// What it is compared with; the list of all where it is something else for each element of a list.
    other: Expr,
    /// Whether it is such a list.
    several: bool,
    /// Whether only what is equal is of interest, not its neighbours.
    exact: bool,
    rule: usize,
}

/// The values of `command`'s fields that sit on a comparison of its rejections, in this world.
pub fn boundaries(model: &Interpreted, world: &World<Record>, command: &Command) -> Vec<Boundary> {
    proposed(&comparisons(model, &command.name), model, world, command)
}

/// The same, for those who have the comparisons at hand.
pub(super) fn proposed(
    comparisons: &[Comparison],
    model: &Interpreted,
    world: &World<Record>,
    command: &Command,
) -> Vec<Boundary> {
    let mut found = Vec::new();
    comparisons.iter().for_each(|comparison| comparison.propose(model, world, command, &mut found));
    found
}

/// The comparisons in the rejections of the command called `name`, in file order.
pub(crate) fn comparisons(model: &Interpreted, name: &str) -> Vec<Comparison> {
    let (Some(decl), Some(def)) = (model.rules(name), model.contract().command(name)) else {
        return Vec::new();
    };
    let mut search = Search { fields: &def.fields, found: Vec::new(), rule: 0 };
    search.rules(decl);
    search.found
}

impl Comparison {
    /// Adds the values that sit on it, in this world and for this command, each once.
    pub(crate) fn propose(
        &self,
        model: &Interpreted,
        world: &World<Record>,
        command: &Command,
        found: &mut Vec<Boundary>,
    ) {
        let Ok(value) = model.value(world, command, &self.other) else { return };
        let values = if self.several { flat(value) } else { vec![value] };
        for value in values.into_iter().take(MANY) {
            if !self.exact {
                self.around(&value, found);
            }
            self.add(value, true, found);
        }
    }

    /// The neighbours of a value.
    fn around(&self, value: &Value, found: &mut Vec<Boundary>) {
        let Value::Number(number) = value else { return };
        let unit = match &self.part {
            Part::Length => Some(Number::from(1)),
            Part::Whole => Some(unit_of(&self.field, number)),
            // One unit in the last place that the field's type, its `try` or the value writes out.
            Part::Element(name) => match self.field.ty.element() {
                Some(Type::Record(record)) => record.field(name).map(|field| unit_of(field, number)),
                _ => None,
            },
        };
        let Some(unit) = unit else { return };
        for near in [number.sub(&unit), number.add(&unit)].into_iter().flatten() {
            self.add(Value::Number(near), false, found);
        }
    }

    fn add(&self, value: Value, exact: bool, found: &mut Vec<Boundary>) {
        let field = self.field.name.clone();
        let boundary = Boundary { field, part: self.part.clone(), value, exact, rule: self.rule };
        if !found.contains(&boundary) {
            found.push(boundary);
        }
    }
}

struct Search<'a> {
    fields: &'a [FieldDef],
    found: Vec<Comparison>,
    rule: usize,
}

impl<'a> Search<'a> {
    fn rules(&mut self, decl: &CommandDecl) {
        for (rule, reject) in decl.rejects.iter().enumerate() {
            self.rule = rule;
            self.look(&reject.when, &mut Vec::new(), 0);
        }
    }

    /// Looks for comparisons; `folds` are the functions around this place that bind names.
    fn look<'e>(&mut self, expr: &'e Expr, folds: &mut Vec<&'e Fold>, depth: usize) {
        if depth > DEEP {
            return;
        }
        match &expr.kind {
            ExprKind::Binary(BinaryOp::Compare(_), left, right) => {
                self.compare(left, right, folds);
                self.compare(right, left, folds);
                self.look(left, folds, depth + 1);
                self.look(right, folds, depth + 1);
            }
            ExprKind::Binary(_, left, right) | ExprKind::Index(left, right) => {
                self.look(left, folds, depth + 1);
                self.look(right, folds, depth + 1);
            }
            ExprKind::Unary(_, inner) | ExprKind::Field(inner, _) => self.look(inner, folds, depth + 1),
            ExprKind::If(condition, yes, no) => {
                for part in [condition, yes, no] {
                    self.look(part, folds, depth + 1);
                }
            }
            ExprKind::Call(function, arguments) => {
                if let ("contains", [list, element]) = (&*function.text, &arguments[..]) {
                    self.member(list, element, folds);
                }
                for argument in arguments {
                    self.look(argument, folds, depth + 1);
                }
            }
            ExprKind::Fold(fold) => {
                self.look(&fold.list, folds, depth + 1);
                if let Some(body) = &fold.body {
                    folds.push(fold);
                    self.look(body, folds, depth + 1);
                    folds.pop();
                }
            }
            _ => {}
        }
    }

    /// `contains(self.members, who)`: its members.
    fn member(&mut self, list: &Expr, element: &Expr, folds: &[&Fold]) {
        if let Some((field, part)) = self.part(element, folds) {
            let other = for_each(list, folds);
            self.found.push(Comparison {
                field: field.clone(),
                part,
                other,
                several: true,
                exact: true,
                rule: self.rule,
            });
        }
    }

    /// `side` compared with `other`: where a field stands on this side, the other side's value is one for it.
    fn compare(&mut self, side: &Expr, other: &Expr, folds: &[&Fold]) {
        let (mut side, mut other) = (side.clone(), other.clone());
        // `self.balance - amount < 0` is `amount` beside `self.balance - 0`.
        for _ in 0..DEEP {
            if let Some((field, part)) = self.part(&side, folds) {
                let (field, several) = (field.clone(), inner(folds, &other));
                let other = for_each(&other, folds);
                self.found.push(Comparison { field, part, other, several, exact: false, rule: self.rule });
                return;
            }
            let ExprKind::Binary(op, left, right) = side.kind else { return };
            let in_left = self.mentions(&left, folds);
            if in_left == self.mentions(&right, folds) {
                return;
            }
            let with = |op, left, right| Expr {
                kind: ExprKind::Binary(op, Box::new(left), Box::new(right)),
                span: side.span,
            };
            (side, other) = match (op, in_left) {
                (BinaryOp::Add, true) => (*left, with(BinaryOp::Subtract, other, *right)),
                (BinaryOp::Add, false) => (*right, with(BinaryOp::Subtract, other, *left)),
                (BinaryOp::Subtract, true) => (*left, with(BinaryOp::Add, other, *right)),
                (BinaryOp::Subtract, false) => (*right, with(BinaryOp::Subtract, *left, other)),
                _ => return,
            };
        }
    }

    fn mentions(&self, expr: &Expr, folds: &[&Fold]) -> bool {
        let mut found = false;
        expr.walk(&mut |expr| found |= self.part(expr, folds).is_some());
        found
    }

    /// The part of a field that an expression is: `amount`, `i.quantity` of `i in items`, `count(items)`.
    fn part(&self, expr: &Expr, folds: &[&Fold]) -> Option<(&'a FieldDef, Part)> {
        let field = |expr: &Expr| match &expr.kind {
            ExprKind::Name(name) if !folds.iter().any(|fold| fold.binder.text == name.text) => {
                self.fields.iter().find(|field| field.name == name.text)
            }
            _ => None,
        };
        match &expr.kind {
            ExprKind::Name(_) => Some((field(expr)?, Part::Whole)),
            ExprKind::Field(base, name) => {
                let ExprKind::Name(bound) = &base.kind else { return None };
                let fold = folds.iter().rev().find(|fold| fold.binder.text == bound.text)?;
                Some((field(&fold.list)?, Part::Element(name.text.clone())))
            }
            ExprKind::Call(function, arguments) if &*function.text == "count" => {
                Some((field(arguments.first()?)?, Part::Length))
            }
            _ => None,
        }
    }
}

/// An expression as it is outside of the folds around it: where it speaks of a bound name, the list of its values.
fn for_each(expr: &Expr, folds: &[&Fold]) -> Expr {
    let mut whole = expr.clone();
    for fold in folds.iter().rev().filter(|fold| names(expr, &fold.binder.text)) {
        let function = Ident { text: "map".into(), span: whole.span };
        let (span, body) = (whole.span, Some(whole));
        let each = Fold { function, binder: fold.binder.clone(), list: fold.list.clone(), body };
        whole = Expr { kind: ExprKind::Fold(Box::new(each)), span };
    }
    whole
}

/// One unit in the last place of what is written of the field, and of the value.
pub(crate) fn unit_of(field: &FieldDef, value: &Number) -> Number {
    let ty = match &field.ty {
        Type::Optional(inner) => inner,
        ty => ty,
    };
    let Type::Decimal(range) = ty else { return Number::from(1) };
    let ends = |range: &Range| [range.min.clone(), range.max.clone()];
    let written = ends(range).into_iter().chain(field.try_range.iter().flat_map(ends)).flatten();
    let places = written.chain([value.clone()]).filter_map(|number| Some(number.decimal()?.scale())).max();
    Number::from(rust_decimal::Decimal::new(1, places.unwrap_or(0)))
}

/// Whether a bound name is in it, so that it has a value for each element.
fn inner(folds: &[&Fold], expr: &Expr) -> bool {
    folds.iter().any(|fold| names(expr, &fold.binder.text))
}

fn names(expr: &Expr, name: &str) -> bool {
    let mut found = false;
    expr.walk(&mut |expr| found |= matches!(&expr.kind, ExprKind::Name(known) if *known.text == *name));
    found
}

/// Lists in lists as one.
fn flat(value: Value) -> Vec<Value> {
    match value {
        Value::List(values) => values.into_iter().flat_map(flat).collect(),
        value => vec![value],
    }
}
