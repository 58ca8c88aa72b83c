//! Two aggregates in one command, `set` without events, the law of types.

use proofmark::contract::rules::{Decision, Interpreted, Model, ModelError, World};
use proofmark::protocol::{Answer, Command, Expected as Wanted, Seen, Version};
use proofmark::value::{Record, Tolerances};

use super::{command, found, query, shipped, written};

const BANK: &str = "scenarios/bank/bank.contract";

/// What a command brings: `accepted`, or the codes it may be refused with. The world follows.
fn send(model: &Interpreted, world: &mut World<Record>, name: &str, on: &str, fields: &str) -> Vec<String> {
    let decisions = model.decide(world, &command(name, on, fields)).expect("a decision");
    let told = |decision: &Decision<Record>| match decision {
        Decision::Accepted(acceptance) if acceptance.unspecified => "unspecified".to_owned(),
        Decision::Accepted(_) => "accepted".to_owned(),
        Decision::Rejected(code) => code.to_string(),
    };
    let outcomes = decisions.iter().map(told).collect();
    for decision in decisions {
        if let Decision::Accepted(acceptance) = decision {
            *world = acceptance.world;
        }
    }
    outcomes
}

#[test]
fn a_bank_keeps_its_rules() {
    let model = shipped(BANK);
    let mut world = World::new();
    let steps: &[(&str, &str, &str, &[&str])] = &[
        ("Deposit", "a", r#"{"amount": 5}"#, &["AccountNotOpen"]),
        ("OpenAccount", "a", r#"{"owner": "ann"}"#, &["accepted"]),
        ("OpenAccount", "a", r#"{"owner": "bob"}"#, &["AccountAlreadyExists"]),
        ("Deposit", "a", r#"{"amount": 0}"#, &["Malformed"]),
        ("Deposit", "a", r#"{"amount": 1.5}"#, &["Malformed"]),
        ("Deposit", "a", "{}", &["Malformed"]),
        ("Deposit", "a", r#"{"amount": null}"#, &["Malformed"]),
        ("Deposit", "a", r#"{"amount": 100}"#, &["accepted"]),
        ("Transfer", "a", r#"{"to": "b", "amount": 30}"#, &["ReceiverNotOpen"]),
        ("Transfer", "a", r#"{"to": "b", "amount": 300}"#, &["ReceiverNotOpen", "InsufficientBalance"]),
        ("OpenAccount", "b", r#"{"owner": "ann"}"#, &["accepted"]),
        ("Transfer", "a", r#"{"to": "a", "amount": 30}"#, &["SameAccount"]),
        ("Transfer", "a", r#"{"to": "b", "amount": 0}"#, &["Malformed"]),
        ("Transfer", "a", r#"{"to": "b", "amount": 30}"#, &["accepted"]),
        ("CloseAccount", "b", "{}", &["BalanceNotZero"]),
    ];
    for (name, on, fields, expected) in steps {
        assert_eq!(send(&model, &mut world, name, on, fields), *expected, "{name} {on} {fields}");
    }
    let shows = |on: &str, answer: &Answer| {
        model
            .answer(&world, &query("GetAccount", Some(on), "{}"))
            .expect("an answer")
            .differences(answer, &Tolerances::EXACT)
    };
    assert_eq!(
        shows("a", &found(r#"{"account": "a", "owner": "ann", "status": "open", "balance": 70}"#)),
        []
    );
    assert_eq!(
        shows("b", &found(r#"{"account": "b", "owner": "ann", "status": "open", "balance": 30.0, "x": 1}"#)),
        []
    );
    assert_eq!(shows("c", &Answer::new(Seen::Absent)), []);
    let wrong = shows("a", &found(r#"{"account": "a", "owner": "ann", "status": "open", "balance": 100}"#));
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].contains("balance") && wrong[0].contains("70") && wrong[0].contains("100"), "{wrong:?}");

    let list = model.answer(&world, &query("ListAccounts", None, r#"{"owner": "ann"}"#)).expect("an answer");
    assert!(
        list.differences(
            &found(r#"[{"account": "b", "balance": 30}, {"account": "a", "balance": 70}]"#),
            &Tolerances::EXACT
        )
        .is_empty()
    );
    assert!(
        !list
            .differences(
                &found(r#"[{"account": "a", "balance": 70}, {"account": "b", "balance": 30}]"#),
                &Tolerances::EXACT
            )
            .is_empty()
    );
    assert!(!list.differences(&found(r#"[{"account": "b", "balance": 30}]"#), &Tolerances::EXACT).is_empty());
}

#[test]
fn a_version_that_is_not_there_conflicts() {
    let model = shipped(BANK);
    let mut demanding = command("OpenAccount", "a", r#"{"owner": "ann"}"#);
    demanding.expected = Wanted::Exactly(Version::Number(3));
    let decisions = model.decide(&World::new(), &demanding).expect("a decision");
    assert!(
        matches!(&decisions[..], [Decision::Rejected(code)] if **code == *"ConcurrencyConflict"),
        "{decisions:?}"
    );
    demanding.expected = Wanted::Exactly(Version::Number(0));
    let decisions = model.decide(&World::new(), &demanding).expect("a decision");
    assert!(matches!(&decisions[..], [Decision::Accepted(_)]), "{decisions:?}");
}

/// Whether what was removed still has its last version, or none as before it was made, is not for a contract to say.
#[test]
fn what_was_removed_has_its_version_or_none() {
    let model = written(
        "contract c\naggregate A\n  state status: absent | there\n\n  command Make\n    set status = there\n\n  \
         command Remove\n    reject Missing when self.status == absent\n    set status = absent\n\n  \
         query Get\n    absent when self.status == absent\n    shows { a: self.id }\n",
    );
    let behind = |world: &World<Record>, name: &str| {
        let decisions = model.decide(world, &command(name, "a", "{}")).expect("a decision");
        let accepted = decisions.into_iter().find_map(|decision| match decision {
            Decision::Accepted(acceptance) => Some(acceptance.world),
            Decision::Rejected(_) => None,
        });
        accepted.expect("it is accepted")
    };
    let told = |world: &World<Record>, version| {
        let demanding = Wanted::Exactly(Version::Number(version));
        let decisions = model.decide(world, &Command { expected: demanding, ..command("Make", "a", "{}") });
        let accepts = |decision: &Decision<_>| matches!(decision, Decision::Accepted(_));
        let decisions = decisions.expect("a decision");
        (decisions.iter().any(accepts), !decisions.iter().all(accepts))
    };
    let made = behind(&World::new(), "Make");
    let removed = behind(&made, "Remove");
    assert_eq!([told(&made, 1), told(&made, 0)], [(true, false), (false, true)]);
    assert_eq!([told(&removed, 2), told(&removed, 0)], [(true, true), (true, true)]);
}

const PARTIAL: &str = "contract c\naggregate A\n  state n: int 0..5 = 0\n  state m: int = 7\n\n  command Free\n\n  \
    command None\n    no effect\n\n  command Swap\n    set n = self.m\n    set m = self.n\n\n  command Move { to: A }\n    \
    set to.n = 1\n\n  command Down { by: int }\n    in order\n    reject First when by > 3\n    reject Second when by > 2\n    \
    set m = self.m - by\n\n  query Open\n\n  invariant \"m is not negative\": self.m >= 5\n";

#[test]
fn what_the_rules_leave_open_is_unspecified() {
    let model = written(PARTIAL);
    let mut world = World::new();
    assert_eq!(send(&model, &mut world, "Free", "a", "{}"), ["unspecified"]);
    assert_eq!(send(&model, &mut world, "None", "a", "{}"), ["accepted"]);
    assert_eq!(world, World::new());
    assert_eq!(send(&model, &mut world, "Move", "a", r#"{"to": "a"}"#), ["unspecified"]);
    assert_eq!(send(&model, &mut world, "Move", "a", r#"{"to": "b"}"#), ["accepted"]);
    assert_eq!(send(&model, &mut world, "Down", "a", r#"{"by": 4}"#), ["First"]);
    let anything = model.answer(&world, &query("Open", Some("a"), "{}")).expect("an answer");
    assert!(anything.differences(&Answer::new(Seen::Absent), &Tolerances::EXACT).is_empty());
}

#[test]
fn rules_that_break_themselves_are_errors() {
    let model = written(PARTIAL);
    let unlawful = model.decide(&World::new(), &command("Swap", "a", "{}"));
    assert!(matches!(unlawful, Err(ModelError::Unlawful { .. })), "{unlawful:?}");
    let broken = model.decide(&World::new(), &command("Down", "a", r#"{"by": 3}"#));
    assert!(
        matches!(&broken, Ok(decisions) if matches!(&decisions[..], [Decision::Rejected(_)])),
        "{broken:?}"
    );
    let mut world = World::new();
    assert_eq!(send(&model, &mut world, "Down", "a", r#"{"by": 2}"#), ["accepted"]);
    let broken = model.decide(&world, &command("Down", "a", r#"{"by": 1}"#));
    assert!(matches!(broken, Err(ModelError::Invariant { .. })), "{broken:?}");
    let unknown = model.decide(&world, &command("Nope", "a", "{}"));
    assert!(matches!(unknown, Err(ModelError::UnknownMessage { .. })), "{unknown:?}");
}

#[test]
fn what_a_service_may_have_no_room_for_may_be_refused() {
    let model = shipped(BANK);
    let long = format!("{{\"owner\": \"{}\"}}", "x".repeat(300));
    for fields in [r#"{"owner": "ann", "colour": "red"}"#, r#"{"owner": " "}"#, r#"{"owner": 5}"#, &long] {
        let mut outcomes = send(&model, &mut World::new(), "OpenAccount", "a", fields);
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["Malformed", "accepted"], "{fields}");
    }
}
