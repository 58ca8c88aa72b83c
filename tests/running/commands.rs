use proofmark::protocol::{Capability, Expected, Outcome, Verdict, Version};

use super::toy::{Toy, accepted, check, rejected, run, run_with, unknown};

fn always(outcome: Outcome) -> Toy {
    Toy::deciding(move |_, _| outcome.clone())
}

const GIVEN: &str = "given Turn on $l { level: 1 }\nwhen Turn on $l { level: 2 }";
const WHEN: &str = "when Turn on $l { level: 2 }";

#[test]
fn a_given_that_is_not_accepted_is_a_broken_set_up() {
    check(
        always(rejected(Some("Burnt"))),
        GIVEN,
        Verdict::Inconclusive,
        "the set-up failed: Turn was rejected Burnt",
    );
    check(always(Outcome::Unknown(unknown())), GIVEN, Verdict::Inconclusive, "the set-up failed");
    check(always(accepted(1)), GIVEN, Verdict::Pass, "");
}

#[test]
fn any_outcome_is_whatever_it_was_known_or_not() {
    let any = format!("{WHEN}\nthen any outcome");
    for outcome in [accepted(1), rejected(Some("Burnt")), rejected(None), Outcome::Unknown(unknown())] {
        check(always(outcome), &any, Verdict::Pass, "");
    }
}

#[test]
fn a_when_must_be_accepted_unless_a_then_says_otherwise() {
    check(always(rejected(Some("Burnt"))), WHEN, Verdict::Fail, "Turn was rejected Burnt");
    check(always(rejected(Some("Burnt"))), &format!("{WHEN}\nthen rejected Burnt"), Verdict::Pass, "");
    check(
        always(accepted(1)),
        &format!("{WHEN}\nthen rejected Burnt"),
        Verdict::Fail,
        "expected: rejected Burnt",
    );
    check(
        always(rejected(Some("Burnt"))),
        &format!("{WHEN}\nthen accepted"),
        Verdict::Fail,
        "expected: accepted",
    );
}

#[test]
fn what_is_said_belongs_to_the_last_command_only() {
    let second = Toy::deciding(|_, nth| if nth == 0 { accepted(1) } else { rejected(Some("Burnt")) });
    let steps = format!("{WHEN}\nand Turn on $l {{ level: 3 }}\nthen rejected Burnt");
    check(second, &steps, Verdict::Pass, "");
    check(always(rejected(Some("Burnt"))), &steps, Verdict::Fail, "expected: accepted");
}

#[test]
fn a_rejection_without_a_name_is_any_rejection_and_no_certain_one() {
    let unnamed = || always(rejected(None));
    check(unnamed(), &format!("{WHEN}\nthen rejected"), Verdict::Pass, "");
    check(
        unnamed(),
        &format!("{WHEN}\nthen rejected Burnt"),
        Verdict::Fail,
        "map it to a rejection in the profile",
    );
}

#[test]
fn one_of_several_codes_will_do_and_details_are_matched() {
    let burnt = || always(rejected(Some("Burnt")));
    check(burnt(), &format!("{WHEN}\nthen rejected Malformed | Burnt"), Verdict::Pass, "");
    check(
        burnt(),
        &format!("{WHEN}\nthen rejected Malformed"),
        Verdict::Fail,
        "expected: rejected Malformed",
    );
    check(burnt(), &format!("{WHEN}\nthen rejected Burnt {{ detail: ~/burnt out/ }}"), Verdict::Pass, "");
    check(burnt(), &format!("{WHEN}\nthen rejected Burnt {{ detail: ~/wet/ }}"), Verdict::Fail, "burnt out");
}

#[test]
fn an_unknown_outcome_is_never_a_rejection_and_decides_nothing() {
    let lost = || always(Outcome::Unknown(unknown()));
    for said in ["accepted", "rejected", "rejected Burnt"] {
        check(
            lost(),
            &format!("{WHEN}\nthen {said}"),
            Verdict::Inconclusive,
            "may or may not have taken effect",
        );
    }
    let refused = always(Outcome::NotSent("connection refused".into()));
    check(refused, WHEN, Verdict::Inconclusive, "not sent: connection refused");
}

