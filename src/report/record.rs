use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::failure::failure;
use super::in_words;
use crate::protocol::Verdict;
use crate::run::{Finding, Lag, RunEvent, ScenarioResult};
use crate::scenario::Plan;
use crate::text::{Colour, Span};
use crate::value::inert_within;

/// The version of the JSON report; a change that could break a reader makes it one more.
pub(super) const SCHEMA: u32 = 1;

/// Longest text in a report, in characters: a service may answer with megabytes.
const LONGEST: usize = 10_000;

/// Repetitions of one scenario whose whole text is told: the others mostly say the same.
const MOST_TEXTS: usize = 10;

/// Findings of one repetition that are told at most; the others are only counted.
const MOST_FINDINGS: usize = 100;

/// A whole run as reports tell it. What is here was redacted before, and every text is bounded.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunRecord {
    /// The version of this format.
    pub schema: u32,
    /// What wrote it.
    pub toolkit: Toolkit,
    /// The system under test; null where the run never reached it.
    pub target: Option<String>,
    /// How the target is judged more leniently than its contract says, and where it is known to depart from that; each a sentence without a full stop.
    pub remarks: Vec<String>,
    /// The run's seed, a whole number below 2^64, as text since many readers lose digits of such numbers; null before the run began.
    pub seed: Option<String>,
    /// Whether the run came to an end of its own and wrote this afterwards. In a report of a run that died, or never began, it is false.
    pub complete: bool,
    /// Whether somebody stopped the run.
    pub interrupted: bool,
    /// From the first scenario's start to the last one's end, in microseconds.
    pub duration_us: u64,
    /// Repetitions by verdict.
    pub counts: CountsRecord,
    /// Every scenario that was selected, in the order of their files.
    pub scenarios: Vec<ScenarioRecord>,
}

/// The program that wrote a report.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Toolkit {
    /// Its name, `proofmark`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Toolkit {
    /// This version of Proofmark.
    pub(super) fn own() -> Self {
        Self { name: "proofmark".into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// How many came to which verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CountsRecord {
    /// Every promise was kept.
    pub passed: usize,
    /// A promise was broken.
    pub failed: usize,
    /// What was seen decides nothing.
    pub inconclusive: usize,
    /// The target does not claim what they need.
    pub not_claimed: usize,
    /// They did not come to their end.
    pub not_run: usize,
    /// Scenarios (not repetitions) that both passed and failed.
    pub flaky: usize,
}

/// A scenario with all its repetitions.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ScenarioRecord {
    /// The file it comes from, as it was named.
    pub file: String,
    /// The line of its name, counted from 1.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// Its tags, without `@`.
    pub tags: Vec<String>,
    /// The worst of its repetitions': `pass`, `not claimed`, `not run`, `inconclusive` or `fail`.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String", extend("enum" = ["pass", "not claimed", "not run", "inconclusive", "fail"])))]
    pub verdict: ScenarioVerdict,
    /// Whether it both passed and failed.
    pub flaky: bool,
    /// Its repetitions by verdict; `flaky` is 1 or 0.
    pub counts: CountsRecord,
    /// The repetitions that came to a verdict, in the order in which they did.
    pub repetitions: Vec<RepetitionRecord>,
}

/// What all repetitions of a scenario came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScenarioVerdict {
    /// The worst of them.
    Of(Verdict),
    /// Some did not come to their end, and none of those that did failed or was inconclusive.
    NotRun,
}

impl ScenarioVerdict {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Of(verdict) => verdict.word(),
            Self::NotRun => "not run",
        }
    }
}

impl fmt::Display for ScenarioVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One repetition of a scenario.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RepetitionRecord {
    /// The seed that gives it the same course again, as text.
    pub seed: String,
    /// `pass`, `not claimed`, `inconclusive` or `fail`.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String", extend("enum" = ["pass", "not claimed", "inconclusive", "fail"])))]
    pub verdict: Verdict,
    /// From its first to its last step, in microseconds.
    pub duration_us: u64,
    /// How many steps were done.
    pub steps: u64,
    /// Everything but passes, in the order it was found; the first hundred.
    pub findings: Vec<FindingRecord>,
    /// How long effects took to show.
    pub lags: Vec<LagRecord>,
    /// The command that runs it again.
    pub again: String,
    /// Everything about it as the terminal shows it; null where it passed, and behind the first ten.
    pub text: Option<String>,
}

