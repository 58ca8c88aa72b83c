//! What a query must answer.

use std::cmp::Ordering;
use std::ops::Range;

use super::interpreted::{Interpreted, QueryRules, Reading};
use super::law::{complete, fields};
use super::names::Names;
use super::{Expected, Law, ModelError, Row, Rows, Shown, World};
use crate::contract::expr::{Scope, eval, holds};
use crate::contract::{QueryDef, Type};
use crate::language::syntax::contract::{QueryDecl, ShownField, ShownValue, ShowsDecl, ViewDecl, ViewOrder};
use crate::protocol::Query;
use crate::value::{Record, Value};

impl Interpreted {
    pub(super) fn expected(&self, world: &World<Record>, query: &Query) -> Result<Expected, ModelError> {
        let unknown = || ModelError::UnknownMessage { kind: "query", name: query.name.to_string() };
        let rules = self.queries.get(&*query.name).ok_or_else(unknown)?;
        match fields(&rules.def.fields, &query.fields) {
            Law::Unlawful(_) => return Ok(Expected::Malformed),
            Law::Doubtful => return Ok(Expected::Anything),
            Law::Lawful => {}
        }
        let given = complete(&rules.def.fields, query.fields.clone());
        match (&rules.rules, &query.on) {
            (Reading::One(_), None) => Ok(Expected::Malformed),
            (Reading::One(decl), Some(on)) => {
                let own = Value::Record(self.aggregates[rules.aggregate].state(world, on));
                one(decl, rules, &self.names(Some(&own), &given, &rules.def.fields, world))
            }
            (Reading::Many(decl), _) => self.many(decl, rules, world, &given),
        }
    }

    fn many(
        &self,
        decl: &ViewDecl,
        rules: &QueryRules,
        world: &World<Record>,
        given: &Record,
    ) -> Result<Expected, ModelError> {
        let aggregate = &self.aggregates[rules.aggregate];
        let mut of = Vec::new();
        for entry in world.entries().iter().filter(|entry| entry.aggregate == aggregate.name) {
            let own = Value::Record(entry.state.clone());
            let names = self.names(Some(&own), given, &rules.def.fields, world);
            if decl.filter.as_ref().map_or(Ok(true), |filter| holds(filter, &names))? {
                of.push(own);
            }
        }
        match (&decl.shows, &decl.summarises) {
            (Some(shows), _) => self.listed(decl, (rules, shows), world, given, &of),
            (None, Some(summary)) => {
                let all = Value::List(of);
                let names = Names { all: Some(&all), ..self.names(None, given, &rules.def.fields, world) };
                row(summary, rules, &names).map(Expected::Shows)
            }
            (None, None) => Ok(Expected::Anything),
        }
    }

    fn listed(
        &self,
        decl: &ViewDecl,
        (rules, shows): (&QueryRules, &ShowsDecl),
        world: &World<Record>,
        given: &Record,
        of: &[Value],
    ) -> Result<Expected, ModelError> {
        let row = |own| row(shows, rules, &self.names(Some(own), given, &rules.def.fields, world));
        let mut rows = of.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let ordered = match decl.order.as_ref().map(|order| &order.node) {
            Some(ViewOrder::OldestFirst) => true,
            Some(ViewOrder::NewestFirst) => {
                rows.reverse();
                true
            }
            Some(ViewOrder::By(field)) => sort(&mut rows, &field.text),
            Some(ViewOrder::Unordered) | None => false,
        };
        let total = decl.total.map(|_| rows.len());
        let mut page = 0..rows.len();
        if decl.paged.is_some() {
            let Some(asked) = rows_of(given) else { return Ok(Expected::Anything) };
            page = asked.start.min(rows.len())..asked.end.min(rows.len());
        }
        let count = page.len();
        if ordered {
            rows = rows.drain(page).collect();
        }
        Ok(Expected::Rows(Rows { rows, count, unordered: !ordered, total }))
    }
}

/// Which rows of a `paged` view are asked for with these fields, the first being 0; all of them where the view doesn't say which. Nothing
/// where no such page can be asked for by the contract.
pub fn page_rows(def: &QueryDef, given: &Record) -> Option<Range<usize>> {
    if let Law::Unlawful(_) = fields(&def.fields, given) {
        return None;
    }
    Some(rows_of(&complete(&def.fields, given.clone())).unwrap_or(0..usize::MAX))
}

fn rows_of(given: &Record) -> Option<Range<usize>> {
    let [number, size] = page(given)?;
    let start = number.saturating_sub(1).saturating_mul(size);
    Some(start..start.saturating_add(size))
}

/// Which page is asked for, counted from 1, and how many rows are on it at most.
pub(super) fn page(given: &Record) -> Option<[usize; 2]> {
    let whole = |name| {
        let number = given.get(name).and_then(Value::as_number).and_then(crate::value::Number::to_u64)?;
        Some(usize::try_from(number).unwrap_or(usize::MAX))
    };
    Some([whole("page")?, whole("page_size")?])
}

fn one(decl: &QueryDecl, rules: &QueryRules, names: &Names<'_>) -> Result<Expected, ModelError> {
    if let Some(when) = &decl.absent_when
        && holds(when, names)?
    {
        return Ok(Expected::Absent);
    }
    match &decl.shows {
        Some(shows) => row(shows, rules, names).map(Expected::Shows),
        None => Ok(Expected::Anything),
    }
}

fn row(shows: &ShowsDecl, rules: &QueryRules, names: &Names<'_>) -> Result<Row, ModelError> {
    let mut row = Row::new();
    for (at, field) in shows.fields.iter().enumerate() {
        let ty =
            rules.def.shows.as_ref().and_then(|shows| shows.get(at)).map_or(&Type::Unknown, |def| &def.ty);
        let value = match &field.value {
            ShownValue::Chosen(..) => Shown::Chosen(ty.clone()),
            ShownValue::Computed(value) => match (short(field, names), ty) {
                (Some(value), Type::Bag(_)) => bag(value),
                (Some(value), _) => Shown::Is(value),
                (None, Type::Bag(_)) => bag(eval(value, names)?),
                (None, _) => Shown::Is(eval(value, names)?),
            },
        };
        row.push((field.name.text.clone(), value));
    }
    Ok(row)
}

/// `items` alone: the query's field of that name, or else the aggregate's state.
fn short(field: &ShownField, names: &Names<'_>) -> Option<Value> {
    let name = &*field.name.text;
    if !field.is_shorthand() || names.declared.iter().any(|declared| *declared.name == *name) {
        return None;
    }
    names.name("self")?.get(name).cloned()
}

fn bag(value: Value) -> Shown {
    match value {
        Value::List(elements) => Shown::Bag(elements),
        other => Shown::Is(other),
    }
}

/// Sorts by what is shown as `field`. Returns whether that leaves one order only; rows that tie may come either way.
fn sort(rows: &mut [Row], field: &str) -> bool {
    fn key<'a>(row: &'a Row, field: &str) -> Option<&'a Value> {
        match row.iter().find(|(name, _)| **name == *field) {
            Some((_, Shown::Is(value))) => Some(value),
            _ => None,
        }
    }
    let order = |a: &Row, b: &Row| key(a, field).and_then(|a| a.order(key(b, field)?));
    rows.sort_by(|a, b| order(a, b).unwrap_or(Ordering::Equal));
    rows.windows(2).all(|pair| order(&pair[0], &pair[1]) == Some(Ordering::Less))
}
