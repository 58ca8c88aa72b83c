//! Who speaks: those that steps name (`as alice`), and nobody by name.

use std::sync::Arc;

use super::Finding;
use super::course::{Course, Stopped};
use super::session::Recorded;
use crate::adapter::Unreachable;
use crate::history::{Part, Role};
use crate::language::syntax::Ident;
use crate::protocol::{Actor, Capability, Verdict};
use crate::text::Span;

impl Course<'_> {
    /// Whether the target claims that it can be spoken to by this one. If not, the scenario is not claimed, and the step
    /// left out.
    pub(super) fn claims_actor(&mut self, actor: Option<&Ident>) -> bool {
        let Some(actor) = actor else { return true };
        if !self.claims(Capability::Actors, actor.span) {
            return false;
        }
        let knows = self.engine.target.knows_actor(&actor.text);
        if !knows {
            let what = format!("the target knows nobody called `{}`, who speaks in this step", actor.text);
            self.findings.push(Finding::new(Verdict::NotClaimed, actor.span, what));
        }
        knows
    }

    /// The session of an actor, or of nobody by name.
    pub(super) async fn speaks(&mut self, actor: Option<&Arc<str>>, span: Span) -> Result<usize, Stopped> {
        self.lane.session_of(actor).await.map_err(|error| unreachable(&error, span))
    }

    /// A session of its own for a watch.
    pub(super) async fn looks_on(&mut self, actor: Option<&str>, span: Span) -> Result<Recorded, Stopped> {
        let speaks = actor.map_or_else(Actor::default, Actor::named);
        let part = Part::of(self.lane.case()).role(Role::Watch);
        self.lane.connect(&speaks, part).await.map_err(|error| unreachable(&error, span))
    }
}

fn unreachable(error: &Unreachable, span: Span) -> Stopped {
    Box::new(Finding::new(Verdict::Inconclusive, span, error.to_string()))
}
