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
    check_output(
        &here(&["init", "--url", &serving.url, "--yes", "--bound", "2s"]),
        0,
        "wrote ./proofmark.toml",
    );
    check_output(&here(&["run"]), 0, "2 passed");
    check_output(&here(&["lint"]), 0, "3 files with 2 scenarios: no mistakes");
    // One clause, to be quick: what a service doesn't claim is known without trying.
    let examined = here(&["conform", "--clause", "QS-2"]);
    check_output(&examined, 0, "1 passed");
    let next = here(&["explain", "next"]);
    check_output(&next, 0, " EV-1 EV-2 ");
    check_output(&next, 0, "    [events]");
    let kept = std::fs::read_to_string(directory.0.join(".proofmark/.gitignore")).expect("a file");
    assert_eq!(kept, "*\n", "version control leaves it alone");
    // A report of any other examination does as well, and nothing else.
    check_output(&here(&["explain", "next", ".proofmark/conform.json"]), 0, "[events]");
    check_output(
        &here(&["explain", "next", "proofmark.toml"]),
        2,
        "error: proofmark.toml: it is no JSON report of `proofmark conform`",
    );
    check_output(&here(&["explain", "next", "none.json"]), 2, "error: can't read none.json: ");
    check_output(&here(&["explain", "QS-2", "proofmark.toml"]), 64, "goes with `proofmark explain next`");
}

/// Profiles in a directory are read, and with each the contract that it speaks; other files that are called so are not.
#[test]
fn lint_reads_the_profiles_of_a_directory_and_their_contracts() {
    let directory = Directory::new("lint");
    let below = directory.0.join("below");
    std::fs::create_dir_all(&below).expect("a directory");
    let put = |name: &str, text: &str| std::fs::write(directory.0.join(name), text).expect("a file");
    let lint = |place: &str| proofmark(&directory.0, &["lint", place]);
    put("Cargo.toml", "[package]\nname = 3\nschema = 1\ncontract = \"orders\"\n");
    check_output(&lint("."), 2, "no target profiles");
    put("orders.contract", include_str!("../../scenarios/orders/orders.contract"));
    put("below/mine.toml", "# mine\nschema = 1\ncontract = \"orders\"\n[key]\nheadr = \"X-Key\"\n");
    check_output(&lint("."), 2, "--> ./below/mine.toml:5:1");
    put("below/mine.toml", "schema = 1\ncontract = \"orders\"\n[command.\"*\"]\nrequest = \"POST /${on}\"\n");
    check_output(&lint("."), 0, "./below/mine.toml claims");
    // Whatever is wrong with its contract is wrong with the profile, what exploring finds among it.
    let odd = "contract orders\n\naggregate Order\n  state status: absent | open\n  command Open\n    reject Never when self.status == absent and self.status == open\n    set status = open\n  query GetOrder\n    absent when self.status == absent\n    shows { status: self.status }\n";
    put("orders.contract", odd);
    put(
        "below/mine.toml",
        "schema = 1\ncontract = \"orders\"\n[command.Open]\nrequest = \"POST /${on}\"\n[query.GetOrder]\nrequest = \"GET /${on}\"\n",
    );
    let found = lint("below/mine.toml");
    check_output(&found, 0, "Never");
    assert!(!String::from_utf8_lossy(&found.stderr).contains("no mistakes"), "{found:?}");
}