/// Something other than a pass.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FindingRecord {
    /// How bad it is: `not claimed`, `inconclusive` or `fail`.
    #[serde(serialize_with = "in_words")]
    #[cfg_attr(test, schemars(with = "String", extend("enum" = ["not claimed", "inconclusive", "fail"])))]
    pub code: Verdict,
    /// What happened, as a sentence without a full stop.
    pub message: String,
    /// The file of the step where it isn't the scenario's: one that it includes, or that has its examples.
    pub file: Option<String>,
    /// The line of the step in its file, counted from 1; null where it is no single step.
    pub line: Option<usize>,
    /// The column in that line, in characters, counted from 1.
    pub column: Option<usize>,
    /// What can be done about it.
    pub advice: Option<String>,
    /// What to add to the target's profile, where that is the way out.
    pub addition: Option<String>,
}

/// How long an effect took to show, at most.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LagRecord {
    /// The query that showed it.
    pub query: String,
    /// How long, at most, in microseconds.
    pub at_most_us: u64,
}

/// Makes a [`RunRecord`] of run events.
#[derive(Debug)]
pub struct Collector<A> {
    record: RunRecord,
    /// Where in the record a scenario is.
    places: HashMap<(Arc<str>, String, usize), usize>,
    repeat: usize,
    again: A,
}

impl<A: Fn(&ScenarioResult) -> String> Collector<A> {
    /// For a run of `plans`, each `repeat` times; `again` gives the command that runs a scenario once more.
    pub fn new(plans: &[Arc<Plan>], repeat: usize, again: A) -> Self {
        let mut record = RunRecord {
            schema: SCHEMA,
            toolkit: Toolkit::own(),
            target: None,
            remarks: Vec::new(),
            seed: None,
            complete: false,
            interrupted: false,
            duration_us: 0,
            counts: CountsRecord::default(),
            scenarios: plans.iter().map(|plan| ScenarioRecord::not_run(plan, repeat)).collect(),
        };
        record.count();
        let places = plans.iter().enumerate().map(|(place, plan)| (key(plan), place)).collect();
        Self { record, places, repeat, again }
    }

    /// Takes note of an event.
    pub fn on(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::Started { target, seed, .. } => {
                self.record.target = Some(bounded(&target.name));
                self.record.remarks =
                    target.promises.remarks().iter().map(|remark| bounded(remark)).collect();
                self.record.seed = Some(seed.0.to_string());
            }
            RunEvent::Scenario(result) => {
                let Some(place) = self.places.get(&key(&result.plan)) else { return };
                let scenario = &mut self.record.scenarios[*place];
                let texts = scenario.repetitions.iter().filter(|repetition| repetition.text.is_some());
                let told = result.verdict == Verdict::Fail && scenario.counts.failed == 0
                    || texts.count() < MOST_TEXTS;
                let repetition = RepetitionRecord::of(result, (self.again)(result), told);
                scenario.add(result.verdict, repetition, self.repeat);
            }
            RunEvent::Ended(summary) => {
                self.record.complete = true;
                self.record.interrupted = summary.interrupted;
                self.record.duration_us = micros(summary.took);
                self.record.count();
            }
            _ => {}
        }
    }

    /// The run as far as it is known.
    pub fn record(&self) -> &RunRecord {
        &self.record
    }
}

impl RunRecord {
    /// Adds the scenarios' counts up.
    fn count(&mut self) {
        let sum = |of: fn(&CountsRecord) -> usize| self.scenarios.iter().map(|each| of(&each.counts)).sum();
        self.counts = CountsRecord {
            passed: sum(|counts| counts.passed),
            failed: sum(|counts| counts.failed),
            inconclusive: sum(|counts| counts.inconclusive),
            not_claimed: sum(|counts| counts.not_claimed),
            not_run: sum(|counts| counts.not_run),
            flaky: sum(|counts| counts.flaky),
        };
    }
}

