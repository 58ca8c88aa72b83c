use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::lane::Lane;
use crate::contract::expr::{EvalError, Scope};
use crate::protocol::{IdForm, Promises};
use crate::scenario::Uniques;
use crate::text::{Code, Span};
use crate::value::{Demand, Need, Value};

/// The variables of one scenario.
#[derive(Debug)]
pub(super) struct Names {
    variables: Vec<(Arc<str>, Value)>,
    index: HashMap<Arc<str>, usize>,
    /// What drawn values are used for.
    uniques: Uniques,
    /// What the target can take.
    promises: Arc<Promises>,
}

/// The same, and what their lane draws.
pub(super) struct InLane<'a> {
    names: &'a Names,
    lane: &'a Lane,
}

impl Names {
    pub(super) fn new(uniques: Uniques, promises: Arc<Promises>) -> Self {
        Self { variables: Vec::new(), index: HashMap::new(), uniques, promises }
    }

    pub(super) fn in_lane<'a>(&'a self, lane: &'a Lane) -> InLane<'a> {
        InLane { names: self, lane }
    }

    /// What the contract and the target ask of the value that is drawn at a place.
    fn need(&self, span: Span) -> Result<Need, EvalError> {
        let Some(known) = self.uniques.of(span) else { return Ok(Need::default()) };
        let mut all = known.demand.clone();
        let key = (known.is_key && self.promises.keys == IdForm::Uuid).then_some(Demand::Uuid);
        let fields = known.fields.iter();
        let fields = fields.filter_map(|field| Some((&**field, self.promises.demands.get(field)?)));
        for (field, demand) in fields.chain(key.as_ref().map(|key| ("the idempotency key", key))) {
            let both = match &all {
                Some(all) => all.and(demand),
                None => Some(demand.clone()),
            };
            let Some(both) = both else {
                let message =
                    format!("the target takes no value in `{field}` that fits all that this one is used for");
                let fix = "draw a value for each field, or mend [generate] in the profile";
                return Err(EvalError::new(Code::CANNOT_DRAW, span, message).fix(fix));
            };
            all = Some(both);
        }
        Ok(Need { demand: all, prose: known.is_prose && !known.is_key })
    }

    /// Gives a value a name. Planning has seen to it that the name is new.
    pub(super) fn set(&mut self, name: Arc<str>, value: Value) {
        self.index.insert(name.clone(), self.variables.len());
        self.variables.push((name, value));
    }

    /// All variables with their values, in the order they were named.
    pub(super) fn into_variables(self) -> Vec<(Arc<str>, Value)> {
        self.variables
    }
}

impl InLane<'_> {
    /// A value of that kind, which this scenario has not drawn before.
    fn fitting(&self, need: &Need, prefix: &str, span: Span) -> Result<Value, EvalError> {
        self.lane.drawing().needed(need, prefix).ok_or_else(|| {
            let count = need.demand.as_ref().map_or(0, Demand::count);
            let message = format!("too few values fit here for another one: there are {count}");
            EvalError::new(Code::CANNOT_DRAW, span, message)
        })
    }
}

impl Scope for InLane<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        let names = self.names;
        names.index.get(name).map(|index| Cow::Borrowed(&names.variables[*index].1))
    }

    fn unique(&self, prefix: &str, span: Span) -> Result<Value, EvalError> {
        let need = self.names.need(span)?;
        if !need.is_free() {
            return self.fitting(&need, prefix, span);
        }
        Ok(self.lane.drawing().unique(prefix))
    }

    fn fresh(&self, aggregate: &str, span: Span) -> Result<Value, EvalError> {
        let need = self.names.need(span)?;
        if !need.is_free() {
            return self.fitting(&need, &aggregate.to_lowercase(), span);
        }
        Ok(self.lane.drawing().id(aggregate))
    }
}
