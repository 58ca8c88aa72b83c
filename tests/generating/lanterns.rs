//! What a service chooses and shows: it lasts as long as the contract says, in sequences as well as in scenarios.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::protocol::{Answer, Rejection, Seen, Verdict};
use proofmark::value::{Moment, Record, Value};
use serde::Deserialize;

use super::replayed;
use super::services::passes;
use super::written::reads_back;

const CONTRACT: &str = "tests/generating/lanterns.contract";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bug {
    /// When it was hung up is when it was turned last.
    HangsAgain,
    /// The same, in lists alone.
    ListsAnother,
    /// When it was turned last is when it is looked at.
    TurnsWithLooks,
}

#[derive(Deserialize)]
enum Do {
    Hang,
    Turn,
    Remove,
}

#[derive(Deserialize)]
enum Show {
    GetLantern,
    ListLanterns,
}

struct Lantern {
    turns: u64,
    hung: u32,
    turned: u32,
}

#[derive(Default)]
struct Lanterns {
    /// One second passes with everything that is done, and with each look.
    now: u32,
    hanging: BTreeMap<String, Lantern>,
}

fn at(second: u32) -> Value {
    let (minute, second) = (second / 60 % 60, second % 60);
    let text = format!("2026-03-01T10:{minute:02}:{second:02}Z");
    assert!(Moment::parse(&text).is_some());
    text.into()
}

fn lanterns(bug: Option<Bug>) -> InProcess<Mutex<Lanterns>> {
    InProcess::builder("lanterns", |_| Mutex::new(Lanterns::default()))
        .speaks("lanterns")
        .ids(IdForm::Text)
        .bound(Duration::ZERO)
        .commands(|lanterns, sent: Sent<Do>| async move {
            let mut lanterns = lanterns.lock().expect("no panic");
            lanterns.now += 1;
            let now = lanterns.now;
            match (sent.command, lanterns.hanging.get_mut(&sent.on)) {
                (Do::Hang, None) => {
                    lanterns.hanging.insert(sent.on, Lantern { turns: 0, hung: now, turned: now });
                }
                (Do::Hang, Some(_)) => return Err(Rejection::named("HangsAlready")),
                (Do::Turn, Some(lantern)) => (lantern.turns, lantern.turned) = (lantern.turns + 1, now),
                (Do::Remove, Some(_)) => drop(lanterns.hanging.remove(&sent.on)),
                (Do::Turn | Do::Remove, None) => return Err(Rejection::named("NotHanging")),
            }
            Ok(())
        })
        .queries(move |lanterns, asked: Asked<Show>| async move {
            let mut lanterns = lanterns.lock().expect("no panic");
            lanterns.now += 1;
            let now = lanterns.now;
            let hung = |lantern: &Lantern, bug| if bug { lantern.turned } else { lantern.hung };
            let seen = match asked.query {
                Show::GetLantern => {
                    let on = asked.on.unwrap_or_default();
                    lanterns.hanging.get(&on).map(|lantern| {
                        let turned = if bug == Some(Bug::TurnsWithLooks) { now } else { lantern.turned };
                        Value::from(Record::from([
                            ("lantern", Value::from(on)),
                            ("turns", lantern.turns.into()),
                            ("hung_at", at(hung(lantern, bug == Some(Bug::HangsAgain)))),
                            ("turned_at", at(turned)),
                            ("seen_at", at(now)),
                        ]))
                    })
                }
                Show::ListLanterns => Some(Value::List(
                    lanterns
                        .hanging
                        .iter()
                        .map(|(id, lantern)| {
                            let hung_at = at(hung(lantern, bug == Some(Bug::ListsAnother)));
                            Record::from([("lantern", Value::from(&**id)), ("hung_at", hung_at)]).into()
                        })
                        .collect(),
                )),
            };
            Answer::new(seen.map_or(Seen::Absent, Seen::Found))
        })
        .build()
}

#[test]
fn what_lasts_as_long_as_it_must_passes() {
    passes(lanterns(None), CONTRACT);
}

/// It is found, and what is written of it fails by what its last step is shown: the scenario expects no value.
#[test]
fn what_a_service_chose_and_changes_is_found_in_sequences_and_in_their_scenarios() {
    for (bug, query) in [
        (Bug::HangsAgain, "GetLantern"),
        (Bug::ListsAnother, "ListLanterns"),
        (Bug::TurnsWithLooks, "GetLantern"),
    ] {
        let written = reads_back(|| lanterns(Some(bug)), || lanterns(None), CONTRACT);
        let [told] = &*written else { panic!("one cause is one finding: {written:#?}") };
        assert!(
            told.headline.starts_with(&format!("{query} keeps showing what the service chose")),
            "{told:#?}"
        );
    }
}

/// What a scenario reads by itself; each reader is held against its own reads, and what was removed in between is let alone.
#[test]
fn what_a_service_chose_and_changes_fails_a_scenario() {
    let scenario = |steps: &str| {
        let head = "feature \"Lanterns\"\nuse lanterns\n\nscenario \"one\"\n  let $l = new Lantern\n";
        format!("{head}  when Hang on $l\n{steps}\n")
    };
    let check = |steps: &str, bug, must| {
        let text = scenario(steps);
        assert_eq!(
            replayed(&text, CONTRACT, [lanterns(Some(bug)), lanterns(None)]),
            [must, Verdict::Pass],
            "{text}"
        );
    };
    let read = "then GetLantern on $l shows { turns: any }";
    let again = "then eventually GetLantern on $l shows { turns: > 0 }";
    check(&format!("{read}\nwhen Turn on $l\n{again}"), Bug::HangsAgain, Verdict::Fail);
    check(
        &format!("{read}\nwhen Turn on $l\nand Remove on $l\nand Hang on $l\n{read}"),
        Bug::HangsAgain,
        Verdict::Pass,
    );
    let listed = "then ListLanterns shows each { hung_at: any }";
    check(&format!("{listed}\nwhen Turn on $l\n{listed}"), Bug::ListsAnother, Verdict::Fail);
    check(
        &format!("then settled\nand {}\nand {}", &read[5..], &read[5..]),
        Bug::TurnsWithLooks,
        Verdict::Fail,
    );
    // Nothing proves that it had come to rest, or it was turned in between.
    check(&format!("{read}\nand {}", &read[5..]), Bug::TurnsWithLooks, Verdict::Pass);
    check(
        &format!("then settled\n{read}\nwhen Turn on $l\nthen settled\n{read}"),
        Bug::TurnsWithLooks,
        Verdict::Pass,
    );
}
