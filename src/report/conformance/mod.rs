//! Reports of an examination: a file a format, all made of one [`ConformanceRecord`].

mod badge;
mod guarantees;
mod html;
mod json;
mod junit;
mod markdown;
mod next;
mod record;
#[cfg(test)]
mod samples;
mod terminal;
#[cfg(test)]
mod tests;

pub use next::{NoExamination, next, section_for};
pub use record::{
    CellRecord, ClauseRecord, ConformanceRecord, CounterexampleRecord, DeviationRecord, EvidenceRecord,
    LatencyRecord, PointRecord, StalenessRecord, StatisticsRecord, SubjectRecord, SuiteRecord,
};
pub use terminal::{broken_clause, conformance};

use std::time::Duration;

use super::Format;

/// All kinds of reports of an examination. To add one: a file here, and its line.
pub const CONFORMANCE_FORMATS: &[Format<ConformanceRecord>] = &[
    Format {
        name: "html",
        means: "one page for people, which needs no network",
        start: html::START,
        render: html::render,
    },
    Format {
        name: "json",
        means: "all that was found, by a published JSON Schema",
        start: json::START,
        render: json::render,
    },
    Format {
        name: "junit",
        means: "JUnit XML, for CI servers: a test case a clause",
        start: junit::START,
        render: junit::render,
    },
    Format {
        name: "md",
        means: "Markdown, for the summary of a CI job",
        start: markdown::START,
        render: markdown::render,
    },
    Format { name: "badge", means: "a badge (SVG) for a README", start: badge::START, render: badge::render },
];

/// Microseconds in a unit that suits them.
fn time(micros: u64) -> String {
    super::duration(Duration::from_micros(micros))
}
