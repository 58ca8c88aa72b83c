//! What histories prove, in words for people and in files for other programs.

mod json;
mod junit;
mod record;
mod terminal;

pub use record::{CheckRecord, CountsOf, FileRecord, FoundRecord};
pub use terminal::checked;

use super::Format;

/// All kinds of reports of checked histories. To add one: a file here, and its line.
pub const CHECK_FORMATS: &[Format<CheckRecord>] = &[
    Format {
        name: "junit",
        means: "JUnit XML, for CI servers: a test suite a history",
        start: junit::START,
        render: junit::render,
    },
    Format {
        name: "json",
        means: "all that was found, by a published JSON Schema",
        start: json::START,
        render: json::render,
    },
];
