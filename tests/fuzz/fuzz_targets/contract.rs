//! Contract files: whatever the text, the reader ends, every mistake has a place in the text, what it says can be
//! printed, and laying it out changes no meaning.

#![no_main]

#[path = "../../language/laws.rs"]
mod laws;

use libfuzzer_sys::fuzz_target;
use proofmark::contract::Contract;
use proofmark::language::parse_contract;
use proofmark::text::{Colour, Source, render};

fuzz_target!(|text: &str| {
    let source = Source::new("fuzz.contract", text);
    let file = parse_contract(&source);
    let resolved = Contract::resolve(&file.tree);
    let told = render([(&source, &*file.diagnostics), (&source, &*resolved.diagnostics)], Colour::Plain);
    assert!(told.chars().all(|c| c == '\n' || !c.is_control()));
    laws::laws(text, true);
});
