//! What lint says of a draft. The fuzz target `draft` asks the same.

use std::sync::Arc;

use proofmark::contract::Contract;
use proofmark::draft::{self, Outline};
use proofmark::language::{format_contract, format_scenarios, parse_contract, parse_scenarios};
use proofmark::profile::Profile;
use proofmark::scenario::plan;
use proofmark::text::{Colour, Diagnostic, Severity, Source, render};

/// The three texts of an outline, laid out, if lint has nothing to say against them; otherwise what it says.
pub(crate) fn linted(outline: &Outline) -> Result<String, String> {
    let [contract, profile, scenario] = draft::write(outline, &|_| None);
    let said = |source: &Source, found: &[Diagnostic]| {
        if found.iter().all(|one| one.severity != Severity::Error) {
            Ok(())
        } else {
            Err(format!("{}\n{}", render([(source, found)], Colour::Plain), source.text()))
        }
    };
    let source = Source::new(&*contract.0, &*contract.1);
    let parsed = parse_contract(&source);
    said(&source, &parsed.diagnostics)?;
    let resolved = Contract::resolve(&parsed.tree);
    said(&source, &resolved.diagnostics)?;
    let rules = Arc::new(resolved.contract);
    for text in [profile.1.clone(), switched_on(&profile.1)] {
        let read = Arc::new(Source::new(&*profile.0, text));
        said(&read, &Profile::read(&read, &rules).diagnostics)?;
    }
    let examples = Arc::new(Source::new(&*scenario.0, &*scenario.1));
    let file = parse_scenarios(&examples);
    said(&examples, &file.diagnostics)?;
    said(&examples, &plan(&examples, &file.tree, &rules).1)?;
    let laid_out = [format_contract(&source), format_scenarios(&examples)];
    let [contract, scenario] = laid_out.map(|text| text.map_err(|_| "it can't be laid out".to_owned()));
    Ok([contract?, profile.1, scenario?].join("\n"))
}

/// A profile without `none = true`, and with the lines that are to be there instead.
fn switched_on(profile: &str) -> String {
    let lines = profile.lines().filter(|line| *line != "none = true");
    let on = lines.map(|line| {
        let begun = ["# request = ", "# body = "].iter().any(|begin| line.starts_with(begin));
        if begun { &line[2..] } else { line }
    });
    on.collect::<Vec<_>>().join("\n")
}
