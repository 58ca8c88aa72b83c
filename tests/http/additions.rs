//! What a failure says is to be added to the profile: it can be copied, and mends the failure.

use std::sync::Arc;

use proofmark::contract::Contract;
use proofmark::generate::{Random, Settings};
use proofmark::language::parse_contract;
use proofmark::profile::Profile;
use proofmark::protocol::Verdict;
use proofmark::report::generated_failure;
use proofmark::run::{Seed, Trials, tell};
use proofmark::step::Source as _;
use proofmark::text::{Colour, Severity, Source, render};

use super::server::{Reaction, Server, answer, with};
use super::{check, http};

/// The lines behind `to add` in a failure block.
fn addition(told: &str) -> String {
    let lines = told.lines().skip_while(|line| !line.starts_with("  to add   "));
    let lines = lines.take_while(|line| line.starts_with("  to add   ") || line.starts_with("           "));
    lines.map(|line| line.get(11..).unwrap_or_default().to_owned() + "\n").collect()
}

const SPOKEN: &str = "[command.\"*\"]\nrequest = \"POST /orders/${on}\"\nbody = { type = \"${name}\" }\n";

/// Steps that fail for want of a name, and pass with what the failure says is to be added.
#[track_caller]
fn names(no: fn() -> Reaction, steps: &str, part: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(move |_| no()));
    let profile = |rules: &str| {
        let rest = "[[answer]]\nstatus = [\"5xx\"]\nis = \"unknown\"\n";
        http(&server.url, &format!("{rules}{rest}{SPOKEN}"))
    };
    let told = check(&runtime, profile(""), steps, Verdict::Fail);
    let rule = addition(&told);
    assert!(rule.contains(part), "{told}");
    check(&runtime, profile(&rule), steps, Verdict::Pass);
}

const REFUSED: &str = "let $o = new Order\nwhen ConfirmOrder on $o\nthen rejected OrderNotFound";

