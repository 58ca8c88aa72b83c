//! Which commands the fields of answers come from.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Matrix;
use super::knowledge::{Context, Halt, Knowledge, Node};
use super::view::View;
use crate::contract::rules::{Expected, Model, Row, Shown, World, fits};
use crate::history::Act;
use crate::protocol::{Query, Seen};
use crate::value::Value;

/// So many commands behind a read are looked at for what the read shows of them: of longer courses, each read would walk the
/// whole again.
const ATTRIBUTED: usize = 256;

/// Works out which commands the fields of answers come from, of answers that are as they must be. What a later command has changed again
/// was not seen.
#[derive(Default)]
pub(super) struct Attribution {
    /// Which command's effect was seen where.
    pub(super) matrix: Matrix,
    /// For each list, up to where the course of each aggregate was looked at that has a row. Lists are read over and over, and most of
    /// their rows are as they were.
    looked_at: HashMap<Arc<str>, HashMap<Value, usize>>,
}

impl Attribution {
    /// Of an answer about one aggregate.
    pub(super) fn one<M: Model>(
        &mut self,
        context: &Context<'_, M>,
        component: &Knowledge<M::State>,
        (query, node): (&Arc<Query>, usize),
    ) -> Result<(), Halt> {
        let shown = |world: &World<M::State>| match context.model.answer(world, query)? {
            Expected::Shows(row) => Ok(Some(row)),
            _ => Ok(None),
        };
        let now = shown(&component.nodes[node].world)?;
        let course = Course { context, component, query, node, until: None };
        course.walk(now, shown, &mut self.matrix)
    }

    /// Of a list. Nothing is said of rows that don't show whose they are, nor of aggregates whose course is open.
    pub(super) fn list<M: Model>(
        &mut self,
        view: &View<'_, M>,
        components: &[Knowledge<M::State>],
    ) -> Result<(), Halt> {
        let rules = view.context.model.interpreted();
        let def = rules.and_then(|rules| rules.contract().query(&view.query.name));
        let id_field = def.and_then(|def| def.id_field.as_deref());
        let (Seen::Found(Value::List(rows)), Some(id_field)) = (&view.answer.seen, id_field) else {
            return Ok(());
        };
        let single = view.single();
        let looked_at = self.looked_at.entry(view.query.name.clone()).or_default();
        for (row, id) in rows.iter().filter_map(|row| Some((row, row.get(id_field)?))) {
            let Some(component) = view.parts.of_id(id).map(|place| &components[place]) else { continue };
            let [only] = component.configurations.as_slice() else { continue };
            let until = looked_at.get(id).copied();
            if until == Some(only.node) {
                continue;
            }
            let shown = |world: &World<M::State>| {
                let mut of_id = world.entries().iter().filter(|entry| entry.id == *id);
                of_id
                    .find_map(|entry| view.alone(entry, &single).map(|mut rows| rows.pop()).transpose())
                    .transpose()
            };
            let now = shown(component.world(only))?;
            if now.as_ref().is_some_and(|now| fits(now, row, view.tolerances())) {
                let course =
                    Course { context: view.context, component, query: view.query, node: only.node, until };
                course.walk(now, shown, &mut self.matrix)?;
                looked_at.insert(id.clone(), only.node);
            }
        }
        Ok(())
    }
}

/// The commands that led to what an answer shows.
struct Course<'a, M: Model> {
    context: &'a Context<'a, M>,
    component: &'a Knowledge<M::State>,
    query: &'a Query,
    /// Where it ends.
    node: usize,
    /// Where it was looked at before.
    until: Option<usize>,
}

impl<M: Model> Course<'_, M> {
    /// Goes back from what is shown `now`. `shown` says what would be in another world.
    fn walk(
        &self,
        now: Option<Row>,
        shown: impl Fn(&World<M::State>) -> Result<Option<Row>, Halt>,
        matrix: &mut Matrix,
    ) -> Result<(), Halt> {
        let (mut at, mut after) = (self.node, now);
        let mut explained: HashSet<Arc<str>> = HashSet::new();
        for _ in 0..ATTRIBUTED {
            let Node { before: Some(before), operation: Some(operation), .. } = self.component.nodes[at]
            else {
                break;
            };
            let earlier = shown(&self.component.nodes[before].world)?;
            if let (Act::Submit { command, .. }, Some(row)) = (self.context.operations.act(operation), &after)
            {
                for (field, value) in row {
                    let was = earlier.as_ref().and_then(|row| row.iter().find(|(name, _)| name == field));
                    if was.is_none_or(|(_, was)| !same(was, value)) {
                        let seen = explained.insert(field.clone());
                        matrix.note(&command.name, &self.query.name, field, seen);
                    }
                }
            }
            if self.until == Some(before) {
                break;
            }
            (at, after) = (before, earlier);
        }
        Ok(())
    }
}

/// Whether a field shows the same; what the service chooses, the commands don't bring about.
fn same(a: &Shown, b: &Shown) -> bool {
    match (a, b) {
        (Shown::Is(a), Shown::Is(b)) => a == b,
        (Shown::Bag(a), Shown::Bag(b)) => a == b,
        (Shown::Chosen(_), Shown::Chosen(_)) => true,
        _ => false,
    }
}
