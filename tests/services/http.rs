//! The same two services behind HTTP, by the profiles that ship for them.

use std::path::Path;
use std::time::Duration;

use proofmark::adapter::Http;
use proofmark::protocol::Rejection;
use proofmark::suite::ProfileFile;
use proofmark::value::{Limits, Record, Value, read_message};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bank::{self, Bank, BankQuery};
use super::scenarios::run_on;
use super::stock::{self, Stock};
use crate::http::server::{Reaction, Request, Server, answer};

const LAG: Duration = Duration::from_millis(5);

/// The command that a request is, and for whom; `None` for a query.
fn command<C: DeserializeOwned>(request: &Request) -> Option<Result<(String, C), Rejection>> {
    let mut path = request.target.split('/').skip(2).map(str::to_owned);
    let (id, name) = (path.next()?, path.next()?);
    let fields = match Value::from_json(&request.body, &Limits::default()) {
        Ok(Value::Record(fields)) => fields,
        _ => Record::new(),
    };
    let read = read_message(&name, &fields, None).map(|command| (id, command));
    Some(read.map_err(|_| Rejection::named("Malformed")))
}

fn told(outcome: Result<(), Rejection>) -> Reaction {
    match outcome {
        Ok(()) => answer(200, "{}"),
        Err(rejection) => answer(422, &rejection.to_value().to_json()),
    }
}

fn shown(found: Option<impl Serialize>) -> Reaction {
    match found {
        Some(found) => answer(200, &Value::of(&found).expect("an exact answer").to_json()),
        None => answer(404, "{}"),
    }
}

fn over_bank(bank: &Bank, request: &Request) -> Reaction {
    if let Some(sent) = command(request) {
        return told(sent.and_then(|(id, command)| bank.handle(&id, command)));
    }
    match request.target.split_once("?owner=") {
        Some((_, owner)) => shown(bank.answer(None, &BankQuery::ListAccounts { owner: owner.to_owned() })),
        None => shown(bank.answer(request.target.rsplit('/').next(), &BankQuery::GetAccount)),
    }
}

fn over_stock(stock: &Stock, request: &Request) -> Reaction {
    match command(request) {
        Some(sent) => told(sent.and_then(|(id, command)| stock.handle(&id, command))),
        None => shown(stock.answer(request.target.rsplit('/').next().unwrap_or_default())),
    }
}

/// Serves it, and runs its contract's scenarios; what is told of those that did not pass.
fn run(contract: &str, handler: impl Fn(&Request) -> Reaction + Send + Sync + 'static) -> String {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(handler));
    let file = ProfileFile::load(Path::new(&format!("scenarios/{contract}/service.toml")));
    let (profile, equipment) = file.equip(true, &|_| None).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    run_on(&runtime, contract, Http::new(profile, equipment, Some(&server.url)).expect("a target"))
}

fn bank_told(bug: Option<bank::Bug>) -> String {
    let bank = Bank::new(bug, LAG);
    run("bank", move |request| over_bank(&bank, request))
}

fn stock_told(bug: Option<stock::Bug>) -> String {
    let stock = Stock::new(bug, LAG);
    run("stock", move |request| over_stock(&stock, request))
}

#[test]
fn sound_services_keep_their_promises_over_http() {
    assert_eq!(bank_told(None), "");
    assert_eq!(stock_told(None), "");
}

#[test]
fn bugs_show_over_http_as_they_do_in_process() {
    let told = bank_told(Some(bank::Bug::CreditsFirst));
    assert!(told.contains("never GetAccount on $b shows { balance: > 0 }"), "{told}");
    let told = stock_told(Some(stock::Bug::ShipsFromNowhere));
    assert!(told.contains("on_hand: 1"), "{told}");
}
