use std::fmt::Write as _;

use super::{ClauseRecord, ConformanceRecord, time};

/// How every such file begins.
pub(super) const START: &str = "<!-- proofmark conform -->\n";

/// What a CI job shows of itself: the suites, what is broken or open, and how to run it again.
pub(super) fn render(found: &ConformanceRecord) -> String {
    let mut out = format!(
        "{START}## {}: {}\n\n{}, contract {}, seed {}, {}, {}\n\n",
        text(&found.subject.name),
        found.result,
        found.subject.version.as_deref().map_or_else(|| "version not told".to_owned(), text),
        text(&found.subject.contract),
        found.seed,
        found.began,
        time(found.duration_us),
    );
    out.push_str(
        "| suite | result | passed | failed | inconclusive | offered | not offered | skipped | not yet exercised | not claimed | does not bind |\n",
    );
    out.push_str("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for suite in &found.suites {
        let counts = &suite.statistics;
        let _ = writeln!(
            out,
            "| {} | **{}** | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            suite.name,
            suite.result,
            counts.passed,
            counts.failed,
            counts.inconclusive,
            counts.offered,
            counts.not_offered,
            counts.skipped,
            counts.not_yet_exercised,
            counts.not_claimed,
            counts.not_binding,
        );
    }
    for clause in found.broken() {
        broken(clause, &mut out);
    }
    let open = found.clauses.iter().filter(|clause| clause.verdict.is_open());
    for (clause, first) in open.zip([true].into_iter().chain(std::iter::repeat(false))) {
        if first {
            out.push_str("\n### Not decided\n\n");
        }
        let reason = clause.reason.as_deref().unwrap_or_default();
        let _ = writeln!(out, "- **{}** {} {}: {}", clause.id, clause.level, clause.verdict, text(reason));
    }
    if !found.consistency.is_empty() {
        out.push_str("\n### Measured consistency\n\n");
        for line in &found.consistency {
            let _ = writeln!(out, "- {}", text(line));
        }
    }
    for apart in found.apart() {
        let _ = writeln!(out, "\n> {}", text(&apart));
    }
    for remark in found.remarks.iter().chain(&found.stale) {
        let _ = writeln!(out, "\n> {}", text(remark));
    }
    let _ = write!(out, "\nAgain: {}\n", code(&found.again));
    out
}

fn broken(clause: &ClauseRecord, out: &mut String) {
    let known = clause.reason.as_deref().map_or_else(String::new, |why| format!(" (known: {})", text(why)));
    let _ =
        write!(out, "\n### {} {} broken{known}\n\n{}\n", clause.id, clause.level, text(&clause.statement));
    let Some(example) = clause.counterexamples.first() else { return };
    let _ = write!(out, "\n{}.\n\n", text(&example.wrong));
    for (line, number) in example.story.iter().zip(1..) {
        let _ = writeln!(out, "{number}. {}", text(line));
    }
    out.push('\n');
    if let Some(likely) = &example.likely {
        let _ = writeln!(out, "Likely: {}  ", text(likely));
    }
    let _ = writeln!(out, "First: {}  ", text(&example.first));
    for line in example.addition.iter().flat_map(|lines| lines.lines()) {
        let _ = writeln!(out, "To add: {}  ", code(line));
    }
    let _ = writeln!(out, "Again: {}", code(&example.again));
}

/// Text that stays text: nothing of it is taken for Markdown or HTML, and it stays in its line.
fn text(of: &str) -> String {
    let mut out = String::with_capacity(of.len());
    for c in of.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '>' | '~' | '@' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

/// Code in a line, fenced by more backticks than stand in it.
fn code(of: &str) -> String {
    let longest = of.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    format!("{fence} {} {fence}", of.replace(['\n', '\r'], " "))
}
