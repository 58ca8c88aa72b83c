//! A contract as a model: its rules, evaluated.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::answer::page;
use super::law::{complete, constant, lawful};
use super::names::resolve;
use super::{Acceptance, Decision, Effect, Entry, Expected, Law, Met, Model, ModelError, World};
use crate::contract::{Contract, FieldDef, QueryDef, RecordType, Type, over_all};
use crate::language::parse_contract;
use crate::language::syntax::contract::{
    AggregateDecl, CommandDecl, Emit, Invariant, QueryDecl, Set, ShownValue, ShowsDecl, ViewDecl, ViewOrder,
};
use crate::language::syntax::{BinaryOp, CompareOp, Expr, ExprKind};
use crate::protocol::{Command, Outcome, Query};
use crate::text::{Code, Diagnostic, Severity, Source};
use crate::value::{Demand, Precisions, Record, Value};

/// The rules of a contract, ready to be evaluated.
///
/// It does not know idempotency keys or actors: what a retry or a stranger may be told is not in a contract.
#[derive(Clone, Debug)]
pub struct Interpreted {
    pub(super) contract: Contract,
    pub(super) aggregates: Vec<Aggregate>,
    pub(super) commands: HashMap<Arc<str>, CommandRules>,
    pub(super) queries: HashMap<Arc<str>, QueryRules>,
    /// What a target asks of values in fields of these names, beyond their types.
    pub(super) demands: Arc<BTreeMap<Arc<str>, Demand>>,
    /// How finely a target is sent moments, by command.
    pub(super) sent: Arc<BTreeMap<Arc<str>, Precisions>>,
    /// Commands that a target can't be sent for an aggregate that is there.
    pub(super) creations: Arc<BTreeSet<Arc<str>>>,
}

/// An aggregate, what it starts as, and its events.
#[derive(Clone, Debug)]
pub(super) struct Aggregate {
    pub(super) name: Arc<str>,
    pub(super) fields: Arc<RecordType>,
    pub(super) events: HashMap<Arc<str>, EventRules>,
    pub(super) invariants: Vec<Invariant>,
    /// With nothing where its id belongs.
    start: Record,
    /// What the field is called that has its id.
    id: Arc<str>,
    /// When it is not there, as its queries have it.
    pub(super) absent: Vec<Expr>,
    /// Whether some list is in the order in which such aggregates came into being.
    pub(super) aged: bool,
}

#[derive(Clone, Debug)]
pub(super) struct EventRules {
    pub(super) fields: Vec<FieldDef>,
    pub(super) sets: Vec<Set>,
}

#[derive(Clone, Debug)]
pub(super) struct CommandRules {
    /// Its place among the aggregates.
    pub(super) aggregate: usize,
    pub(super) fields: Vec<FieldDef>,
    pub(super) decl: CommandDecl,
}

#[derive(Clone, Debug)]
pub(super) struct QueryRules {
    pub(super) aggregate: usize,
    pub(super) def: QueryDef,
    pub(super) rules: Reading,
}

#[derive(Clone, Debug)]
pub(super) enum Reading {
    One(QueryDecl),
    Many(ViewDecl),
}

impl Aggregate {
    /// What it remembers; what it starts as if nothing has happened to it.
    pub(super) fn state(&self, world: &World<Record>, id: &Value) -> Record {
        if let Some(entry) = world.get(&self.name, id) {
            return entry.state.clone();
        }
        let mut start = self.start.clone();
        start.insert(self.id.clone(), id.clone());
        start
    }
}