#[test]
fn an_answer_without_a_name_is_named_by_what_is_printed() {
    names(|| answer(404, "{}"), REFUSED, "status = 404\nis = \"rejected\"\ncode = \"OrderNotFound\"");
    let word = "map = { \"order-missing\" = \"OrderNotFound\" }";
    names(|| answer(409, r#"{"error": {"code": "order-missing"}}"#), REFUSED, word);
    names(|| answer(409, r#"{"title": "OrderNotFound"}"#), REFUSED, "code = { from = \"$.title\" }");
    names(|| answer(409, r#"{"code": "a \"quoted\" one"}"#), REFUSED, "code = \"OrderNotFound\"");
    names(|| answer(409, r#"{"code": "a\\\"b"}"#), REFUSED, r#"map = { "a\\\"b" = "OrderNotFound" }"#);
    let race =
        "let $o = new Order\nwhen race 2 of ConfirmOrder on $o as $r\nthen all $r rejected OrderNotFound";
    names(|| answer(404, "no such order"), race, "command = \"ConfirmOrder\"");
    let either = "let $o = new Order\nwhen ConfirmOrder on $o\nthen rejected OrderNotFound | OrderNotPending";
    names(|| answer(404, "{}"), either, "code = \"OrderNotFound\"   # or OrderNotPending");
}

/// Sentences tell reasons of one status apart, and a name for one of them names no other.
#[test]
fn a_plain_sentence_is_named_by_its_words() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let text = "content-type: text/plain\r\n";
    let no = move |body: &'static str| move || with(400, text, body.as_bytes());
    let server = runtime.block_on(Server::start(move |_| no("no such order\n")()));
    let told = check(&runtime, http(&server.url, SPOKEN), REFUSED, Verdict::Fail);
    let rule = addition(&told);
    assert!(
        rule.contains("code = { from = \"$\", map = { \"no such order\" = \"OrderNotFound\" } }"),
        "{told}"
    );
    check(&runtime, http(&server.url, &format!("{rule}{SPOKEN}")), REFUSED, Verdict::Pass);
    let other = runtime.block_on(Server::start(move |_| no("unreadable")()));
    check(&runtime, http(&other.url, &format!("{rule}{SPOKEN}")), REFUSED, Verdict::Fail);
}

/// Where a no is a 200, what is printed refuses no yes; where nothing tells them apart, nothing is printed.
#[test]
fn what_is_added_refuses_nothing_that_is_accepted() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let rest = "[[answer]]\nstatus = 200\nat = \"$.failed\"\nis = \"rejected\"\n";
    let answers = |body: &'static str| runtime.block_on(Server::start(move |_| answer(200, body)));
    let lines = |rule: &str| format!("{rule}{rest}{SPOKEN}");
    let no = answers(r#"{"failed": true, "title": "order-missing"}"#);
    let told = check(&runtime, http(&no.url, &lines("")), REFUSED, Verdict::Fail);
    let rule = addition(&told);
    assert!(rule.contains("at = \"$.title\"") && rule.contains("like = \"order-missing\""), "{told}");
    check(&runtime, http(&no.url, &lines(&rule)), REFUSED, Verdict::Pass);
    let yes = answers(r#"{"title": "an order", "version": 1}"#);
    let accepted = "let $o = new Order\nwhen ConfirmOrder on $o\nthen accepted";
    check(&runtime, http(&yes.url, &lines(&rule)), accepted, Verdict::Pass);
    let silent = answers(r#"{"failed": true}"#);
    let told = check(&runtime, http(&silent.url, &lines("")), REFUSED, Verdict::Fail);
    assert_eq!(addition(&told), "", "{told}");
}

/// A reason that the contract doesn't know: what is printed is for the profile, and says what the contract lacks.
#[test]
fn a_reason_that_is_new_is_told_by_generated_sequences() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(|_| answer(409, r#"{"error": "sold_out"}"#)));
    let model = Arc::new(crate::checking::orders());
    let trials = Trials::new(http(&server.url, SPOKEN), super::contract(), model).seed(Seed(1));
    let mut random =
        Random::new(Arc::new(crate::checking::orders()), Settings { seed: 1, max_len: 1, cases: 20 });
    let sequences = std::iter::from_fn(|| random.next());
    let summary = runtime.block_on(trials.run(sequences, |_| ())).expect("trials");
    let found = summary.failures.first().expect("a failure");
    let told = tell(&super::contract(), found, &[]).expect("a failure");
    let addition = told.addition.clone().expect("what is to be added");
    assert!(addition.contains("status = 409\nat = \"$.error\"\n"), "{addition}");
    let shown = generated_failure(found, &told, "a.scenario", "proofmark generate");
    let first = addition.lines().next().unwrap_or_default();
    assert!(shown.contains(&format!("  to add   {first}\n           ")), "{shown}");
    let new = summary.failures.iter().filter_map(|found| found.trial.addition.as_ref());
    let new: Vec<_> = new.filter(|addition| addition.contains("reject SoldOut when")).collect();
    assert!(!new.is_empty(), "{:#?}", summary.failures);
    assert!(new.iter().all(|addition| addition.contains("map = { \"sold_out\" = \"SoldOut\" }")), "{new:#?}");
}

#[test]
fn what_a_profile_lacks_is_printed_as_a_section() {
    for folder in ["orders", "bank", "stock"] {
        let text =
            std::fs::read_to_string(format!("scenarios/{folder}/{folder}.contract")).expect("a contract");
        let tree = parse_contract(&Source::new("a.contract", text)).tree;
        let contract = Arc::new(Contract::resolve(&tree).contract);
        let head = format!("schema = 1\ncontract = \"{folder}\"\n");
        let bare = Profile::read(&Source::new("p.toml", head.clone()), &contract).profile;
        let commands = contract.commands().map(|command| command.name.to_string());
        let queries = contract.queries().map(|query| query.name.to_string());
        for name in commands.chain(queries) {
            let section = bare.section_for(&name).expect("a section");
            let source = Source::new("p.toml", format!("{head}{section}"));
            let reading = Profile::read(&source, &contract);
            let wrong = reading.diagnostics.iter().any(|mistake| mistake.severity == Severity::Error);
            assert!(!wrong, "{}", render([(&source, &*reading.diagnostics)], Colour::Plain));
            assert!(reading.profile.speaks(&name), "{section}");
            assert_eq!(reading.profile.section_for(&name), None, "{section}");
        }
    }
}

#[test]
fn a_scenario_that_needs_what_a_profile_lacks_says_so() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(|_| answer(200, r#"{"id": "o"}"#)));
    let told = check(&runtime, http(&server.url, ""), REFUSED, Verdict::NotClaimed);
    let section = addition(&told);
    assert!(
        section.starts_with("[command.ConfirmOrder]\nrequest = \"POST /orders/${on}/confirm-order\""),
        "{told}"
    );
    check(
        &runtime,
        http(&server.url, &section),
        "let $o = new Order\nwhen ConfirmOrder on $o",
        Verdict::Pass,
    );
    let none = "[command.ConfirmOrder]\nnone = true";
    let told = check(&runtime, http(&server.url, none), REFUSED, Verdict::NotClaimed);
    assert!(!told.contains("to add"), "{told}");
}
