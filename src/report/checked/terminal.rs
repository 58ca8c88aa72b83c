use std::fmt::Write as _;

use crate::check::{Checked, Sequences};
use crate::history::Job;
use crate::protocol::Verdict;
use crate::report::generated::{generated, sequence_failure};
use crate::report::{Reachable, plural};
use crate::run::tell;
use crate::value::inert_within;

/// Longest text of a sentence, in characters.
const SHOWN: usize = 2_000;

/// What a history proves, for people. `file` is its name.
pub fn checked(file: &str, checked: &Checked) -> String {
    let header = &checked.header;
    let mut out = format!(
        "{}: proofmark {} against {} (seed {}), written by Proofmark {}\n",
        inert_within(file, SHOWN),
        header.job.word(),
        inert_within(&header.target, SHOWN),
        header.seed,
        inert_within(&header.toolkit, SHOWN)
    );
    out.push('\n');
    if let Some(sequences) = &checked.sequences {
        told_sequences(sequences, header.job, &mut out);
    }
    scenarios(checked, &mut out);
    clauses(checked, &mut out);
    for broken in &checked.broken {
        let line = format!("{} {}: {}", broken.experiment, broken.name, broken.wrong);
        let _ = writeln!(out, "the contract does not allow it: {}", inert_within(&line, SHOWN));
    }
    for (why, cases) in &checked.beyond {
        let cases = plural(usize::try_from(*cases).unwrap_or(usize::MAX), "case");
        let _ = writeln!(out, "note: not held against the contract: {cases}, where {why}");
    }
    if checked.torn {
        out.push_str("note: the last line is torn, and was left out\n");
    }
    if !checked.ended {
        let cut = usize::try_from(checked.cut_off).unwrap_or(usize::MAX);
        let _ = writeln!(
            out,
            "note: the history has no end, so the run was ended from outside; nothing is said of {} that it ends within",
            plural(cut, "case")
        );
    }
    let _ = writeln!(out, "{}: {}", inert_within(file, SHOWN), checked.verdict());
    out
}

fn told_sequences(sequences: &Sequences, job: Job, out: &mut String) {
    let Sequences { contract, summary, .. } = sequences;
    if job == Job::Generate {
        let reachable = Reachable::of(&sequences.model, &sequences.chart);
        out.push_str(&generated(contract, summary, &reachable, false));
    } else {
        let _ = writeln!(
            out,
            "{} judged again: {} passed, {} failed, {} inconclusive\n",
            plural(usize::try_from(summary.trials).unwrap_or(usize::MAX), "sequence"),
            summary.passed,
            summary.failed,
            summary.undecided
        );
    }
    for shrunk in &summary.failures {
        let Some(told) = tell(contract, shrunk, &[]) else { continue };
        out.push('\n');
        out.push_str(&sequence_failure(shrunk, &told));
        let clauses: Vec<String> = sequences.clauses(shrunk).iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "  clauses  {}", clauses.join(", "));
    }
    if !summary.failures.is_empty() {
        out.push('\n');
    }
}

/// What the run said of its scenarios.
fn scenarios(checked: &Checked, out: &mut String) {
    if checked.header.job != Job::Run {
        return;
    }
    let count = |verdict: Verdict| checked.scenarios.iter().filter(|word| word.verdict == verdict).count();
    for word in checked.scenarios.iter().filter(|word| word.verdict != Verdict::Pass) {
        let place = format!("{} ({}:{})", word.name, word.file, word.line);
        let _ = writeln!(out, "{}  {}", word.verdict, inert_within(&place, SHOWN));
        for finding in &word.findings {
            let says = match finding.label.as_str() {
                "" => finding.says.clone(),
                label => format!("{}: {label}", finding.says),
            };
            let _ = writeln!(out, "    line {}: {}", finding.line, inert_within(&says, SHOWN));
        }
    }
    let _ = writeln!(
        out,
        "{} as the run judged them: {} passed, {} failed, {} inconclusive, {} not claimed, {} not run",
        plural(checked.scenarios.len(), "scenario"),
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::Inconclusive),
        count(Verdict::NotClaimed),
        checked.not_run
    );
}

/// How the clauses stand.
fn clauses(checked: &Checked, out: &mut String) {
    if checked.header.job != Job::Conform {
        return;
    }
    for word in &checked.clauses {
        let _ = write!(out, "{:<6} {}", word.id.to_string(), inert_within(&word.stands, SHOWN));
        let _ = match &word.why {
            Some(why) => writeln!(out, ": {}", inert_within(why, SHOWN)),
            None => writeln!(out),
        };
        for wrong in &word.wrong {
            let _ = writeln!(out, "       {}", inert_within(wrong, SHOWN));
        }
    }
    let _ = writeln!(
        out,
        "{} judged again by their cases, {} as the examination judged them",
        plural(checked.again.len(), "clause"),
        checked.clauses.len().saturating_sub(checked.again.len())
    );
}
