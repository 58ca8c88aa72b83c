use std::sync::Arc;

use super::race::Known as Racers;
use super::variables::{Known, Variables};
use super::{Action, Expects, Step, Watch, calls};
use crate::contract::Contract;
use crate::language::syntax::{
    self, Assertion, Capture, CommandCall, Condition, QueryCall, Race, Role, Shows, Step as SyntaxStep,
    StepKind,
};
use crate::text::{Code, Diagnostic, Span};

/// A step on its way into a block.
#[derive(Clone, Debug)]
pub(super) enum Planned {
    /// Done in its turn.
    Step(Step),
    /// Watched while the block runs.
    Watch(Watch),
}

impl Planned {
    fn span(&self) -> Span {
        match self {
            Self::Step(step) => step.span,
            Self::Watch(watch) => watch.span,
        }
    }

    pub(super) fn holds(&self, span: Span) -> bool {
        self.span().start <= span.start && span.end <= self.span().end
    }
}

/// Resolves steps in order, with the names that the steps before have given.
pub(super) struct Planner<'a> {
    pub(super) contract: &'a Contract,
    pub(super) variables: Variables,
    pub(super) racers: Racers,
    pub(super) mistakes: Vec<Diagnostic>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(contract: &'a Contract) -> Self {
        let (variables, racers) = (Variables::default(), Racers::default());
        Self { contract, variables, racers, mistakes: Vec::new() }
    }

    pub(super) fn steps(&mut self, steps: &[SyntaxStep]) -> Vec<Planned> {
        let mut planned = Vec::with_capacity(steps.len());
        for step in steps {
            self.variables.enter(step.role, matches!(step.kind, StepKind::Let { .. }));
            planned.push(self.step(step));
        }
        planned
    }

    fn step(&mut self, step: &SyntaxStep) -> Planned {
        let action = match &step.kind {
            StepKind::Let { name, value } => {
                self.variables.known().check(value, self.contract, &mut self.mistakes);
                self.variables.name(name, &mut self.mistakes);
                Action::Let { name: Arc::from(&*name.text), value: value.clone() }
            }
            StepKind::Command(call) => self.command_or_query(step.role, call),
            StepKind::Race(race) => self.race(race),
            StepKind::Tally(tally) => {
                self.racers.check_tally(tally, &mut self.mistakes);
                Action::Tally(tally.clone())
            }
            StepKind::If { condition, step } => return self.conditional(condition, step),
            StepKind::RepeatLast => {
                self.racers.refuse_last(step.span, &mut self.mistakes);
                Action::Resubmit
            }
            StepKind::Event(call) => self.event(call),
            StepKind::Rebuild(query) => self.rebuild(query),
            StepKind::Emits(events) => self.emits(events),
            StepKind::Accepted => {
                self.racers.refuse_last(step.span, &mut self.mistakes);
                Action::Accepted
            }
            StepKind::Rejected { codes, details } => {
                self.racers.refuse_last(step.span, &mut self.mistakes);
                if let Some(details) = details {
                    self.variables.known().check_matcher(details, self.contract, &mut self.mistakes);
                }
                Action::Rejected { codes: codes.clone(), details: details.clone() }
            }
            StepKind::SameOutcome => {
                self.racers.refuse_last(step.span, &mut self.mistakes);
                Action::SameOutcome
            }
            StepKind::AnyOutcome => {
                self.racers.refuse_last(step.span, &mut self.mistakes);
                Action::AnyOutcome
            }
            StepKind::Read(assertion) => {
                self.assertion(step.role, assertion);
                Action::Read(assertion.clone())
            }
            StepKind::Eventually { within, every, assertion, unless } => {
                self.assertion(step.role, assertion);
                if let Some(unless) = unless {
                    self.variables.known().check_matcher(unless, self.contract, &mut self.mistakes);
                    calls::check_shown(assertion, unless, self.contract, &mut self.mistakes);
                }
                Action::Eventually {
                    within: within.as_ref().map(|d| d.node),
                    every: every.as_ref().map(|d| d.node),
                    assertion: assertion.clone(),
                    unless: unless.clone(),
                }
            }
            StepKind::Consistently { lasts, assertion } => {
                self.assertion(step.role, assertion);
                Action::Consistently { lasts: lasts.node, assertion: assertion.clone() }
            }
            StepKind::Never { lasts, assertion } => {
                let known = self.variables.known_to_watches();
                check_assertion(known, assertion, self.contract, &mut self.mistakes);
                let lasts = lasts.as_ref().map(|d| d.node);
                return Planned::Watch(Watch {
                    lasts,
                    assertion: Arc::new(assertion.clone()),
                    span: step.span,
                });
            }
            StepKind::Settled { within } => Action::Settled { within: within.as_ref().map(|d| d.node) },
        };
        Planned::Step(Step {
            role: step.role,
            action: Arc::new(action),
            condition: None,
            expects: expects(step.role),
            span: step.span,
        })
    }

    /// A step that begins with a name: only the contract knows which of the two it is.
    fn command_or_query(&mut self, role: Role, call: &CommandCall) -> Action {
        if self.contract.query(&call.name.text).is_some() {
            let assertion = as_query(call);
            self.assertion(role, &assertion);
            if let Some(extra) = call.key.as_ref().or(call.version.as_ref()) {
                let what = format!("{} is a query: it takes neither `key` nor `at version`", call.name.text);
                self.mistakes.push(Diagnostic::error(Code::WRONG_PLACE, extra.span, what));
            }
            return Action::Read(assertion);
        }
        self.racers.raced_last = false;
        self.variables.known().check_call(call, self.contract, &mut self.mistakes);
        calls::check_command(call, self.contract, &mut self.mistakes);
        // An accepted command tells the first three, a rejected one the others.
        let told = ["id", "version", "position", "code", "detail"];
        calls::check_captures(&call.captures, None, &told, &mut self.mistakes);
        self.name_captures(&call.captures);
        if role == Role::Then {
            let what = format!("{} is a command: under `then` only the outcome is judged", call.name.text);
            let mistake = Diagnostic::error(Code::WRONG_PLACE, call.name.span, what);
            self.mistakes.push(mistake.advise("put it under `when`"));
        }
        Action::Submit(call.clone())
    }

    fn race(&mut self, race: &Race) -> Action {
        for call in race.calls() {
            self.variables.known().check_call(call, self.contract, &mut self.mistakes);
            if self.contract.query(&call.name.text).is_some() {
                let what = format!("{} is a query, and only commands race", call.name.text);
                let mistake = Diagnostic::error(Code::WRONG_PLACE, call.name.span, what);
                self.mistakes.push(mistake.advise("look at what came of the race in a `then` behind it"));
            } else {
                calls::check_command(call, self.contract, &mut self.mistakes);
            }
        }
        self.racers.add(race, &mut self.mistakes);
        if let syntax::Racers::Many { name: Some(name), .. } = &race.racers {
            self.variables.name(name, &mut self.mistakes);
        }
        Action::Race(race.clone())
    }

    /// `if a accepted: step`
    fn conditional(&mut self, condition: &Condition, step: &SyntaxStep) -> Planned {
        let one = self.racers.check(&condition.racer, &mut self.mistakes);
        if one.is_some_and(|count| count > 1) {
            let what = format!("${} are many, and a condition is about one", condition.racer.text);
            let mistake = Diagnostic::error(Code::UNKNOWN_RACER, condition.racer.span, what);
            self.mistakes.push(mistake.advise("let racers with labels race: `a: …`"));
        }
        let mut planned = self.step(step);
        if let Planned::Step(step) = &mut planned {
            step.condition = Some(condition.clone());
            if let Action::Read(Assertion { captures, .. })
            | Action::Eventually { assertion: Assertion { captures, .. }, .. }
            | Action::Consistently { assertion: Assertion { captures, .. }, .. } = &*step.action
                && let Some(capture) = captures.first()
            {
                let what = "what is only kept under a condition may have no value";
                let span = capture.name.span.to(capture.path.span);
                let mistake = Diagnostic::error(Code::WRONG_PLACE, span, what);
                self.mistakes.push(mistake.advise("keep it in a step without `if`"));
            }
        }
        planned
    }

    fn assertion(&mut self, role: Role, assertion: &Assertion) {
        if role == Role::Then && assertion.shows.is_none() && assertion.captures.is_empty() {
            let name = &assertion.query.name.text;
            let what = format!("this asks {name} and expects nothing of the answer");
            let mistake = Diagnostic::error(Code::MISSING_SHOWS, assertion.query.span, what);
            self.mistakes
                .push(mistake.advise(
                    "say `shows { … }` or `absent` behind it, or keep a part of it with `-> $x = …`",
                ));
        }
        check_assertion(self.variables.known(), assertion, self.contract, &mut self.mistakes);
        if let Some(query) = self.contract.query(&assertion.query.name.text) {
            calls::check_captures(
                &assertion.captures,
                Some(&query.answer),
                &["version", "position"],
                &mut self.mistakes,
            );
        }
        self.name_captures(&assertion.captures);
    }

    fn name_captures(&mut self, captures: &[Capture]) {
        for capture in captures {
            self.variables.name(&capture.name, &mut self.mistakes);
        }
    }
}

fn check_assertion(
    variables: Known<'_>,
    assertion: &Assertion,
    contract: &Contract,
    mistakes: &mut Vec<Diagnostic>,
) {
    variables.check_query(&assertion.query, contract, mistakes);
    calls::check_query(&assertion.query, contract, mistakes);
    if let Some(Shows::Value(matcher) | Shows::Total(matcher)) = &assertion.shows {
        variables.check_matcher(matcher, contract, mistakes);
        calls::check_shown(assertion, matcher, contract, mistakes);
    }
}

/// What a command must bring if nothing is said of it.
fn expects(role: Role) -> Expects {
    if role == Role::Given { Expects::Setup } else { Expects::Accepted }
}

/// A call that turned out to be a query, asked for its captures or just once.
fn as_query(call: &CommandCall) -> Assertion {
    let CommandCall { name, on, fields, actor, captures, span, .. } = call.clone();
    Assertion { query: QueryCall { name, on, fields, actor, span }, shows: None, captures }
}
