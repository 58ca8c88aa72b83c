//! Files whose names are no text, or would act on a terminal.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{BAD, GOOD, check_output, workspace};

fn name(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

fn proofmark(in_directory: &Path, args: &[&OsStr]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
    command.args(args).current_dir(in_directory).env_remove("NO_COLOR").output().expect("it runs")
}

/// A directory with the order contract and scenario files of these names; nothing else is in it.
fn folder(test: &str, files: &[(&[u8], &str)]) -> PathBuf {
    let directory = workspace(test, b"");
    std::fs::remove_file(directory.join("mine.scenario")).expect("the file");
    for (file, text) in files {
        std::fs::write(directory.join(name(file)), text).expect("a file");
    }
    directory
}

/// All that was printed; a control character other than a line end, or text that is no UTF-8, is none of ours.
#[track_caller]
fn inert(output: &Output) -> String {
    let bytes = [&*output.stdout, &*output.stderr].concat();
    let text = String::from_utf8(bytes).expect("UTF-8");
    let acts = text.chars().find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
    assert_eq!(acts, None, "{text:?}");
    text
}

const HOSTILE: &[(&[u8], &str)] = &[
    (b"caf\xe9.scenario", GOOD),
    (b"caf\xe8.scenario", BAD),
    (b"red\x1b[31m\x1b]0;t\x07.scenario", BAD),
    (b"a\npass  b.scenario", BAD),
    (b"dir\xe2\x80\xaeection.scenario", BAD),
];

#[test]
fn every_file_is_run_and_shown_inertly_whatever_its_name() {
    let directory = folder("names-run", HOSTILE);
    let here = name(b".");
    let run = |args: &[&[u8]]| {
        let args: Vec<_> = args.iter().map(|word| name(word)).chain([here]).collect();
        proofmark(&directory, &args)
    };
    let ran = run(&[b"run", b"--report", b"junit=j.xml,json=j.json", b"--history", b"h\xff\x1b[2J.jsonl"]);
    check_output(&ran, 1, "1 passed, 4 failed");
    let text = inert(&ran);
    for shown in [
        r"$'./caf\350.scenario':2",
        r"$'./red\033[31m\033]0;t\007.scenario':2",
        r"$'./a\npass  b.scenario':2",
        r"$'./dir\342\200\256ection.scenario':2",
        r"history  $'h\377\033[2J.jsonl'",
    ] {
        assert!(text.contains(shown), "{shown} is not in\n{text}");
    }
    for report in ["j.xml", "j.json"] {
        let report = std::fs::read_to_string(directory.join(report)).expect("a report");
        assert!(!report.contains(['\u{1b}', '\u{202e}', '\u{fffd}']), "{report}");
        // The names of two files that are no text are never taken for one.
        assert!(report.contains("351.scenario") && report.contains("350.scenario"), "{report}");
    }
    let checked = proofmark(&directory, &[name(b"check"), name(b"h\xff\x1b[2J.jsonl")]);
    check_output(&checked, 1, r"$'h\377\033[2J.jsonl'");
    inert(&checked);
    for (args, code) in [(&[&b"fmt"[..], b"--check"][..], 1), (&[b"list", b"scenarios"], 0), (&[b"lint"], 0)]
    {
        let output = run(args);
        check_output(&output, code, "");
        inert(&output);
    }
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn a_file_whose_name_is_no_text_can_be_named() {
    let directory = folder("names-one", HOSTILE);
    let run = |place: &[u8]| proofmark(&directory, &[name(b"run"), name(place)]);
    check_output(&run(b"caf\xe9.scenario"), 0, "1 passed");
    check_output(&run(b"caf\xe8.scenario:2"), 1, "1 failed");
    check_output(&run(b"caf\xe8.scenario:2:5"), 1, "1 failed");
    check_output(&run(b"caf\xe8.scenario:99"), 2, r"there is no scenario at $'caf\350.scenario':99");
    let missing = run(b"no\xff\x1b[31m.scenario");
    check_output(&missing, 2, r"can't read $'no\377\033[31m.scenario'");
    inert(&missing);
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn the_command_that_runs_it_again_can_be_typed() {
    let directory = folder("names-again", HOSTILE);
    let text = inert(&proofmark(&directory, &[name(b"run"), name(b".")]));
    let again: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("  again ")).collect();
    assert_eq!(again.len(), 4, "{text}");
    for command in again {
        // A shell of this notation: `sh` need not know it yet.
        let Ok(output) = Command::new("bash")
            .args(["-c", &command.trim().replacen("proofmark", "\"$0\"", 1), env!("CARGO_BIN_EXE_proofmark")])
            .current_dir(&directory)
            .output()
        else {
            return;
        };
        check_output(&output, 1, "1 failed");
    }
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn mistakes_name_their_file_inertly() {
    let broken: &[(&[u8], &str)] =
        &[(b"a\x1b[8m\xff.scenario", "use orders\nscenario \"s\"\n  when Confrim\n")];
    let directory = folder("names-lint", broken);
    let told = proofmark(&directory, &[name(b"lint"), name(b".")]);
    check_output(&told, 2, r"--> $'./a\033[8m\377.scenario':3:8");
    inert(&told);
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn nothing_that_is_called_like_a_scenario_is_left_out_in_silence() {
    let directory = folder("names-left", &[(b"good.scenario", GOOD)]);
    let run = || proofmark(&directory, &[name(b"run"), name(b".")]);
    let link = |called: &str| {
        std::os::unix::fs::symlink("nowhere", directory.join(called)).expect("a link");
        directory.join(called)
    };
    // Editors keep their locks so.
    link(".#good.scenario");
    check_output(&run(), 0, "1 passed");
    let lost = link("lost.scenario");
    check_output(&run(), 2, "can't read ./lost.scenario");
    std::fs::remove_file(lost).expect("the link");
    let deep: PathBuf = std::iter::repeat_n("d", 33).collect();
    std::fs::create_dir_all(directory.join(&deep)).expect("directories");
    check_output(&run(), 2, "more than 32 directories below");
    let named: OsString = deep.into();
    check_output(&proofmark(&directory, &[name(b"run"), &named]), 2, "no scenarios there");
    std::fs::remove_dir_all(directory).expect("the directory");
}
