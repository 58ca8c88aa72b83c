//! Reports of an examination: a file a format, all made of one [`ConformanceRecord`].

mod badge;
mod html;
mod json;
mod junit;
mod markdown;
mod record;
#[cfg(test)]
mod samples;
mod terminal;
#[cfg(test)]
mod tests;

pub use record::{
    CellRecord, ClauseRecord, ConformanceRecord, CounterexampleRecord, DeviationRecord, EvidenceRecord,
    LatencyRecord, PointRecord, StalenessRecord, StatisticsRecord, SubjectRecord, SuiteRecord,
};
pub use terminal::conformance;

use std::time::Duration;

/// A kind of report that an examination can leave in a file.
#[derive(Clone, Copy, Debug)]
pub struct ConformanceFormat {
    /// What it is called: `--report NAME=FILE`.
    pub name: &'static str,
    /// What it is, for help texts.
    pub means: &'static str,
    /// How each file of this kind begins: what a newer report may replace.
    pub start: &'static str,
    /// The whole file.
    pub render: fn(&ConformanceRecord) -> String,
}

/// All kinds of reports of an examination. To add one: a file here, and its line.
pub const CONFORMANCE_FORMATS: &[ConformanceFormat] = &[
    ConformanceFormat {
        name: "html",
        means: "one page for people, which needs no network",
        start: html::START,
        render: html::render,
    },
    ConformanceFormat {
        name: "json",
        means: "all that was found, by a published JSON Schema",
        start: json::START,
        render: json::render,
    },
    ConformanceFormat {
        name: "junit",
        means: "JUnit XML, for CI servers: a test case a clause",
        start: junit::START,
        render: junit::render,
    },
    ConformanceFormat {
        name: "md",
        means: "Markdown, for the summary of a CI job",
        start: markdown::START,
        render: markdown::render,
    },
    ConformanceFormat {
        name: "badge",
        means: "a badge (SVG) for a README",
        start: badge::START,
        render: badge::render,
    },
];

/// Microseconds in a unit that suits them.
fn time(micros: u64) -> String {
    super::duration(Duration::from_micros(micros))
}
