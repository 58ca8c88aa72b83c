//! Target profiles: whatever the text, the reader ends, every mistake has a place in the text, and what it says can be printed.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use proofmark::contract::Contract;
use proofmark::language::parse_contract;
use proofmark::profile::Profile;
use proofmark::text::{Colour, Source, render};

static CONTRACT: LazyLock<Arc<Contract>> = LazyLock::new(|| {
    let text = include_str!("../../../scenarios/orders/orders.contract");
    Arc::new(Contract::resolve(&parse_contract(&Source::new("orders.contract", text)).tree).contract)
});

fuzz_target!(|text: &str| {
    let source = Arc::new(Source::new("fuzz.toml", text));
    let reading = Profile::read(&source, &CONTRACT);
    let told = render([(&*source, &*reading.diagnostics)], Colour::Plain);
    assert!(told.chars().all(|c| c == '\n' || !c.is_control()));
});