#[test]
fn a_repetition_is_the_same_command_to_the_letter() {
    let steps = "when Turn on $l { level: 2 } key unique \"k\"\nwhen repeat last\nthen same outcome";
    let result = check(always(accepted(4)), steps, Verdict::Pass, "");
    assert_eq!(result.sent[0].command, result.sent[1].command);
    assert!(result.sent[0].command.key.as_ref().is_some_and(|key| key.starts_with("k-")));
    check(
        Toy::deciding(|_, nth| accepted(nth as u64)),
        steps,
        Verdict::Fail,
        "expected: the same as the first time, accepted as version 0",
    );
    let undone = Toy::deciding(|_, nth| if nth == 0 { accepted(1) } else { rejected(Some("Burnt")) });
    check(undone, steps, Verdict::Fail, "Turn was rejected Burnt");
    let lost = Toy::deciding(|_, nth| if nth == 0 { accepted(1) } else { Outcome::Unknown(unknown()) });
    check(lost, steps, Verdict::Inconclusive, "may or may not");
}

#[test]
fn a_version_is_captured_and_demanded() {
    let steps = "when Turn on $l { level: 2 } -> $v = version\nwhen Turn on $l { level: 3 } at version $v";
    let result = check(always(accepted(4)), steps, Verdict::Pass, "");
    assert_eq!(result.sent[1].command.expected, Expected::Exactly(Version::Number(4)));
    let nothing = "when Turn on $l { level: 2 } -> $v = nonsense\nwhen Turn on $l { level: $v }";
    check(always(accepted(4)), nothing, Verdict::Inconclusive, "$v can't be taken from {version: 4}");
}

#[test]
fn what_is_not_claimed_is_left_out_and_the_rest_still_runs() {
    let steps = "when Turn on $l { level: 2 } key \"k\"\nthen accepted\nand Look on $l shows { level: 0 }";
    let unkeyed = || {
        let mut toy = always(accepted(1));
        toy.description.capabilities = toy.description.capabilities.without(Capability::Idempotency);
        toy
    };
    let result = check(unkeyed(), steps, Verdict::NotClaimed, "does not claim `idempotency`");
    assert_eq!((result.sent.len(), result.steps), (0, 4));
    assert_eq!(run_with(unkeyed(), steps, |runner| runner.strict(true)).verdict, Verdict::Fail);
    // What rests on a command that was never sent can't be held against the target.
    let resting = steps.replace("level: 0", "level: 1");
    check(unkeyed(), &resting, Verdict::NotClaimed, "not judged, since a step before was left out");
    let before = format!("then Look on $l shows {{ level: 1 }}\n{steps}");
    assert_eq!(run(unkeyed(), &before).verdict, Verdict::Fail);
}

#[test]
fn an_expression_without_a_value_says_nothing_about_the_target() {
    check(
        always(accepted(1)),
        "when Turn on $l { level: 2 } -> $v = version\nwhen Turn on $l { level: 1e400 * $v }",
        Verdict::Inconclusive,
        "exactly",
    );
}

#[test]
fn the_same_outcome_has_the_same_id_version_and_reason() {
    let steps = "when Turn on $l { level: 2 } key \"k\"\nthen rejected\nwhen repeat last\nthen same outcome";
    let codes = |first: &'static str, second: &'static str| {
        Toy::deciding(move |_, nth| rejected(Some(if nth == 0 { first } else { second })))
    };
    check(codes("Burnt", "Burnt"), steps, Verdict::Pass, "");
    check(
        codes("Burnt", "Malformed"),
        steps,
        Verdict::Fail,
        "expected: the same as the first time, rejected Burnt",
    );
    let named = Toy::deciding(|_, nth| {
        let id = Some(proofmark::value::Value::from(nth as u64));
        Outcome::Accepted(proofmark::protocol::Receipt { id, ..proofmark::protocol::Receipt::default() })
    });
    check(
        named,
        "when Turn on $l { level: 2 }\nwhen repeat last\nthen same outcome",
        Verdict::Fail,
        "the same as",
    );
}

