//! The names in a contract's expressions and clauses.

use std::collections::HashSet;

use super::names::Names;
use crate::contract::names::infer::Scope;
use crate::contract::{AggregateDef, Contract, FieldDef, Type, over_all};
use crate::language::Sink;
use crate::language::syntax::contract::{
    AggregateDecl, CommandDecl, Emit, FieldDecl, Set, ShownValue, ShowsDecl, TypeDeclKind, TypeExpr,
    TypeExprKind, ViewDecl, ViewOrder,
};
use crate::language::syntax::{ContractFile, Expr, ExprKind, Ident};
use crate::text::{Code, Diagnostic, Span, did_you_mean};

/// Checks every name of every expression, and what `emits`, `set` and `of` name.
pub(super) fn check<'a>(contract: &'a Contract, file: &'a ContractFile, out: &'a mut Sink) {
    let mut checker = Checker { contract, names: Names { members: members(file), out } };
    for aggregate in &file.aggregates {
        checker.aggregate(aggregate);
    }
    for view in &file.views {
        checker.view(view);
    }
}

/// The members of all enums: a bare name in an expression may be any of them.
fn members(file: &ContractFile) -> HashSet<&str> {
    fn fields(fields: &[FieldDecl]) -> impl Iterator<Item = &TypeExpr> {
        fields.iter().filter_map(|field| field.ty.as_ref())
    }
    let mut types: Vec<&TypeExpr> = Vec::new();
    for decl in &file.types {
        match &decl.kind {
            TypeDeclKind::Record(declared) => types.extend(fields(declared)),
            TypeDeclKind::Alias(ty) => types.push(ty),
        }
    }
    for aggregate in &file.aggregates {
        types.extend(aggregate.states.iter().map(|state| &state.ty));
        aggregate.commands.iter().for_each(|command| types.extend(fields(&command.fields)));
        aggregate.events.iter().for_each(|event| types.extend(fields(&event.fields)));
        aggregate.queries.iter().for_each(|query| types.extend(fields(&query.fields)));
    }
    file.views.iter().for_each(|view| types.extend(fields(&view.fields)));
    let mut members = HashSet::new();
    while let Some(ty) = types.pop() {
        match &ty.kind {
            TypeExprKind::Enum(names) => members.extend(names.iter().map(|name| &*name.text)),
            TypeExprKind::List(inner) | TypeExprKind::Bag(inner) | TypeExprKind::Optional(inner) => {
                types.push(inner);
            }
            _ => {}
        }
    }
    members
}

/// A `self` outside of all functions that go over the aggregates.
fn outside(expr: &Expr) -> Option<Span> {
    fn each(expr: &Expr) -> Vec<Span> {
        let mut found = Vec::new();
        expr.walk(&mut |expr| {
            if matches!(&expr.kind, ExprKind::Name(name) if &*name.text == "self") {
                found.push(expr.span);
            }
        });
        found
    }
    let mut inside: HashSet<Span> = HashSet::new();
    expr.walk(&mut |expr| {
        if let ExprKind::Fold(fold) = &expr.kind
            && &*fold.binder.text == "self"
        {
            inside.extend(fold.body.iter().flat_map(each));
        }
    });
    each(expr).into_iter().find(|span| !inside.contains(span))
}

struct Checker<'a> {
    contract: &'a Contract,
    names: Names<'a>,
}

