use std::io::{self, Write};
use std::time::Duration;

use super::failure::failure;
use super::words::{duration, plural};
use crate::protocol::Verdict;
use crate::run::{Quantiles, RunEvent, ScenarioResult, Summary};
use crate::text::{Colour, path_name};
use crate::value::inert_within;

/// How a terminal report looks.
#[derive(Clone, Debug)]
pub struct Style {
    /// Plain, or with ANSI escape codes.
    pub colour: Colour,
    /// Whether each scenario gets its line as it ends; without, only those that did not pass get a block.
    pub lines: bool,
}

/// A run in words for people: a block a failure as it happens, and a summary.
#[derive(Debug)]
pub struct Terminal<W, A> {
    out: W,
    style: Style,
    again: A,
    /// Whether the last line written was a blank one.
    gap: bool,
}

impl<W: Write, A: Fn(&ScenarioResult) -> String> Terminal<W, A> {
    /// Writes to `out`; `again` gives the command that runs a scenario once more.
    pub fn new(out: W, style: Style, again: A) -> Self {
        Self { out, style, again, gap: false }
    }

    /// Takes note of an event.
    ///
    /// # Errors
    /// When `out` can't be written.
    pub fn on(&mut self, event: &RunEvent<'_>) -> io::Result<()> {
        match event {
            RunEvent::Started { target, cases, seed } => {
                let count = plural(cases.unwrap_or_default(), "scenario");
                writeln!(self.out, "{count} against {} (seed {})", target.name, seed.0)?;
                target
                    .promises
                    .remarks()
                    .iter()
                    .try_for_each(|remark| writeln!(self.out, "note: {}", inert_within(remark, 500)))
            }
            RunEvent::Scenario(result) => self.finished(result),
            RunEvent::Ended(summary) => self.out.write_all(self.summary(summary).as_bytes()),
            _ => Ok(()),
        }?;
        self.out.flush()
    }

    fn finished(&mut self, result: &ScenarioResult) -> io::Result<()> {
        let passed = result.verdict == Verdict::Pass;
        if passed && !self.style.lines {
            return Ok(());
        }
        let word = self.paint(result.verdict, result.verdict.word());
        let place = result.plan.place();
        writeln!(self.out, "{word}  {}  ({place}, {})", result.plan.name, duration(result.took))?;
        self.gap = !passed;
        if !passed {
            writeln!(self.out, "{}", failure(result, &(self.again)(result), self.style.colour))?;
        }
        Ok(())
    }

    fn summary(&self, summary: &Summary) -> String {
        let mut lines = if self.gap { Vec::new() } else { vec![String::new()] };
        let counts = summary.counts;
        let told = [
            (counts.passed, Verdict::Pass, "passed"),
            (counts.failed, Verdict::Fail, "failed"),
            (counts.inconclusive, Verdict::Inconclusive, "inconclusive"),
            (counts.not_claimed, Verdict::NotClaimed, "not claimed"),
            (summary.not_run, Verdict::Inconclusive, "not run"),
        ];
        let told = told.into_iter().filter(|(count, verdict, _)| *count > 0 || *verdict == Verdict::Pass);
        let told: Vec<_> =
            told.map(|(count, verdict, word)| self.paint(verdict, &format!("{count} {word}"))).collect();
        let steps = plural(usize::try_from(summary.steps).unwrap_or(usize::MAX), "step");
        lines.push(format!("{}; {steps} in {}", told.join(", "), duration(summary.took)));
        if !summary.flaky.is_empty() {
            let count = plural(summary.flaky.len(), "scenario");
            lines.push(format!("{count} flaky: passed and failed in the same run"));
        }
        for flaky in &summary.flaky {
            let place = flaky.plan.place();
            let word = self.paint(Verdict::Fail, &flaky.to_string());
            lines.push(format!("  {word}  {}  ({place})", flaky.plan.name));
        }
        if summary.interrupted {
            lines.push("The run was stopped: this is what was known by then.".into());
        }
        if !summary.lags.is_empty() {
            lines.push(String::new());
            lines.extend(lag_table(summary));
        }
        if let Some(path) = &summary.history {
            lines.push(format!("history  {}", path_name(path)));
        }
        if let Some(why) = &summary.unwritten {
            lines.push(format!("the history is not whole: {why}"));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    fn paint(&self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Pass => "32",
            Verdict::Fail => "1;31",
            Verdict::Inconclusive | Verdict::NotClaimed => "33",
        };
        match self.style.colour {
            Colour::Plain => text.to_owned(),
            Colour::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// How long effects took to show, query by query.
fn lag_table(summary: &Summary) -> Vec<String> {
    let title = "until an effect showed, at most";
    let width = summary.lags.keys().map(|query| query.len()).max().unwrap_or_default().max(title.len());
    let row = |name: &str, columns: [String; 5]| {
        let [p50, p90, p99, max, samples] = columns;
        format!("{name:<width$}  {p50:>9}  {p90:>9}  {p99:>9}  {max:>9}  {samples:>7}")
    };
    let heads = ["p50", "p90", "p99", "max", "samples"].map(str::to_owned);
    let mut lines = vec![row(title, heads)];
    for (query, Quantiles { samples, p50, p90, p99, max }) in &summary.lags {
        let time = |time: &Duration| duration(*time);
        lines.push(row(query, [time(p50), time(p90), time(p99), time(max), samples.to_string()]));
    }
    lines
}
