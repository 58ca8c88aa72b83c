//! Tills behind HTTP: services that keep large sums in several ways, and what is held against them for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use proofmark::adapter::Http;
use proofmark::conform::{ClauseResult, Examiner, Selection, Stand};
use proofmark::contract::Contract;
use proofmark::language::parse_contract;
use proofmark::profile::Profile;
use proofmark::run::Seed;
use proofmark::text::{Severity, Source};
use proofmark::value::{Limits, Number, Value};
use tokio::runtime::Runtime;

use crate::http::server::{Reaction, Request, Server, answer};
use crate::model::written;

const CONTRACT: &str = "\
contract tills

aggregate Till
  state status: absent | open
  state sum: decimal = 0

  command Open
    reject TillIsOpen when self.status != absent
    set status = open

  command Pay { amount: decimal 0.01.. try 0.01..9.00 }
    reject TillNotOpen when self.status == absent
    set sum = self.sum + amount

  query GetTill
    absent when self.status == absent
    shows { till: self.id, sum: self.sum }
";

const PROFILE: &str = r#"
schema = 1
contract = "tills"
[id.Till]
by = "client"
as = "string"
[[answer]]
at = "$.code"
is = "rejected"
code = { from = "$.code" }
[command."*"]
request = "POST /tills/${on}/${name}"
body = "${fields}"
[query.GetTill]
request = "GET /tills/${on}"
absent = [404]
bound = "100ms"
"#;

/// How sums are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Keeps {
    Exactly,
    /// What does not fit in 32 bits is refused, without a reason.
    ThirtyTwoBits,
    Floats,
    /// What does not fit in 32 bits is kept in them all the same.
    Wrapped,
    /// What does not fit in 32 bits is an error of the service's own.
    Failing,
    /// So is a read of it.
    FailingReads,
}

/// Sums of tills as they are shown.
type Tills = Arc<Mutex<BTreeMap<String, String>>>;

fn react(keeps: Keeps, tills: &Tills, request: &Request) -> Reaction {
    let mut tills = tills.lock().expect("nobody panics");
    let mut path = request.target.split('/').skip(2);
    let (Some(id), command) = (path.next(), path.next()) else { return answer(404, "{}") };
    match (command, tills.get(id)) {
        (None, None) => answer(404, "{}"),
        (None, Some(sum)) if keeps == Keeps::FailingReads && small(sum).is_none() => answer(500, "{}"),
        (None, Some(sum)) => answer(200, &format!(r#"{{"till":"{id}","sum":{sum}}}"#)),
        (Some("Open"), Some(_)) => answer(409, r#"{"code":"TillIsOpen"}"#),
        (Some("Open"), None) => {
            tills.insert(id.to_owned(), "0".to_owned());
            answer(200, "{}")
        }
        (_, None) => answer(409, r#"{"code":"TillNotOpen"}"#),
        (_, Some(sum)) => {
            let body = Value::from_json(&request.body, &Limits::default()).expect("a right body");
            let amount = body.get("amount").and_then(Value::as_number).cloned().expect("an amount");
            let Some(total) = Number::parse(sum).and_then(|sum| sum.add(&amount).ok()) else {
                return answer(400, "{}");
            };
            let shown = match (keeps, small(&total.to_string())) {
                (Keeps::ThirtyTwoBits, None) => return answer(400, "{}"),
                (Keeps::Failing, None) => return answer(500, "{}"),
                (Keeps::Wrapped, None) => "0".to_owned(),
                (Keeps::Floats, _) => {
                    let of = |text: &str| text.parse::<f64>().expect("a number");
                    (of(sum) + of(&amount.to_string())).to_string()
                }
                _ => total.to_string(),
            };
            tills.insert(id.to_owned(), shown);
            answer(200, "{}")
        }
    }
}

/// What fits in 32 bits.
fn small(number: &str) -> Option<f64> {
    number.parse().ok().filter(|number| *number < 2_147_483_648.0)
}

/// What comes of SE-2, by numbers at the edge alone.
fn examined(keeps: Keeps, more: &str) -> ClauseResult {
    let runtime = Runtime::new().expect("a runtime");
    let tills = Tills::default();
    let server = runtime.block_on(Server::start(move |request| react(keeps, &tills, request)));
    let contract =
        Arc::new(Contract::resolve(&parse_contract(&Source::new("tills.contract", CONTRACT)).tree).contract);
    let reading = Profile::read(&Source::new("tills.toml", format!("{PROFILE}{more}")), &contract);
    let wrong = reading.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    assert!(!wrong, "{:?}", reading.diagnostics);
    let equipment = reading.profile.equip(true, &|_| None).expect("equipment");
    let target = Http::new(reading.profile, equipment, Some(&server.url)).expect("a target");
    let cases = (0..4).map(|number| format!("edges/{number}").parse().expect("a case")).collect();
    let clauses = ["SE-2".parse().expect("a clause")].into_iter().collect();
    let selection = Selection { clauses, cases, destructive: true, ..Selection::default() };
    let examiner = Examiner::new(target, contract, Arc::new(written(CONTRACT))).selection(selection);
    let examiner = examiner.seed(Seed(1));
    let examination = examiner.examine(SystemTime::UNIX_EPOCH, |_| ());
    let found = runtime.block_on(examination).expect("an examination");
    let others = found.clauses.iter().filter(|result| result.clause.id.as_str() != "SE-2");
    assert!(others.clone().all(|result| result.stand != Stand::Fail), "{:#?}", others.collect::<Vec<_>>());
    found.clauses.into_iter().find(|result| result.clause.id.as_str() == "SE-2").expect("the clause")
}

const TOLERANT: &str = "tolerance = { sum = \"0.005\" }\n";

#[test]
fn what_is_kept_or_refused_is_left_alone() {
    for (keeps, more) in [(Keeps::Exactly, ""), (Keeps::ThirtyTwoBits, ""), (Keeps::Floats, TOLERANT)] {
        let result = examined(keeps, more);
        assert!(matches!(result.stand, Stand::Inconclusive(_)), "{keeps:?}: {result:#?}");
        assert_eq!(result.broken, 0, "{keeps:?}");
    }
}

#[test]
fn what_is_accepted_and_lost_is_noticed() {
    for (keeps, wrong) in [
        (Keeps::Floats, "was accepted, GetTill on "),
        (Keeps::Wrapped, "was accepted, GetTill on "),
        (Keeps::Failing, "Pay with a number at the edge of what machines hold is answered with "),
        (Keeps::FailingReads, "was accepted, GetTill is answered with "),
    ] {
        let result = examined(keeps, "");
        assert_eq!(result.stand, Stand::Fail, "{keeps:?}: {result:#?}");
        let told = &result.counterexamples[0].wrong;
        assert!(told.contains(wrong), "{keeps:?}: {told}");
    }
}
