//! The last examination by the profile of a folder, kept beside it for `proofmark explain next`.

use std::io;
use std::path::Path;

use super::exit::{CliError, Exit};
use super::list::print;
#[cfg(feature = "http")]
use super::{files, say};
use crate::report::next as steps;
#[cfg(feature = "http")]
use crate::report::{CONFORMANCE_FORMATS, ConformanceRecord};
use crate::text::path_name;

/// What `explain` is asked for it.
pub(super) const NEXT: &str = "next";

/// What is kept lies in a folder of its own, which version control leaves alone.
#[cfg(feature = "http")]
const FOLDER: &str = ".proofmark";
const FILE: &str = ".proofmark/conform.json";

/// Keeps an examination. That it can't be kept is said, and changes nothing.
#[cfg(feature = "http")]
pub(super) fn keep(record: &ConformanceRecord) {
    if let Err(error) = write(record) {
        say(&format!(
            "note: {FILE} can't be written ({error}), so `proofmark explain next` doesn't know of this examination"
        ));
    }
}

#[cfg(feature = "http")]
fn write(record: &ConformanceRecord) -> io::Result<()> {
    let Some(json) = CONFORMANCE_FORMATS.iter().find(|format| format.name == "json") else { return Ok(()) };
    std::fs::create_dir_all(FOLDER)?;
    let ignored = Path::new(FOLDER).join(".gitignore");
    if !ignored.exists() {
        files::replace(&ignored, "*\n")?;
    }
    files::replace(Path::new(FILE), &(json.render)(record))
}

/// `proofmark explain next`: what would let an examination judge what it left open.
pub(super) fn next(report: Option<&Path>) -> Result<Exit, CliError> {
    let path = report.unwrap_or(Path::new(FILE));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if report.is_none() && error.kind() == io::ErrorKind::NotFound => {
            return Err(CliError::Examination(format!(
                "no examination is kept in this folder: `proofmark conform` keeps its last one where the folder has a {}; of any other, name \
                 its report (`proofmark conform --report json=FILE`, `proofmark explain next FILE`)",
                crate::suite::FOLDER_PROFILE
            )));
        }
        Err(error) => return Err(CliError::Examination(format!("can't read {}: {error}", path_name(path)))),
    };
    match steps(&text) {
        Ok(told) => print(&[told.trim_end().to_owned()]),
        Err(error) => Err(CliError::Examination(format!("{}: {error}", path_name(path)))),
    }
}

#[cfg(all(test, feature = "http"))]
mod tests {
    /// The sections are taken as they stand, and claim what they are printed for.
    #[test]
    fn the_sections_claim_what_they_are_for() {
        use std::sync::Arc;

        use crate::contract::Contract;
        use crate::profile::Profile;
        use crate::protocol::Capability;
        use crate::report::section_for;
        use crate::text::{Severity, Source};

        let contract = Source::new("orders.contract", include_str!("../../scenarios/orders/orders.contract"));
        let contract = Contract::resolve(&crate::language::parse_contract(&contract).tree).contract;
        let contract = Arc::new(contract);
        for capability in Capability::ALL {
            let section = section_for(capability).replace("QUERY", "GetOrderDetails");
            let text = format!(
                "schema = 1\ncontract = \"orders\"\n\n[query.GetOrderDetails]\nrequest = \"GET /orders/${{on}}\"\n\n{section}\n"
            );
            let reading = Profile::read(&Source::new("p.toml", &*text), &contract);
            let wrong: Vec<_> =
                reading.diagnostics.iter().filter(|wrong| wrong.severity == Severity::Error).collect();
            assert!(wrong.is_empty(), "{capability}: {wrong:?}\n{text}");
            assert!(crate::adapter::claims(&reading.profile).claims(capability), "{capability}\n{text}");
        }
    }
}
