//! Vouchers whose texts begin with `$`: in rows of others, in fields, in rules and in what rules write. No such text is a name.

#![expect(clippy::struct_field_names, reason = "a voucher's words are those of its contract")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proofmark::adapter::{Asked, Description, IdForm, InProcess, Sent, Target, Unreachable, WorldSeed};
use proofmark::conform::Stand;
use proofmark::contract::rules::Interpreted;
use proofmark::protocol::{Answer, Capability, Outcome, Receipt, Rejection, Seen, Verdict};
use proofmark::run::tell;
use proofmark::text::Source;
use proofmark::value::Value;
use serde::{Deserialize, Serialize};

use super::replayed;
use super::services::tried;
use crate::model::shipped;
use crate::procedures::examined;

const CONTRACT: &str = "tests/generating/vouchers.contract";

/// Rows of somebody else's, by their labels: plain ones, and ones that begin with `$`.
const PLAIN: &[&str] = &["five dollars", "voucher", "49"];
const DOLLARS: &[&str] = &["$5 voucher", "$voucher1", "${7*7}{{7*7}}#{7*7}"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bug {
    /// A new label comes without what it begins with.
    StripsTheDollar,
    /// What is refused for its label is issued all the same.
    IssuesWhatItRefuses,
}

#[derive(Clone, Deserialize)]
enum Do {
    Issue { holder: String, label: String },
    Relabel,
    Spend,
}

#[derive(Deserialize)]
enum Show {
    GetVoucher,
    ListVouchers,
    CountVouchers,
}

#[derive(Clone, Serialize)]
struct Voucher {
    voucher: String,
    holder: String,
    label: String,
    status: &'static str,
}

#[derive(Serialize)]
struct Row {
    voucher: String,
    label: String,
}

/// Vouchers by their ids, and outcomes by the keys that they were asked for with.
#[derive(Default)]
struct Shop {
    vouchers: BTreeMap<String, Voucher>,
    outcomes: BTreeMap<Arc<str>, Outcome>,
}

impl Shop {
    fn new(strangers: &[&str]) -> Self {
        let row = |(number, label): (usize, &&str)| {
            let (voucher, label) = (format!("stranger-{number}"), (*label).to_owned());
            (voucher.clone(), Voucher { voucher, holder: label.clone(), label, status: "issued" })
        };
        Self { vouchers: strangers.iter().enumerate().map(row).collect(), outcomes: BTreeMap::new() }
    }

    fn handle(&mut self, bug: Option<Bug>, on: String, command: Do) -> Result<(), Rejection> {
        let known = self.vouchers.get_mut(&on);
        match (command, known) {
            (Do::Issue { label, .. }, _) if label.is_empty() || label.chars().count() > 40 => {
                Err(Rejection::named("Malformed"))
            }
            (Do::Issue { .. }, Some(_)) => Err(Rejection::named("VoucherExists")),
            (Do::Issue { holder, label }, None) => {
                let refused = label == "$voucher1";
                if !refused || bug == Some(Bug::IssuesWhatItRefuses) {
                    let voucher = Voucher { voucher: on.clone(), holder, label, status: "issued" };
                    self.vouchers.insert(on, voucher);
                }
                if refused { Err(Rejection::named("Reserved")) } else { Ok(()) }
            }
            (Do::Relabel | Do::Spend, None) => Err(Rejection::named("VoucherNotIssued")),
            (Do::Relabel | Do::Spend, Some(known)) if known.status != "issued" => {
                Err(Rejection::named("VoucherNotIssued"))
            }
            (Do::Relabel, Some(known)) => {
                let stripped = bug == Some(Bug::StripsTheDollar);
                known.label = if stripped { "holder1" } else { "$holder1" }.into();
                Ok(())
            }
            (Do::Spend, Some(known)) => {
                known.status = "spent";
                Ok(())
            }
        }
    }
}

/// The shop, in a world where others have vouchers, too.
#[derive(Debug)]
struct Vouchers(InProcess<Mutex<Shop>>);

fn vouchers(strangers: &'static [&'static str], bug: Option<Bug>) -> Vouchers {
    let shop = InProcess::builder("vouchers", move |_| Mutex::new(Shop::new(strangers)))
        .speaks("vouchers")
        .ids(IdForm::Text)
        .claims(Capability::Idempotency)
        .commands(move |shop: Arc<Mutex<Shop>>, sent: Sent<Do>| async move {
            let mut shop = shop.lock().expect("no panic");
            if let Some(known) = sent.key.as_ref().and_then(|key| shop.outcomes.get(key)) {
                return known.clone();
            }
            let outcome = match shop.handle(bug, sent.on, sent.command) {
                Ok(()) => Outcome::Accepted(Receipt::default()),
                Err(rejection) => Outcome::Rejected(rejection),
            };
            if let Some(key) = sent.key {
                shop.outcomes.insert(key, outcome.clone());
            }
            outcome
        })
        .queries(move |shop: Arc<Mutex<Shop>>, asked: Asked<Show>| async move {
            let shop = shop.lock().expect("no panic");
            let found = match asked.query {
                Show::GetVoucher => match asked.on.as_ref().and_then(|on| shop.vouchers.get(on)) {
                    Some(known) => Value::of(known),
                    None => return Answer::new(Seen::Absent),
                },
                // As everybody's as the list is.
                Show::CountVouchers => {
                    let vouchers = shop.vouchers.len();
                    Value::of(&BTreeMap::from([("vouchers", vouchers)]))
                }
                Show::ListVouchers => {
                    let rows = shop
                        .vouchers
                        .values()
                        .map(|known| Row { voucher: known.voucher.clone(), label: known.label.clone() });
                    Value::of(&rows.collect::<Vec<_>>())
                }
            };
            // A list is everybody's, and so is its total.
            let total = found.as_ref().ok().and_then(Value::as_list).map(|rows| rows.len() as u64);
            Answer { total, ..Answer::new(Seen::Found(found.expect("exact"))) }
        })
        .build();
    Vouchers(shop)
}

