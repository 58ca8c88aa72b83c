//! Every kind of mistake in a file of its own, and what is said about it.
//!
//! `mistakes/CODE.scenario` or `mistakes/CODE.TOPIC.contract` is the file, the `.snap` beside it what is printed.

use std::collections::BTreeSet;

use proofmark::text::{Area, CATALOGUE, Code, Colour, Diagnostic, Source, render};

use super::common::{files, mistakes, source};

#[test]
fn every_mistake_is_told() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("mistakes");
    settings.bind(|| {
        for path in files("mistakes") {
            let source = source(&path);
            let found = mistakes(&source);
            insta::assert_snapshot!(source.name(), render([(&source, found.as_slice())], Colour::Plain));
        }
    });
}

#[test]
fn every_file_has_the_mistake_it_is_named_after() {
    for path in files("mistakes") {
        let source = source(&path);
        let wanted = source.name().split('.').next().unwrap().to_owned();
        let found = mistakes(&source);
        assert!(found.iter().any(|mistake| mistake.code.0 == wanted), "{}: {found:#?}", source.name());
    }
}

#[test]
fn every_code_of_the_catalogue_is_reachable() {
    let mut found: BTreeSet<Code> = unreadable().into_iter().map(|diagnostic| diagnostic.code).collect();
    for path in files("mistakes") {
        found.extend(mistakes(&source(&path)).into_iter().map(|diagnostic| diagnostic.code));
    }
    // What scenarios as a whole and values do wrong is tested where it is found.
    let ours = |area| !matches!(area, Area::Plan | Area::Rules | Area::Profile | Area::Evaluation);
    for entry in CATALOGUE.iter().filter(|entry| ours(entry.area)) {
        assert!(found.contains(&entry.code), "nothing here makes the mistake `{}`", entry.code.0);
    }
    for code in found {
        assert!(code.entry().is_some(), "`{}` is not in the catalogue", code.0);
    }
}

/// Files that are no text, as far as they can be made from bytes.
fn unreadable() -> Vec<Diagnostic> {
    let contents: [Vec<u8>; 3] = [b"caf\xE9".to_vec(), b"\0\x01\x02".to_vec(), vec![b' '; 9 * 1024 * 1024]];
    let mut refused: Vec<Diagnostic> = contents
        .into_iter()
        .map(|content| Source::from_bytes("file.scenario", content).unwrap_err().diagnostic)
        .collect();
    refused.push(Source::read("/no/such/file.scenario").unwrap_err().diagnostic);
    refused
}

#[test]
fn every_mistake_points_into_its_file() {
    for path in files("mistakes") {
        let source = source(&path);
        for mistake in mistakes(&source) {
            let mut spans = vec![mistake.span];
            spans.extend(mistake.related.map(|(span, _)| span));
            spans.extend(mistake.fix.and_then(|fix| fix.replace).map(|(span, _)| span));
            for span in spans {
                assert!(source.text().get(span.range()).is_some(), "{}: {span:?}", source.name());
            }
        }
    }
}
