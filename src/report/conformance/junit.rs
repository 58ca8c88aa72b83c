use super::super::junit::in_seconds;
use super::{ClauseRecord, ConformanceRecord};
use crate::clause::Level;
use crate::conform::ClauseVerdict;
use crate::text::Xml;

/// How every such file begins.
pub(super) const START: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"proofmark conform\"";

/// A suite a suite, a case a clause. A MUST that was tried and that nothing proves is an error, never a pass; "skipped" is left to what
/// doesn't bind the target, isn't tested yet, wasn't asked for or was not allowed, and to what SHOULD or MAY be and isn't, or is open.
pub(super) fn render(found: &ConformanceRecord) -> String {
    let mut xml = Xml::new();
    let all: Vec<&ClauseRecord> = found.clauses.iter().collect();
    let counts = counts(&all);
    let time = in_seconds(found.duration_us);
    // Clauses share their cases, so none has a time of its own.
    let mut attributes = vec![("name", "proofmark conform"), ("time", &*time), ("timestamp", &*found.began)];
    attributes.extend(counts.iter().map(|(name, value)| (*name, &**value)));
    xml.element("testsuites", &attributes, |xml| {
        for suite in &found.suites {
            let own: Vec<&ClauseRecord> =
                all.iter().copied().filter(|clause| clause.suite == suite.name).collect();
            let counts = self::counts(&own);
            let mut attributes = vec![("name", suite.name.name()), ("timestamp", &*found.began)];
            attributes.extend(counts.iter().map(|(name, value)| (*name, &**value)));
            xml.element("testsuite", &attributes, |xml| own.iter().for_each(|clause| case(xml, clause)));
        }
    });
    xml.finish()
}

fn case(xml: &mut Xml, clause: &ClauseRecord) {
    let name = format!("{} {}", clause.id, clause.statement);
    let attributes = [("classname", clause.suite.name()), ("name", &*name)];
    let reason = clause.reason.as_deref().unwrap_or_default();
    match kind(clause) {
        Kind::Passed => xml.empty("testcase", &attributes),
        Kind::Failure => xml.element("testcase", &attributes, |xml| {
            let first = clause.counterexamples.first();
            let wrong = first.map_or("broken", |example| &*example.wrong);
            let text = first.map(|example| {
                let story = example.story.iter().chain(&example.likely);
                let lines = story.chain([&example.first, &example.again]);
                lines.cloned().collect::<Vec<_>>().join("\n")
            });
            xml.text(
                "failure",
                &[("type", clause.level.word()), ("message", wrong)],
                &text.unwrap_or_default(),
            );
        }),
        Kind::Error => xml.element("testcase", &attributes, |xml| {
            xml.text(
                "error",
                &[("type", clause.verdict.word()), ("message", reason)],
                &clause.evidence_in_words(),
            );
        }),
        Kind::Skipped => xml.element("testcase", &attributes, |xml| {
            let wrong = clause.counterexamples.first().filter(|_| reason.is_empty());
            let reason = wrong.map_or(reason, |example| &*example.wrong);
            xml.empty("skipped", &[("type", clause.verdict.word()), ("message", reason)]);
        }),
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Passed,
    Failure,
    Error,
    Skipped,
}

fn kind(clause: &ClauseRecord) -> Kind {
    match (clause.verdict, clause.level) {
        (ClauseVerdict::Pass | ClauseVerdict::Offered, _) => Kind::Passed,
        (ClauseVerdict::Fail, Level::Must) => Kind::Failure,
        (ClauseVerdict::Inconclusive, Level::Must) => Kind::Error,
        _ => Kind::Skipped,
    }
}

fn counts(clauses: &[&ClauseRecord]) -> [(&'static str, String); 4] {
    let count = |wanted: &Kind| clauses.iter().filter(|clause| kind(clause) == *wanted).count().to_string();
    [
        ("tests", clauses.len().to_string()),
        ("failures", count(&Kind::Failure)),
        ("errors", count(&Kind::Error)),
        ("skipped", count(&Kind::Skipped)),
    ]
}
