//! Who speaks: a session for each actor that steps name, beside that of a scenario which names none.

use std::sync::Arc;

use super::Finding;
use super::course::{Course, Stopped};
use super::session::Recorded;
use crate::history::Part;
use crate::language::syntax::Ident;
use crate::protocol::{Actor, Capability, Verdict};
use crate::text::Span;

/// The sessions of those that steps name (`as alice`). A handful at most, so they are looked through.
#[derive(Default)]
pub(super) struct Speakers {
    sessions: Vec<(Arc<str>, Recorded)>,
}

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

    /// The session of an actor, opened when it first speaks; of nobody by name, the scenario's own.
    pub(super) async fn session_of(
        &mut self,
        actor: Option<&Arc<str>>,
        span: Span,
    ) -> Result<&mut Recorded, Stopped> {
        let Some(actor) = actor else { return Ok(&mut self.session) };
        let known = self.speakers.sessions.iter().position(|(name, _)| name == actor);
        let at = match known {
            Some(at) => at,
            None => {
                let session = self.connect(Some(actor), span).await?;
                self.speakers.sessions.push((actor.clone(), session));
                self.speakers.sessions.len() - 1
            }
        };
        Ok(self.speakers.sessions.get_mut(at).map_or(&mut self.session, |(_, session)| session))
    }

    /// A session of its own for a watch or a racer.
    pub(super) async fn connect(&mut self, actor: Option<&str>, span: Span) -> Result<Recorded, Stopped> {
        let speaks = actor.map_or_else(Actor::default, Actor::named);
        let part = Part::of(self.case);
        let opened = self.engine.session(&*self.world, &speaks, part).await;
        opened.map_err(|error| Box::new(Finding::new(Verdict::Inconclusive, span, error.to_string())))
    }
}
