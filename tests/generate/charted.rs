//! Which rules and transitions came up is counted, and nothing that did not.

use std::sync::Arc;

use proofmark::contract::explore::{Bounds, Chart, explore, fire};
use proofmark::contract::rules::{Interpreted, World};
use proofmark::generate::{Charted, Cover, Settings, Walks};
use proofmark::judge::{Coverage, RuleCount, Settings as Judging, judge};
use proofmark::protocol::Command;
use proofmark::step::Source as _;

use super::super::checking::Story;
use super::super::model::{command, shipped, written};
use super::{SHIPPED, commands};

fn covered(model: &Arc<Interpreted>, story: &Story) -> Coverage {
    let chart = Arc::new(Chart::new(explore(model, Bounds::default())));
    let judgement = judge(&Charted::new(model.clone(), chart), &Judging::default(), &story.operations);
    assert_eq!(judgement.mismatches, []);
    judgement.coverage
}

/// What a sound service says to these commands.
fn sound(model: &Interpreted, commands: Vec<&Command>) -> Story {
    let (mut story, mut world) = (Story::default(), World::new());
    for sent in commands {
        let (fired, behind) = fire(model, &world, sent).expect("an outcome");
        let stops = model.stops(&world, sent).expect("rules");
        let code = stops
            .rules
            .first()
            .map(|rule| model.rules(&sent.name).expect("rules").rejects[*rule].code.text.to_string());
        story.does(
            sent.clone(),
            &match behind {
                Some(_) => "accepted".to_owned(),
                None => code.unwrap_or_else(|| format!("{fired:?}")),
            },
        );
        world = behind.unwrap_or(world);
    }
    story
}

#[test]
fn whoever_walks_all_transitions_is_seen_to_have_taken_them() {
    for path in SHIPPED {
        let model = Arc::new(shipped(path));
        let settings = Settings { seed: 0, max_len: 60, cases: 1000 };
        let mut walks = Walks::new(model.clone(), settings, Cover::Transitions, Bounds::default());
        let mut all = Coverage::default();
        while let Some(sequence) = walks.next() {
            all.add(&covered(&model, &sound(&model, commands(&sequence))));
        }
        let edges: usize = walks.graphs().iter().map(|graph| graph.edges.len()).sum();
        let missed: Vec<_> = (0..edges).filter(|edge| !all.transitions.contains_key(edge)).collect();
        assert_eq!(missed, [0; 0], "{path}");
        let rules: usize = model
            .contract()
            .commands()
            .map(|def| model.rules(&def.name).map_or(0, |r| r.rejects.len()))
            .sum();
        assert_eq!(all.rules.values().filter(|count| count.alone > 0).count(), rules, "{path}");
    }
}

#[test]
fn a_rule_is_alone_only_if_no_other_would_refuse() {
    let model = Arc::new(written(
        "contract test\naggregate Box\n  state full: bool = false\n  command Fill { by: int }\n    reject Full when self.full\n    reject Many when by > 9\n    set full = true\n",
    ));
    let fill = |by: u32| command("Fill", "b", &format!(r#"{{"by": {by}}}"#));
    let check = |steps: &[(u32, &str)], rules: &[(usize, u64, u64)], transitions: u64| {
        let mut story = Story::default();
        for (by, said) in steps {
            story.does(fill(*by), said);
        }
        let coverage = covered(&model, &story);
        let expected = rules
            .iter()
            .map(|(at, fired, alone)| (("Fill".into(), *at), RuleCount { fired: *fired, alone: *alone }));
        assert_eq!(coverage.rules, expected.collect(), "{steps:?}");
        assert_eq!(coverage.transitions.values().sum::<u64>(), transitions, "{steps:?}");
    };
    check(&[(1, "accepted")], &[], 1);
    check(&[(10, "Many")], &[(1, 1, 1)], 1);
    check(&[(1, "accepted"), (2, "Full")], &[(0, 1, 1)], 2);
    check(&[(1, "accepted"), (10, "Full"), (10, "Many")], &[(0, 1, 0), (1, 1, 0)], 3);
}

#[test]
fn a_retry_is_no_transition_of_its_own() {
    let model = Arc::new(shipped("scenarios/bank/bank.contract"));
    let mut story = Story::default();
    story.does(command("OpenAccount", "a", r#"{"owner": "o"}"#), "accepted");
    let keyed = Command { key: Some("k".into()), ..command("Deposit", "a", r#"{"amount": 1}"#) };
    story.does(keyed.clone(), "accepted");
    story.does(keyed, "accepted");
    if let Some(proofmark::history::Operation {
        act: proofmark::history::Act::Submit { attempt, .. }, ..
    }) = story.operations.last_mut()
    {
        *attempt = 1;
    }
    assert_eq!(covered(&model, &story).transitions.values().sum::<u64>(), 2);
}
