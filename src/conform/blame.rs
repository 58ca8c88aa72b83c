//! Which clauses are broken where commands come one by one: in a sequence, and in the control of a race.

use std::sync::Arc;

use crate::clause::{Judged, is_phantom};
use crate::contract::Contract;
use crate::contract::explore::fire;
use crate::contract::rules::{Interpreted, Model as _, World};
use crate::history::{Act, Operation};
use crate::judge::{self, Judgement, Mismatch, MismatchKind, Must};
use crate::protocol::{ClauseId, Command, Expected, Outcome};
use crate::value::Record;

/// What commands that came one by one are judged by.
pub(crate) struct Blame<'a> {
    pub(crate) model: &'a Interpreted,
    pub(crate) contract: &'a Contract,
    /// With the values that were drawn for the names of what is judged.
    pub(crate) settings: judge::Settings,
}

/// The first thing to look at where something is wrong one by one.
const FIRST: &str = "send these commands one by one, and look at what becomes of the last of them";

impl Blame<'_> {
    /// The clauses that are broken by the first thing that is wrong in these operations; none where nothing is.
    pub(crate) fn judged(&self, operations: &[Operation], judgement: &Judgement) -> Vec<(ClauseId, Judged)> {
        let Some(mismatch) = judgement.mismatches.first() else { return Vec::new() };
        let broken = |id| {
            let mut judged = Judged::default();
            judged.broken_by(mismatch, FIRST);
            (id, judged)
        };
        self.observed(operations, mismatch).into_iter().map(broken).collect()
    }

    /// What a mismatch breaks by what was seen, where nobody has made the way to it small: of what came before it, nothing can be blamed.
    fn observed(&self, operations: &[Operation], mismatch: &Mismatch) -> Vec<ClauseId> {
        let is_view = self.contract.query(&mismatch.message).is_some_and(|query| query.is_view);
        match mismatch.kind {
            MismatchKind::Outcome => self.by_kind(operations, mismatch),
            MismatchKind::Unexplained => vec![ClauseId::Ec3],
            _ if is_view => vec![ClauseId::Qs5, ClauseId::Ec1],
            _ => vec![ClauseId::Ec1],
        }
    }

    /// What a mismatch breaks in the smallest sequence that shows it: whatever is in it takes part in it.
    pub(crate) fn clauses(&self, operations: &[Operation], mismatch: &Mismatch) -> Vec<ClauseId> {
        match (mismatch.kind, &operations[mismatch.operation].act) {
            (MismatchKind::Outcome, Act::Submit { command, outcome, .. })
                if command.key.is_none()
                    && self.knows_what_was_refused(&operations[..mismatch.operation], command, outcome) =>
            {
                vec![ClauseId::Br1]
            }
            _ => self.by_kind(operations, mismatch),
        }
    }

    fn by_kind(&self, operations: &[Operation], mismatch: &Mismatch) -> Vec<ClauseId> {
        let act = &operations[mismatch.operation].act;
        let is_view = self.contract.query(&mismatch.message).is_some_and(|query| query.is_view);
        // Whether what was refused last has left something behind, and what came last does several things.
        let before = operations[..mismatch.operation].iter().rev();
        let last = before.clone().find_map(|operation| match &operation.act {
            Act::Submit { command, outcome, .. } => Some((command, outcome)),
            _ => None,
        });
        let refused = matches!(last, Some((_, Outcome::Rejected(_))));
        let several = last.is_some_and(|(command, _)| {
            self.contract.command(&command.name).is_some_and(|command| command.effects > 1)
        });
        // What is wrong with a retry is wrong with how keys are kept.
        let submitted = match act {
            Act::Submit { command, .. } => Some(command),
            _ => last.map(|(command, _)| command),
        };
        if let Some(id) = submitted.and_then(|command| repeats(operations, command)) {
            return vec![id];
        }
        match (mismatch.kind, act) {
            // Nobody else was at this aggregate.
            (MismatchKind::Outcome, Act::Submit { command, outcome: Outcome::Rejected(rejection), .. })
                if command.expected == Expected::Any && rejection.is_conflict() =>
            {
                vec![ClauseId::Oc4]
            }
            (MismatchKind::Outcome, Act::Submit { command, outcome, .. }) => {
                let mut broken = vec![ClauseId::Br6];
                match (&mismatch.must, outcome) {
                    (Must::Outcome(allowed), Outcome::Rejected(_)) if allowed.iter().all(Option::is_none) => {
                        broken.push(ClauseId::Ch1);
                    }
                    (Must::Outcome(allowed), Outcome::Accepted(_)) => {
                        let malformed = |code: &Option<Arc<str>>| code.as_deref() == Some("Malformed");
                        if allowed.iter().any(malformed) {
                            broken.push(ClauseId::Ch2);
                        }
                        if self.breaks_an_invariant(operations, command) {
                            broken.push(ClauseId::Br2);
                        }
                    }
                    _ => {}
                }
                broken
            }
            (MismatchKind::Unexplained, _) => vec![ClauseId::Ec3],
            (_, _) if refused && is_phantom(self.model, self.settings.clone(), operations) => {
                vec![ClauseId::Br1, ClauseId::Ec3]
            }
            (_, _) if refused => vec![ClauseId::Br1],
            (_, _) if is_view => vec![ClauseId::Qs5, ClauseId::Ec1],
            (_, _) if several => vec![ClauseId::Br3, ClauseId::Ec1],
            _ => vec![ClauseId::Ec1],
        }
    }

    /// Whether a decision that is wrong behind these operations is right if one of the commands that were refused among them has done what it
    /// was refused to do.
    fn knows_what_was_refused(&self, before: &[Operation], decided: &Command, outcome: &Outcome) -> bool {
        let sent: Vec<(&Command, &Outcome)> = before
            .iter()
            .filter_map(|operation| match &operation.act {
                Act::Submit { command, outcome, .. } => Some((&**command, outcome)),
                _ => None,
            })
            .collect();
        let free = Command { expected: Expected::Any, ..decided.clone() };
        let is_right = |world: &World<Record>| match fire(self.model, world, &free) {
            Ok((_, behind)) => behind.is_some() == outcome.is_accepted(),
            Err(_) => false,
        };
        let refused = (0..sent.len()).filter(|at| matches!(sent[*at].1, Outcome::Rejected(_)));
        refused.into_iter().any(|left| {
            let done = sent.iter().enumerate().filter(|(at, (_, out))| *at == left || out.is_accepted());
            let mut done = done.map(|(_, (command, _))| *command);
            let world = done.try_fold(World::new(), |world, command| {
                Some(self.model.unrefused(&world, command).ok()??.world)
            });
            world.is_some_and(|world| is_right(&world))
        })
    }

    /// Whether what was accepted against the rules leads to where the contract says nothing ever leads.
    fn breaks_an_invariant(&self, operations: &[Operation], accepted: &Command) -> bool {
        let mut world = World::new();
        for operation in operations {
            let Act::Submit { command, outcome: Outcome::Accepted(_), .. } = &operation.act else { continue };
            if command.id == accepted.id {
                return self.model.breaks_invariant(&world, command);
            }
            let Ok(Some(effect)) = self.model.unrefused(&world, command) else { return false };
            world = effect.world;
        }
        false
    }
}

/// Which clause says what the second of two commands under one key must come to; nothing if the command is no second.
fn repeats(operations: &[Operation], command: &Arc<Command>) -> Option<ClauseId> {
    let key = command.key.as_ref()?;
    let submitted = operations.iter().filter_map(|operation| match &operation.act {
        Act::Submit { command, .. } => Some(command),
        _ => None,
    });
    let mut of_key = submitted.filter(|other| other.key.as_ref() == Some(key));
    let first = of_key.next()?;
    of_key.next()?;
    let same = first.name == command.name && first.on == command.on && first.fields == command.fields;
    Some(if same { ClauseId::Id1 } else { ClauseId::Id2 })
}
