//! What the rules of the shipped contracts reach, and that values said to sit on a comparison do.

mod drawing;
mod enough;

use proofmark::contract::explore::{Bounds, Fired, contradictions, explore};
use proofmark::suite::Suite;

use super::model::{shipped, written};

#[test]
fn the_shipped_contracts_are_small_graphs_in_which_every_rule_fires_alone() {
    for (path, impossible) in [
        ("scenarios/orders/orders.contract", &[][..]),
        ("scenarios/bank/bank.contract", &[]),
        ("scenarios/stock/stock.contract", &[]),
    ] {
        let model = shipped(path);
        for graph in explore(&model, Bounds::default()) {
            let nodes: Vec<&str> = graph.nodes.iter().map(|node| &*node.label).collect();
            assert!(!graph.cut && nodes.len() <= 60, "{path}: {} nodes\n{}", nodes.len(), nodes.join("\n"));
            assert!(graph.broken.is_empty(), "{path}: {:?}", graph.broken);
            for command in model.contract().commands() {
                let rules = model.rules(&command.name).expect("its rules");
                for (at, rule) in rules.rejects.iter().enumerate() {
                    let mut all = graph.edges.iter().map(|edge| (&edge.sent, edge.fired)).chain(
                        // What takes many lines is no transition between states that are told apart.
                        graph.ways.iter().filter_map(|way| Some((way.goal()?, way.fired))),
                    );
                    let alone =
                        all.any(|(sent, fired)| sent.name == command.name && fired == Fired::Alone(at));
                    let told = (&*command.name, &*rule.code.text);
                    assert_eq!(alone, !impossible.contains(&told), "{path}: {told:?}\n{}", nodes.join("\n"));
                }
            }
        }
    }
}

#[test]
fn shipped_contracts_do_not_contradict_themselves() {
    let suite = Suite::load(["scenarios"]).expect("a folder");
    assert_eq!(suite.contradictions().to_string(), "");
}

#[test]
fn the_shortest_way_to_a_broken_invariant_is_told() {
    let model = written(
        "contract test\naggregate Box\n  state open: bool = false\n  state count: int = 0\n  command Open\n    set open = true\n  command Put { amount: int 1..10 }\n    reject Closed when not self.open\n    set count = amount\n  invariant \"few\": self.count < 10\n",
    );
    let told = contradictions(&model, &explore(&model, Bounds::default()));
    let [told] = &told[..] else { panic!("{told:?}") };
    assert_eq!(told.code.0, "broken-invariant");
    let advice = &told.fix.as_ref().expect("advice").advice;
    assert_eq!(advice, "the shortest way there: Open on $box1, then Put on $box1 {amount: 10}");
}
