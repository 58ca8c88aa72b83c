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
    let wrong = steps.replace("level: 0", "level: 1");
    assert_eq!(run(unkeyed(), &wrong).verdict, Verdict::Fail);
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
