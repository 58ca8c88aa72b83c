//! Scenario files: whatever the text, the reader ends, every mistake has a place in the text, what it says can be
//! printed, and laying it out changes no meaning.

#![no_main]

#[path = "../../language/laws.rs"]
mod laws;

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use proofmark::contract::Contract;
use proofmark::language::{parse_contract, parse_scenarios};
use proofmark::scenario::plan;
use proofmark::text::{Colour, Source, render};

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let text = include_str!("../../../scenarios/orders/orders.contract");
    Contract::resolve(&parse_contract(&Source::new("orders.contract", text)).tree).contract
});

fuzz_target!(|text: &str| {
    let source = Arc::new(Source::new("fuzz.scenario", text));
    let file = parse_scenarios(&source);
    let (_, mistakes) = plan(&source, &file.tree, &CONTRACT);
    let told = render([(&*source, &*file.diagnostics), (&*source, &*mistakes)], Colour::Plain);
    assert!(told.chars().all(|c| c == '\n' || !c.is_control()));
    laws::laws(text, false);
});
