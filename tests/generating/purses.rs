//! What the rules leave open is judged by nobody, and what comes behind it is not held against the service.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use proofmark::adapter::{Asked, IdForm, InProcess, Sent};
use proofmark::conform::{Examiner, Selection, Stand};
use proofmark::contract::rules::Interpreted;
use proofmark::protocol::{Answer, Rejection, Seen};
use proofmark::run::Seed;
use proofmark::text::Source;
use proofmark::value::{Record, Value};
use serde::Deserialize;

use super::services::{found, passes};

const CONTRACT: &str = "tests/generating/purses.contract";

#[derive(Deserialize)]
enum Do {
    Open,
    Put { amount: i64 },
    Give { to: String, amount: i64 },
}

#[derive(Deserialize)]
enum Show {
    GetPurse,
}

/// Whoever gives to himself has as much more; where `owes`, whoever gives too much owes it.
fn purses(owes: bool) -> InProcess<Mutex<BTreeMap<String, i64>>> {
    InProcess::builder("purses", |_| Mutex::new(BTreeMap::<String, i64>::new()))
        .speaks("purses")
        .ids(IdForm::Text)
        .commands(move |purses, sent: Sent<Do>| async move {
            let mut purses = purses.lock().expect("no panic");
            let known = purses.get(&sent.on).copied();
            if let Do::Put { amount } | Do::Give { amount, .. } = &sent.command
                && !(1..=1000).contains(amount)
            {
                return Err(Rejection::named("Malformed"));
            }
            match (sent.command, known) {
                (Do::Open, None) => drop(purses.insert(sent.on, 0)),
                (Do::Open, Some(_)) => return Err(Rejection::named("OpenAlready")),
                (_, None) => return Err(Rejection::named("NotOpen")),
                (Do::Put { amount }, Some(money)) => drop(purses.insert(sent.on, money + amount)),
                (Do::Give { to, amount }, Some(money)) => {
                    let Some(other) = purses.get(&to).copied() else {
                        return Err(Rejection::named("OtherNotOpen"));
                    };
                    if amount > money && !owes {
                        return Err(Rejection::named("TooLittle"));
                    }
                    purses.insert(sent.on, money - amount);
                    purses.insert(to, other + amount);
                }
            }
            Ok(())
        })
        .queries(|purses, asked: Asked<Show>| async move {
            let Show::GetPurse = asked.query;
            let on = asked.on.unwrap_or_default();
            let money = purses.lock().expect("no panic").get(&on).copied();
            Answer::new(money.map_or(Seen::Absent, |money| {
                Seen::Found(Record::from([("purse", Value::from(on)), ("money", money.into())]).into())
            }))
        })
        .build()
}

#[test]
fn what_the_rules_leave_open_is_not_held_against_a_service() {
    passes(purses(false), CONTRACT);
}

#[test]
fn what_they_say_is_found_beside_it() {
    found(|| purses(true), CONTRACT, 5);
}

#[test]
fn an_examination_does_not_rest_on_what_is_left_open() {
    let model = Arc::new(Interpreted::read(&Source::read(CONTRACT).expect("the contract")).expect("rules"));
    let contract = Arc::new(model.contract().clone());
    let clauses = ["BR-4", "BR-5", "BR-6", "OC-5", "EC-3", "EC-4"];
    let clauses = clauses.map(|id| id.parse().expect("a clause")).to_vec();
    let examiner = Examiner::new(purses(false), contract, model)
        .selection(Selection { clauses, ..Selection::default() })
        .seed(Seed(4));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let found = runtime.block_on(examiner.examine(SystemTime::UNIX_EPOCH, |_| ())).expect("an examination");
    for result in found.clauses.iter().filter(|result| !matches!(result.stand, Stand::Skipped(_))) {
        let apart = matches!(result.stand, Stand::NotClaimed(_) | Stand::NotBinding(_) | Stand::NotYet(_));
        let fine = apart || result.stand == Stand::Pass;
        assert!(fine, "{}: {:?} {:#?}", result.clause.id, result.stand, result.counterexamples);
    }
}
