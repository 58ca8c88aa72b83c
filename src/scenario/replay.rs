//! A scenario as a sequence: the way back of [`script`](super::script).

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::matcher::{Bound, bind};
use super::{Action, Block, Expects, Plan};
use crate::contract::expr::{EvalError, Scope, eval};
use crate::language::syntax::{Assertion, CommandCall, Expr, ExprKind, FieldExpr, QueryCall, Role, Shows};
use crate::protocol::{Command, Expected, Query, Told, Version};
use crate::step::{Binding, Draw, Sequence, Step, Submit};
use crate::text::Span;
use crate::value::{Name, Record, Value};

/// What a scenario sends and asks, and what it expects.
#[derive(Debug)]
pub struct Replay {
    /// What is sent and asked, in order.
    pub sequence: Sequence,
    /// For each step, what is expected of it.
    pub(super) wants: Vec<Want>,
    /// What must not be shown, and behind which steps.
    pub(super) watches: Vec<(Range<usize>, Query, Looks)>,
}

/// What is expected of a step.
#[derive(Debug)]
pub(super) enum Want {
    /// Nothing.
    Nothing,
    /// It is accepted.
    Accepted(Span),
    /// It is refused with one of these codes; with none, for any reason.
    Rejected(Vec<Arc<str>>, Span),
    /// The answer looks like this.
    Looks(Looks),
}

/// What an answer must look like.
#[derive(Debug)]
pub(super) struct Looks {
    /// How; without it, the thing must be absent.
    pub(super) matcher: Option<Bound>,
    /// Whether that is about the total.
    pub(super) total: bool,
    /// Where it is written.
    pub(super) span: Span,
}

/// The scenario as a sequence; nothing where it does what no sequence can: races, events that are made to happen, actors, polls, values that are
/// kept of answers, but for versions.
pub fn replay(plan: &Plan) -> Option<Replay> {
    let mut reader = Reader::default();
    for block in &plan.blocks {
        reader.block(block)?;
    }
    let Reader { scope, steps, wants, watches, .. } = reader;
    let names = scope.bindings.into_inner();
    Some(Replay { sequence: Sequence { names, steps }, wants, watches })
}

/// What no sequence can do.
struct Beyond;

/// Names instead of drawn values.
#[derive(Default)]
struct Named {
    bindings: RefCell<Vec<Binding>>,
    variables: HashMap<Arc<str>, Value>,
}

impl Named {
    fn draw(&self, stem: &str, draw: Draw) -> Value {
        let mut bindings = self.bindings.borrow_mut();
        let mut number = 1;
        let name = loop {
            let name = Name::new(format!("{}{number}", stem.trim_end_matches(|c: char| c.is_ascii_digit())));
            if !bindings.iter().any(|known| known.name == name) {
                break name;
            }
            number += 1;
        };
        bindings.push(Binding { name: name.clone(), draw });
        Value::Name(name)
    }
}

impl Scope for Named {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        self.variables.get(name).map(Cow::Borrowed)
    }

    fn unique(&self, prefix: &str, _: Span) -> Result<Value, EvalError> {
        Ok(self.draw(prefix, Draw::Unique(prefix.into())))
    }

    fn fresh(&self, aggregate: &str, _: Span) -> Result<Value, EvalError> {
        Ok(self.draw(&aggregate.to_lowercase(), Draw::New(aggregate.into())))
    }
}

#[derive(Default)]
struct Reader {
    scope: Named,
    steps: Vec<Step>,
    wants: Vec<Want>,
    watches: Vec<(Range<usize>, Query, Looks)>,
    /// The place of the last command.
    last: Option<usize>,
    /// For each variable that keeps a version, the place of the step that told it.
    versions: HashMap<Arc<str>, usize>,
}

impl Reader {
    fn block(&mut self, block: &Block) -> Option<()> {
        let mut armed = self.steps.len();
        for (at, step) in block.steps.iter().enumerate() {
            if step.condition.is_some() {
                return None;
            }
            if at == block.arm {
                armed = self.steps.len();
            }
            let want = match step.expects {
                Expects::Setup | Expects::Accepted => Want::Accepted(step.span),
                Expects::Retried | Expects::Said => Want::Nothing,
            };
            match &*step.action {
                Action::Let { name, value } => {
                    let value = eval(value, &self.scope).ok()?;
                    self.scope.variables.insert(name.clone(), value);
                }
                Action::Submit(call) => self.command(call, want)?,
                Action::Resubmit => {
                    let last = self.steps.get(self.last?)?.clone();
                    self.last = Some(self.push(last, want));
                }
                Action::Accepted => *self.wants.get_mut(self.last?)? = Want::Accepted(step.span),
                Action::Rejected { codes, details: None } => {
                    let codes = codes.iter().map(|code| Arc::from(&*code.text)).collect();
                    *self.wants.get_mut(self.last?)? = Want::Rejected(codes, step.span);
                }
                Action::AnyOutcome | Action::SameOutcome => {}
                Action::Read(assertion) => {
                    let query = self.query(&assertion.query)?;
                    let looks = self.looks(assertion, step.span).ok()?;
                    let want = looks.filter(|_| step.role != Role::Given).map_or(Want::Nothing, Want::Looks);
                    self.push(Step::Ask(query), want);
                }
                Action::Settled { .. } => drop(self.push(Step::Settle, Want::Nothing)),
                _ => return None,
            }
        }
        for watch in &block.watches {
            let query = self.query(&watch.assertion.query)?;
            let looks = self.looks(&watch.assertion, watch.span).ok()??;
            self.push(Step::Ask(query.clone()), Want::Nothing);
            self.watches.push((armed..self.steps.len(), query, looks));
        }
        Some(())
    }

