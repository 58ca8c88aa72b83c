//! The first minutes with a service of one's own: no options, and what to write next.

use super::check_output;
use super::init::{Directory, proofmark};
use super::serve::Serving;

#[test]
fn a_folder_needs_no_options_and_says_what_to_write_next() {
    let serving = Serving::start(&[], &[]);
    let directory = Directory::new("first");
    let here = |args: &[&str]| proofmark(&directory.0, args);
    check_output(&here(&["explain", "next"]), 2, "no examination is kept in this folder");
    check_output(&here(&["init", "--url", &serving.url, "--yes", "--bound", "2s"]), 0, "wrote ./proofmark.toml");
    check_output(&here(&["run"]), 0, "2 passed");
    check_output(&here(&["lint"]), 0, "3 files with 2 scenarios: no mistakes");
    // One clause, to be quick: what a service doesn't claim is known without trying.
    let examined = here(&["conform", "--clause", "QS-2"]);
    check_output(&examined, 0, "QS-2");
    let next = here(&["explain", "next"]);
    check_output(&next, 0, "in the profile: EV-1");
    check_output(&next, 0, "    [events]");
    let kept = std::fs::read_to_string(directory.0.join(".proofmark/.gitignore")).expect("a file");
    assert_eq!(kept, "*\n", "version control leaves it alone");
    // A report of any other examination does as well, and nothing else.
    check_output(&here(&["explain", "next", ".proofmark/conform.json"]), 0, "[events]");
    check_output(&here(&["explain", "next", "proofmark.toml"]), 2, "it is no JSON report of `proofmark conform`");
    check_output(&here(&["explain", "QS-2", "proofmark.toml"]), 64, "goes with `proofmark explain next`");
}
