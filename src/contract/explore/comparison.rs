//! Where a command is compared with something: by its rules, and behind its effect by invariants, queries and views. What
//! hangs on the contract alone is worked out once for each command; a world and a command then give values.

use super::ahead::Ahead;
use super::boundary::{Boundary, MANY, Part, unit_of};
use super::root::meeting;
use crate::contract::rules::{Interpreted, World};
use crate::contract::{FieldDef, RecordType, Type};
use crate::language::syntax::{BinaryOp, Expr, ExprKind, Fold, Ident};
use crate::protocol::Command;
use crate::value::{Moment, Number, Precision, Record, Value};

/// How deep expressions are looked into; deeper comparisons are left to chance.
const DEEP: usize = 32;

/// What of a command is compared.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    field: Box<FieldDef>,
    part: Part,
}

/// A place where fields of a command are compared.
#[derive(Clone, Debug)]
pub(crate) enum Comparison {
    /// A field that stands alone on one side.
    Alone {
        place: Place,
        /// What it is compared with; the list of all where it is something else for each element of a list.
        other: Expr,
        /// Whether it is such a list.
        several: bool,
        /// Whether only what is equal is of interest, not its neighbours.
        exact: bool,
    },
    /// Sides in which a number is multiplied, or stands on both, as in `quantity * price > 100`: their difference, and the
    /// numbers in it.
    Mixed { places: Vec<Place>, apart: Expr },
    /// What the command's effect is held against, and all its numbers.
    Ahead { places: Vec<Place>, ahead: Ahead },
}

/// The comparisons of the command called `name`: of its rejections in file order, each with its place, and behind its
/// effect.
pub(crate) fn comparisons(model: &Interpreted, name: &str) -> Vec<(Option<usize>, Comparison)> {
    let (Some(decl), Some(def)) = (model.rules(name), model.contract().command(name)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (rule, reject) in decl.rejects.iter().enumerate() {
        let mut search = Search { fields: &def.fields, found: Vec::new() };
        search.look(&reject.when, &mut Vec::new(), 0);
        found.extend(search.found.into_iter().map(|comparison| (Some(rule), comparison)));
    }
    let (places, ahead) = (numbers(&def.fields), Ahead::new(model, name));
    if !places.is_empty() && !ahead.is_empty() {
        found.push((None, Comparison::Ahead { places, ahead }));
    }
    found
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
        match self {
            Self::Alone { place, other, several, exact } => {
                let Ok(value) = model.value(world, command, other) else { return };
                let values = if *several { flat(value) } else { vec![value] };
                for value in values.into_iter().take(MANY) {
                    match place.moment(&value) {
                        _ if *exact => place.add(value, true, found),
                        Some(moment) => {
                            let sent_to = model.sent_to(&command.name, &place.path());
                            place.around_moment((moment, value), sent_to, found);
                        }
                        None => place.around(value, found),
                    }
                }
            }
            Self::Mixed { places, apart } => {
                let apart = |moved: &Command| {
                    let apart = model.value(world, moved, apart).ok()?;
                    flat(apart).into_iter().map(|value| value.as_number().cloned()).collect()
                };
                for place in places {
                    place.where_sides_meet(command, apart, found);
                }
            }
            Self::Ahead { places, ahead } => {
                let apart = |moved: &Command| ahead.apart(model, world, moved);
                for place in places {
                    place.where_sides_meet(command, apart, found);
                }
            }
        }
    }
}

