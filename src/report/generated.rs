//! What trials of generated sequences came to, in words for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::reached::Reachable;
use super::words::{duration, plural};
use crate::contract::Contract;
use crate::contract::rules::Effect;
use crate::judge::{CommandCount, Matrix};
use crate::run::{Shrunk, Told, TrialSummary};
use crate::value::inert_within;

/// Longest text of a target's own that is shown, in characters.
const SHOWN: usize = 80;
/// Lengths of sequences are told in so many ranges at most.
const RANGES: usize = 12;

/// All that was covered and found but for the failures, which are told one by one. Each transition is listed where
/// `listed`; otherwise they are counted.
pub fn generated(contract: &Contract, summary: &TrialSummary, reachable: &Reachable, listed: bool) -> String {
    let mut out = String::new();
    let sequences = plural(usize::try_from(summary.trials).unwrap_or(usize::MAX), "sequence");
    let (commands, reads) = (summary.coverage.sent(), summary.coverage.reads());
    let _ = writeln!(
        out,
        "{sequences} with {commands} commands and {reads} reads in {}: {} passed, {} failed, {} inconclusive",
        duration(summary.took),
        summary.passed,
        summary.failed,
        summary.undecided
    );
    out.push('\n');
    commands_table(contract, summary, reachable, &mut out);
    queries_table(contract, summary, &mut out);
    states(summary, &mut out);
    reachable.taken(&summary.coverage, listed, &mut out);
    matrix(contract, &summary.matrix, &mut out);
    notes(contract, summary, reachable, &mut out);
    out
}

