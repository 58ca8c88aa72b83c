//! What may become of one command in one world.

use std::collections::HashMap;
use std::sync::Arc;

use super::Settings;
use crate::contract::rules::{Acceptance, Decision, Model, ModelError, World};
use crate::protocol::{Command, Does, Effect, Expected, Outcome, Version};
use crate::value::Value;

/// The refusal of a key that was used for something else.
const REUSED: &str = "KeyReused";

/// One thing that may become of a command.
pub(super) struct Possible<S> {
    pub(super) says: Says,
    /// The world behind it.
    pub(super) world: World<S>,
    pub(super) changed: bool,
    /// Whether more may have happened than is known.
    pub(super) unspecified: bool,
    /// How many events it is made of; reads may see the world between two of them.
    pub(super) events: usize,
    /// The declared departure that makes it possible.
    pub(super) deviation: Option<usize>,
}

/// What a target says of a command.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Says {
    Accepted,
    Rejected(Arc<str>),
}

impl Says {
    pub(super) fn fits(&self, outcome: &Outcome) -> bool {
        match (self, outcome) {
            (_, Outcome::Unknown(_)) | (Self::Accepted, Outcome::Accepted(_)) => true,
            (Self::Rejected(code), Outcome::Rejected(rejection)) => rejection.code.as_ref() == Some(code),
            _ => false,
        }
    }

    pub(super) fn code(&self) -> Option<&Arc<str>> {
        match self {
            Self::Accepted => None,
            Self::Rejected(code) => Some(code),
        }
    }

    pub(super) fn words(&self) -> String {
        match self {
            Self::Accepted => "accepted".into(),
            Self::Rejected(code) => format!("rejected {code}"),
        }
    }
}

/// What is remembered of the command that first came with a key: its place among the operations, and its outcome.
pub(super) type Keys = HashMap<Arc<str>, (usize, Says)>;

/// Which of the model's versions stands behind a version that the target told.
pub(super) type Versions = HashMap<(Value, Version), u64>;

/// What a command comes upon.
pub(super) struct Situation<'a, S> {
    pub(super) world: &'a World<S>,
    pub(super) keys: &'a Keys,
    pub(super) versions: &'a Versions,
    /// The command that came with a key, by its place.
    pub(super) first: &'a dyn Fn(usize) -> Option<Arc<Command>>,
}

/// Everything that may become of `command`, but for conflicts with commands that overlap it.
pub(super) fn possible<M: Model>(
    model: &M,
    settings: &Settings,
    command: &Command,
    situation: &Situation<'_, M::State>,
) -> Result<Vec<Possible<M::State>>, ModelError> {
    let Situation { world, .. } = situation;
    let mut found = Vec::new();
    if settings.keys
        && let Some(key) = &command.key
        && let Some((first, says)) = situation.keys.get(key)
    {
        let first = (situation.first)(*first);
        let same = first.as_ref().is_some_and(|first| same_body(first, command));
        if same {
            found.push(nothing(world, says.clone()));
        }
        // Whether another demand makes it another request, services see either way.
        if !same || first.is_some_and(|first| first.expected != command.expected) {
            found.push(nothing(world, Says::Rejected(REUSED.into())));
        }
        if *says == Says::Accepted {
            return Ok(found);
        }
        // What was refused need not be remembered: the command may be looked at anew.
    }
    let translated = translate(command, situation.versions);
    let command = translated.as_ref().unwrap_or(command);
    let decisions = model.decide(world, command)?;
    let accepted = decisions.iter().any(|decision| matches!(decision, Decision::Accepted(_)));
    let refusals = decisions.len() - usize::from(accepted);
    for (at, deviation) in settings.promises.deviations.iter().enumerate() {
        if deviation.command != command.name {
            continue;
        }
        let applies =
            decisions.iter().any(|d| matches!(d, Decision::Rejected(code) if *code == deviation.rule));
        let effect = match (deviation.does, deviation.effect) {
            // Where another rule stops it as well, this departure does not let it through.
            (Does::Accepts, _) if !applies || accepted || refusals > 1 => continue,
            (Does::Rejects, _) if applies || !accepted => continue,
            (_, Effect::None) => Some(None),
            (_, Effect::Applied) => model.unrefused(world, command)?.map(Some),
        };
        let says = match deviation.does {
            Does::Accepts => Says::Accepted,
            Does::Rejects => Says::Rejected(deviation.rule.clone()),
        };
        let mut departs = match effect {
            Some(None) => nothing(world, says),
            Some(Some(acceptance)) => brought(acceptance, says),
            None => Possible { unspecified: true, ..nothing(world, says) },
        };
        departs.deviation = Some(at);
        found.push(departs);
    }
    found.extend(decisions.into_iter().map(|decision| match decision {
        Decision::Accepted(acceptance) => brought(acceptance, Says::Accepted),
        Decision::Rejected(code) => nothing(world, Says::Rejected(code)),
    }));
    Ok(found)
}

/// An outcome that changes nothing.
pub(super) fn nothing<S: Clone>(world: &World<S>, says: Says) -> Possible<S> {
    Possible { says, world: world.clone(), changed: false, unspecified: false, events: 0, deviation: None }
}

fn brought<S>(acceptance: Acceptance<S>, says: Says) -> Possible<S> {
    let Acceptance { world, events, unspecified } = acceptance;
    Possible { says, world, changed: true, unspecified, events: events.len(), deviation: None }
}

/// Whether two commands ask for the same, whatever version they demand.
fn same_body(a: &Command, b: &Command) -> bool {
    a.name == b.name && a.on == b.on && a.fields == b.fields
}

/// The command with the demanded version as the model counts; nothing where it stays as it is.
fn translate(command: &Command, versions: &Versions) -> Option<Command> {
    let (Expected::Exactly(version), Some(on)) = (&command.expected, &command.on) else { return None };
    if *version == Version::Number(0) {
        return None;
    }
    // A version that was never told may be right or wrong: the model takes an opaque one for either.
    let version = match versions.get(&(on.clone(), version.clone())) {
        Some(counted) => Version::Number(*counted),
        None => Version::Opaque("?".into()),
    };
    Some(Command { expected: Expected::Exactly(version), ..command.clone() })
}