impl Interpreted {
    /// The model that the contract in `source` describes, or everything that is wrong with it.
    pub fn read(source: &Source) -> Result<Self, Vec<Diagnostic>> {
        let parsed = parse_contract(source);
        let resolved = Contract::resolve(&parsed.tree);
        let mut diagnostics = parsed.diagnostics;
        diagnostics.extend(resolved.diagnostics);
        if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(diagnostics);
        }
        let (contract, file) = (resolved.contract.with_source(source), parsed.tree);
        let mut model = Self {
            contract: Contract::default(),
            aggregates: Vec::new(),
            commands: HashMap::new(),
            queries: HashMap::new(),
            demands: Arc::default(),
            sent: Arc::default(),
            creations: Arc::default(),
        };
        let mut wrong = Vec::new();
        for decl in file.aggregates {
            model.add(decl, &contract, &mut wrong);
        }
        for mut decl in file.views {
            let of =
                decl.of.as_ref().and_then(|of| model.aggregates.iter().position(|a| *a.name == *of.text));
            if let (Some(def), Some(aggregate)) = (contract.query(&decl.name.text), of) {
                decl.filter.iter_mut().for_each(|filter| resolve(filter, &def.fields, &[]));
                decl.shows.iter_mut().for_each(|shows| shown(shows, &def.fields));
                if let Some(summary) = &mut decl.summarises {
                    summarised(summary);
                    shown(summary, &def.fields);
                }
                let rules = QueryRules { aggregate, def: def.clone(), rules: Reading::Many(decl) };
                model.queries.insert(def.name.clone(), rules);
            }
        }
        for def in contract.commands() {
            defaults(&def.fields, &mut wrong);
        }
        for def in contract.queries() {
            defaults(&def.fields, &mut wrong);
        }
        for event in contract.aggregates().flat_map(|aggregate| &aggregate.events) {
            defaults(&event.fields, &mut wrong);
        }
        model.contract = contract;
        model.follow_ends();
        if wrong.is_empty() { Ok(model) } else { Err(wrong) }
    }

    /// Takes note of when aggregates are gone, and of whose age a list tells.
    fn follow_ends(&mut self) {
        for (at, aggregate) in self.aggregates.iter_mut().enumerate() {
            let own = || self.queries.values().filter(|rules| rules.aggregate == at);
            aggregate.aged = own().any(|rules| match &rules.rules {
                Reading::Many(view) => view.order.as_ref().is_some_and(|order| {
                    matches!(order.node, ViewOrder::NewestFirst | ViewOrder::OldestFirst)
                }),
                Reading::One(_) => false,
            });
            let absent = own().filter_map(|rules| match &rules.rules {
                Reading::One(query) if query.fields.is_empty() => query.absent_when.clone(),
                _ => None,
            });
            aggregate.absent = absent.collect();
        }
    }

    fn add(&mut self, decl: AggregateDecl, contract: &Contract, wrong: &mut Vec<Diagnostic>) {
        let Some(def) = contract.aggregate(&decl.name.text) else { return };
        let aggregate = self.aggregates.len();
        let mut start = start(&def.state, wrong);
        let id: Arc<str> = "id".into();
        start.insert(id.clone(), Value::Null);
        let mut events = HashMap::new();
        for mut event in decl.events {
            let fields = def.events.iter().find(|def| def.name == event.name.text);
            let fields = fields.map(|def| def.fields.clone()).unwrap_or_default();
            event.sets.iter_mut().for_each(|set| resolve(&mut set.value, &fields, &[]));
            events.insert(event.name.text, EventRules { fields, sets: event.sets });
        }
        let mut invariants = decl.invariants;
        for invariant in &mut invariants {
            resolve(&mut invariant.condition, &[], &[]);
        }
        for mut command in decl.commands {
            let Some(def) = contract.command(&command.name.text) else { continue };
            let fields = def.fields.clone();
            command.rejects.iter_mut().for_each(|reject| resolve(&mut reject.when, &fields, &[]));
            command.sets.iter_mut().for_each(|set| resolve(&mut set.value, &fields, &[]));
            command.emits.iter_mut().for_each(|emit| emitted(emit, &fields));
            self.commands.insert(def.name.clone(), CommandRules { aggregate, fields, decl: command });
        }
        for mut query in decl.queries {
            let Some(def) = contract.query(&query.name.text) else { continue };
            query.absent_when.iter_mut().for_each(|when| resolve(when, &def.fields, &[]));
            query.shows.iter_mut().for_each(|shows| shown(shows, &def.fields));
            let rules = QueryRules { aggregate, def: def.clone(), rules: Reading::One(query) };
            self.queries.insert(def.name.clone(), rules);
        }
        let fields = def.state.clone();
        self.aggregates.push(Aggregate {
            name: def.name.clone(),
            fields,
            events,
            invariants,
            start,
            id,
            absent: Vec::new(),
            aged: false,
        });
    }
}

