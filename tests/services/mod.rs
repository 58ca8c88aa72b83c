//! Two small services, sound and with classic bugs, held against their contracts: by sequences written by hand, each of which
//! proves its bug, and by scenarios.

pub(crate) mod bank;
#[cfg(feature = "http")]
mod http;
mod lagging;
mod scenarios;
mod setup;
pub(crate) mod stock;

use std::time::Duration;

use proofmark::adapter::{Session as _, Target, World as _, WorldSeed};
use proofmark::contract::rules::{Decision, Model, World};
use proofmark::protocol::Actor;
use proofmark::value::Tolerances;

use super::model::{command, query, shipped};

/// A sound bank that shows at once.
pub(crate) fn bank() -> proofmark::adapter::InProcess<bank::Bank> {
    bank::bank(None, Duration::ZERO)
}

type Steps<'a> = &'a [(&'a str, &'a str, &'a str)];

const LAG: Duration = Duration::from_millis(40);

/// The first thing in which the target is not as its contract says: each command's outcome, and once all has shown, every answer.
fn disagreement(
    target: &impl Target,
    contract: &str,
    queries: Steps<'_>,
    steps: Steps<'_>,
) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let model = shipped(&format!("scenarios/{contract}/{contract}.contract"));
    runtime.expect("a runtime").block_on(async {
        let place = target.world(WorldSeed(1)).await.expect("a world");
        let mut session = place.open(&Actor::default()).await.expect("a session");
        let mut world = World::new();
        for (name, on, fields) in steps {
            let command = command(name, on, fields);
            let outcome = session.submit(&command).await.outcome;
            let decisions = model.decide(&world, &command).expect("a decision");
            match decisions.into_iter().find(|decision| decision.allows(&outcome)) {
                Some(Decision::Accepted(acceptance)) => world = acceptance.world,
                Some(Decision::Rejected(_)) => {}
                None => return Some(format!("{name} on {on} {fields}: {outcome}")),
            }
            let caught_up = place.caught_up(LAG * 2).await;
            assert!(caught_up, "the read models follow");
            for (asked, about, with) in queries {
                let query = query(asked, (!about.is_empty()).then_some(about), with);
                let differences = model
                    .answer(&world, &query)
                    .expect("an answer")
                    .differences(&session.ask(&query).await.answer, &Tolerances::EXACT);
                if let Some(difference) = differences.first() {
                    return Some(format!("behind {name} on {on} {fields}: {asked}: {difference}"));
                }
            }
        }
        None
    })
}

const ACCOUNTS: Steps<'_> =
    &[("GetAccount", "a", "{}"), ("GetAccount", "b", "{}"), ("ListAccounts", "", r#"{"owner": "ann"}"#)];

/// Each bug of the bank breaks it somewhere.
const BANKING: Steps<'_> = &[
    ("OpenAccount", "a", r#"{"owner": "ann"}"#),
    ("OpenAccount", "b", r#"{"owner": "bob"}"#),
    ("OpenAccount", "b", r#"{"owner": "bob"}"#),
    ("Deposit", "a", r#"{"amount": 0}"#),
    ("Deposit", "a", r#"{"amount": 3}"#),
    ("Deposit", "a", r#"{"amount": 4}"#),
    ("Transfer", "a", r#"{"to": "b", "amount": 8}"#),
    ("Transfer", "a", r#"{"to": "b", "amount": 5}"#),
    ("Transfer", "a", r#"{"to": "a", "amount": 1}"#),
    ("Transfer", "a", r#"{"to": "nobody", "amount": 1}"#),
    ("CloseAccount", "b", "{}"),
    ("Transfer", "b", r#"{"to": "a", "amount": 5}"#),
    ("CloseAccount", "b", "{}"),
    ("Transfer", "a", r#"{"to": "b", "amount": 1}"#),
];

const ARTICLE: Steps<'_> = &[("GetArticle", "a", "{}"), ("GetArticle", "unheard", "{}")];

/// Each bug of the stock breaks it somewhere.
const STOCKING: Steps<'_> = &[
    ("Reserve", "a", r#"{"order": "o1", "quantity": 1}"#),
    ("Receive", "a", r#"{"quantity": 4}"#),
    ("Receive", "a", r#"{"quantity": -4}"#),
    ("Reserve", "a", r#"{"order": "o1", "quantity": 3}"#),
    ("Reserve", "a", r#"{"order": "o1", "quantity": 1}"#),
    ("Release", "a", r#"{"order": "o1"}"#),
    ("Release", "a", r#"{"order": "o1"}"#),
    ("Reserve", "a", r#"{"order": "o2", "quantity": 5}"#),
    ("Reserve", "a", r#"{"order": "o2", "quantity": 4}"#),
    ("Ship", "a", r#"{"order": "o2"}"#),
    ("Ship", "a", r#"{"order": "o2"}"#),
];

#[test]
fn sound_services_keep_their_contracts() {
    for lag in [Duration::ZERO, LAG] {
        assert_eq!(disagreement(&bank::bank(None, lag), "bank", ACCOUNTS, BANKING), None);
        assert_eq!(disagreement(&stock::stock(None, lag), "stock", ARTICLE, STOCKING), None);
    }
}

#[test]
fn each_bug_of_the_bank_breaks_its_contract() {
    for (bug, expected) in [
        (
            bank::Bug::CreditsFirst,
            r#"behind Transfer on a {"to": "b", "amount": 8}: GetAccount: balance: expected 0, was 8"#,
        ),
        (
            bank::Bug::ChecksStaleBalance,
            r#"Transfer on a {"to": "b", "amount": 5}: rejected InsufficientBalance"#,
        ),
        (bank::Bug::PaysIntoClosed, r#"Transfer on a {"to": "b", "amount": 1}: accepted"#),
    ] {
        let found = disagreement(&bank::bank(Some(bug), LAG), "bank", ACCOUNTS, BANKING);
        assert_eq!(found.as_deref(), Some(expected), "{bug:?}");
    }
}

#[test]
fn each_bug_of_the_stock_breaks_its_contract() {
    for (bug, expected) in [
        (
            stock::Bug::ReleasesTwice,
            r#"behind Release on a {"order": "o1"}: GetArticle: available: expected 4, was 7"#,
        ),
        (stock::Bug::OversellsByOne, r#"Reserve on a {"order": "o2", "quantity": 5}: accepted"#),
        (
            stock::Bug::ShipsFromNowhere,
            r#"behind Ship on a {"order": "o2"}: GetArticle: on_hand: expected 0, was 4"#,
        ),
    ] {
        let found = disagreement(&stock::stock(Some(bug), LAG), "stock", ARTICLE, STOCKING);
        assert_eq!(found.as_deref(), Some(expected), "{bug:?}");
    }
}
