//! The contracts that the guide shows as whole ones: they have no mistakes, and answer as it says.

use proofmark::contract::explore::{Bounds, contradictions, explore};
use proofmark::contract::rules::Interpreted;
use proofmark::text::{Colour, Source, render};

#[test]
fn contracts_of_the_guide_have_no_mistakes() {
    let guide = std::fs::read_to_string("docs/language.md").unwrap();
    let blocks: Vec<&str> =
        guide.split("```contract\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(
        blocks.iter().any(|block| block.contains("summarises")),
        "the guide has no example of `summarises`"
    );
    for block in blocks {
        let source = Source::new("docs/language.md", block);
        let model = Interpreted::read(&source).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let odd = contradictions(&model, &explore(&model, Bounds::default()));
        assert!(odd.is_empty(), "{}", render([(&source, &*odd)], Colour::Plain));
    }
}
