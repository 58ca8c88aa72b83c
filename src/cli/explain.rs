use std::fmt::Write as _;

use super::args::ExplainArgs;
use super::exit::{CliError, Exit};
use super::list::{print, table};
use super::say;
use crate::adapter::Reference;
use crate::clause;
use crate::protocol::ClauseId;
use crate::suite::Mistakes;
use crate::text::{CATALOGUE, CodeEntry, Page, did_you_mean};

/// `proofmark explain`: what a kind of mistake means, what a clause promises, or what to write next.
pub(super) fn explain(args: &ExplainArgs) -> Result<Exit, CliError> {
    let Some(code) = &args.code else {
        return print(&table(CATALOGUE.iter().map(|entry| [entry.code.0.to_owned(), entry.doc.to_owned()])));
    };
    if code == super::last::NEXT {
        return super::last::next(args.report.as_deref());
    }
    if args.report.is_some() {
        return Err(CliError::Usage("a report goes with `proofmark explain next`".into()));
    }
    if let Ok(id) = code.parse::<ClauseId>() {
        return print(&[clause::page(clause::of(id), &breakers(id))]);
    }
    // As it stands in a message: `error[unknown-step]`.
    let name = code.trim_start_matches("error").trim_start_matches("warning");
    let name = name.trim_start_matches('[').trim_end_matches(']');
    match CATALOGUE.iter().find(|entry| entry.code.0 == name) {
        Some(entry) => print(&[page(entry)]),
        None => {
            let near = did_you_mean(name, CATALOGUE.iter().map(|entry| entry.code.0)).or(clause::near(name));
            let near = near.map_or_else(|| ";".to_owned(), |near| format!("; did you mean `{near}`?"));
            Err(CliError::Usage(format!(
                "there is no kind of mistake and no clause called {name:?}{near} `proofmark explain` lists all kinds of \
                 mistakes, `proofmark list clauses` all clauses",
            )))
        }
    }
}

/// The defects of the built-in order system that break a clause.
pub(super) fn breakers(id: ClauseId) -> Vec<&'static str> {
    Reference::defects()
        .filter(|defect| defect.breaks.contains(&id.as_str()))
        .map(|defect| defect.name)
        .collect()
}

/// Says where there is more to read about what is wrong.
pub(super) fn hint(mistakes: &Mistakes) {
    if let Some(code) = mistakes.first_error() {
        say(&format!("`proofmark explain {}` tells more", code.0));
    }
}

fn page(entry: &CodeEntry) -> String {
    let mut told = format!("{}: {}", entry.code.0, entry.doc);
    let Some(page) = Page::of(entry.code) else { return told };
    let _ = write!(told, "\n\n{}", page.prose);
    for example in &page.examples {
        let sort = if example.wrong { "Wrong" } else { "Right" };
        let _ = write!(told, "\n\n{sort}:\n");
        for line in example.text.lines() {
            let _ = write!(told, "\n    {line}");
        }
    }
    told
}
