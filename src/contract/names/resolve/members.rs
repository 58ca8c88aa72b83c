//! What events carry, and what queries and views show.

use std::collections::HashMap;
use std::sync::Arc;

use super::types::Types;
use crate::contract::names::infer::{Scope, shown};
use crate::contract::{Contract, EventDef, FieldDef, QueryDef, RecordType, Type, over_all};
use crate::language::syntax::contract::{AggregateDecl, ShownValue, ShowsDecl, ViewDecl};
use crate::language::syntax::{ContractFile, Expr, ExprKind};

/// The events of each aggregate. A field without a type has that of what it is emitted with, or else of the state of
/// its name.
pub(super) fn events<'a>(
    contract: &Contract,
    file: &'a ContractFile,
    types: &mut Types<'a>,
) -> Vec<(&'a str, Vec<EventDef>)> {
    let mut all = Vec::new();
    for aggregate in &file.aggregates {
        let emitted = emitted(contract, aggregate);
        let state = contract.aggregate(&aggregate.name.text).map(|aggregate| &aggregate.state);
        let mut events = Vec::new();
        for event in &aggregate.events {
            let mut fields = types.fields(&event.fields);
            for (field, decl) in fields.iter_mut().zip(&event.fields) {
                if decl.ty.is_none() {
                    let own = state.and_then(|state| state.field(&field.name)).map(|state| &state.ty);
                    let given = emitted.get(&(&*event.name.text, &*decl.name.text));
                    field.ty = given.or(own).cloned().unwrap_or(Type::Unknown);
                }
            }
            events.push(EventDef { name: event.name.text.clone(), fields, span: event.name.span });
        }
        all.push((&*aggregate.name.text, events));
    }
    all
}

/// The types of what is emitted, by event and field.
fn emitted<'a>(contract: &Contract, aggregate: &'a AggregateDecl) -> HashMap<(&'a str, &'a str), Type> {
    let mut types: HashMap<(&str, &str), Type> = HashMap::new();
    for command in &aggregate.commands {
        let fields = contract.command(&command.name.text).map_or(&[][..], |command| &command.fields);
        let scope = Scope { contract, aggregate: Some(&aggregate.name.text), fields, bound: None };
        for emit in &command.emits {
            for field in &emit.fields {
                let ty = scope.infer(&field.value);
                let key = (&*emit.event.text, &*field.name.text);
                let ty = match types.remove(&key) {
                    Some(other) => other.join(ty),
                    None => ty,
                };
                types.insert(key, ty);
            }
        }
    }
    types
}

/// All queries, and then all views.
pub(super) fn queries<'a>(
    contract: &Contract,
    file: &'a ContractFile,
    types: &mut Types<'a>,
) -> Vec<QueryDef> {
    let mut all = Vec::new();
    for aggregate in &file.aggregates {
        for query in &aggregate.queries {
            let fields = types.fields(&query.fields);
            let scope =
                Scope { contract, aggregate: Some(&aggregate.name.text), fields: &fields, bound: None };
            let shows = query.shows.as_ref().map(|shows| shown_fields(scope, shows, types));
            let answer = shows.as_ref().map_or(Type::Unknown, |shows| record(shows));
            all.push(QueryDef {
                name: query.name.text.clone(),
                aggregate: Some(aggregate.name.text.clone()),
                fields,
                shows,
                answer,
                is_view: false,
                id_field: query.shows.as_ref().and_then(id_field),
                paged: false,
                total: false,
                span: query.name.span,
            });
        }
    }
    all.extend(file.views.iter().map(|decl| view(contract, decl, types)));
    all
}

fn view<'a>(contract: &Contract, decl: &'a ViewDecl, types: &mut Types<'a>) -> QueryDef {
    let fields = types.fields(&decl.fields);
    let aggregate = decl.of.as_ref().map(|of| &*of.text);
    let scope = Scope { contract, aggregate, fields: &fields, bound: None };
    let rows = decl.shows.as_ref().map(|shows| shown_fields(scope, shows, types));
    let summary = decl.summarises.as_ref().map(|shows| summary(scope, shows, types));
    let answer = match (&rows, &summary) {
        (Some(rows), None) => Type::List(Arc::new(record(rows))),
        (None, Some(summary)) => record(summary),
        _ => Type::Unknown,
    };
    QueryDef {
        name: decl.name.text.clone(),
        aggregate: None,
        fields,
        shows: rows.or(summary),
        answer,
        is_view: true,
        id_field: decl.shows.as_ref().and_then(id_field),
        paged: decl.paged.is_some(),
        total: decl.total.is_some(),
        span: decl.name.span,
    }
}

/// What is summarised, each a function over all aggregates.
fn summary<'a>(scope: Scope<'_>, shows: &'a ShowsDecl, types: &mut Types<'a>) -> Vec<FieldDef> {
    let fields = shows.fields.iter().map(|field| {
        let (ty, lasts) = match &field.value {
            ShownValue::Computed(value) => {
                let mut value = value.clone();
                over_all(&mut value);
                (scope.infer(&value), None)
            }
            ShownValue::Chosen(ty, lasts) => (types.resolve(ty), Some(*lasts)),
        };
        FieldDef {
            chosen: lasts.is_some(),
            lasts: lasts.unwrap_or_default(),
            ..shown(&field.name.text, ty, field.name.span)
        }
    });
    fields.collect()
}

/// The field that shows the aggregate's own id: `order: self.id`.
fn id_field(shows: &ShowsDecl) -> Option<Arc<str>> {
    let is_id = |value: &Expr| match &value.kind {
        ExprKind::Field(base, field) => {
            matches!(&base.kind, ExprKind::Name(name) if *name.text == *"self") && *field.text == *"id"
        }
        _ => false,
    };
    let mut fields = shows.fields.iter();
    let found = fields.find(|field| matches!(&field.value, ShownValue::Computed(value) if is_id(value)));
    found.map(|field| field.name.text.clone())
}

fn shown_fields<'a>(scope: Scope<'_>, shows: &'a ShowsDecl, types: &mut Types<'a>) -> Vec<FieldDef> {
    let fields = shows.fields.iter().map(|field| {
        let (ty, lasts) = match &field.value {
            ShownValue::Computed(value) => {
                let own = scope.state(&field.name.text).filter(|_| field.is_shorthand());
                let given = scope.fields.iter().any(|given| given.name == field.name.text);
                (own.filter(|_| !given).cloned().unwrap_or_else(|| scope.infer(value)), None)
            }
            ShownValue::Chosen(ty, lasts) => (types.resolve(ty), Some(*lasts)),
        };
        FieldDef {
            chosen: lasts.is_some(),
            lasts: lasts.unwrap_or_default(),
            ..shown(&field.name.text, ty, field.name.span)
        }
    });
    fields.collect()
}

fn record(fields: &[FieldDef]) -> Type {
    Type::Record(Arc::new(RecordType { name: None, fields: fields.to_vec(), open: true }))
}