impl<'a> Checker<'a> {
    fn scope(&self, aggregate: Option<&'a str>, fields: &'a [FieldDef]) -> Scope<'a> {
        Scope { contract: self.contract, aggregate, fields, bound: None }
    }

    fn aggregate(&mut self, decl: &'a AggregateDecl) {
        let name = &*decl.name.text;
        let contract = self.contract;
        let Some(aggregate) = contract.aggregate(name) else { return };
        let own = self.scope(Some(name), &[]);
        for state in &decl.states {
            self.default(own, &state.name, aggregate.state.field(&state.name.text), state.default.as_ref());
        }
        for command in &decl.commands {
            self.command(aggregate, command);
        }
        for event in &decl.events {
            let def = aggregate.events.iter().find(|def| def.name == event.name.text);
            let scope = self.scope(Some(name), def.map_or(&[], |def| &def.fields));
            self.defaults(&event.fields, def.map_or(&[], |def| &def.fields));
            event.sets.iter().for_each(|set| self.set(scope, aggregate, set));
        }
        for query in &decl.queries {
            let scope =
                self.scope(Some(name), contract.query(&query.name.text).map_or(&[], |def| &def.fields));
            self.defaults(&query.fields, scope.fields);
            query.absent_when.iter().for_each(|when| self.names.condition(scope, when));
            self.shows(scope, query.shows.as_ref());
        }
        for invariant in &decl.invariants {
            self.names.condition(own, &invariant.condition);
        }
    }

    fn command(&mut self, aggregate: &'a AggregateDef, decl: &'a CommandDecl) {
        let contract = self.contract;
        let fields = contract.command(&decl.name.text).map_or(&[][..], |def| &def.fields);
        let scope = self.scope(Some(&aggregate.name), fields);
        self.defaults(&decl.fields, fields);
        for reject in &decl.rejects {
            self.names.condition(scope, &reject.when);
        }
        for emit in &decl.emits {
            self.emit(scope, aggregate, emit);
        }
        decl.sets.iter().for_each(|set| self.set(scope, aggregate, set));
        if let (Some(span), false) = (decl.no_effect, decl.emits.is_empty() && decl.sets.is_empty()) {
            self.names.out.push(|| {
                Diagnostic::error(Code::MISPLACED_CLAUSE, span, "`no effect`, but the command has effects")
                    .advise("delete it, or `emits` and `set`")
            });
        }
    }

    fn defaults(&mut self, fields: &'a [FieldDecl], defs: &[FieldDef]) {
        let scope = self.scope(None, &[]);
        for field in fields {
            let def = defs.iter().find(|def| def.name == field.name.text);
            self.default(scope, &field.name, def, field.default.as_ref());
        }
    }

    fn default(&mut self, scope: Scope<'a>, name: &Ident, def: Option<&FieldDef>, value: Option<&Expr>) {
        let Some(value) = value else { return };
        self.names.expression(scope, value);
        if let Some(def) = def {
            self.names.fits(scope, &format!("`{}`", name.text), &def.ty, value);
        }
    }

    fn emit(&mut self, scope: Scope<'a>, aggregate: &AggregateDef, emit: &'a Emit) {
        if self.names.out.is_full() {
            return;
        }
        emit.fields.iter().for_each(|field| self.names.expression(scope, &field.value));
        let name = &*emit.event.text;
        let Some(event) = aggregate.events.iter().find(|event| &*event.name == name) else {
            if let Some((other, _)) = self.contract.event(name) {
                let message = format!(
                    "`{name}` is an event of `{}`: a command emits those of its own aggregate alone",
                    other.name
                );
                let diagnostic = Diagnostic::error(Code::UNKNOWN_EVENT, emit.event.span, message);
                self.names.out.push(|| {
                    diagnostic.advise("say what the command changes there: `set to.balance = …`, where its field `to` refers to it")
                });
                return;
            }
            let known = did_you_mean(name, aggregate.events.iter().map(|event| &*event.name));
            let message = format!("`{}` has no event `{name}`", aggregate.name);
            let diagnostic = Diagnostic::error(Code::UNKNOWN_EVENT, emit.event.span, message);
            self.names.out.push(|| match known {
                Some(_) => diagnostic.suggest(known),
                None => diagnostic.advise(format!("declare it: `event {name} {{ … }}`")),
            });
            return;
        };
        for field in &emit.fields {
            if let Some(declared) = event.fields.iter().find(|declared| declared.name == field.name.text) {
                self.names.fits(scope, &format!("`{}`", declared.name), &declared.ty, &field.value);
            }
            if !event.fields.iter().any(|declared| declared.name == field.name.text) {
                let known = did_you_mean(&field.name.text, event.fields.iter().map(|field| &*field.name));
                let message = format!("the event `{name}` has no field `{}`", field.name.text);
                let place = field.name.span;
                let diagnostic = Diagnostic::error(Code::UNKNOWN_EVENT_FIELD, place, message);
                self.names.out.push(|| diagnostic.related(event.span, "the event").suggest(known));
            }
        }
        let given = |field: &FieldDef| emit.fields.iter().any(|given| given.name.text == field.name);
        let missing: Vec<String> = event
            .fields
            .iter()
            .filter(|field| field.is_required() && !given(field))
            .map(|field| format!("`{}`", field.name))
            .collect();
        if !missing.is_empty() {
            let message = format!("the event `{name}` needs {}", missing.join(" and "));
            self.names.out.push(|| {
                Diagnostic::error(Code::MISSING_FIELD, emit.span, message)
                    .related(event.span, "the event")
                    .advise(format!("add {} here, or make it optional there", missing.join(", ")))
            });
        }
    }

    /// `set state = …`, or `set to.state = …` where `to` refers to an aggregate.
    fn set(&mut self, scope: Scope<'a>, aggregate: &AggregateDef, set: &'a Set) {
        self.names.expression(scope, &set.value);
        let Some((first, rest)) = set.path.split_first() else { return };
        let reference = scope.fields.iter().find(|field| field.name == first.text).map(|field| &field.ty);
        let mut ty = match reference {
            Some(ty @ Type::Reference(_)) if !rest.is_empty() => ty.clone(),
            _ => {
                let own = Type::Reference(aggregate.name.clone());
                self.names.member(scope, &own, first)
            }
        };
        for name in rest {
            ty = self.names.member(scope, &ty, name);
        }
        let path: Vec<&str> = set.path.iter().map(|name| &*name.text).collect();
        self.names.fits(scope, &format!("`{}`", path.join(".")), &ty, &set.value);
    }

    fn view(&mut self, decl: &'a ViewDecl) {
        let contract = self.contract;
        let def = contract.query(&decl.name.text);
        self.defaults(&decl.fields, def.map_or(&[], |def| &def.fields));
        let of = decl.of.as_ref();
        if let Some(of) = of
            && contract.aggregate(&of.text).is_none()
        {
            let known = did_you_mean(&of.text, contract.aggregates().map(|aggregate| &*aggregate.name));
            let message = format!("there is no aggregate `{}`", of.text);
            self.names.out.push(|| {
                let diagnostic = Diagnostic::error(Code::UNKNOWN_AGGREGATE, of.span, message);
                match known {
                    Some(_) => diagnostic.suggest(known),
                    None => diagnostic.advise(format!("declare it: `aggregate {}`", of.text)),
                }
            });
        }
        let scope = self.scope(of.map(|of| &*of.text), def.map_or(&[], |def| &def.fields));
        let clauses = [&decl.shows, &decl.summarises];
        if let (None, Some(shows)) = (of, clauses.into_iter().flatten().next()) {
            self.names.out.push(|| {
                Diagnostic::error(
                    Code::MISSING,
                    shows.span,
                    format!("`{}` shows aggregates, but does not say which", decl.name.text),
                )
                .related(decl.name.span, "the view")
                .advise("add `of` and the name of an aggregate")
            });
        }
        decl.filter.iter().for_each(|filter| self.names.condition(scope, filter));
        self.shows(scope, decl.shows.as_ref());
        self.summarises(scope, decl.summarises.as_ref());
        self.unjudged(decl);
        if let (Some(ViewOrder::By(field)), Some(shows)) =
            (decl.order.as_ref().map(|order| &order.node), &decl.shows)
        {
            let names = || shows.fields.iter().map(|field| &*field.name.text);
            if !names().any(|name| *name == *field.text) {
                let message = format!("the view does not show `{}`", field.text);
                let diagnostic = Diagnostic::error(Code::UNKNOWN_NAME, field.span, message);
                self.names.out.push(|| diagnostic.suggest(did_you_mean(&field.text, names())));
            }
        }
    }

    /// What can be asked for, but not be held against an answer.
    fn unjudged(&mut self, decl: &'a ViewDecl) {
        if let (Some(span), true) = (decl.total, decl.shows.is_none()) {
            self.names.out.push(|| {
                Diagnostic::error(
                    Code::MISPLACED_CLAUSE,
                    span,
                    "`total` is how many rows there are, and it shows none",
                )
                .advise("leave it out, or say what a row `shows`")
            });
        }
        if let (Some(shows), Some(summary)) = (&decl.shows, &decl.summarises) {
            self.names.out.push(|| {
                Diagnostic::error(
                    Code::MISPLACED_CLAUSE,
                    summary.span,
                    "a view shows rows, or summarises them",
                )
                .related(shows.span, "it shows rows")
                .advise("make it two views")
            });
        }
        let Some(span) = decl.paged else { return };
        let missing: Vec<&str> = ["page", "page_size"]
            .into_iter()
            .filter(|wanted| !decl.fields.iter().any(|field| *field.name.text == **wanted))
            .collect();
        if !missing.is_empty() {
            let message =
                format!("nobody says which page is asked for: there is no `{}`", missing.join("`, no `"));
            self.names.out.push(|| {
                Diagnostic::warning(Code::MISSING, span, message)
                    .related(decl.name.span, "the view")
                    .advise("without it no answer is wrong; add `page: int 1.. = 1, page_size: int 1..100 = 20` to its fields")
            });
        }
    }

    /// A function goes over all aggregates, with `self` as each in turn; `count` alone says how many there are.
    fn summarises(&mut self, scope: Scope<'a>, shows: Option<&'a ShowsDecl>) {
        for field in shows.into_iter().flat_map(|shows| &shows.fields) {
            let ShownValue::Computed(value) = &field.value else { continue };
            let mut value = value.clone();
            over_all(&mut value);
            self.names.expression(scope, &value);
            if let Some(span) = outside(&value) {
                let message = "`self` is each of many here, and this is not about each";
                self.names.out.push(|| {
                    Diagnostic::error(Code::UNKNOWN_NAME, span, message)
                        .advise("say what of all is shown: `count(…)`, `sum(…)`, `any(…)`, `all(…)`, `min(…)` or `max(…)`")
                });
            }
        }
    }

    fn shows(&mut self, scope: Scope<'a>, shows: Option<&'a ShowsDecl>) {
        for field in shows.into_iter().flat_map(|shows| &shows.fields) {
            match &field.value {
                // `items` alone may be short for the state of that name.
                ShownValue::Computed(_)
                    if field.is_shorthand() && scope.state(&field.name.text).is_some() => {}
                ShownValue::Computed(value) => self.names.expression(scope, value),
                ShownValue::Chosen(..) => {}
            }
        }
    }
}
