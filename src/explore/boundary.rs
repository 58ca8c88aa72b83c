//! Values that sit on a rule's comparison: `amount > self.balance` is tried with the balance and its neighbours.

use super::ahead::{Ahead, filtered};
use super::root::meeting;
use crate::contract::{FieldDef, Range, Type};
use crate::language::syntax::contract::CommandDecl;
use crate::language::syntax::{BinaryOp, Expr, ExprKind, Fold, Ident};
use crate::model::{Interpreted, World};
use crate::protocol::{Command, Query};
use crate::value::{Number, Record, Value};

/// How deep expressions are looked into; deeper comparisons are left to chance.
const DEEP: usize = 32;
/// How many values one comparison gives: members of a list may be many.
const MANY: usize = 16;

/// A value for a field of a command, that puts it on a rule's comparison or beside it.
#[derive(Clone, PartialEq, Debug)]
pub struct Boundary {
    /// The field of the command.
    pub field: Box<str>,
    /// What of it.
    pub part: Part,
    /// The value: a number of elements where the part is [`Part::Length`].
    pub value: Value,
    /// Whether it makes both sides equal; otherwise it is one unit less or more.
    pub exact: bool,
}

/// What of a field a rule compares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// All of it.
    Whole,
    /// This field of an element of the list that it is.
    Element(Box<str>),
    /// How many elements it has.
    Length,
}

/// The values of `command`'s fields that sit on a comparison: of its rejections in this world, and behind its effect of
/// invariants and of what queries and views show.
pub fn boundaries(model: &Interpreted, world: &World<Record>, command: &Command) -> Vec<Boundary> {
    let (Some(decl), Some(def)) = (model.rules(&command.name), model.contract().command(&command.name))
    else {
        return Vec::new();
    };
    let mut search = Search { model, world, command, fields: &def.fields, found: Vec::new() };
    search.rules(decl);
    search.ahead();
    search.found
}

struct Search<'a> {
    model: &'a Interpreted,
    world: &'a World<Record>,
    command: &'a Command,
    fields: &'a [FieldDef],
    found: Vec<Boundary>,
}

/// A number in a command: its field, what of that, and what it is.
type Place = (Box<str>, Part, Number);

