use std::fmt::Write as _;

use super::{ClauseRecord, ConformanceRecord, CounterexampleRecord, time};
use crate::conform::{ClauseVerdict, Standing};
use crate::protocol::ClauseId;
use crate::report::plural;
use crate::text::Colour;

/// An examination in words for people: what is broken, what is open, a table of suites, and what was measured.
pub fn conformance(found: &ConformanceRecord, colour: Colour) -> String {
    let mut out = String::new();
    for clause in found.broken() {
        broken(clause, colour, &mut out);
    }
    let open: Vec<_> = found.clauses.iter().filter(|clause| clause.verdict.is_open()).collect();
    for clause in &open {
        let head = paint("33", &format!("{} {} {}", clause.id, clause.level, clause.verdict), colour);
        let _ = writeln!(out, "{head}: {}", clause.reason.as_deref().unwrap_or_default());
    }
    if !open.is_empty() {
        out.push('\n');
    }
    suites(found, colour, &mut out);
    measured(found, &mut out);
    for apart in found.apart() {
        let _ = writeln!(out, "note  {apart}");
    }
    for remark in found.remarks.iter().chain(&found.stale) {
        let _ = writeln!(out, "note  {remark}");
    }
    for deviation in &found.deviations {
        let seen = plural(usize::try_from(deviation.times).unwrap_or(usize::MAX), "time");
        let _ = writeln!(out, "note  {}, seen {seen}: {}", deviation.what, deviation.because);
    }
    if found.interrupted {
        out.push_str("The examination was stopped: this is what was known by then.\n");
    }
    if let Some(history) = &found.history {
        let _ = writeln!(out, "history  {history}");
    }
    let result = paint(code_of(found.result), found.result.words(), colour);
    let _ = writeln!(out, "\n{}: {result}", found.subject.name);
    let _ = writeln!(out, "{} ({})", counts(found), time(found.duration_us));
    out
}

/// How many clauses stand how: that a suite is not fully exercised doesn't tell whether something was broken.
fn counts(found: &ConformanceRecord) -> String {
    let of = |verdict| found.clauses.iter().filter(|clause| clause.verdict == verdict).count();
    let mut told = format!("{} kept", plural(of(ClauseVerdict::Pass), "clause"));
    match of(ClauseVerdict::Fail) + of(ClauseVerdict::Known) {
        0 => told.push_str(", none broken"),
        broken => {
            let _ = write!(told, ", {broken} broken");
        }
    }
    for verdict in [
        ClauseVerdict::Offered,
        ClauseVerdict::NotOffered,
        ClauseVerdict::Inconclusive,
        ClauseVerdict::NotAllowed,
        ClauseVerdict::NotYet,
        ClauseVerdict::NotBinding,
        ClauseVerdict::NotSelected,
    ] {
        let count = of(verdict);
        if count > 0 {
            let verb = if verdict == ClauseVerdict::NotBinding && count > 1 {
                "do not bind"
            } else {
                verdict.word()
            };
            let _ = write!(told, ", {count} {verb}");
        }
    }
    told
}

/// A clause that was broken, in words for people: what is wrong, the smallest history, what to do first.
pub fn broken_clause(clause: &ClauseRecord, colour: Colour) -> String {
    let mut out = String::new();
    broken(clause, colour, &mut out);
    out
}

fn broken(clause: &ClauseRecord, colour: Colour, out: &mut String) {
    let head = paint("1;31", &format!("{} {} {}", clause.id, clause.level, clause.verdict), colour);
    let _ = writeln!(out, "{head}: {}", clause.statement);
    if let Some(why) = &clause.reason {
        let _ = writeln!(out, "  known    {why}");
    }
    if clause.broken > 1 {
        let _ = writeln!(out, "  seen     {} times; the smallest:", clause.broken);
    }
    if let Some(example) = clause.counterexamples.first() {
        self::example(example, out);
    }
    out.push('\n');
}

fn example(example: &CounterexampleRecord, out: &mut String) {
    let _ = writeln!(out, "  wrong    {}", example.wrong);
    list("history", example.story.iter().map(|line| &**line), out);
    list("requests", example.requests.iter().map(|line| &**line), out);
    if let Some(file) = &example.file {
        let _ = writeln!(out, "  scenario {file}");
    }
    list("likely", example.likely.as_deref(), out);
    let _ = writeln!(out, "  first    {}", example.first);
    list("to add", example.addition.iter().flat_map(|lines| lines.lines()), out);
    let _ = writeln!(out, "  again    {}", example.again);
}

fn list<'a>(name: &str, lines: impl IntoIterator<Item = &'a str>, out: &mut String) {
    for (line, name) in lines.into_iter().zip([name].into_iter().chain(std::iter::repeat(""))) {
        let _ = writeln!(out, "  {name:<8} {line}");
    }
}

fn suites(found: &ConformanceRecord, colour: Colour, out: &mut String) {
    let _ = writeln!(out, "{:<14} {:<20} clauses", "suite", "result");
    for suite in &found.suites {
        // Padded before it is painted: escape codes have no width.
        let result = paint(code_of(suite.result), &format!("{:<20}", suite.result), colour);
        let own = found.clauses.iter().filter(|clause| clause.suite == suite.name);
        let mut groups: Vec<(ClauseVerdict, Vec<ClauseId>)> = Vec::new();
        for clause in own {
            match groups.iter_mut().find(|(verdict, _)| *verdict == clause.verdict) {
                Some((_, ids)) => ids.push(clause.id),
                None => groups.push((clause.verdict, vec![clause.id])),
            }
        }
        let told = groups.iter().map(|(verdict, ids)| match verdict {
            ClauseVerdict::Pass => format!("{} passed", ids.len()),
            _ => format!("{verdict}: {}", ClauseId::line(ids)),
        });
        let _ = writeln!(out, "{:<14} {result} {}", suite.name, told.collect::<Vec<_>>().join("; "));
    }
}

fn measured(found: &ConformanceRecord, out: &mut String) {
    if !found.staleness.is_empty() {
        let title = "until an effect showed, at most";
        let wide = found.staleness.iter().map(|seen| seen.query.chars().count());
        let width = wide.max().unwrap_or_default().max(title.len());
        let heads = ["p50", "p90", "p99", "max", "samples"];
        let _ = write!(out, "\n{title:<width$}");
        for head in heads {
            let _ = write!(out, "  {head:>9}");
        }
        out.push('\n');
        for seen in &found.staleness {
            let _ = write!(out, "{:<width$}", seen.query);
            let times = [seen.p50_us, seen.p90_us, seen.p99_us, seen.max_us].map(time);
            for cell in times.into_iter().chain([seen.samples.to_string()]) {
                let _ = write!(out, "  {cell:>9}");
            }
            out.push('\n');
        }
    }
    out.push('\n');
    for line in &found.consistency {
        let _ = writeln!(out, "{line}.");
    }
}

fn code_of(result: Standing) -> &'static str {
    match result {
        Standing::Conforming => "32",
        Standing::NotConforming => "1;31",
        Standing::NotFullyExercised | Standing::NotClaimed => "33",
    }
}

fn paint(code: &str, text: &str, colour: Colour) -> String {
    match colour {
        Colour::Plain => text.to_owned(),
        Colour::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
    }
}