impl Target for Vouchers {
    type World = <InProcess<Mutex<Shop>> as Target>::World;

    fn describe(&self) -> &Description {
        self.0.describe()
    }

    async fn world(&self, seed: WorldSeed) -> Result<Self::World, Unreachable> {
        self.0.world(seed).await
    }
}

#[test]
fn texts_that_begin_with_a_dollar_convict_nobody() {
    for strangers in [PLAIN, DOLLARS] {
        for seed in 1..=3 {
            let summary = tried(vouchers(strangers, None), CONTRACT, seed, 60);
            assert_eq!(summary.verdict(), Verdict::Pass, "{strangers:?}: {:#?}", summary.failures);
        }
    }
}

#[test]
fn what_is_written_of_such_texts_is_what_they_are() {
    for (bug, holds) in
        [(Bug::StripsTheDollar, "label: \"$holder1\""), (Bug::IssuesWhatItRefuses, "label: \"$voucher1\"")]
    {
        for strangers in [PLAIN, DOLLARS] {
            let summary = tried(vouchers(strangers, Some(bug)), CONTRACT, 3, 400);
            assert_eq!(summary.verdict(), Verdict::Fail, "{bug:?} was not found");
            let told = tell(&super::read(CONTRACT), &summary.failures[0], &[]).expect("a failure");
            assert!(told.scenario.contains(holds), "{bug:?}: {}", told.scenario);
            let verdicts = replayed(
                &told.scenario,
                CONTRACT,
                [vouchers(strangers, Some(bug)), vouchers(strangers, None)],
            );
            assert_eq!(verdicts, [Verdict::Fail, Verdict::Pass], "{}", told.scenario);
        }
    }
}

/// A summary of everybody's convicts nobody, and nothing that it says is taken for evidence.
#[test]
fn a_summary_in_which_others_have_a_part_proves_nothing() {
    let view =
        "view CountVouchers\n  of Voucher where self.status != absent\n  summarises { vouchers: count }\n";
    let text = std::fs::read_to_string(CONTRACT).expect("the contract") + "\n" + view;
    let model = Interpreted::read(&Source::new("vouchers.contract", text)).expect("rules");
    let found = examined(vouchers(PLAIN, None), model, &["EC-1", "EC-3"], 1);
    let shown: Vec<&str> = found.staleness.keys().map(|query| &**query).collect();
    assert_eq!(shown, ["GetVoucher", "ListVouchers"]);
    for id in ["EC-1", "EC-3"] {
        let result = found.clauses.iter().find(|result| result.clause.id.as_str() == id).expect("a clause");
        assert_eq!(result.stand, Stand::Pass, "{result:#?}");
    }
}

#[test]
fn such_texts_leave_every_clause_as_it_stands_without_them() {
    const CLAUSES: &[&str] =
        &["CH-1", "BR-1", "BR-6", "QS-1", "QS-5", "EC-1", "EC-2", "EC-3", "CV-1", "ID-1"];
    let stands = |strangers, bug| {
        let found = examined(vouchers(strangers, bug), shipped(CONTRACT), CLAUSES, 1);
        let tried = found.clauses.into_iter().filter(|result| CLAUSES.contains(&result.clause.id.as_str()));
        tried
            .map(|result| (result.clause.id, result.stand.verdict(), result.counterexamples))
            .collect::<Vec<_>>()
    };
    for (id, verdict, examples) in stands(PLAIN, None).into_iter().chain(stands(DOLLARS, None)) {
        assert_eq!(verdict, Stand::Pass.verdict(), "{id}: {examples:#?}");
    }
    let verdicts = |strangers| {
        let stands = stands(strangers, Some(Bug::StripsTheDollar)).into_iter();
        stands.map(|(id, verdict, _)| (id, verdict)).collect::<Vec<_>>()
    };
    let (plain, dollars) = (verdicts(PLAIN), verdicts(DOLLARS));
    assert!(plain.iter().any(|(_, verdict)| verdict.is_broken()), "{plain:?}");
    assert_eq!(plain, dollars);
}
