use std::io::Write as _;

use super::args::{ListArgs, ListWhat, Selection};
use super::exit::{CliError, Exit};
use super::run::{chosen, load};
use crate::adapter::Reference;
use crate::clause;
use crate::scenario::matcher;

/// `proofmark list`: one line a thing, for people and for scripts.
pub(super) fn list(args: &ListArgs) -> Result<Exit, CliError> {
    let lines = match args.what {
        ListWhat::Scenarios => match scenarios(&args.selection)? {
            Ok(lines) => lines,
            Err(exit) => return Ok(exit),
        },
        ListWhat::Defects => table(Reference::defects().map(|defect| {
            [
                defect.name.to_owned(),
                defect.default_rate.to_string(),
                defect.breaks.join(" "),
                defect.shows.to_string(),
                defect.summary.to_owned(),
            ]
        })),
        ListWhat::Matchers => {
            table(matcher::MATCHERS.iter().map(|entry| [entry.syntax.to_owned(), entry.means.to_owned()]))
        }
        ListWhat::Clauses => table(clause::all().map(|clause| {
            let tested = if clause.is_tested() { "" } else { " (not tested yet)" };
            let promise = format!("{}{tested}", clause.statement);
            [clause.id.to_string(), clause.level.to_string(), clause.suite.to_string(), promise]
        })),
    };
    print(&lines)
}

/// Lines for people and for scripts, which may stop reading whenever they like.
pub(super) fn print(lines: &[String]) -> Result<Exit, CliError> {
    let mut out = std::io::stdout().lock();
    for line in lines {
        match writeln!(out, "{line}") {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => break,
            written => written?,
        }
    }
    Ok(Exit::Passed)
}

fn scenarios(selection: &Selection) -> Result<Result<Vec<String>, Exit>, CliError> {
    let plans = match chosen(selection, load(selection)?)? {
        Ok(plans) => plans,
        Err(exit) => return Ok(Err(exit)),
    };
    Ok(Ok(table(plans.iter().map(|plan| {
        let tags: Vec<_> = plan.tags.iter().map(|tag| format!("@{tag}")).collect();
        [plan.place(), plan.name.to_string(), tags.join(" ")]
    }))))
}

/// Rows with their columns below each other.
pub(super) fn table<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> Vec<String> {
    let rows: Vec<_> = rows.collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; N]| {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
