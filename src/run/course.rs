use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::feed::Feed;
use super::lane::Lane;
use super::scope::{InLane, Names};
use super::watch::Watches;
use super::{Finding, Lag, Seeded, Sent};
use crate::adapter::Description;
use crate::contract::expr::{EvalError, eval};
use crate::history;
use crate::judge::{Witnessed, changed};
use crate::language::syntax::{Capture, Expr, FieldExpr, Ident, QueryCall, Role};
use crate::protocol::{Capability, Query, ShellLine, Verdict};
use crate::scenario::{Action, Block, Plan, Step};
use crate::text::Span;
use crate::value::{Path, Record, Value};

/// Why a scenario ends before its last step.
pub(super) type Stopped = Box<Finding>;

/// One scenario on its way through one world.
pub(super) struct Course<'a> {
    pub(super) plan: &'a Plan,
    pub(super) engine: &'a Engine,
    pub(super) target: &'a Description,
    pub(super) lane: Lane,
    /// Its variables.
    pub(super) names: Names,
    /// What was sent, in order.
    pub(super) sent: Vec<Sent>,
    /// The last request, as a command for a shell, where the target has one.
    pub(super) requested: Option<ShellLine>,
    /// The aggregates to which events were made to happen.
    pub(super) seeded: Vec<Seeded>,
    /// What had happened before the block's commands, where `emits` is said of them.
    pub(super) feed: Option<Feed>,
    /// How many races there were.
    pub(super) races: usize,
    /// Which of the commands in `sent` each racer's name stands for.
    pub(super) racers: Vec<(Ident, Vec<usize>)>,
    /// Names of races with an unknown outcome: nothing can rest on them.
    pub(super) doubtful: Vec<Arc<str>>,
    /// Whether the last command was not sent, because it needs what the target does not claim.
    pub(super) left_out: bool,
    /// What the last command's answer lacked. It is told only once that command has been judged: a broken promise
    /// comes first.
    pub(super) untaken: Option<Stopped>,
    /// How often the last command has been repeated.
    pub(super) attempt: u32,
    /// Whether time has been spent waiting since the last command returned.
    pub(super) waited: bool,
    pub(super) lags: Vec<Lag>,
    pub(super) steps: u64,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Course<'a> {
    /// Begins in a place that was opened for it.
    pub(super) fn begin(plan: &'a Plan, engine: &'a Engine, lane: Lane) -> Self {
        let target = engine.target.describe();
        Self {
            plan,
            engine,
            target,
            // Each step is judged as it is done.
            lane: if plan.lasting.is_some() { lane.keeping_differences() } else { lane.forgetful() },
            names: Names::new(plan.uniques.clone(), target.promises.clone()),
            sent: Vec::new(),
            requested: None,
            seeded: Vec::new(),
            feed: None,
            races: 0,
            racers: Vec::new(),
            doubtful: Vec::new(),
            left_out: false,
            untaken: None,
            attempt: 0,
            waited: false,
            lags: Vec::new(),
            steps: 0,
            findings: Vec::new(),
        }
    }

    /// Does all steps, up to the first that fails or decides nothing.
    pub(super) async fn run(&mut self) {
        for block in &self.plan.blocks {
            if !self.block(block).await {
                return;
            }
        }
    }

    /// Does a block's steps. Says whether the next block may follow.
    async fn block(&mut self, block: &Block) -> bool {
        let began = self.engine.clock.now();
        let (before, behind) = block.steps.split_at(block.arm.min(block.steps.len()));
        if let Err(stopped) = self.steps(before).await {
            self.find(*stopped);
            return false;
        }
        let emits = block.steps.iter().find(|step| matches!(*step.action, Action::Emits(_)));
        self.feed = None;
        if let Some(emits) = emits
            && let Err(stopped) = self.watch_feed(emits.span).await
        {
            self.find(*stopped);
            return false;
        }
        let watches = match Watches::arm(&block.watches, self).await {
            Ok(watches) => watches,
            Err(stopped) => {
                self.find(*stopped);
                return false;
            }
        };
        self.steps += block.watches.len() as u64;
        let done = match self.steps(behind).await {
            Ok(()) => self.untaken.take().map_or(Ok(()), Err),
            stopped => stopped,
        };
        let over = done.is_err();
        let seen = match done {
            Ok(()) => {
                let last_return = self.lane.acted().map_or(began, |acted| acted.max(began));
                watches.end(last_return).await
            }
            Err(stopped) => {
                self.find(*stopped);
                watches.cut().await
            }
        };
        let goes_on = !over && seen.is_empty();
        for finding in seen {
            self.find(finding);
        }
        goes_on
    }

    async fn steps(&mut self, steps: &[Step]) -> Result<(), Stopped> {
        for step in steps {
            self.step(step).await?;
        }
        Ok(())
    }

    /// Keeps a finding. Behind a step that was left out, nothing can be held against the target any more.
    pub(super) fn find(&mut self, mut finding: Finding) {
        let left_out = self.findings.iter().any(|known| known.verdict == Verdict::NotClaimed);
        if left_out && finding.verdict > Verdict::NotClaimed {
            finding.verdict = Verdict::NotClaimed;
            finding.message = format!("not judged, since a step before was left out: {}", finding.message);
        }
        self.findings.push(finding);
    }

    async fn step(&mut self, step: &Step) -> Result<(), Stopped> {
        self.engine.recorder.step(self.lane.case(), self.plan.source.line(step.span.start) as u64);
        self.lane.part.role =
            if step.role == Role::Given { history::Role::SetUp } else { history::Role::Act };
        let done = self.action(step).await.and_then(|()| self.chosen_stays(step));
        done.map_err(|mut stopped| {
            if let Some(name) = self.doubtful.iter().find(|name| stopped.lacks.as_ref() == Some(name)) {
                stopped.message =
                    format!("an outcome in the race of ${name} is unknown, and this step rests on it");
                stopped.advice = None;
            }
            stopped
        })
    }

    async fn action(&mut self, step: &Step) -> Result<(), Stopped> {
        let judges = matches!(
            *step.action,
            Action::Accepted | Action::Rejected { .. } | Action::SameOutcome | Action::AnyOutcome
        );
        if !judges && let Some(untaken) = self.untaken.take() {
            return Err(untaken);
        }
        if let Some(condition) = &step.condition
            && !self.applies(condition)?
        {
            return Ok(());
        }
        self.steps += 1;
        match &*step.action {
            Action::Let { name, value } => {
                let value = self.value(value)?;
                self.names.set(name.clone(), value);
                Ok(())
            }
            Action::Submit(call) => self.submit(call, step.expects, step.span).await,
            Action::Resubmit => self.resubmit(step.expects, step.span).await,
            Action::Seed(call) => self.seed(call, step.span).await,
            Action::Rebuild(query) => self.rebuild(query, step).await,
            Action::Emits(events) => self.emits(events, step.span).await,
            Action::Race(race) => self.race(race, step).await,
            Action::Tally(tally) => self.tally(tally, step.span),
            Action::Accepted => self.accepted(step.span, step.role),
            Action::Rejected { codes, details } => self.rejected(codes, details.as_ref(), step.span),
            Action::SameOutcome => self.same_outcome(step.span),
            Action::AnyOutcome => Ok(()),
            Action::Read(assertion) => self.read(assertion, step).await,
            Action::Eventually { within, every, assertion, unless } => {
                self.eventually(*within, *every, assertion, unless.as_ref(), step).await
            }
            Action::Consistently { lasts, assertion } => self.consistently(*lasts, assertion, step).await,
            Action::Settled { within } => self.settled(*within, step).await,
        }
    }

    /// Whether what the service chose, and answers have shown, is as it was. Each reader is held against its own reads.
    fn chosen_stays(&self, step: &Step) -> Result<(), Stopped> {
        let asks =
            matches!(*step.action, Action::Read(_) | Action::Eventually { .. } | Action::Consistently { .. });
        let Some(rules) = self.plan.lasting.as_ref().filter(|_| asks) else { return Ok(()) };
        let (operations, deeds) = (&*self.lane.operations, self.lane.place.done());
        let reads = operations.iter().enumerate().map(|(at, operation)| (at, operation.client));
        let witnessed = Witnessed { operations, deeds: &deeds };
        let Some(changed) = changed(rules, &self.target.promises, witnessed, reads).into_iter().next() else {
            return Ok(());
        };
        let (was, is) = (changed.shown(&changed.before.1), changed.shown(&changed.now.1));
        let mut stopped = unmet(step.role, step.span, changed.sentence());
        stopped.label = format!("first {was}, later {is}");
        Err(stopped)
    }

    async fn settled(&mut self, within: Option<Duration>, step: &Step) -> Result<(), Stopped> {
        let bound = self.target.promises.longest_bound();
        self.waited = true;
        let says = self.target.capabilities.claims(Capability::Wait);
        if !says && self.lane.acted().is_some() && within.is_some_and(|within| within < bound) {
            let what = format!(
                "this target doesn't say when it is caught up, and promises no more than to be so within {bound:?}"
            );
            let finding = Finding::new(Verdict::Inconclusive, step.span, what);
            return Err(Box::new(finding.advise(format!("write `settled`, or `settled within {bound:?}`"))));
        }
        self.lane.quiet(within).await.map_err(|late| unmet(step.role, step.span, late.to_string()))
    }

    /// Whether the target claims what a step needs. If not, the scenario is not claimed, and the step left out.
    pub(super) fn claims(&mut self, capability: Capability, span: Span) -> bool {
        let claims = self.target.capabilities.claims(capability);
        if !claims {
            let what = format!("the target does not claim `{capability}`, which this step needs");
            self.findings.push(Finding::new(Verdict::NotClaimed, span, what));
        }
        claims
    }

    /// What expressions can name.
    pub(super) fn scope(&self) -> InLane<'_> {
        self.names.in_lane(&self.lane)
    }

    /// What an expression is worth.
    pub(super) fn value(&self, expr: &Expr) -> Result<Value, Stopped> {
        eval(expr, &self.scope()).map_err(broken_expression)
    }

    /// The query that a step asks, with its values.
    pub(super) fn query(&self, call: &QueryCall) -> Result<Query, Stopped> {
        let on = call.on.as_ref().map(|on| self.value(on)).transpose()?;
        Ok(Query { name: Arc::from(&*call.name.text), on, fields: self.fields(&call.fields)? })
    }

    /// The values of fields, in the order they were written.
    pub(super) fn fields(&self, fields: &[FieldExpr]) -> Result<Record, Stopped> {
        let values = fields.iter().map(|field| Ok((Arc::from(&*field.name.text), self.value(&field.value)?)));
        values.collect()
    }

    /// Keeps parts of what was told under names.
    pub(super) fn capture(&mut self, captures: &[Capture], told: &Value, role: Role) -> Result<(), Stopped> {
        for capture in captures {
            let part = Path::parse(&capture.path.node)
                .map_err(|error| error.to_string())
                .and_then(|path| path.get(told).cloned().ok_or_else(|| "there is no such part".to_owned()));
            match part {
                Ok(value) => self.names.set(Arc::from(&*capture.name.text), value),
                Err(why) => {
                    let what =
                        format!("${} can't be taken from {}: {why}", capture.name.text, told.brief(200));
                    return Err(untaken(role, capture.path.span, &what));
                }
            }
        }
        Ok(())
    }
}

/// A step that did not come true: a failure, or, where it only prepares something, a broken set-up.
pub(super) fn unmet(role: Role, span: Span, what: impl Into<String>) -> Stopped {
    let what = what.into();
    Box::new(match role {
        Role::Given => Finding::new(Verdict::Inconclusive, span, format!("the set-up failed: {what}")),
        Role::When | Role::Then => Finding::new(Verdict::Fail, span, what),
    })
}

/// Something that a later step needs is not there: no promise is broken, but nothing more can be judged.
pub(super) fn untaken(role: Role, span: Span, what: &str) -> Stopped {
    let what = match role {
        Role::Given => format!("the set-up failed: {what}"),
        Role::When | Role::Then => what.to_owned(),
    };
    Box::new(Finding::new(Verdict::Inconclusive, span, what))
}

/// An expression that has no value says nothing about the target.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`, which gives the error away")]
pub(super) fn broken_expression(error: EvalError) -> Stopped {
    let finding = Finding::new(Verdict::Inconclusive, error.span, error.to_string());
    Box::new(Finding { advice: error.fix.clone(), lacks: error.variable.clone(), ..finding })
}
