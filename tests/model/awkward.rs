//! Names that are words of the language, or no words at all, in backticks and quotes.

use proofmark::contract::rules::{Decision, Model as _, World};
use proofmark::language::parse_scenarios;
use proofmark::step::submit_in_words;
use proofmark::text::Source;
use proofmark::value::Tolerances;

use super::{command, found, query, shipped};

const AWKWARD: &str = "tests/language/valid/awkward.contract";

#[test]
fn rules_speak_of_awkward_names() {
    let model = shipped(AWKWARD);
    let mut world = World::new();
    let mut send = |fields: &str| {
        let decisions = model.decide(&world, &command("send-off", "p", fields)).expect("a decision");
        let decided: Vec<String> = decisions
            .into_iter()
            .map(|decision| match decision {
                Decision::Accepted(acceptance) => {
                    world = acceptance.world;
                    "accepted".to_owned()
                }
                Decision::Rejected(code) => code.to_string(),
            })
            .collect();
        decided.join(" ")
    };
    let fields = |number: u32| format!(r#"{{"if": {number}, "to-port": "Oslo", "from": "Rome"}}"#);
    assert_eq!(send(&fields(4)), "TooMany");
    assert_eq!(send(&fields(2)), "accepted");
    assert_eq!(send(&fields(2)), "AlreadyOn");
    let shown = model.answer(&world, &query("GetParcel", Some("p"), "{}")).expect("an answer");
    let right = found(r#"{"status": "in-transit", "not": true, "to-port": "Oslo"}"#);
    assert_eq!(shown.differences(&right, &Tolerances::EXACT), []);
    let wrong = found(r#"{"status": "on", "not": true, "to-port": "Rome"}"#);
    assert_eq!(shown.differences(&wrong, &Tolerances::EXACT).len(), 2);
}

#[test]
fn what_is_written_of_them_is_read_again() {
    let sent = command("send-off", "p", r#"{"if": 2, "to-port": "Oslo", "from": "Rome"}"#);
    let words = submit_in_words(&sent.clone().into());
    assert_eq!(words, r#"`send-off` on "p" { if: 2, "to-port": "Oslo", from: "Rome" }"#);
    let text = format!("use awkward\n\nscenario \"s\"\n  when {words}\n  then accepted\n");
    let parsed = parse_scenarios(&Source::new("s.scenario", text));
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let told = format!("{:?}", parsed.tree.scenarios[0].steps[0].kind);
    for name in ["\"send-off\"", "\"if\"", "\"to-port\"", "\"from\""] {
        assert!(told.contains(name), "{name}: {told}");
    }
}
