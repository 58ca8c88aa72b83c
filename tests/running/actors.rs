//! Who is speaking: `as alice`.

use proofmark::protocol::{Capability, Verdict};

use super::toy::{Toy, accepted, check, level, run};

/// Two people can speak to it.
fn toy() -> Toy {
    Toy { known: &["alice", "bob"], ..Toy::showing(|_, _| level(1)) }
}

/// Runs the steps and holds who sent or asked what, each once in a row, against `expected`.
fn heard(steps: &str, expected: &[&str]) {
    let toy = toy();
    let heard = toy.heard.clone();
    let result = run(toy, steps);
    assert_eq!(result.verdict, Verdict::Pass, "{steps}: {:#?}", result.findings);
    let mut heard = heard.lock().expect("no panic before").clone();
    heard.dedup();
    assert_eq!(heard, expected, "{steps}");
}

#[test]
fn a_step_is_done_by_whom_it_names() {
    heard(
        "given Turn on $l { level: 1 }\nwhen Turn on $l { level: 1 } as alice\nthen Look on $l as bob shows { level: 1 }",
        &["default Turn", "alice Turn", "bob Look"],
    );
    heard(
        "when Turn on $l { level: 1 }\nthen eventually Look on $l as bob shows { level: 1 }\n\
         and consistently for 100ms Look on $l as alice shows { level: 1 }",
        &["default Turn", "bob Look", "alice Look"],
    );
}

#[test]
fn a_retry_is_sent_by_whom_the_first_was() {
    heard("when Turn on $l { level: 1 } key \"k\" as bob\nwhen repeat last", &["bob Turn"]);
}

#[test]
fn a_watch_looks_as_whom_it_names() {
    heard(
        "when Turn on $l { level: 1 }\nthen never Look on $l as alice shows { level: 2 }",
        &["alice Look", "default Turn", "alice Look"],
    );
}

#[test]
fn each_racer_speaks_for_itself() {
    let toy = toy();
    let heard = toy.heard.clone();
    run(
        toy,
        "when race\n  a: Turn on $l { level: 1 } as alice\n  b: Turn on $l { level: 2 } as bob\nthen exactly 2 of a, b accepted",
    );
    let mut heard = heard.lock().expect("no panic before").clone();
    heard.sort();
    assert_eq!(heard, ["alice Turn", "bob Turn"]);
}

#[test]
fn many_racers_may_speak_as_one_and_have_a_name() {
    let result = run(toy(), "when race 3 of Turn on $l { level: 1 } as alice as $r\nthen all $r accepted");
    assert!(result.sent.iter().all(|sent| sent.actor.as_deref() == Some("alice")));
    assert_eq!(result.sent.len(), 3);
}

#[test]
fn whom_the_target_does_not_know_leaves_the_step_out() {
    let unknown = "nobody called `carol`";
    check(toy(), "when Turn on $l { level: 1 } as carol", Verdict::NotClaimed, unknown);
    check(
        toy(),
        "when Turn on $l { level: 1 }\nthen Look on $l as carol shows any",
        Verdict::NotClaimed,
        unknown,
    );
    check(
        toy(),
        "when Turn on $l { level: 1 }\nthen never Look on $l as carol shows { level: 1 }",
        Verdict::NotClaimed,
        unknown,
    );
    check(
        toy(),
        "when race\n  a: Turn on $l { level: 1 } as alice\n  b: Turn on $l { level: 2 } as carol\nthen exactly 1 of a, b accepted",
        Verdict::NotClaimed,
        unknown,
    );
}

#[test]
fn a_target_without_actors_leaves_the_step_out() {
    let mut toy = toy();
    toy.description.capabilities = toy.description.capabilities.without(Capability::Actors);
    let heard = toy.heard.clone();
    check(toy, "when Turn on $l { level: 1 } as alice", Verdict::NotClaimed, "does not claim `actors`");
    assert!(heard.lock().expect("no panic before").is_empty());
}

#[test]
fn the_failure_says_who_sent_what() {
    let toy = Toy { known: &["alice"], ..Toy::deciding(|_, _| super::toy::rejected(Some("Burnt"))) };
    check(toy, "when Turn on $l { level: 1 } as alice", Verdict::Fail, "as alice →");
    let toy = Toy { known: &["alice"], ..Toy::deciding(|_, _| accepted(1)) };
    check(toy, "when Turn on $l { level: 1 } as alice", Verdict::Pass, "");
}
