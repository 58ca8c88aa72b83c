//! Sequences that are made up: typed, named, the same for the same seed, and covering what they say they cover.

mod boundaries;
mod charted;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use proofmark::contract::explore::{Bounds, Fired, explore, fire};
use proofmark::contract::rules::{Decision, Interpreted, Model, World};
use proofmark::generate::{Cover, Pair, Random, Settings, Walks, commuting_pairs, conflicting_pairs};
use proofmark::protocol::{Command, Promises};
use proofmark::step::{Aim, Sequence, Source, Step, Submit};
use proofmark::value::{Demand, Name, Value};
use proptest::prelude::*;

use super::model::{command, shipped};

const SHIPPED: [&str; 3] =
    ["scenarios/orders/orders.contract", "scenarios/bank/bank.contract", "scenarios/stock/stock.contract"];

fn all(source: &mut dyn Source) -> Vec<(Sequence, Vec<Aim>)> {
    std::iter::from_fn(|| Some((source.next()?, source.aims().to_vec()))).collect()
}

fn commands(sequence: &Sequence) -> Vec<&Command> {
    let submitted = sequence.steps.iter().filter_map(|step| match step {
        Step::Submit(submit) => Some(&submit.command),
        _ => None,
    });
    submitted.collect()
}

/// A sequence holds what it says: its names are declared, and each step does to the model what it was meant for.
fn check(model: &Interpreted, sequence: &Sequence, aims: &[Aim]) {
    assert_eq!(sequence.steps.len(), aims.len());
    let mut used = HashSet::new();
    let mut world = World::new();
    for (step, aim) in sequence.steps.iter().zip(aims) {
        step.each_name(|name| {
            used.insert(name.clone());
        });
        match step {
            Step::Ask(query) => {
                model.answer(&world, query).expect("an answer");
                assert_eq!(*aim, Aim::Reads);
            }
            Step::Submit(Submit { command: sent, .. }) => {
                let decisions = model.decide(&world, sent).expect("a decision");
                let accepted = decisions.iter().find_map(|decision| match decision {
                    Decision::Accepted(acceptance) => Some(&acceptance.world),
                    Decision::Rejected(_) => None,
                });
                assert_eq!(accepted.is_some(), *aim == Aim::Accepted, "{sent:?} {aim:?}");
                if let Aim::Rejected(code) = aim {
                    assert!(decisions.contains(&Decision::Rejected(code.clone())), "{sent:?} {aim:?}");
                }
                world = accepted.cloned().unwrap_or(world);
            }
            Step::Settle => assert_eq!(*aim, Aim::Reads),
        }
    }
    let declared: HashSet<_> = sequence.names.iter().map(|binding| binding.name.clone()).collect();
    assert_eq!(declared.len(), sequence.names.len(), "a name is declared twice");
    assert_eq!(declared, used);
    let bound = sequence.bind(|name| Some(Value::from(format!("drawn for {name}"))));
    for step in &bound {
        step.each_name(|name| panic!("{name} has no value in {step:?}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_sequences_are_what_they_say(seed: u64, max_len in 1_usize..40, which in 0_usize..3) {
        let model = Arc::new(shipped(SHIPPED[which]));
        let settings = Settings { seed, max_len, cases: 3 };
        let made = all(&mut Random::new(model.clone(), settings));
        prop_assert_eq!(made.len(), 3);
        for (sequence, aims) in &made {
            prop_assert!(sequence.steps.len() <= max_len);
            check(&model, sequence, aims);
        }
        prop_assert_eq!(made, all(&mut Random::new(model, settings)));
    }
}

#[test]
fn random_sequences_go_on_and_visit_each_rejection_alone() {
    for path in SHIPPED {
        let model = Arc::new(shipped(path));
        let settings = Settings { seed: 7, max_len: 40, cases: 100 };
        let (mut fired, mut accepted, mut sent) = (HashSet::new(), 0, 0);
        for (sequence, aims) in all(&mut Random::new(model.clone(), settings)) {
            for (step, aim) in sequence.steps.iter().zip(aims) {
                let Step::Submit(command) = step else { continue };
                sent += 1;
                accepted += usize::from(aim == Aim::Accepted);
                fired.insert((command.command.name.to_string(), aim));
            }
        }
        assert!(accepted * 2 > sent, "{path}: {accepted} of {sent} are accepted");
        for command in model.contract().commands() {
            let accepts = (command.name.to_string(), Aim::Accepted);
            assert!(fired.contains(&accepts), "{path}: {accepts:?}");
            for code in &command.rejections {
                let alone = (command.name.to_string(), Aim::Rejected((**code).into()));
                // Whoever draws lots does not come to eleven lines of one product: walks go there.
                assert!(fired.contains(&alone) || **code == *"TooManyLines", "{path}: {alone:?}");
            }
        }
    }
}

/// A bank that takes amounts from 50 to 60: what the contract allows and it can't take is never sent, and all else goes on.
#[test]
fn what_is_made_up_is_such_as_the_target_can_take() {
    let demand = Demand::Whole { least: Some(50), most: Some(60) };
    let mut promises = Promises::default();
    promises.demands.insert("amount".into(), demand);
    let model = Arc::new(shipped(SHIPPED[1]).fit_for(&promises));
    let settings = Settings { seed: 7, max_len: 20, cases: 60 };
    let walks = Walks::new(model.clone(), settings, Cover::Transitions, Bounds::default());
    let sources: [Box<dyn Source>; 2] = [Box::new(Random::new(model.clone(), settings)), Box::new(walks)];
    for mut source in sources {
        let (mut sent, mut taken) = (0, 0);
        for step in std::iter::from_fn(|| source.next()).flat_map(|sequence| sequence.steps) {
            let Step::Submit(submit) = step else { continue };
            sent += 1;
            let Some(amount) = submit.command.fields.get("amount").and_then(Value::as_number) else {
                continue;
            };
            let amount = amount.to_i64().expect("a whole number");
            assert!(amount < 1 || (50..=60).contains(&amount), "{amount} was made up");
            taken += usize::from(amount >= 50);
        }
        assert!(sent > 60 && taken * 4 > sent, "{taken} of {sent} commands carry an amount");
    }
}

#[test]
fn walks_visit_every_state_and_every_transition_of_the_shipped_contracts() {
    for path in SHIPPED {
        for cover in [Cover::States, Cover::Transitions] {
            let model = Arc::new(shipped(path));
            let settings = Settings { seed: 0, max_len: 60, cases: 1000 };
            let mut walks = Walks::new(model.clone(), settings, cover, Bounds::default());
            let (mut states, mut edges, mut alone) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
            let graph = explore(&model, Bounds::default()).remove(0);
            let label = |node: usize| graph.nodes[node].label.clone();
            let known = graph
                .edges
                .iter()
                .map(|edge| (label(edge.from), edge.sent.name.clone(), edge.fired, label(edge.to)));
            let known: BTreeSet<_> = known.collect();
            let made = all(&mut walks);
            for (sequence, aims) in &made {
                check(&model, sequence, aims);
                let mut world = World::new();
                for sent in commands(sequence) {
                    let from = graph.key(&model, &world);
                    let (fired, behind) = fire(&model, &world, sent).expect("an outcome");
                    world = behind.unwrap_or(world);
                    let to = graph.key(&model, &world);
                    states.insert(to.clone());
                    alone.extend(matches!(fired, Fired::Alone(_)).then(|| (sent.name.clone(), fired)));
                    // Ways to what takes many lines take transitions of their own.
                    let edge = (from, sent.name.clone(), fired, to);
                    edges.extend(Some(edge).filter(|edge| known.contains(edge)));
                }
            }
            let told = format!("{path}, {cover:?}: {} walks, {} missed", made.len(), walks.missed());
            match cover {
                Cover::States => assert_eq!(states.len() + walks.missed() + 1, graph.nodes.len(), "{told}"),
                Cover::Transitions => {
                    assert_eq!(edges.len(), graph.edges.len() - walks.missed(), "{told}");
                    let declared =
                        model.contract().commands().filter_map(|command| model.rules(&command.name));
                    assert_eq!(
                        alone.len(),
                        declared.map(|rules| rules.rejects.len()).sum::<usize>(),
                        "{told}"
                    );
                }
            }
            assert_eq!(walks.missed(), 0, "{told}");
        }
    }
}

/// Commands, each with a query that was asked behind it, before anything else was sent.
fn looked(model: &Arc<Interpreted>) -> HashSet<(Arc<str>, Arc<str>)> {
    let settings = Settings { seed: 0, max_len: 60, cases: 1000 };
    let mut walks = Walks::new(model.clone(), settings, Cover::Transitions, Bounds::default());
    let mut looked = HashSet::new();
    for (sequence, aims) in all(&mut walks) {
        let (mut sent, mut asked) = (None, Vec::new());
        for (step, aim) in sequence.steps.iter().zip(&aims) {
            match step {
                Step::Submit(submit) => {
                    sent = Some(&submit.command.name).filter(|_| *aim == Aim::Accepted);
                    looked.extend(std::mem::take(&mut asked));
                }
                Step::Ask(query) => asked.extend(sent.map(|sent| (sent.clone(), query.name.clone()))),
                Step::Settle => {}
            }
        }
    }
    looked
}

/// What is asked at the end alone shows only what was done last: later commands may cover what earlier ones did. And a view needs
/// values that an aggregate doesn't.
#[test]
fn walks_look_at_what_a_command_changes_right_behind_it() {
    for path in SHIPPED {
        let model = Arc::new(shipped(path));
        let looked = looked(&model);
        let effects = model.effects();
        assert!(!effects.is_empty(), "{path}");
        for effect in effects {
            let place = (effect.command.clone(), effect.query.clone());
            assert!(looked.contains(&place), "{path}: nothing looked for {effect} before more was sent");
        }
        let removed = ("RemoveItem".into(), "ListCustomerOrders".into());
        assert!(path != SHIPPED[0] || looked.contains(&removed), "{path}: what is gone shows, too");
    }
}

#[test]
fn pairs_are_accepted_alone_and_not_both_or_add_up() {
    let model = shipped("scenarios/bank/bank.contract");
    let graph = explore(&model, Bounds::default()).remove(0);
    let mut world = World::new();
    for (name, fields) in [("OpenAccount", r#"{"owner": "$o"}"#), ("Deposit", r#"{"amount": 5}"#)] {
        for on in ["account1", "account2"] {
            let sent = Command { on: Some(Name::new(on).into()), ..command(name, "", fields) };
            let (_, behind) = fire(&model, &world, &sent).expect("an outcome");
            world = behind.expect("accepted");
        }
    }
    let amount = |command: &Command| command.fields.get("amount").map(ToString::to_string);
    let conflicting = conflicting_pairs(&model, &world, &graph);
    let overdrawn = |pair: &&Pair| {
        [&pair.first, &pair.second].iter().all(|sent| {
            &*sent.name == "Transfer"
                && amount(sent).as_deref() == Some("5")
                && sent.on == Some(Name::new("account1").into())
        })
    };
    assert!(conflicting.iter().any(|pair| overdrawn(&pair)), "{conflicting:?}");
    let commuting = commuting_pairs(&model, &world, &graph);
    let paid_in = |pair: &&Pair| {
        &*pair.first.name == "Deposit" && &*pair.second.name == "Deposit" && pair.first.on == pair.second.on
    };
    assert!(commuting.iter().any(|pair| paid_in(&pair)), "{commuting:?}");
    assert!(!commuting.iter().any(|pair| conflicting.contains(pair)));
}
