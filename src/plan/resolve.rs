use std::sync::Arc;

use super::{
    Action, Block, Expects, Plan, Step, Watch, block, calls, events, outcomes,
    race::Known as Racers,
    uniques,
    variables::{Known, Variables},
};
use super::{Scenario, ScenarioFile, StepKind, SyntaxStep};
use crate::contract::Contract;
use crate::language::syntax::{
    self, Assertion, Capture, CommandCall, Condition, Example, QueryCall, Race, Role, Shows,
};
use crate::text::{Code, Diagnostic, Source, Span, Spanned};

/// A file's scenarios may have so many steps in all, each with the background's.
const MOST_STEPS: usize = 1_000_000;

/// Plans every scenario of a file, and says what is wrong with it. A plan of a file with errors must not run.
pub fn plan(source: &Arc<Source>, file: &ScenarioFile, contract: &Contract) -> (Vec<Plan>, Vec<Diagnostic>) {
    let mut planner = Planner {
        contract,
        variables: Variables::default(),
        racers: Racers::default(),
        mistakes: Vec::new(),
    };
    let background = planner.steps(&file.background);
    // What is wrong with the background's outcomes is told here, once, and not with every scenario.
    check_outcomes(&mut block::group(background.iter()), contract, &mut planner.mistakes);
    let before = planner.variables.mark();
    let racers = planner.racers.clone();
    let mut plans = Vec::with_capacity(file.scenarios.len());
    let mut room = MOST_STEPS;
    for scenario in &file.scenarios {
        let steps = background.len() + scenario.steps.len();
        let Some(left) = room.checked_sub(steps) else {
            let what = format!("the scenarios of this file have more than {MOST_STEPS} steps in all");
            let mistake = Diagnostic::error(Code::FILE_TOO_LARGE, scenario.name.span, what);
            planner.mistakes.push(mistake.advise("split the file, or shorten its background"));
            break;
        };
        room = left;
        let own = planner.steps(&scenario.steps);
        planner.variables.back_to(&before);
        planner.racers = racers.clone();
        plans.push(finish(
            source,
            scenario,
            file.locks.iter(),
            contract,
            &background,
            &own,
            &mut planner.mistakes,
        ));
    }
    planner.mistakes.sort_by_key(|mistake| mistake.span.start);
    // An outline's steps are planned once for each of its rows.
    planner.mistakes.dedup();
    (plans, planner.mistakes)
}

/// Decides what each command must bring by itself, and checks what is said of outcomes.
fn check_outcomes(blocks: &mut [Block], contract: &Contract, mistakes: &mut Vec<Diagnostic>) {
    let (mut sent, mut touched) = (false, false);
    for block in blocks {
        events::settle(block, &mut touched, mistakes);
        outcomes::settle(block, &mut sent, contract, mistakes);
    }
}

fn finish(
    source: &Arc<Source>,
    scenario: &Scenario,
    locks: std::slice::Iter<'_, Spanned<Box<str>>>,
    contract: &Contract,
    background: &[Planned],
    own: &[Planned],
    mistakes: &mut Vec<Diagnostic>,
) -> Plan {
    let mut blocks = block::group(background.iter().chain(own));
    let before = mistakes.len();
    check_outcomes(&mut blocks, contract, mistakes);
    // The background's own mistakes have been told.
    let told = |span: Span| background.iter().any(|step| step.holds(span));
    let mut index = 0;
    mistakes.retain(|mistake| {
        index += 1;
        index <= before || !told(mistake.span)
    });
    let uniques = uniques::find(&blocks, contract, mistakes);
    let asserts = |step: &Step| {
        let only_asks = matches!(&*step.action, Action::Read(assertion) if assertion.shows.is_none());
        let only_prepares =
            matches!(*step.action, Action::Let { .. } | Action::Settled { .. } | Action::Rebuild(_));
        step.role != Role::Given && !only_asks && !only_prepares
    };
    let can_fail = blocks.iter().any(|block| !block.watches.is_empty() || block.steps.iter().any(asserts));
    if !can_fail && !scenario.steps.is_empty() {
        let what = "this scenario can't fail: it has neither `when` nor `then`";
        mistakes.push(
            Diagnostic::error(Code::NOTHING_ASSERTED, scenario.name.span, what)
                .advise("say what the target must do: `when` a command, `then` what it brings"),
        );
    }
    let last = scenario.steps.last().map_or(scenario.name.span, |step| step.span);
    let last = scenario.example.map_or(last, |example| example.row);
    Plan {
        source: source.clone(),
        contract: contract.name().into(),
        name: Arc::from(&*scenario.name.node),
        line: source.line(scenario.example.map_or(scenario.name.span, |example| example.row).start),
        last_line: source.line(last.end.saturating_sub(1)),
        outline: scenario.example.map(|Example { outline, .. }| {
            (source.line(outline.start), source.line(outline.end.saturating_sub(1)))
        }),
        tags: scenario.tags.iter().map(|tag| Arc::from(&*tag.text)).collect(),
        rounds: scenario.repeat.as_ref().map_or(1, |repeat| repeat.node),
        locks: locks.chain(&scenario.locks).map(|lock| Arc::from(&*lock.node)).collect(),
        blocks,
        uniques,
    }
}

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

    fn holds(&self, span: Span) -> bool {
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

impl Planner<'_> {
    fn steps(&mut self, steps: &[SyntaxStep]) -> Vec<Planned> {
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
            StepKind::Read(assertion) => {
                self.assertion(step.role, assertion);
                Action::Read(assertion.clone())
            }
            StepKind::Eventually { within, every, assertion, unless } => {
                self.assertion(step.role, assertion);
                if let Some(unless) = unless {
                    self.variables.known().check_matcher(unless, self.contract, &mut self.mistakes);
                    calls::check_shown(&assertion.query, unless, self.contract, &mut self.mistakes);
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
    if let Some(Shows::Value(matcher)) = &assertion.shows {
        variables.check_matcher(matcher, contract, mistakes);
        calls::check_shown(&assertion.query, matcher, contract, mistakes);
    }
}

/// What a command must bring if nothing is said of it.
fn expects(role: Role) -> Expects {
    if role == Role::Given { Expects::Setup } else { Expects::Accepted }
}

/// A call that turned out to be a query, asked for its captures or just once.
fn as_query(call: &CommandCall) -> Assertion {
    let CommandCall { name, on, fields, captures, span, .. } = call.clone();
    Assertion { query: QueryCall { name, on, fields, span }, shows: None, captures }
}
