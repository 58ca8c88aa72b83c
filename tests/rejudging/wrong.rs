//! Histories that can't be judged, and contracts that were others.

use proofmark::adapter::Reference;
use proofmark::check::{Asked, CheckError, Checked, check};
use proofmark::protocol::Verdict;
use proofmark::run::{Runner, Seed};
use proofmark::suite::Suite;
use proofmark::text::Source;

use super::{ORDERS, Scratch, generated, runtime};

fn by(text: &str, contract: Option<&str>) -> Result<Checked, CheckError> {
    let contract = contract.map(|text| Source::new("mine.contract", text));
    check(text.as_bytes(), &Asked { contract, ..Asked::default() })
}

fn orders() -> String {
    std::fs::read_to_string(ORDERS).expect("the contract")
}

#[test]
fn another_contract_judges_the_same_history_otherwise() {
    let history = Scratch::new();
    generated(Reference::strong(), 5, &history.0);
    let text = std::fs::read_to_string(&history.0).expect("the history");
    assert_eq!(by(&text, Some(&orders())).expect("judged").verdict(), Verdict::Pass);
    let stricter = orders().replacen("when count(items) == 0", "when count(items) <= 1", 1);
    assert_ne!(stricter, orders(), "the contract has another form than this test thinks");
    let checked = by(&text, Some(&stricter)).unwrap_or_else(|error| panic!("{error} {error:?}"));
    assert_eq!(checked.verdict(), Verdict::Fail, "what was accepted was not allowed");
}

#[test]
fn what_can_not_be_judged_is_said() {
    let history = Scratch::new();
    generated(Reference::strong(), 5, &history.0);
    let text = std::fs::read_to_string(&history.0).expect("the history");
    let says = |text: &str, contract: Option<&str>| by(text, contract).expect_err("an error").to_string();
    assert_eq!(says(&text, Some("contract others\n")), "it speaks orders, and `--contract` is others");
    assert_eq!(says(&text, Some("contract orders\naggregate {")), "mine.contract has mistakes");
    let (header, rest) = text.split_once('\n').expect("lines");
    let from = header.find(",\"file\":").expect("the contract's file");
    let to = header.find("}],\"models\"").expect("its end");
    let without = format!("{}{}\n{rest}", &header[..from], &header[to..]);
    assert!(says(&without, None).starts_with("it does not hold the contract"), "{}", &without[..400]);
    assert_eq!(by(&without, Some(&orders())).expect("judged").verdict(), Verdict::Pass);
}

#[test]
fn what_scenarios_did_is_held_against_a_contract_that_is_given() {
    let suite = Suite::load(["scenarios/orders/totals.scenario"]).expect("the scenarios");
    for (defect, verdict) in [(None, Verdict::Pass), (Some("gross-total"), Verdict::Fail)] {
        let history = Scratch::new();
        let target = match defect {
            None => Reference::strong(),
            Some(defect) => Reference::strong().with_defect(defect.parse().expect("a defect")),
        };
        let runner = Runner::new(target).seed(Seed(1)).history(&history.0);
        runtime().block_on(runner.run(suite.plans().expect("plans"), |_| ())).expect("a run");
        let text = std::fs::read_to_string(&history.0).expect("the history");
        let checked = by(&text, Some(&orders())).expect("judged");
        assert_eq!(checked.verdict(), verdict, "{:#?}", checked.broken);
        assert_eq!(checked.broken.is_empty(), verdict == Verdict::Pass, "{:#?}", checked.broken);
    }
}

/// What a contract does not know of is no reason to convict: events that were made to happen, other actors, one key for two orders.
#[test]
fn a_sound_system_is_held_against_its_contract_and_convicted_of_nothing() {
    let suite = Suite::load(["scenarios/orders"]).expect("the scenarios");
    let history = Scratch::new();
    let runner = Runner::new(Reference::strong()).seed(Seed(1)).history(&history.0);
    runtime().block_on(runner.run(suite.plans().expect("plans"), |_| ())).expect("a run");
    let text = std::fs::read_to_string(&history.0).expect("the history");
    let checked = by(&text, Some(&orders())).expect("judged");
    assert!(checked.broken.is_empty(), "{:#?}", checked.broken);
    for why in ["an event was made to happen", "a key was used for several aggregates"] {
        assert!(checked.beyond.contains_key(why), "{:?}", checked.beyond);
    }
    let left_out: u64 = checked.beyond.values().sum();
    assert!(left_out * 3 < checked.scenarios.len() as u64, "most of them are judged: {:?}", checked.beyond);
}
