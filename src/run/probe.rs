use std::sync::Arc;
use std::time::Duration;

use super::course::{Course, Stopped, broken_expression, unmet, untaken};
use super::expectation::{Expectation, Look, Part};
use super::lane::HELD_UP;
use super::pace::Pace;
use super::session::Asked;
use super::sightings::{Sightings, in_words, is_usable};
use super::{Finding, Lag};
use crate::language::syntax::{Assertion, Matcher, Shows};
use crate::protocol::{Outcome, Query, Seen, Trace, Verdict};
use crate::scenario::Step;
use crate::scenario::matcher::bind_within;
use crate::value::Value;

impl Course<'_> {
    /// One read.
    pub(super) async fn read(&mut self, assertion: &Assertion, step: &Step) -> Result<(), Stopped> {
        if !self.claims_actor(assertion.query.actor.as_ref()) {
            return Ok(());
        }
        let query = self.query(&assertion.query)?;
        let expectation = self.expectation(assertion)?;
        let mut sightings = Sightings::default();
        let look = self.look(&query, assertion, &mut sightings).await?;
        let seen = look.seen();
        if !is_usable(seen) {
            // A read that is only done, as a part of what is tried, was done.
            if matches!(seen, Seen::Broken(_)) && expectation.is_none() && assertion.captures.is_empty() {
                return Ok(());
            }
            let what = format!("{} brought {}", query.name, in_words(seen, None, 200));
            return Err(Box::new(Finding::new(Verdict::Inconclusive, step.span, what)));
        }
        if let Some(expectation) = &expectation
            && !expectation.holds(seen)
        {
            let what = format!("{} doesn't show {}", query.name, expectation.part);
            let finding = unmet(step.role, expectation.span, what);
            return Err(explain(finding, expectation, &query, &sightings, None));
        }
        self.keep(assertion, &look.asked, step)
    }

    /// `eventually`: polls until the answer is as expected.
    pub(super) async fn eventually(
        &mut self,
        within: Option<Duration>,
        every: Option<Duration>,
        assertion: &Assertion,
        unless: Option<&Matcher>,
        step: &Step,
    ) -> Result<(), Stopped> {
        if !self.claims_actor(assertion.query.actor.as_ref()) {
            return Ok(());
        }
        let query = self.query(&assertion.query)?;
        let Some(expectation) = self.expectation(assertion)? else {
            return self.read(assertion, step).await;
        };
        let unless = unless.map(|matcher| self.bound(assertion, matcher)).transpose()?;
        let within = within.unwrap_or_else(|| self.target.promises.bound_of(&query.name));
        let began = self.engine.clock.now();
        let deadline = began + within;
        let mut pace = Pace::until(deadline, every);
        let mut sightings = Sightings::default();
        let mut stalled = Duration::ZERO;
        loop {
            let look = self.look(&query, assertion, &mut sightings).await?;
            let (seen, asked) = (look.seen(), &look.asked);
            if expectation.holds(seen) {
                if asked.called > deadline + HELD_UP {
                    let late = asked.called.saturating_sub(deadline);
                    return Err(explain(held_up(late, step), &expectation, &query, &sightings, Some(within)));
                }
                self.note_lag(&query, asked);
                self.waited |= sightings.polls() > 1;
                return self.keep(assertion, asked, step);
            }
            if let Some(unless) = unless.as_ref().filter(|unless| unless.holds(seen)) {
                let what = format!("{} showed what it must not show on the way", query.name);
                let mut finding = unmet(step.role, unless.span, what);
                finding.label = "this was seen".into();
                finding.story = Some(sightings.tell(&query, unless.matcher.as_ref(), Some(within)));
                return Err(finding);
            }
            let Some(at) = pace.next(asked.returned) else { break };
            stalled = stalled.max(self.engine.sleep_until(at).await);
        }
        let told = (!within.is_zero()).then_some(within);
        if stalled > pace.interval().max(HELD_UP) {
            return Err(explain(held_up(stalled, step), &expectation, &query, &sightings, told));
        }
        if sightings.last().is_some_and(|seen| !is_usable(seen)) {
            let what = format!("{} gave no usable answer at the deadline", query.name);
            let finding = Finding::new(Verdict::Inconclusive, step.span, what);
            return Err(explain(Box::new(finding), &expectation, &query, &sightings, told));
        }
        let wanted = expectation.part;
        let what = match told {
            Some(within) => format!("{} didn't show {wanted} within {within:?}", query.name),
            None => format!("{} doesn't show {wanted}, and this read promises to do so at once", query.name),
        };
        let finding = unmet(step.role, expectation.span, what);
        Err(explain(finding, &expectation, &query, &sightings, told))
    }

    /// `consistently`: polls for as long as the answer must stay as expected.
    pub(super) async fn consistently(
        &mut self,
        lasts: Duration,
        assertion: &Assertion,
        step: &Step,
    ) -> Result<(), Stopped> {
        if !self.claims_actor(assertion.query.actor.as_ref()) {
            return Ok(());
        }
        let query = self.query(&assertion.query)?;
        let Some(expectation) = self.expectation(assertion)? else {
            return self.read(assertion, step).await;
        };
        self.waited = true;
        let mut pace = Pace::until(self.engine.clock.now() + lasts, None);
        let mut sightings = Sightings::default();
        let mut stalled = Duration::ZERO;
        loop {
            let look = self.look(&query, assertion, &mut sightings).await?;
            let seen = look.seen();
            if is_usable(seen) && !expectation.holds(seen) {
                let what = match sightings.usable() {
                    1 => format!("{} doesn't show what must hold", query.name),
                    _ => format!("{} stopped showing what must hold", query.name),
                };
                let finding = unmet(step.role, expectation.span, what);
                return Err(explain(finding, &expectation, &query, &sightings, Some(lasts)));
            }
            let Some(at) = pace.next(look.asked.returned) else { break };
            stalled = stalled.max(self.engine.sleep_until(at).await);
        }
        if stalled > pace.interval().max(HELD_UP) {
            return Err(explain(held_up(stalled, step), &expectation, &query, &sightings, Some(lasts)));
        }
        if let Some(what) = sightings.too_blind(&query) {
            let finding = Finding::new(Verdict::Inconclusive, step.span, what);
            return Err(explain(Box::new(finding), &expectation, &query, &sightings, Some(lasts)));
        }
        Ok(())
    }

    /// What an assertion expects, with its values; `None` where it only asks.
    pub(super) fn expectation(&self, assertion: &Assertion) -> Result<Option<Expectation>, Stopped> {
        match &assertion.shows {
            None => Ok(None),
            Some(Shows::Absent(span)) => {
                Ok(Some(Expectation { matcher: None, part: Part::Answer, span: *span }))
            }
            Some(Shows::Value(matcher) | Shows::Total(matcher)) => self.bound(assertion, matcher).map(Some),
        }
    }

    fn bound(&self, assertion: &Assertion, matcher: &Matcher) -> Result<Expectation, Stopped> {
        let tolerances = self.target.promises.tolerances_of(&assertion.query.name.text);
        let bound = bind_within(matcher, &self.scope(), tolerances).map_err(broken_expression)?;
        Ok(Expectation { matcher: Some(bound), part: Part::of(assertion), span: matcher.span })
    }

    async fn look(
        &mut self,
        query: &Query,
        assertion: &Assertion,
        sightings: &mut Sightings,
    ) -> Result<Look, Stopped> {
        let call = &assertion.query;
        let actor = call.actor.as_ref().map(|actor| Arc::from(&*actor.text));
        let session = self.speaks(actor.as_ref(), call.span).await?;
        let asked = self.lane.ask(session, query).await;
        self.requested = asked.trace.as_ref().map(Trace::request);
        let look = Part::of(assertion).look(asked, query, call.span)?;
        sightings.add(look.seen(), look.asked.called, look.asked.returned);
        Ok(look)
    }

    /// How long the last command's effect took to show, unless time was spent on something else in between.
    fn note_lag(&mut self, query: &Query, asked: &Asked) {
        let Some(sent) = self.sent.last().filter(|_| !self.waited) else { return };
        if matches!(sent.outcome, Outcome::Accepted(_)) {
            let at_most = asked.returned.saturating_sub(sent.returned);
            self.lags.push(Lag { query: query.name.clone(), at_most });
        }
    }

    fn keep(&mut self, assertion: &Assertion, asked: &Asked, step: &Step) -> Result<(), Stopped> {
        if assertion.captures.is_empty() {
            return Ok(());
        }
        let mut told = match &asked.answer.seen {
            Seen::Found(value) => value.clone(),
            other => {
                let name = &assertion.captures[0].name;
                let what = format!(
                    "${} can't be taken from the answer, which was: {}",
                    name.text,
                    in_words(other, None, 120)
                );
                return Err(untaken(step.role, name.span, &what));
            }
        };
        if let Value::Record(record) = &mut told {
            if let Some(version) = &asked.answer.version
                && record.get("version").is_none()
            {
                record.insert("version", version.to_value());
            }
            if let Some(position) = asked.answer.position
                && record.get("position").is_none()
            {
                record.insert("position", position);
            }
        }
        self.capture(&assertion.captures, &told, step.role)
    }
}

/// A machine that was held up has looked too seldom, or too late.
fn held_up(by: Duration, step: &Step) -> Stopped {
    let what = format!("this machine was held up for {by:.0?} while polling, so nothing can be said");
    Box::new(Finding::new(Verdict::Inconclusive, step.span, what).ours())
}

/// Adds what was seen, and where it differs from what was expected.
fn explain(
    mut finding: Stopped,
    expectation: &Expectation,
    query: &Query,
    sightings: &Sightings,
    allowed: Option<Duration>,
) -> Stopped {
    let matcher = expectation.matcher.as_ref();
    finding.story = Some(sightings.tell(query, matcher, allowed));
    match sightings.last() {
        Some(seen @ Seen::Found(_)) if matcher.is_some() => {
            Box::new(finding.mismatches(expectation.mismatches(seen)))
        }
        Some(seen) => Box::new(finding.label(format!("the answer was: {}", in_words(seen, matcher, 120)))),
        None => finding,
    }
}
