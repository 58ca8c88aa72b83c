//! Requests that are made to hurt, each followed by a plain command that has to do what it did before.

use super::bases::Base;
use crate::adapter::{Malformation, Unreachable};
use crate::conform::canary::{Health, look};
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::contract::FieldDef;
use crate::history::Role;
use crate::protocol::ClauseId;

/// Kinds of commands that are attacked, at most.
const KINDS: u64 = 2;
/// Hostile requests of each; a test counts them.
const ATTACKS: u64 = 16;

pub(super) const REQUESTS: Experiment = Experiment {
    name: "attack",
    cases: KINDS * ATTACKS,
    lanes: 1,
    control: Control::Behind,
    needed,
    act: |case, number| Box::pin(attack(case, number)),
    ..PLAIN
};

/// From the mildest to the worst.
fn attacks() -> Vec<Malformation> {
    let texts =
        Malformation::HOSTILE_TEXTS.into_iter().map(|text| Malformation::HostileText(text.to_owned()));
    let others = [
        Malformation::NullByte,
        Malformation::InvalidUtf8,
        Malformation::HugeNumber,
        Malformation::ManyHeaders(2000),
        Malformation::LongPath(50_000),
        Malformation::DeepNesting(1000),
        Malformation::DeepNesting(100_000),
        Malformation::Oversized(32 * 1024 * 1024),
    ];
    texts.chain(others).collect()
}

/// Those with the most to say first: only what is said in fields can be said wrongly.
fn targets(lab: &Lab) -> Vec<&Base> {
    let fields = |base: &Base| lab.contract.command(&base.command.name).map_or(&[][..], |def| &*def.fields);
    let all = lab.bases.get().map_or(&[][..], |bases| bases);
    let mut all: Vec<&Base> =
        all.iter().filter(|base| fields(base).iter().any(FieldDef::is_required)).collect();
    all.sort_by_key(|base| std::cmp::Reverse(fields(base).len()));
    all
}

fn needed(lab: &Lab, number: u64) -> bool {
    let left = |bases: &Vec<Base>| bases.is_empty() || number / ATTACKS < targets(lab).len() as u64;
    lab.bases.get().is_none_or(left)
}

/// Sends one, and sees how the target is.
async fn attack(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    lab.bases().await?;
    if number == 0
        && let Health::Sick { why, .. } = look(lab).await
    {
        lab.ledger.doubt(ClauseId::Se2, format!("the target was not well before: {why}"));
        lab.poisoned();
        return Ok(());
    }
    let place = usize::try_from(number / ATTACKS).unwrap_or(usize::MAX);
    let Some(base) = targets(lab).get(place).copied() else {
        case.gives_up("no valid command with fields was accepted that could be made hostile");
        return Ok(());
    };
    if !base.brought(case).await {
        return Ok(());
    }
    case.role(Role::Act);
    let how = attacks().swap_remove(usize::try_from(number % ATTACKS).unwrap_or(0));
    let bound = case.bound(&base.of_others());
    if !case.is_in_turn() && case.misbehave(&bound, &how).await.is_none() {
        return Ok(());
    }
    case.role(Role::Canary);
    let session = case.session().await?;
    case.send(session, &base.command).await;
    case.settle().await;
    // Who does not get well any more is not attacked further.
    if look(lab).await != Health::Well {
        lab.poisoned();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attack_has_a_number() {
        assert_eq!(attacks().len() as u64, ATTACKS);
    }
}
