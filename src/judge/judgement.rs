use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

use super::attribution::Attribution;
use super::contention::Contention;
use super::coverage::Coverage;
use super::deviations::DeviationUse;
use super::events::{Happened, in_order};
use super::explain::{Explained, Wrong, seen_in_words};
use super::knowledge::{Context, Halt, Knowledge, Standing, Tried, Used};
use super::operations::Operations;
use super::parts::Parts;
use super::rest::Rest;
use super::view::{Listed, View};
use super::{Matrix, Mismatch, MismatchKind, Must, Settings};
use crate::contract::rules::{Decision, Model, ModelError, World};
use crate::history::{Act, Operation, Quiet};
use crate::protocol::{Answer, Command, Does, Expected, Outcome, Query, Seen, Verdict};

/// What evidence proves.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Judgement {
    /// What the contract does not allow: one for each component at most.
    pub mismatches: Vec<Mismatch>,
    /// What it would not allow if the target had been quiet where that was only assumed, and behind which nobody has looked
    /// again at proven quiet.
    pub parked: Vec<Mismatch>,
    /// What could not be decided.
    pub undecided: Vec<Undecided>,
    /// What the rules themselves say that can't be.
    pub broken_rules: Vec<ModelError>,
    /// What was tried.
    pub coverage: Coverage,
    /// Which command's effect was seen where.
    pub matrix: Matrix,
    /// What became of the declared departures, in their order.
    pub deviations: Vec<DeviationUse>,
}

/// Something that could not be decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undecided {
    /// From which operation on, by its place.
    pub operation: usize,
    /// Why.
    pub why: String,
}

impl Judgement {
    /// Whether something is wrong; nothing where that could not be decided.
    pub fn is_wrong(&self) -> Option<bool> {
        match self.verdict() {
            Verdict::Fail => Some(true),
            Verdict::Pass => Some(false),
            _ => None,
        }
    }

    /// The worst of all that was found.
    pub fn verdict(&self) -> Verdict {
        if !self.mismatches.is_empty() {
            Verdict::Fail
        } else if !self.undecided.is_empty() || !self.broken_rules.is_empty() || !self.parked.is_empty() {
            Verdict::Inconclusive
        } else {
            Verdict::Pass
        }
    }
}

/// Judges operations, in the order of their calls, by what `model` allows. All of them must be there that were sent to
/// the aggregates they are about.
///
/// Quiet that was assumed tells what has shown by then. What is wrong only because of it is none of the target's mistakes: it
/// may have been an earlier state that looks like the one that was waited for.
pub fn judge<M: Model>(model: &M, settings: &Settings, operations: &[Operation]) -> Judgement {
    let trusting = judge_once(model, settings, operations, true);
    let is = |operation: &Operation, quiet: Quiet| matches!(operation.act, Act::Quiet(how) if how == quiet);
    if trusting.mismatches.is_empty() || !operations.iter().any(|operation| is(operation, Quiet::Assumed)) {
        return trusting;
    }
    let proved = judge_once(model, settings, operations, false);
    let looked_again = |mismatch: &Mismatch| {
        operations[mismatch.operation..].iter().any(|operation| is(operation, Quiet::Proved))
    };
    let parked = if proved.mismatches.is_empty() {
        trusting.mismatches.into_iter().filter(|mismatch| !looked_again(mismatch)).collect()
    } else {
        Vec::new()
    };
    Judgement { parked, ..proved }
}

fn judge_once<M: Model>(
    model: &M,
    settings: &Settings,
    operations: &[Operation],
    trusted: bool,
) -> Judgement {
    let operations = Operations::of(operations);
    let (parts, happened) = (Parts::of(&operations), in_order(&operations, trusted));
    let context = Context {
        model,
        settings,
        contention: Contention::of(&operations),
        demanded: demanded(&operations),
        operations,
        lost: Cell::new(false),
        between: Cell::new(false),
    };
    let components = (0..parts.len()).map(|_| Knowledge::new()).collect();
    let unused = |deviation: &crate::protocol::Deviation| DeviationUse {
        deviation: deviation.clone(),
        came_up: 0,
        used: 0,
    };
    let deviations = settings.promises.deviations.iter().map(unused).collect();
    let found = Judgement { deviations, ..Judgement::default() };
    let refusals = vec![0; parts.len()];
    let rest = Rest::default();
    let mut judge = Judge {
        context,
        parts,
        components,
        rest,
        lost: None,
        refusals,
        attribution: Attribution::default(),
        found,
    };
    for happened in happened {
        judge.happened(happened);
    }
    judge.count_unjudged();
    Judgement { matrix: judge.attribution.matrix, ..judge.found }
}

