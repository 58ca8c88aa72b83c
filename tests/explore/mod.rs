//! What the rules of the shipped contracts reach, and that values said to sit on a comparison do.

use proofmark::explore::{Bounds, Fired, explore};

use super::model::shipped;

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
                    let alone = graph.edges.iter().any(|edge| {
                        edge.sent.name == (*command.name).into() && edge.fired == Fired::Alone(at)
                    });
                    let told = (&*command.name, &*rule.code.text);
                    assert_eq!(alone, !impossible.contains(&told), "{path}: {told:?}\n{}", nodes.join("\n"));
                }
            }
        }
    }
}