impl ScenarioRecord {
    fn not_run(plan: &Plan, repeat: usize) -> Self {
        Self {
            file: bounded(plan.source.name()),
            line: plan.line,
            name: bounded(&plan.name),
            tags: plan.tags.iter().map(|tag| bounded(tag)).collect(),
            verdict: ScenarioVerdict::NotRun,
            flaky: false,
            counts: CountsRecord { not_run: repeat, ..CountsRecord::default() },
            repetitions: Vec::new(),
        }
    }

    fn add(&mut self, verdict: Verdict, repetition: RepetitionRecord, repeat: usize) {
        let counts = &mut self.counts;
        *match verdict {
            Verdict::Pass => &mut counts.passed,
            Verdict::NotClaimed => &mut counts.not_claimed,
            Verdict::Inconclusive => &mut counts.inconclusive,
            Verdict::Fail => &mut counts.failed,
        } += 1;
        self.repetitions.push(repetition);
        counts.not_run = repeat.saturating_sub(self.repetitions.len());
        self.flaky = counts.passed > 0 && counts.failed > 0;
        counts.flaky = usize::from(self.flaky);
        // What did not run may have failed: it is told before what passed, and behind what was found.
        let told = [
            (counts.failed, ScenarioVerdict::Of(Verdict::Fail)),
            (counts.inconclusive, ScenarioVerdict::Of(Verdict::Inconclusive)),
            (counts.not_run, ScenarioVerdict::NotRun),
            (counts.not_claimed, ScenarioVerdict::Of(Verdict::NotClaimed)),
        ];
        let worst = told.into_iter().find(|(count, _)| *count > 0);
        self.verdict = worst.map_or(ScenarioVerdict::Of(Verdict::Pass), |(_, verdict)| verdict);
    }
}

impl RepetitionRecord {
    fn of(result: &ScenarioResult, again: String, told: bool) -> Self {
        let passed = result.verdict == Verdict::Pass;
        let finding = |finding: &Finding| FindingRecord::of(finding, result);
        Self {
            seed: result.seed.0.to_string(),
            verdict: result.verdict,
            duration_us: micros(result.took),
            steps: result.steps,
            findings: result.findings.iter().take(MOST_FINDINGS).map(finding).collect(),
            lags: result.lags.iter().map(LagRecord::of).collect(),
            text: (!passed && told).then(|| lines(&failure(result, &again, Colour::Plain))),
            again,
        }
    }
}

impl FindingRecord {
    fn of(finding: &Finding, result: &ScenarioResult) -> Self {
        let source = &result.plan.source;
        let start = (finding.span != Span::default()).then_some(finding.span.start);
        Self {
            code: finding.verdict,
            message: bounded(&finding.message),
            file: Some(source.locate(finding.span).0.name())
                .filter(|file| *file != source.name())
                .map(bounded),
            line: start.map(|start| source.line(start)),
            column: start.map(|start| source.column(start)),
            advice: finding.advice.as_deref().map(bounded),
            addition: finding.addition.as_deref().map(lines),
        }
    }
}

impl LagRecord {
    fn of(lag: &Lag) -> Self {
        Self { query: bounded(&lag.query), at_most_us: micros(lag.at_most) }
    }
}

/// Repetitions share their scenario, and no two scenarios of a file share name and line.
fn key(plan: &Plan) -> (Arc<str>, String, usize) {
    (plan.name.clone(), plan.source.name().to_owned(), plan.line)
}

/// A text without control characters, cut where it is too long.
fn bounded(text: &str) -> String {
    inert_within(text, LONGEST)
}

/// The same for a text of several lines.
fn lines(text: &str) -> String {
    let end = text.char_indices().nth(LONGEST).map(|(end, _)| end);
    let kept: Vec<_> = text[..end.unwrap_or(text.len())].lines().map(bounded).collect();
    kept.join("\n") + if end.is_some() { "…" } else { "" }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