impl Interpreted {
    /// The states of aggregates that a view's filter holds against this field of it: `owner` for `who` in `self.owner == who`.
    pub(crate) fn states_asked_for(&self, view: &str, field: &str) -> Vec<Arc<str>> {
        match self.queries.get(view).map(|rules| &rules.rules) {
            Some(Reading::Many(ViewDecl { filter: Some(filter), .. })) => {
                let own = demanded(filter).into_iter().filter(|(_, asked)| &***asked == field);
                own.map(|(state, _)| state.clone()).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Model for Interpreted {
    type State = Record;

    fn decide(&self, world: &World<Record>, command: &Command) -> Result<Vec<Decision<Record>>, ModelError> {
        self.outcomes(world, command)
    }

    fn answer(&self, world: &World<Record>, query: &Query) -> Result<Expected, ModelError> {
        self.expected(world, query)
    }

    fn unrefused(
        &self,
        world: &World<Record>,
        command: &Command,
    ) -> Result<Option<Acceptance<Record>>, ModelError> {
        self.effect(world, command)
    }

    fn met(
        &self,
        before: &World<Record>,
        command: &Command,
        outcome: &Outcome,
        _after: &World<Record>,
    ) -> Option<Met> {
        self.reasons(before, command, outcome)
    }

    fn is_of_own(&self, query: &Query, is_own: &dyn Fn(&Value) -> bool) -> bool {
        match self.queries.get(&*query.name).map(|rules| &rules.rules) {
            Some(Reading::Many(ViewDecl { filter: Some(filter), .. })) => {
                demanded(filter).iter().any(|(_, field)| query.fields.get(field).is_some_and(is_own))
            }
            _ => false,
        }
    }

    fn interpreted(&self) -> Option<&Interpreted> {
        Some(self)
    }

    fn effects(&self) -> Vec<Effect> {
        self.shown_effects()
    }

    fn holds_all_below(&self, query: &Query) -> Option<usize> {
        let rules = self.queries.get(&*query.name)?;
        let Reading::Many(decl) = &rules.rules else { return None };
        if decl.paged.is_none() {
            return Some(usize::MAX);
        }
        let [number, size] = page(&complete(&rules.def.fields, query.fields.clone()))?;
        (number <= 1).then_some(size)
    }

    /// The aggregate's states that are enums, in the order of the contract.
    fn kind_of(&self, entry: &Entry<Record>) -> Option<String> {
        let aggregate = self.aggregates.iter().find(|aggregate| aggregate.name == entry.aggregate)?;
        let states = aggregate.fields.fields.iter().filter(|field| matches!(field.ty, Type::Enum(_)));
        let words: Vec<&str> =
            states.filter_map(|field| entry.state.get(&field.name).and_then(Value::as_text)).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// What a filter lets through alone, as states that equal fields of the query: of `self.owner == who and …` owner and who.
fn demanded(mut filter: &Expr) -> Vec<(&Arc<str>, &Arc<str>)> {
    let mut all = Vec::new();
    // Chains of operators lean to the left.
    while let ExprKind::Binary(BinaryOp::And, left, right) = &filter.kind {
        all.extend(equal(right));
        filter = left;
    }
    all.extend(equal(filter));
    all
}

/// A state and the field of the query that it has to equal, either way round.
fn equal(expr: &Expr) -> Option<(&Arc<str>, &Arc<str>)> {
    let ExprKind::Binary(BinaryOp::Compare(CompareOp::Equal), left, right) = &expr.kind else { return None };
    let held = |state: &'_ Expr| match &state.kind {
        ExprKind::Field(base, _) => matches!(&base.kind, ExprKind::Name(name) if &*name.text == "self"),
        _ => false,
    };
    let (own, other) = if held(left) { (left, right) } else { (right, left) };
    match (&own.kind, &other.kind) {
        (ExprKind::Field(_, state), ExprKind::Name(field)) if held(own) => Some((&state.text, &field.text)),
        _ => None,
    }
}

fn emitted(emit: &mut Emit, fields: &[FieldDef]) {
    emit.fields.iter_mut().for_each(|field| resolve(&mut field.value, fields, &[]));
}

fn summarised(shows: &mut ShowsDecl) {
    for field in &mut shows.fields {
        if let ShownValue::Computed(value) = &mut field.value {
            over_all(value);
        }
    }
}

/// A field that is left out is no less held to the law.
fn defaults<'a>(fields: impl IntoIterator<Item = &'a FieldDef>, wrong: &mut Vec<Diagnostic>) {
    for field in fields {
        let value = field.default.as_ref().and_then(constant);
        if let Some(Law::Unlawful(why)) = value.map(|value| lawful(&field.ty, &value)) {
            let message = format!("`{}` can't be left out like this: {why}", field.name);
            let span = field.default.as_ref().map_or(field.span, |default| default.span);
            wrong.push(
                Diagnostic::error(Code::WRONG_TYPE, span, message)
                    .advise("write a value that its own type takes"),
            );
        }
    }
}

fn shown(shows: &mut ShowsDecl, fields: &[FieldDef]) {
    for field in &mut shows.fields {
        if let ShownValue::Computed(value) = &mut field.value {
            resolve(value, fields, &[]);
        }
    }
}

/// What an aggregate starts as, but for its id.
fn start(states: &RecordType, wrong: &mut Vec<Diagnostic>) -> Record {
    let mut start = Record::new();
    for state in states.fields.iter().filter(|state| &*state.name != "id") {
        let value = match (&state.default, &state.ty) {
            (Some(default), _) => constant(default),
            (None, Type::Enum(members)) => members.first().map(|member| Value::Text(member.clone())),
            (None, Type::Optional(_)) => Some(Value::Null),
            (None, _) => None,
        };
        match value {
            Some(value) => {
                if let Law::Unlawful(why) = lawful(&state.ty, &value) {
                    let message = format!("`{}` can't start like this: {why}", state.name);
                    wrong.push(Diagnostic::error(Code::WRONG_TYPE, state.span, message));
                }
                start.insert(state.name.clone(), value);
            }
            None => wrong.push(
                Diagnostic::error(
                    Code::MISSING,
                    state.span,
                    format!("nobody says what `{}` starts as", state.name),
                )
                .advise("write a value behind `=`, or make it optional: `T?`"),
            ),
        }
    }
    start
}