impl Search<'_> {
    fn rules(&mut self, decl: &CommandDecl) {
        for reject in &decl.rejects {
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
                let found = self.compare(left, right, folds) | self.compare(right, left, folds);
                if !found {
                    self.meet(expr, (left, right), folds);
                }
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
        if let Some((field, part)) = self.part(element, folds)
            && let Some(Value::List(values)) = self.evaluate(list, folds)
        {
            for value in values.into_iter().take(MANY) {
                self.propose(&field, &part, value, true);
            }
        }
    }

    /// The numbers in the command.
    fn numbers(&self) -> Vec<Place> {
        let mut found = Vec::new();
        for (name, value) in self.command.fields.iter() {
            match value {
                Value::Number(number) => found.push((name.into(), Part::Whole, number.clone())),
                Value::List(elements) => {
                    let first = elements.first().and_then(Value::as_record);
                    for (inner, value) in first.into_iter().flat_map(Record::iter) {
                        if let Value::Number(number) = value {
                            found.push((name.into(), Part::Element(inner.into()), number.clone()));
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The command with another number in that place.
    fn with(&self, (field, part, _): &Place, number: &Number) -> Option<Command> {
        let value = Value::Number(number.clone());
        Boundary { field: field.clone(), part: part.clone(), value, exact: true }.put(self.command)
    }

    /// Sides in which a number is multiplied, or stands on both, as in `quantity * price > 100`: for each number that is
    /// the command's, where they meet while all else stays.
    fn meet(&mut self, compared: &Expr, (left, right): (&Expr, &Expr), folds: &[&Fold]) {
        let sides = ExprKind::Binary(BinaryOp::Subtract, Box::new(left.clone()), Box::new(right.clone()));
        let apart = mapped(&Expr { kind: sides, span: compared.span }, folds);
        for place in self.numbers().into_iter().filter(|(field, ..)| names(&apart, field)) {
            self.where_they_meet(&place, |moved| {
                let apart = self.model.value(self.world, moved, &apart).ok()?;
                flat(apart).into_iter().map(|value| value.as_number().cloned()).collect()
            });
        }
    }

    /// Comparisons behind the command's effect.
    fn ahead(&mut self) {
        let ahead = Ahead::new(self.model);
        if ahead.is_empty() {
            return;
        }
        for place in self.numbers() {
            self.where_they_meet(&place, |moved| ahead.apart(self.world, moved));
        }
    }

    fn where_they_meet(&mut self, place: &Place, apart: impl Fn(&Command) -> Option<Vec<Number>>) {
        let (field, part, number) = place;
        let Some(unit) = self.unit(field, part, number) else { return };
        let places = unit.decimal().map_or(0, |unit| unit.scale());
        let found = meeting(number, places, |number| apart(&self.with(place, number)?));
        for value in found.into_iter().take(MANY) {
            self.around(field, part, Value::Number(value));
        }
    }

    /// `side` compared with `other`: where a field stands on this side, the other side's value is one for it. Returns
    /// whether one does.
    fn compare(&mut self, side: &Expr, other: &Expr, folds: &[&Fold]) -> bool {
        let (mut side, mut other) = (side.clone(), other.clone());
        // `self.balance - amount < 0` is `amount` beside `self.balance - 0`.
        for _ in 0..DEEP {
            if let Some((field, part)) = self.part(&side, folds) {
                let Some(value) = self.evaluate(&other, folds) else { return false };
                let values = if inner(folds, &other) { flat(value) } else { vec![value] };
                for value in values.into_iter().take(MANY) {
                    self.around(&field, &part, value);
                }
                return true;
            }
            let ExprKind::Binary(op, left, right) = side.kind else { return false };
            let in_left = self.mentions(&left, folds);
            if in_left == self.mentions(&right, folds) {
                return false;
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
                _ => return false,
            };
        }
        false
    }

    fn mentions(&self, expr: &Expr, folds: &[&Fold]) -> bool {
        let mut found = false;
        expr.walk(&mut |expr| found |= self.part(expr, folds).is_some());
        found
    }

    /// The part of a field that an expression is: `amount`, `i.quantity` of `i in items`, `count(items)`.
    fn part(&self, expr: &Expr, folds: &[&Fold]) -> Option<(Box<str>, Part)> {
        let field = |expr: &Expr| match &expr.kind {
            ExprKind::Name(name) if !folds.iter().any(|fold| fold.binder.text == name.text) => {
                self.fields.iter().find(|field| field.name == name.text).map(|field| field.name.clone())
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

    /// The value of an expression; for each element where it speaks of a bound name, as a list.
    fn evaluate(&self, expr: &Expr, folds: &[&Fold]) -> Option<Value> {
        self.model.value(self.world, self.command, &mapped(expr, folds)).ok()
    }

    /// The value and its neighbours.
    fn around(&mut self, field: &str, part: &Part, value: Value) {
        let unit = match (&value, part) {
            (Value::Number(_), Part::Length) => Some(Number::from(1)),
            (Value::Number(number), _) => self.unit(field, part, number),
            _ => None,
        };
        if let (Value::Number(number), Some(unit)) = (&value, unit) {
            for near in [number.sub(&unit), number.add(&unit)].into_iter().flatten() {
                self.propose(field, part, Value::Number(near), false);
            }
        }
        self.propose(field, part, value, true);
    }

    /// One unit in the last place that the field's type, its `try` or the value writes out.
    fn unit(&self, field: &str, part: &Part, value: &Number) -> Option<Number> {
        let field = self.fields.iter().find(|known| *known.name == *field)?;
        match part {
            Part::Element(name) => match field.ty.element() {
                Some(Type::Record(record)) => Some(unit_of(record.field(name)?, value)),
                _ => None,
            },
            _ => Some(unit_of(field, value)),
        }
    }

    fn propose(&mut self, field: &str, part: &Part, value: Value, exact: bool) {
        let boundary = Boundary { field: field.into(), part: part.clone(), value, exact };
        if !self.found.contains(&boundary) {
            self.found.push(boundary);
        }
    }
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

/// The expression; as one over all elements where it speaks of a bound name.
pub(super) fn mapped(expr: &Expr, folds: &[&Fold]) -> Expr {
    let mut whole = expr.clone();
    for fold in folds.iter().rev().filter(|fold| names(expr, &fold.binder.text)) {
        let function = Ident { text: "map".into(), span: whole.span };
        let (span, body) = (whole.span, Some(whole));
        let each = Fold { function, binder: fold.binder.clone(), list: fold.list.clone(), body };
        whole = Expr { kind: ExprKind::Fold(Box::new(each)), span };
    }
    whole
}

/// The values of a query's fields that sit on a comparison of its filter, in this world, and their neighbours.
pub fn asked(model: &Interpreted, world: &World<Record>, query: &Query) -> Vec<(Box<str>, Value)> {
    let mut found = Vec::new();
    let fields = model.contract().query(&query.name).map(|def| &def.fields);
    for field in fields.into_iter().flatten() {
        let Some(number) = query.fields.get(&field.name).and_then(Value::as_number) else { continue };
        let unit = unit_of(field, number);
        let places = unit.decimal().map_or(0, |unit| unit.scale());
        let with = |number: &Number| {
            let mut moved = query.clone();
            moved.fields.insert(&*field.name, Value::Number(number.clone()));
            moved
        };
        for value in meeting(number, places, |number| filtered(model, world, &with(number))) {
            let near = [Some(value.clone()), value.sub(&unit).ok(), value.add(&unit).ok()];
            for value in near.into_iter().flatten().take(MANY) {
                found.push((field.name.clone(), Value::Number(value)));
            }
        }
    }
    found
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