struct Judge<'a, M: Model> {
    context: Context<'a, M>,
    parts: Parts,
    components: Vec<Knowledge<M::State>>,
    rest: Rest,
    /// A component that is judged no longer; what is about all of them can't be, either.
    lost: Option<usize>,
    /// Refusals of each component behind which there was no read at rest yet.
    refusals: Vec<u64>,
    attribution: Attribution,
    found: Judgement,
}

impl<M: Model> Judge<'_, M> {
    fn happened(&mut self, happened: Happened) {
        match happened {
            Happened::Quiet => {
                let components = &mut self.components;
                self.rest.quiet(|place, stirred| components[place].stirred = stirred);
            }
            Happened::Called(at) => self.called(at),
            Happened::Returned(at) => match self.context.operations.act(at) {
                Act::Submit { command, outcome, .. } => self.outcome(at, command, outcome),
                Act::Ask { query, answer } => self.answer(at, query, answer),
                Act::Quiet(_) => {}
            },
        }
    }

    fn component(&self, at: usize) -> Option<usize> {
        self.parts.of_id(self.context.operations.on(at)?)
    }

    fn called(&mut self, at: usize) {
        let Some(place) = self.component(at) else { return };
        let component = &mut self.components[place];
        match self.context.operations.act(at) {
            Act::Submit { .. } => self.rest.stirs(&mut component.stirred),
            Act::Ask { query, .. } if self.context.settings.is_immediate(&query.name) => {}
            _ => return,
        }
        component.open.push(at);
        self.rest.called(place);
    }

    fn outcome(&mut self, at: usize, command: &Arc<Command>, outcome: &Outcome) {
        let count = self.found.coverage.commands.entry(command.name.clone()).or_default();
        match outcome {
            Outcome::Accepted(_) => count.accepted += 1,
            Outcome::Rejected(rejection) => *count.rejected.entry(rejection.code.clone()).or_default() += 1,
            Outcome::Unknown(_) | Outcome::NotSent(_) => return,
        }
        let Some(place) = self.component(at) else { return };
        match &self.components[place].standing {
            Standing::Judged => {}
            Standing::Open(why) => {
                let why = why.clone();
                self.found.undecided.push(Undecided { operation: at, why: why.clone() });
                self.components[place].standing = Standing::Undecided(why);
                return;
            }
            Standing::Tainted | Standing::Undecided(_) => return,
        }
        if let Err(halt) = self.came_up(place, command) {
            return self.halt(at, place, halt);
        }
        let mut used = Used::default();
        let before = self.certain(place, at);
        let component = &mut self.components[place];
        let returned = component.returned(&self.context, at, &mut used);
        self.rest.returned(place, component.open.is_empty());
        match returned {
            Ok(Tried::Fine) => {
                for deviation in used.0 {
                    self.found.deviations[deviation].used += 1;
                }
                self.refusals[place] += u64::from(matches!(outcome, Outcome::Rejected(_)));
                self.state(place, command, outcome);
                self.met(place, before, (command, outcome));
            }
            Ok(Tried::Impossible(allowed)) => {
                let must = Must::Outcome(allowed.iter().map(|says| says.code().cloned()).collect());
                let allowed = allowed.iter().map(super::possible::Says::words).collect();
                let wrong = Wrong { allowed, must, ..Wrong::new() };
                self.mismatch(at, MismatchKind::Outcome, (outcome.to_string(), wrong));
            }
            Err(halt) => self.halt(at, place, halt),
        }
    }

    /// The one world that there is, if nothing else is open and the operation is no retry.
    fn certain(&self, place: usize, at: usize) -> Option<World<M::State>> {
        let component = &self.components[place];
        let first = matches!(self.context.operations.act(at), Act::Submit { attempt: 0, .. });
        match component.configurations.as_slice() {
            [only] if self.context.settings.met && first && *component.open == [at] => {
                Some(component.world(only).clone())
            }
            _ => None,
        }
    }

    /// Counts which rules a command met, and which transition it was.
    fn met(
        &mut self,
        place: usize,
        before: Option<World<M::State>>,
        (command, outcome): (&Command, &Outcome),
    ) {
        let component = &self.components[place];
        if let (Some(before), [after]) = (before, component.configurations.as_slice())
            && let Some(met) = self.context.model.met(&before, command, outcome, component.world(after))
        {
            self.found.coverage.met(&command.name, &met);
        }
    }

    /// Counts in which state a command left its aggregate.
    fn state(&mut self, place: usize, command: &Command, outcome: &Outcome) {
        let component = &self.components[place];
        let (Outcome::Accepted(_), Some(on), [configuration]) =
            (outcome, &command.on, component.configurations.as_slice())
        else {
            return;
        };
        let entry = component.world(configuration).entries().iter().find(|entry| entry.id == *on);
        if let Some(entry) = entry
            && let Some(kind) = self.context.model.kind_of(entry)
        {
            *self.found.coverage.states.entry((entry.aggregate.clone(), kind)).or_default() += 1;
        }
    }

    /// Counts which declared departures the command could show.
    fn came_up(&mut self, place: usize, command: &Command) -> Result<(), Halt> {
        for (at, deviation) in self.context.settings.promises.deviations.iter().enumerate() {
            let [configuration] = self.components[place].configurations.as_slice() else { continue };
            if deviation.command != command.name {
                continue;
            }
            let world = self.components[place].world(configuration);
            let decisions = self.context.model.decide(world, command)?;
            let applies =
                decisions.iter().any(|d| matches!(d, Decision::Rejected(code) if *code == deviation.rule));
            let accepted = decisions.iter().any(|d| matches!(d, Decision::Accepted(_)));
            let came_up = match deviation.does {
                Does::Accepts => applies && decisions.len() == 1,
                Does::Rejects => !applies && accepted,
            };
            self.found.deviations[at].came_up += u64::from(came_up);
        }
        Ok(())
    }

    fn answer(&mut self, at: usize, query: &Arc<Query>, answer: &Answer) {
        self.found.coverage.queries.entry(query.name.clone()).or_default();
        match self.component(at) {
            Some(place) => self.one(at, place, (query, answer)),
            None => self.list(at, (query, answer)),
        }
    }

    /// An answer about one aggregate.
    fn one(&mut self, at: usize, place: usize, (query, answer): (&Arc<Query>, &Answer)) {
        let component = &mut self.components[place];
        if component.standing != Standing::Judged {
            return self.count(query, |count| count.undecided += 1);
        }
        if self.context.settings.is_immediate(&query.name) {
            let tried = component.returned(&self.context, at, &mut Used::default());
            self.rest.returned(place, component.open.is_empty());
            return match tried {
                Ok(Tried::Fine) => {
                    let only = match component.configurations.as_slice() {
                        [configuration] => Some(configuration.node),
                        _ => None,
                    };
                    self.exact(place, (query, only));
                }
                Ok(Tried::Impossible(_)) => match component.expected_now(&self.context, (query, answer)) {
                    Ok(wrong) => {
                        self.mismatch(at, MismatchKind::Immediate, (seen_in_words(answer), wrong));
                    }
                    Err(halt) => self.halt(at, place, halt),
                },
                Err(halt) => self.halt(at, place, halt),
            };
        }
        let rest = self.rest.is_quiet(component.stirred) && component.open.is_empty();
        let explained = if rest {
            component.explain_at_rest(&self.context, (query, answer))
        } else {
            component.explain(&self.context, (query, answer))
        };
        match explained {
            Ok(Explained::By(only)) if rest => self.exact(place, (query, only)),
            Ok(Explained::By(_)) => self.count(query, |count| count.explained += 1),
            Ok(Explained::Anything) => self.count(query, |count| count.undecided += 1),
            Ok(Explained::Not(_)) if !rest && component.between => {
                self.undecided(at, query, "it may have been seen between two events of one command");
            }
            Ok(Explained::Not(wrong)) => {
                let kind = if rest { MismatchKind::Settled } else { MismatchKind::Unexplained };
                self.mismatch(at, kind, (seen_in_words(answer), wrong));
            }
            Err(halt) => self.halt(at, place, halt),
        }
    }

    fn list(&mut self, at: usize, (query, answer): (&Arc<Query>, &Answer)) {
        let all_idle = self.rest.all_idle();
        let immediate =
            self.context.settings.is_immediate(&query.name) && self.context.operations.is_alone(at);
        let rest = all_idle && (immediate || self.rest.all_quiet(self.components.len()));
        let lost = self.lost();
        let view = View { context: &self.context, parts: &self.parts, query, answer, lost };
        let mut judged = view.judge(&mut self.components, rest);
        if rest && self.context.settings.matrix && matches!(judged, Ok(Listed::Fine)) {
            judged = self.attribution.list(&view, &self.components).map(|()| Listed::Fine);
        }
        match judged {
            Ok(Listed::Fine) if rest => self.count(query, |count| count.exact += 1),
            Ok(Listed::Fine) => self.count(query, |count| count.explained += 1),
            Ok(Listed::Anything) => self.count(query, |count| count.undecided += 1),
            Ok(Listed::Undecided(why)) => {
                if self.lost().is_some() {
                    self.count(query, |count| count.undecided += 1);
                } else {
                    self.undecided(at, query, &why);
                }
            }
            Ok(Listed::Not(_)) if !rest && self.context.between.get() => {
                self.undecided(at, query, "it may have been seen between two events of one command");
            }
            Ok(Listed::Not(wrong)) => {
                let kind = match (rest, immediate) {
                    (true, true) => MismatchKind::Immediate,
                    (true, false) => MismatchKind::Settled,
                    (false, _) => MismatchKind::Unexplained,
                };
                self.mismatch(at, kind, (seen_in_words(answer), wrong));
            }
            Err(halt) => {
                self.context.lost.set(true);
                for place in 0..self.components.len() {
                    self.components[place].standing = Standing::Undecided(String::new());
                }
                self.halt(at, usize::MAX, halt);
            }
        }
    }

    /// A component that is judged no longer, if there is one. None is ever judged again, so it is looked for once.
    fn lost(&mut self) -> Option<usize> {
        if self.lost.is_none() && self.context.lost.get() {
            self.lost = self.components.iter().position(|component| component.standing != Standing::Judged);
        }
        self.lost
    }

    /// A read that was as it must be: what was refused before has changed nothing.
    fn exact(&mut self, place: usize, (query, only): (&Arc<Query>, Option<usize>)) {
        self.count(query, |count| count.exact += 1);
        self.found.coverage.fenced += std::mem::take(&mut self.refusals[place]);
        if let (true, Some(node)) = (self.context.settings.matrix, only)
            && let Err(halt) = self.attribution.one(&self.context, &self.components[place], (query, node))
        {
            self.halt(0, place, halt);
        }
    }

    fn mismatch(&mut self, at: usize, kind: MismatchKind, (seen, wrong): (String, Wrong)) {
        let (message, on, outcome) = match self.context.operations.act(at) {
            Act::Submit { command, outcome, .. } => {
                (command.name.clone(), command.on.clone(), Some(outcome.kind()))
            }
            Act::Ask { query, .. } => (query.name.clone(), query.on.clone(), None),
            Act::Quiet(_) => return,
        };
        let Wrong { allowed, differences, must } = wrong;
        let found = Mismatch { kind, operation: at, message, on, allowed, seen, outcome, differences, must };
        self.found.mismatches.push(found);
        self.context.lost.set(true);
        match self.component(at) {
            Some(place) => self.components[place].standing = Standing::Tainted,
            // A list is about all of them.
            None => self.components.iter_mut().for_each(|component| component.standing = Standing::Tainted),
        }
    }

    fn halt(&mut self, at: usize, place: usize, halt: Halt) {
        let why = match halt {
            Halt::Beyond(why) => {
                self.found.undecided.push(Undecided { operation: at, why: why.clone() });
                why
            }
            Halt::Rules(error) => {
                let why = error.to_string();
                if !self.found.broken_rules.contains(&error) {
                    self.found.broken_rules.push(error);
                }
                why
            }
        };
        if let Some(component) = self.components.get_mut(place) {
            self.context.lost.set(true);
            component.standing = Standing::Undecided(why);
        }
    }

    fn undecided(&mut self, at: usize, query: &Arc<Query>, why: &str) {
        self.count(query, |count| count.undecided += 1);
        self.found.undecided.push(Undecided { operation: at, why: format!("{}: {why}", query.name) });
    }

    fn count(&mut self, query: &Arc<Query>, count: impl FnOnce(&mut super::QueryCount)) {
        count(self.found.coverage.queries.entry(query.name.clone()).or_default());
    }

    /// What never returned, or brought no answer, is counted too.
    fn count_unjudged(&mut self) {
        for operation in self.context.operations.iter() {
            match &operation.act {
                Act::Submit { command, outcome, .. } => {
                    let count = self.found.coverage.commands.entry(command.name.clone()).or_default();
                    count.unknown += u64::from(matches!(outcome, Outcome::Unknown(_)));
                    count.not_sent += u64::from(matches!(outcome, Outcome::NotSent(_)));
                }
                Act::Ask { query, answer } if matches!(answer.seen, Seen::Broken(_) | Seen::NotSent(_)) => {
                    self.count(query, |count| count.undecided += 1);
                }
                _ => {}
            }
        }
    }
}

/// What commands demand as their aggregates' versions.
fn demanded(operations: &Operations<'_>) -> HashSet<(crate::value::Value, crate::protocol::Version)> {
    let demands = operations.iter().filter_map(|operation| match &operation.act {
        Act::Submit { command, .. } => match (&command.on, &command.expected) {
            (Some(on), Expected::Exactly(version)) => Some((on.clone(), version.clone())),
            _ => None,
        },
        _ => None,
    });
    demands.collect()
}
