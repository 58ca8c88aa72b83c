//! Which clauses a failed sequence breaks.

use std::sync::Arc;

use crate::clause::is_phantom;
use crate::contract::Contract;
use crate::contract::rules::{Interpreted, Model as _, World};
use crate::history::Act;
use crate::judge::{self, Mismatch, MismatchKind, Must};
use crate::protocol::{ClauseId, Command, Expected, Outcome};
use crate::run::Trial;

/// What sequences are judged by.
pub(crate) struct Blame<'a> {
    pub(crate) model: &'a Interpreted,
    pub(crate) contract: &'a Contract,
    pub(crate) settings: judge::Settings,
}

impl Blame<'_> {
    /// What a mismatch breaks.
    pub(crate) fn clauses(&self, trial: &Trial, mismatch: &Mismatch) -> Vec<ClauseId> {
        let act = &trial.ran.operations[mismatch.operation].act;
        let is_view = self.contract.query(&mismatch.message).is_some_and(|query| query.is_view);
        // Whether what was refused last has left something behind, and what came last does several things.
        let before = trial.ran.operations[..mismatch.operation].iter().rev();
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
        if let Some(id) = submitted.and_then(|command| repeats(trial, command)) {
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
                        if self.breaks_an_invariant(trial, command) {
                            broken.push(ClauseId::Br2);
                        }
                    }
                    _ => {}
                }
                broken
            }
            (MismatchKind::Unexplained, _) => vec![ClauseId::Ec3],
            (_, _) if refused && self.phantom(trial) => vec![ClauseId::Br1, ClauseId::Ec3],
            (_, _) if refused => vec![ClauseId::Br1],
            (_, _) if is_view => vec![ClauseId::Qs5, ClauseId::Ec1],
            (_, _) if several => vec![ClauseId::Br3, ClauseId::Ec1],
            _ => vec![ClauseId::Ec1],
        }
    }

    fn phantom(&self, trial: &Trial) -> bool {
        let ran = &trial.ran;
        let settings =
            judge::Settings { ours: ran.values.values().cloned().collect(), ..self.settings.clone() };
        is_phantom(self.model, settings, &ran.operations)
    }

    /// Whether what was accepted against the rules leads to where the contract says nothing ever leads.
    fn breaks_an_invariant(&self, trial: &Trial, accepted: &Command) -> bool {
        let mut world = World::new();
        for operation in &trial.ran.operations {
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
fn repeats(trial: &Trial, command: &Arc<Command>) -> Option<ClauseId> {
    let key = command.key.as_ref()?;
    let submitted = trial.ran.operations.iter().filter_map(|operation| match &operation.act {
        Act::Submit { command, .. } => Some(command),
        _ => None,
    });
    let mut of_key = submitted.filter(|other| other.key.as_ref() == Some(key));
    let first = of_key.next()?;
    of_key.next()?;
    let same = first.name == command.name && first.on == command.on && first.fields == command.fields;
    Some(if same { ClauseId::Id1 } else { ClauseId::Id2 })
}