fn commands_table(contract: &Contract, summary: &TrialSummary, reachable: &Reachable, out: &mut String) {
    let width = contract.commands().map(|command| command.name.len()).max().unwrap_or(0).max("command".len());
    let _ = writeln!(out, "{:<width$}  {:>8}  {:>8}  refused", "command", "sent", "accepted");
    let none = CommandCount::default();
    for command in contract.commands() {
        let count = summary.coverage.commands.get(&*command.name).unwrap_or(&none);
        let mut refused: Vec<String> = count
            .rejected
            .iter()
            .map(|(code, times)| {
                let Some(code) = code.as_deref() else { return format!("without a name {times}") };
                let alone = reachable.alone(&summary.coverage, &command.name, code);
                let alone = alone.map(|alone| format!(" ({alone} alone)")).unwrap_or_default();
                format!("{} {times}{alone}", inert_within(code, SHOWN))
            })
            .collect();
        if count.unknown > 0 {
            refused.push(format!("(outcome unknown {})", count.unknown));
        }
        let line = format!(
            "{:<width$}  {:>8}  {:>8}  {}",
            command.name,
            count.sent(),
            count.accepted,
            refused.join(", ")
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push('\n');
}

fn queries_table(contract: &Contract, summary: &TrialSummary, out: &mut String) {
    let width = contract.queries().map(|query| query.name.len()).max().unwrap_or(0).max("query".len());
    let _ = writeln!(
        out,
        "{:<width$}  {:>8}  {:>8}  {:>9}  {:>9}",
        "query", "reads", "exact", "explained", "undecided"
    );
    for query in contract.queries() {
        let count = summary.coverage.queries.get(&*query.name).cloned().unwrap_or_default();
        let _ = writeln!(
            out,
            "{:<width$}  {:>8}  {:>8}  {:>9}  {:>9}",
            query.name,
            count.reads(),
            count.exact,
            count.explained,
            count.undecided
        );
    }
    out.push('\n');
}

/// The kinds of states that were reached, and how long the sequences were.
fn states(summary: &TrialSummary, out: &mut String) {
    let mut by_aggregate: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((aggregate, kind), times) in &summary.coverage.states {
        by_aggregate.entry(aggregate).or_default().push(format!("{kind} {times}"));
    }
    for (aggregate, kinds) in by_aggregate {
        let _ = writeln!(out, "states of {aggregate}: {}", kinds.join(", "));
    }
    lengths(&summary.coverage.lengths, out);
    let _ = writeln!(out, "refusals that were seen to change nothing: {}", summary.coverage.fenced);
    out.push('\n');
}

/// How many sequences had how many commands: in ranges, where there are many lengths.
fn lengths(lengths: &BTreeMap<usize, u64>, out: &mut String) {
    let all: u64 = lengths.values().sum();
    let mut passed = 0;
    let middle = lengths.iter().find(|(_, times)| {
        passed += **times;
        passed * 2 >= all
    });
    let (Some((shortest, _)), Some((median, _)), Some((longest, _))) =
        (lengths.first_key_value(), middle, lengths.last_key_value())
    else {
        return;
    };
    let step = (longest - shortest + 1).div_ceil(RANGES).max(1);
    let told = (*shortest..=*longest).step_by(step).filter_map(|from| {
        let to = (from + step - 1).min(*longest);
        let range = if from == to { from.to_string() } else { format!("{from}–{to}") };
        let count: u64 = lengths.range(from..=to).map(|(_, times)| times).sum();
        (count > 0).then(|| format!("{range} ×{count}"))
    });
    let told = told.collect::<Vec<_>>().join(", ");
    let _ = writeln!(out, "commands a sequence: {told}; half of them have at most {median}");
}

/// Command by command, in which fields its effect was seen.
fn matrix(contract: &Contract, matrix: &Matrix, out: &mut String) {
    let commands: Vec<&str> = contract.commands().map(|command| &*command.name).collect();
    let mut rows: Vec<(&str, &str)> = Vec::new();
    for (_, query, field, _) in matrix.cells() {
        if !rows.contains(&(query, field)) {
            rows.push((query, field));
        }
    }
    if rows.is_empty() {
        return;
    }
    let label = |query: &str, field: &str| format!("{query}.{field}");
    let width = rows.iter().map(|(query, field)| label(query, field).chars().count()).max().unwrap_or(0);
    let head = "effect seen in";
    let width = width.max(head.len());
    let _ = writeln!(out, "{head:<width$}  {}", commands.join("  "));
    for (query, field) in rows {
        let mut line = format!("{:<width$}", label(query, field));
        for command in &commands {
            let cell = matrix.cell(command, query, field);
            let mark = match (cell.changed, cell.seen) {
                (0, _) => "·".to_owned(),
                (_, 0) => "never".to_owned(),
                (_, seen) => seen.to_string(),
            };
            let _ = write!(line, "  {mark:<width$}", width = command.chars().count());
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push_str("(· the command does not change the field; counted in a part of the sequences)\n\n");
}

/// What was not covered, what could not be decided, and what is known.
fn notes(contract: &Contract, summary: &TrialSummary, reachable: &Reachable, out: &mut String) {
    let (never, not_alone) = reachable.rules_never(&summary.coverage);
    for (what, names) in [
        ("never accepted", never_accepted(contract, summary)),
        ("rules that never refused anything", never),
        ("rules that never refused anything alone", not_alone),
    ] {
        if !names.is_empty() {
            let _ = writeln!(out, "warning: {what}: {}", names.join(", "));
        }
    }
    for query in contract.queries() {
        if summary.coverage.queries.get(&*query.name).is_none_or(|count| count.reads() == 0) {
            let _ = writeln!(out, "warning: {} was never read", query.name);
        }
    }
    if !summary.unseen.is_empty() {
        let _ = writeln!(out, "warning: nobody saw change: {}", in_a_row(&summary.unseen));
    }
    for deviation in &summary.deviations {
        let _ = writeln!(out, "known departure: {deviation}");
    }
    for error in &summary.broken_rules {
        let _ = writeln!(out, "the contract contradicts itself: {error}");
    }
    for reason in &summary.reasons {
        let _ = writeln!(out, "inconclusive: {}", inert_within(reason, 4 * SHOWN));
    }
    if summary.out_of_time {
        out.push_str("The time was up before all sequences were tried; `--budget` gives more.\n");
    }
    if summary.interrupted {
        out.push_str("It was stopped: this is what was known by then.\n");
    }
    if let Some(why) = &summary.unwritten {
        let _ = writeln!(out, "the history is not whole: {why}");
    }
}

fn in_a_row(unseen: &[Effect]) -> String {
    unseen.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Commands that were never accepted.
fn never_accepted(contract: &Contract, summary: &TrialSummary) -> Vec<String> {
    let accepted = |name: &str| summary.coverage.commands.get(name).is_some_and(|count| count.accepted > 0);
    let never = contract.commands().filter(|command| !accepted(&command.name));
    never.map(|command| command.name.to_string()).collect()
}

/// One failure: the smallest sequence, what should have been, the file it was written to, and how to run just that again.
pub fn generated_failure(shrunk: &Shrunk, told: &Told, file: &str, again: &str) -> String {
    let mut out = sequence_failure(shrunk, told);
    let _ = writeln!(out, "  written  {file}");
    let _ = writeln!(out, "  again    {again}");
    out
}

/// One failure that could not be written down, and why: with its scenario, so that nothing of it is lost.
pub fn unwritten_failure(shrunk: &Shrunk, told: &Told, why: &str, again: &str) -> String {
    let mut out = sequence_failure(shrunk, told);
    let _ = writeln!(out, "  not written: {why}; this is what would stand there:");
    for line in told.scenario.lines().skip_while(|line| line.starts_with('#')) {
        let _ = writeln!(out, "{}", format!("  | {line}").trim_end());
    }
    let _ = writeln!(out, "  again    {again}");
    out
}

/// One failure: the smallest sequence, and what should have been.
pub(super) fn sequence_failure(shrunk: &Shrunk, told: &Told) -> String {
    let mut out = format!("FAIL  {}\n\n", told.headline);
    for (number, step) in (1..).zip(&told.steps) {
        let _ = writeln!(out, "  {number}. {step}");
    }
    for line in &told.should {
        let _ = writeln!(out, "     {line}");
    }
    out.push('\n');
    let (failed, of) = shrunk.failed;
    let after = shrunk.trial.sequence.steps.len();
    if shrunk.candidates > 0 {
        let _ = writeln!(
            out,
            "  {} of {}; the smallest failed {failed} of {of} times",
            plural(after, "step"),
            shrunk.before
        );
    }
    if let Some(why) = &shrunk.unfinished {
        let _ = writeln!(out, "  {why}");
    }
    if let Some(request) = &told.request {
        let _ = writeln!(out, "  request  {request}");
    }
    for (at, line) in told.addition.iter().flat_map(|lines| lines.lines()).enumerate() {
        let _ = writeln!(out, "  {:<8} {line}", if at == 0 { "to add" } else { "" });
    }
    out
}
