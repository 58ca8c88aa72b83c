//! Several events for one command, rejections in order, lists in any order.

use proofmark::contract::rules::{Decision, Model, World};
use proofmark::protocol::{Answer, Seen};
use proofmark::value::Tolerances;

use super::{command, found, query, shipped};

#[test]
fn a_stock_keeps_its_rules() {
    let model = shipped("scenarios/stock/stock.contract");
    let mut world = World::new();
    let steps: &[(&str, &str, &[&str])] = &[
        ("Reserve", r#"{"order": "o1", "quantity": 1}"#, &["ArticleNotFound"]),
        ("Receive", r#"{"quantity": 5}"#, &["Received"]),
        ("Reserve", r#"{"order": "o1", "quantity": 3}"#, &["Reserved"]),
        ("Reserve", r#"{"order": "o1", "quantity": 3}"#, &["AlreadyReserved"]),
        ("Reserve", r#"{"order": "o2", "quantity": 3}"#, &["NotEnoughStock"]),
        ("Reserve", r#"{"order": "o2", "quantity": 1}"#, &["Reserved"]),
        ("Ship", r#"{"order": "o3"}"#, &["NotReserved"]),
        ("Reserve", r#"{"order": "o3", "quantity": 1}"#, &["Reserved"]),
        ("Ship", r#"{"order": "o1"}"#, &["Shipped", "Released"]),
    ];
    for (name, fields, expected) in steps {
        let decisions = model.decide(&world, &command(name, "a", fields)).expect("a decision");
        let [decision] = &decisions[..] else { panic!("{name} {fields}: {decisions:?}") };
        let told: Vec<String> = match decision {
            Decision::Accepted(accepted) => {
                accepted.events.iter().map(|event| event.name.to_string()).collect()
            }
            Decision::Rejected(code) => vec![code.to_string()],
        };
        assert_eq!(told, *expected, "{name} {fields}");
        if let Decision::Accepted(accepted) = decision {
            world = accepted.world.clone();
        }
    }
    let expected = model.answer(&world, &query("GetArticle", Some("a"), "{}")).expect("an answer");
    let told = |on_hand, second| {
        format!(
            r#"{{"on_hand": {on_hand}, "available": 0, "reservations": [{second}, {{"order": "o2", "quantity": 1}}]}}"#
        )
    };
    assert_eq!(
        expected.differences(&found(&told(2, r#"{"order": "o3", "quantity": 1}"#)), &Tolerances::EXACT),
        []
    );
    assert_eq!(
        expected.differences(&found(&told(3, r#"{"order": "o3", "quantity": 1}"#)), &Tolerances::EXACT).len(),
        1
    );
    assert_eq!(
        expected.differences(&found(&told(2, r#"{"order": "o2", "quantity": 1}"#)), &Tolerances::EXACT).len(),
        1
    );
    assert_eq!(expected.differences(&Answer::new(Seen::Absent), &Tolerances::EXACT).len(), 1);
}