impl Place {
    /// The number that a command has there.
    fn number<'c>(&self, command: &'c Command) -> Option<&'c Number> {
        let value = command.fields.get(&self.field.name)?;
        match &self.part {
            Part::Whole => value.as_number(),
            Part::Element(name) => {
                value.as_list().map_or(Some(value), <[Value]>::first)?.get(name)?.as_number()
            }
            Part::Length => None,
        }
    }

    /// One unit in the last place that the field's type, its `try` or the value writes out.
    fn unit(&self, value: &Number) -> Option<Number> {
        match &self.part {
            Part::Length => Some(Number::from(1)),
            Part::Whole | Part::Element(_) => self.declared().map(|field| unit_of(field, value)),
        }
    }

    /// What it is declared as; nothing for a length.
    fn declared(&self) -> Option<&FieldDef> {
        match &self.part {
            Part::Whole => Some(&self.field),
            Part::Element(name) => within(&self.field.ty)?.field(name),
            Part::Length => None,
        }
    }

    /// The names that lead there.
    fn path(&self) -> Vec<&str> {
        let inner = match &self.part {
            Part::Element(name) => Some(&**name),
            Part::Whole | Part::Length => None,
        };
        std::iter::once(&*self.field.name).chain(inner).collect()
    }

    /// The moment that a value tells there, if it is to tell one.
    fn moment(&self, value: &Value) -> Option<Moment> {
        let takes = |ty: &Type| match ty {
            Type::Optional(inner) => matches!(**inner, Type::Instant),
            ty => matches!(ty, Type::Instant),
        };
        self.declared().filter(|field| takes(&field.ty)).and_then(|_| value.as_moment())
    }

    /// A moment and its neighbours, as finely as the target is told them: those that lie in the window that it takes.
    fn around_moment(&self, (moment, value): (Moment, Value), sent_to: Precision, found: &mut Vec<Boundary>) {
        let window = self.declared().and_then(|field| field.try_range.as_ref());
        let inside = |moment: Moment| {
            let ms = moment.unix_ms().map(Number::from);
            window.zip(ms).is_none_or(|(window, ms)| {
                window.min.as_ref().is_none_or(|min| ms >= *min)
                    && window.max.as_ref().is_none_or(|max| ms <= *max)
            })
        };
        for near in sent_to.beside(moment).filter(|near| inside(*near)) {
            self.add(Value::from(near.to_string()), false, found);
        }
        if inside(moment) {
            self.add(value, true, found);
        }
    }

    /// The command with another value there.
    pub(super) fn boundary(&self, value: Value, exact: bool) -> Boundary {
        Boundary { field: self.field.name.clone(), part: self.part.clone(), value, exact }
    }

    /// Where the sides of a comparison meet while all but this number stays.
    fn where_sides_meet(
        &self,
        command: &Command,
        apart: impl Fn(&Command) -> Option<Vec<Number>>,
        found: &mut Vec<Boundary>,
    ) {
        let Some(number) = self.number(command) else { return };
        let Some(unit) = self.unit(number) else { return };
        let places = unit.decimal().map_or(0, |unit| unit.scale());
        let with = |number: &Number| self.boundary(Value::Number(number.clone()), true).put(command);
        for value in meeting(number, places, |number| apart(&with(number)?)).into_iter().take(MANY) {
            self.around(Value::Number(value), found);
        }
    }

    /// A value and its neighbours.
    fn around(&self, value: Value, found: &mut Vec<Boundary>) {
        if let Value::Number(number) = &value
            && let Some(unit) = self.unit(number)
        {
            for near in [number.sub(&unit), number.add(&unit)].into_iter().flatten() {
                self.add(Value::Number(near), false, found);
            }
        }
        self.add(value, true, found);
    }

    fn add(&self, value: Value, exact: bool, found: &mut Vec<Boundary>) {
        let boundary = self.boundary(value, exact);
        if !found.contains(&boundary) {
            found.push(boundary);
        }
    }
}

/// Where these fields may hold numbers: they themselves, or the elements of the lists that they are.
pub(super) fn numbers(fields: &[FieldDef]) -> Vec<Place> {
    let mut found = Vec::new();
    for field in fields.iter().filter(|field| !field.chosen) {
        let mut add = |part| found.push(Place { field: Box::new(field.clone()), part });
        if is_number(&field.ty) {
            add(Part::Whole);
        }
        if let Some(record) = within(&field.ty) {
            let inner = record.fields.iter().filter(|inner| is_number(&inner.ty));
            inner.for_each(|inner| add(Part::Element(inner.name.clone())));
        }
    }
    found
}

