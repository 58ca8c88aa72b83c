use super::{RunRecord, ScenarioRecord, ScenarioVerdict};
use crate::protocol::Verdict;
use crate::text::Xml;

/// How every such file begins.
pub(super) const START: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"proofmark\"";

/// A suite a file, a case a scenario. Whatever proves nothing is an error and never a pass; `docs/reports.md` has the
/// table.
pub(super) fn render(run: &RunRecord) -> String {
    let mut xml = Xml::new();
    let all: Vec<&ScenarioRecord> = run.scenarios.iter().collect();
    let attributes = Totals::of(&all).attributes("proofmark", run.duration_us);
    xml.element("testsuites", &borrowed(&attributes), |xml| {
        for file in all.chunk_by(|one, other| one.file == other.file) {
            suite(run, file, xml);
        }
    });
    xml.finish()
}

fn suite(run: &RunRecord, scenarios: &[&ScenarioRecord], xml: &mut Xml) {
    let file = scenarios.first().map_or("", |scenario| &scenario.file);
    let took = scenarios.iter().map(|scenario| micros(scenario)).sum();
    let attributes = Totals::of(scenarios).attributes(file, took);
    xml.element("testsuite", &borrowed(&attributes), |xml| {
        let interrupted = run.interrupted.to_string();
        let properties = [
            ("target", run.target.as_deref().unwrap_or("not reached")),
            ("seed", run.seed.as_deref().unwrap_or("none")),
            ("toolkit", &*run.toolkit.version),
            ("interrupted", &*interrupted),
        ];
        xml.element("properties", &[], |xml| {
            for (name, value) in properties {
                xml.empty("property", &[("name", name), ("value", value)]);
            }
            for remark in &run.remarks {
                xml.empty("property", &[("name", "remark"), ("value", remark)]);
            }
        });
        for scenario in scenarios {
            case(scenario, xml);
        }
    });
}

fn case(scenario: &ScenarioRecord, xml: &mut Xml) {
    let (line, time) = (scenario.line.to_string(), in_seconds(micros(scenario)));
    let attributes = [
        ("name", &*scenario.name),
        ("classname", &*scenario.file),
        ("file", &*scenario.file),
        ("line", &*line),
        ("time", &*time),
    ];
    xml.element("testcase", &attributes, |xml| {
        properties(scenario, xml);
        outcome(scenario, xml);
    });
}

fn properties(scenario: &ScenarioRecord, xml: &mut Xml) {
    let counts = scenario.counts;
    let counted = [
        ("repetitions.passed", counts.passed),
        ("repetitions.failed", counts.failed),
        ("repetitions.inconclusive", counts.inconclusive),
        ("repetitions.not-claimed", counts.not_claimed),
        ("repetitions.not-run", counts.not_run),
    ];
    xml.element("properties", &[], |xml| {
        for tag in &scenario.tags {
            xml.empty("property", &[("name", "tag"), ("value", tag)]);
        }
        for (name, count) in counted.into_iter().filter(|(_, count)| *count > 0) {
            xml.empty("property", &[("name", name), ("value", &count.to_string())]);
        }
    });
}

/// What keeps a case from being a pass; the first repetition that came to the scenario's verdict tells the story.
fn outcome(scenario: &ScenarioRecord, xml: &mut Xml) {
    let element = match kind(scenario) {
        Kind::Passed => return,
        Kind::Failure => "failure",
        Kind::Error => "error",
        Kind::Skipped => "skipped",
    };
    let told = scenario
        .repetitions
        .iter()
        .find(|repetition| ScenarioVerdict::Of(repetition.verdict) == scenario.verdict);
    let first = told.and_then(|repetition| repetition.findings.first()).map(|finding| &*finding.message);
    let first = first.unwrap_or(scenario.verdict.word());
    let counts = scenario.counts;
    let of = scenario.repetitions.len();
    let (kind, message) = if scenario.flaky {
        ("flaky", format!("flaky: failed {} of {of}: {first}", counts.failed))
    } else {
        (scenario.verdict.word(), first.to_owned())
    };
    let text = told.and_then(|repetition| repetition.text.as_deref()).unwrap_or_default();
    xml.text(element, &[("type", kind), ("message", &message)], text);
}

#[derive(PartialEq, Eq)]
enum Kind {
    Passed,
    Failure,
    Error,
    Skipped,
}

/// A test case there has one of four ends. "Skipped" is left to what the target does not claim: other tools take it for
/// harmless.
fn kind(scenario: &ScenarioRecord) -> Kind {
    match scenario.verdict {
        ScenarioVerdict::Of(Verdict::Pass) => Kind::Passed,
        ScenarioVerdict::Of(Verdict::Fail) => Kind::Failure,
        ScenarioVerdict::Of(Verdict::NotClaimed) => Kind::Skipped,
        ScenarioVerdict::Of(Verdict::Inconclusive) | ScenarioVerdict::NotRun => Kind::Error,
    }
}

struct Totals {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Totals {
    fn of(scenarios: &[&ScenarioRecord]) -> Self {
        let count = |wanted: &Kind| scenarios.iter().filter(|scenario| kind(scenario) == *wanted).count();
        Self {
            tests: scenarios.len(),
            failures: count(&Kind::Failure),
            errors: count(&Kind::Error),
            skipped: count(&Kind::Skipped),
        }
    }

    fn attributes(&self, name: &str, micros: u64) -> [(&'static str, String); 6] {
        [
            ("name", name.to_owned()),
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
            ("skipped", self.skipped.to_string()),
            ("time", in_seconds(micros)),
        ]
    }
}

fn borrowed<'a>(attributes: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    attributes.iter().map(|(name, value)| (*name, &**value)).collect()
}

/// All repetitions together.
fn micros(scenario: &ScenarioRecord) -> u64 {
    scenario.repetitions.iter().fold(0, |sum, repetition| sum.saturating_add(repetition.duration_us))
}

/// Microseconds as times are written there: seconds with a fraction.
pub(super) fn in_seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
