use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark::contract::{Contract, Type, check_fields};
use proofmark::language::syntax::{QueryCall, ScenarioFile, Shows, Step, StepKind};
use proofmark::language::{link, parse_contract, parse_scenarios};
use proofmark::text::{Diagnostic, Source};

/// A folder beside this file.
pub(super) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language").join(name)
}

/// All files of a folder, but for the expected output, sorted.
pub(super) fn files(name: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "scenario" || ending == "contract"))
        .collect();
    files.sort();
    files
}

/// A file under its name without the folder, with those of its folder that it takes in.
pub(super) fn source(path: &Path) -> Source {
    let own =
        Source::new(path.file_name().unwrap().to_string_lossy(), std::fs::read_to_string(path).unwrap());
    let linked = link(&Arc::new(own), &mut |_, named| {
        let text = std::fs::read_to_string(path.with_file_name(named));
        text.map(|text| Arc::new(Source::new(named, text))).map_err(|_| "there is no such file".into())
    });
    linked.as_ref().clone()
}

/// The contract that scenarios are held against.
pub(super) fn orders() -> Contract {
    let source = source(&folder("valid").join("orders.contract"));
    Contract::resolve(&parse_contract(&source).tree).contract
}

/// All that is wrong with a file: a contract by itself, a scenario also held against the contract of the orders.
pub(super) fn mistakes(source: &Source) -> Vec<Diagnostic> {
    if source.name().ends_with(".contract") {
        let parsed = parse_contract(source);
        let mut all = parsed.diagnostics;
        all.extend(Contract::resolve(&parsed.tree).diagnostics);
        return all;
    }
    let parsed = parse_scenarios(source);
    let mut all = parsed.diagnostics;
    // Mistakes of the text come first: what it lacks is not the scenario's fault.
    if all.is_empty() {
        all = misfits(&parsed.tree, &orders());
    }
    all
}

fn misfits(file: &ScenarioFile, contract: &Contract) -> Vec<Diagnostic> {
    let steps = file.background.iter().chain(file.scenarios.iter().flat_map(|scenario| &scenario.steps));
    steps.flat_map(|step| step_misfits(step, contract)).collect()
}

fn step_misfits(step: &Step, contract: &Contract) -> Vec<Diagnostic> {
    match &step.kind {
        StepKind::Command(call) => contract.command(&call.name.text).map_or_else(Vec::new, |command| {
            check_fields(&format!("`{}`", command.name), &command.fields, &call.fields, call.name.span)
        }),
        StepKind::Read(assertion)
        | StepKind::Eventually { assertion, .. }
        | StepKind::Consistently { assertion, .. }
        | StepKind::Never { assertion, .. } => {
            query_misfits(&assertion.query, assertion.shows.as_ref(), contract)
        }
        _ => Vec::new(),
    }
}

fn query_misfits(call: &QueryCall, shows: Option<&Shows>, contract: &Contract) -> Vec<Diagnostic> {
    let Some(query) = contract.query(&call.name.text) else { return Vec::new() };
    let name = format!("`{}`", query.name);
    let mut all = check_fields(&name, &query.fields, &call.fields, call.name.span);
    match shows {
        Some(Shows::Value(matcher)) => all.extend(query.answer.check_matcher(&name, matcher)),
        Some(Shows::Total(matcher)) => all.extend(Type::int().check_matcher(&name, matcher)),
        Some(Shows::Absent(_)) | None => {}
    }
    all
}