/// The record that a type is, or that its elements are.
fn within(ty: &Type) -> Option<&RecordType> {
    match ty.element().unwrap_or(ty) {
        Type::Record(record) => Some(record),
        _ => None,
    }
}

fn is_number(ty: &Type) -> bool {
    match ty {
        Type::Int(_) | Type::Decimal(_) | Type::Unknown => true,
        Type::Optional(inner) => is_number(inner),
        _ => false,
    }
}

struct Search<'a> {
    fields: &'a [FieldDef],
    found: Vec<Comparison>,
}

impl<'a> Search<'a> {
    /// Looks for comparisons; `folds` are the functions around this place that bind names.
    fn look<'e>(&mut self, expr: &'e Expr, folds: &mut Vec<&'e Fold>, depth: usize) {
        if depth > DEEP {
            return;
        }
        match &expr.kind {
            ExprKind::Binary(BinaryOp::Compare(_), left, right) => {
                let found = self.compare(left, right, folds) | self.compare(right, left, folds);
                if !found {
                    self.mixed(expr, (left, right), folds);
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
        if let Some(place) = self.place(element, folds) {
            let other = mapped(list, folds);
            self.found.push(Comparison::Alone { place, other, several: true, exact: true });
        }
    }

    /// Sides that can't be solved for a number of the command's.
    fn mixed(&mut self, compared: &Expr, (left, right): (&Expr, &Expr), folds: &[&Fold]) {
        let sides = ExprKind::Binary(BinaryOp::Subtract, Box::new(left.clone()), Box::new(right.clone()));
        let apart = mapped(&Expr { kind: sides, span: compared.span }, folds);
        let mut places = numbers(self.fields);
        places.retain(|place| names(&apart, &place.field.name));
        if !places.is_empty() {
            self.found.push(Comparison::Mixed { places, apart });
        }
    }

    /// `side` compared with `other`: where a field stands on this side, the other side's value is one for it. Returns
    /// whether one does.
    fn compare(&mut self, side: &Expr, other: &Expr, folds: &[&Fold]) -> bool {
        let (mut side, mut other) = (side.clone(), other.clone());
        // `self.balance - amount < 0` is `amount` beside `self.balance - 0`.
        for _ in 0..DEEP {
            if let Some(place) = self.place(&side, folds) {
                let several = folds.iter().any(|fold| names(&other, &fold.binder.text));
                let other = mapped(&other, folds);
                self.found.push(Comparison::Alone { place, other, several, exact: false });
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

    fn place(&self, expr: &Expr, folds: &[&Fold]) -> Option<Place> {
        let (field, part) = self.part(expr, folds)?;
        Some(Place { field: Box::new(field.clone()), part })
    }

    /// The part of a field that an expression is: `amount`, `stop.at`, `i.quantity` of `i in items`, `count(items)`.
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
                let fold = folds.iter().rev().find(|fold| fold.binder.text == bound.text);
                let field = fold.map_or_else(
                    || field(base).filter(|field| matches!(field.ty, Type::Record(_))),
                    |fold| field(&fold.list),
                );
                Some((field?, Part::Element(name.text.clone())))
            }
            ExprKind::Call(function, arguments) if &*function.text == "count" => {
                Some((field(arguments.first()?)?, Part::Length))
            }
            _ => None,
        }
    }
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

/// Whether an expression has that name in it.
pub(super) fn names(expr: &Expr, name: &str) -> bool {
    let mut found = false;
    expr.walk(&mut |expr| found |= matches!(&expr.kind, ExprKind::Name(known) if *known.text == *name));
    found
}

/// Lists in lists as one.
pub(super) fn flat(value: Value) -> Vec<Value> {
    match value {
        Value::List(values) => values.into_iter().flat_map(flat).collect(),
        value => vec![value],
    }
}
