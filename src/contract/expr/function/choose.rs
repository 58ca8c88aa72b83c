//! `filter`, `map`, `min`, `max`, `distinct`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::ControlFlow;

use super::super::EvalError;
use super::super::operator::{no_order, truth};
use super::elements::Elements;
use crate::text::Code;
use crate::value::Value;

pub(super) fn filter(elements: &Elements<'_>) -> Result<Value, EvalError> {
    let mut kept = Vec::new();
    elements.each(|element, value| {
        if truth(&value, "what `filter` asks", elements.at)? {
            kept.push(elements.own(Cow::Borrowed(element))?);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Value::List(kept))
}

pub(super) fn map(elements: &Elements<'_>) -> Result<Value, EvalError> {
    let mut mapped = Vec::with_capacity(elements.len());
    elements.each(|_, value| {
        mapped.push(elements.own(value)?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Value::List(mapped))
}

pub(super) fn min(elements: &Elements<'_>) -> Result<Value, EvalError> {
    extreme(elements, Ordering::Less, "min")
}

pub(super) fn max(elements: &Elements<'_>) -> Result<Value, EvalError> {
    extreme(elements, Ordering::Greater, "max")
}

/// The first value that no other is `better` than.
fn extreme(elements: &Elements<'_>, better: Ordering, name: &str) -> Result<Value, EvalError> {
    let mut best: Option<Value> = None;
    elements.each(|_, value| {
        let replaces = match &best {
            // Alone it must be of a kind that has an order, too.
            None => value.order(&value).map(|_| true),
            Some(best) => value.order(best).map(|order| order == better),
        };
        match replaces {
            Some(true) => best = Some(elements.own(value)?),
            Some(false) => {}
            None => return Err(no_order(best.as_ref().unwrap_or(&value), &value, elements.at)),
        }
        Ok(ControlFlow::Continue(()))
    })?;
    best.ok_or_else(|| {
        EvalError::new(Code::NOT_THERE, elements.span, format!("`{name}` of an empty list is nothing"))
            .fix("ask `count` first: `if count(list) > 0 then … else …`")
    })
}

pub(super) fn distinct(elements: &Elements<'_>) -> Result<Value, EvalError> {
    let (mut seen, mut kept) = (HashSet::new(), Vec::new());
    elements.each(|_, value| {
        // Hashing goes through all of it.
        elements.pay_for(&value)?;
        if !seen.contains(&*value) {
            let value = elements.own(value)?;
            seen.insert(value.clone());
            kept.push(value);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Value::List(kept))
}
