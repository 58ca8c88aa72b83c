use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::chance::Draw;
use crate::expr::{EvalError, Scope};
use crate::text::Span;
use crate::value::Value;

/// The variables of one scenario, and its draw of unique values.
#[derive(Debug)]
pub(super) struct Names {
    variables: Vec<(Arc<str>, Value)>,
    index: HashMap<Arc<str>, usize>,
    draw: RefCell<Draw>,
}

impl Names {
    pub(super) fn new(draw: Draw) -> Self {
        Self { variables: Vec::new(), index: HashMap::new(), draw: RefCell::new(draw) }
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

    /// An id for the next command.
    pub(super) fn command_id(&mut self) -> Arc<str> {
        self.draw.get_mut().command_id()
    }
}

impl Scope for Names {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.index.get(name).map(|index| Cow::Borrowed(&self.variables[*index].1))
    }

    fn unique(&self, prefix: &str, _: Span) -> Result<Value, EvalError> {
        Ok(self.draw.borrow_mut().unique(prefix))
    }

    fn fresh(&self, aggregate: &str, _: Span) -> Result<Value, EvalError> {
        Ok(self.draw.borrow_mut().id(aggregate))
    }
}