    fn push(&mut self, step: Step, want: Want) -> usize {
        self.steps.push(step);
        self.wants.push(want);
        self.steps.len() - 1
    }

    fn command(&mut self, call: &CommandCall, want: Want) -> Option<()> {
        let keeps_version = call.captures.iter().all(|capture| *capture.path.node == *"version");
        if call.actor.is_some() || !keeps_version {
            return None;
        }
        let (key, text) = match call.key.as_ref().map(|key| eval(key, &self.scope)) {
            None => (None, None),
            Some(Ok(Value::Name(name))) => (Some(name), None),
            Some(Ok(Value::Text(text))) => (None, Some(text)),
            Some(_) => return None,
        };
        let on = self.optional(call.on.as_ref()).ok()?;
        let (demands, expected) = match call.version.as_ref() {
            None => (None, Expected::Any),
            Some(version) => self.version(version, on.as_ref())?,
        };
        let command = Command {
            name: Arc::from(&*call.name.text),
            on,
            fields: self.fields(&call.fields)?,
            key: text,
            expected,
            id: "".into(),
        };
        let at = self.push(Step::Submit(Submit { command, key, demands }), want);
        self.last = Some(at);
        for capture in &call.captures {
            self.versions.insert(Arc::from(&*capture.name.text), at);
        }
        Some(())
    }

    /// Which version is demanded: one that was told first or last of the aggregate, or this one.
    fn version(&self, version: &Expr, on: Option<&Value>) -> Option<(Option<Told>, Expected)> {
        if let ExprKind::Variable(name) = &version.kind
            && let Some(teller) = self.versions.get(&*name.text)
        {
            let told = |at: &usize| matches!(self.wants.get(*at), Some(Want::Accepted(_)));
            let is_of = |at: &usize| match &self.steps[*at] {
                Step::Submit(submit) => submit.command.on.as_ref() == on,
                _ => false,
            };
            let mut tellers = (0..self.steps.len()).filter(|at| is_of(at) && told(at));
            let first = tellers.next()?;
            let which = if *teller == first { Told::First } else { Told::Last };
            return Some((Some(which), Expected::Any));
        }
        let version = match eval(version, &self.scope).ok()? {
            Value::Number(number) => Version::Number(number.to_u64()?),
            Value::Text(text) => Version::Opaque(text),
            _ => return None,
        };
        Some((None, Expected::Exactly(version)))
    }

    fn query(&self, call: &QueryCall) -> Option<Query> {
        if call.actor.is_some() {
            return None;
        }
        let on = self.optional(call.on.as_ref()).ok()?;
        Some(Query { name: Arc::from(&*call.name.text), on, fields: self.fields(&call.fields)? })
    }

    fn looks(&self, assertion: &Assertion, span: Span) -> Result<Option<Looks>, Beyond> {
        if !assertion.captures.is_empty() {
            return Err(Beyond);
        }
        let Some(shows) = &assertion.shows else { return Ok(None) };
        let (matcher, total) = match shows {
            Shows::Absent(_) => (None, false),
            Shows::Value(matcher) => (Some(matcher), false),
            Shows::Total(matcher) => (Some(matcher), true),
        };
        let matcher = matcher.map(|matcher| bind(matcher, &self.scope)).transpose().map_err(|_| Beyond)?;
        Ok(Some(Looks { matcher, total, span }))
    }

    fn optional(&self, expr: Option<&Expr>) -> Result<Option<Value>, Beyond> {
        expr.map(|expr| eval(expr, &self.scope)).transpose().map_err(|_| Beyond)
    }

    fn fields(&self, fields: &[FieldExpr]) -> Option<Record> {
        let value =
            |field: &FieldExpr| Some((Arc::from(&*field.name.text), eval(&field.value, &self.scope).ok()?));
        fields.iter().map(value).collect()
    }
}
