//! Reports: run events in words for people, and in files for other programs (a file a format, listed in [`FORMATS`]).
//! They know nothing of the runner but its events.

mod checked;
mod conformance;
mod failure;
mod generated;
mod json;
mod junit;
#[cfg(test)]
mod junit_form;
mod reached;
mod record;
mod terminal;
mod words;

pub use checked::{CHECK_FORMATS, CheckRecord, CountsOf, FileRecord, FoundRecord, checked};
pub use conformance::{
    CONFORMANCE_FORMATS, CellRecord, ClauseRecord, ConformanceRecord, CounterexampleRecord, DeviationRecord,
    EvidenceRecord, LatencyRecord, NoExamination, PointRecord, StalenessRecord, StatisticsRecord,
    SubjectRecord, SuiteRecord, broken_clause, conformance, next, section_for,
};
pub use failure::failure;
pub use generated::{generated, generated_failure, unwritten_failure};
pub use reached::{Reachable, Transition};
pub use record::{
    Collector, CountsRecord, FindingRecord, LagRecord, RepetitionRecord, RunRecord, ScenarioRecord,
    ScenarioVerdict, Toolkit,
};
pub use terminal::{Style, Terminal};
pub(crate) use words::in_words;
pub use words::{duration, plural};

/// A kind of report of an `R` that can be left in a file.
#[derive(Clone, Copy, Debug)]
pub struct Format<R> {
    /// What it is called: `--report NAME=FILE`.
    pub name: &'static str,
    /// What it is, for help texts.
    pub means: &'static str,
    /// How each file of this kind begins: what a newer report may replace.
    pub start: &'static str,
    /// The whole file.
    pub render: fn(&R) -> String,
}

/// Something that is told in reports of several kinds.
pub trait Reported: Sized + 'static {
    /// All kinds there are.
    const FORMATS: &'static [Format<Self>];
}

impl Reported for RunRecord {
    const FORMATS: &'static [Format<Self>] = FORMATS;
}

impl Reported for ConformanceRecord {
    const FORMATS: &'static [Format<Self>] = CONFORMANCE_FORMATS;
}

impl Reported for CheckRecord {
    const FORMATS: &'static [Format<Self>] = CHECK_FORMATS;
}

/// All kinds of reports of a run. To add one: a file here, and its line.
pub const FORMATS: &[Format<RunRecord>] = &[
    Format {
        name: "junit",
        means: "JUnit XML, for CI servers: a test case a scenario",
        start: junit::START,
        render: junit::render,
    },
    Format {
        name: "json",
        means: "all that is known of the run, by a published JSON Schema",
        start: json::START,
        render: json::render,
    },
];