#[test]
fn what_a_rejection_tells_can_be_kept() {
    let steps = "when Turn on $l { level: 2 } -> $why = detail\nthen rejected\n\
                 when Turn on $l { level: 3 } key $why\nthen rejected";
    let result = check(always(rejected(Some("Burnt"))), steps, Verdict::Pass, "");
    assert_eq!(result.sent[1].command.key.as_deref(), Some("the lamp is burnt out"));
}

#[test]
fn a_version_that_can_not_be_demanded_leaves_the_command_and_its_repetition_out() {
    let mut unversioned = always(accepted(1));
    unversioned.description.capabilities =
        unversioned.description.capabilities.without(Capability::ExpectedVersion);
    let steps = "when Turn on $l { level: 1 }\nwhen Turn on $l { level: 2 } at version 1\nwhen repeat last\nthen same outcome";
    let result = check(unversioned, steps, Verdict::NotClaimed, "does not claim `expected-version`");
    assert_eq!(result.sent.len(), 1);
}

#[test]
fn a_broken_promise_comes_before_what_its_answer_lacks() {
    let steps = "when Turn on $l { level: 2 } -> $v = version\nthen accepted";
    check(always(rejected(Some("Burnt"))), steps, Verdict::Fail, "Turn was rejected Burnt");
    let bare = Outcome::Accepted(proofmark::protocol::Receipt::default());
    check(always(bare), steps, Verdict::Inconclusive, "$v can't be taken from");
}

#[test]
fn a_retry_settles_what_nobody_knew() {
    let first_lost =
        || Toy::deciding(|_, nth| if nth == 0 { Outcome::Unknown(unknown()) } else { accepted(1) });
    let steps = "when Turn on $l { level: 2 } key unique \"k\"\nwhen repeat last\nthen accepted";
    check(first_lost(), steps, Verdict::Pass, "");
    check(always(rejected(Some("Burnt"))), steps, Verdict::Fail, "expected: accepted");
    let same = steps.replace("then accepted", "then same outcome");
    check(first_lost(), &same, Verdict::Inconclusive, "may or may not have taken effect");
}

#[test]
fn the_same_outcome_needs_something_to_compare() {
    use proofmark::protocol::Receipt;
    let steps = "when Turn on $l { level: 2 }\nwhen repeat last\nthen same outcome";
    let toy = |tell: fn(usize) -> Receipt| Toy::deciding(move |_, nth| Outcome::Accepted(tell(nth)));
    check(toy(|_| Receipt::default()), steps, Verdict::Inconclusive, "nothing that could be compared");
    let positions = |nth| Receipt { position: Some(nth as u64), ..Receipt::default() };
    check(toy(positions), steps, Verdict::Fail, "the same as the first time");
    let body = |nth: usize| {
        let mut body = proofmark::value::Record::new();
        body.insert("payment", nth as u64);
        body
    };
    assert_eq!(
        run(toy(|_| Receipt { position: Some(1), ..Receipt::default() }), steps).verdict,
        Verdict::Pass
    );
    let bodies =
        Toy::deciding(move |_, nth| Outcome::Accepted(Receipt { body: body(nth), ..Receipt::default() }));
    check(bodies, steps, Verdict::Fail, "the same as the first time");
}

#[test]
fn hostile_words_of_a_target_are_inert_and_short() {
    let evil = |long: bool| {
        let text = format!("\u{1b}[2Jgone{}", if long { "x".repeat(10_000_000) } else { String::new() });
        let rejection = proofmark::protocol::Rejection {
            code: Some(text.as_str().into()),
            detail: Some(text.as_str().into()),
            ..Default::default()
        };
        Outcome::Rejected(rejection)
    };
    let opaque = || {
        let version = Some(Version::Opaque("\u{1b}[2Jv".into()));
        Outcome::Accepted(proofmark::protocol::Receipt { version, ..Default::default() })
    };
    for (outcome, steps) in
        [(evil(false), WHEN), (evil(true), WHEN), (opaque(), "when Turn on $l { level: 2 }\nthen rejected")]
    {
        let result = run(always(outcome), steps);
        let block = proofmark::report::failure(&result, "again", proofmark::text::Colour::Plain);
        assert_eq!(result.verdict, Verdict::Fail);
        assert!(!block.contains('\u{1b}'), "{block:?}");
        assert!(block.len() < 5_000, "{} bytes", block.len());
    }
}
