//! `--exec`: services that we start, well-behaved and not.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{check_output, proofmark, workspace};

const PROFILE: &str = "scenarios/orders/reference.toml";
const RULES: &str = "scenarios/orders/commands.scenario";

fn serve() -> String {
    format!("'{}' serve --port {{port}}", env!("CARGO_BIN_EXE_proofmark"))
}

/// A directory with a profile of little patience and a script that becomes a service, and the command to start it.
fn script(name: &str, ready: &str, lines: &str) -> (PathBuf, String, String) {
    let directory = workspace(name, b"use orders\n");
    let profile = format!(
        "schema = 1\ncontract = \"orders\"\n[base]\ndefault = \"http://127.0.0.1:9\"\nready = \"GET /health\"\n\
         [limits]\nready = \"{ready}\"\n[exec]\ncommand = \"never\"\ngrace = \"100ms\"\n"
    );
    let path = directory.join("p.toml");
    std::fs::write(&path, profile).expect("a profile");
    let file = directory.join("service.sh");
    std::fs::write(&file, lines.replace("DIR", &directory.to_string_lossy())).expect("a script");
    let command = format!("/bin/sh '{}' {{port}}", file.to_string_lossy());
    (directory, path.to_string_lossy().into_owned(), command)
}

fn lives(pid: &str) -> bool {
    let look = Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status();
    look.expect("kill runs").success()
}

/// The numbers of processes that a script wrote down, once they are all there.
fn written(directory: &Path, count: usize) -> Vec<String> {
    for _ in 0..1_000 {
        let text = std::fs::read_to_string(directory.join("pids")).unwrap_or_default();
        let pids: Vec<String> = text.lines().map(str::to_owned).collect();
        if pids.len() >= count && text.ends_with('\n') {
            return pids;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the service never wrote down its processes");
}

/// Processes that were killed are gone in a moment, whoever has to reap them.
fn all_end(pids: &[String]) -> bool {
    (0..1_000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        !pids.iter().any(|pid| lives(pid))
    })
}

#[test]
fn a_service_is_started_for_a_run_and_ends_with_it() {
    let (directory, _, _) = script("exec-serve", "10s", "");
    let pids = directory.join("pids").to_string_lossy().into_owned();
    // It floods its output besides.
    let command = format!(
        "/bin/sh -c 'yes flood & echo $$ > {pids}; echo $! >> {pids}; exec {}'",
        serve().replace('\'', "")
    );
    let output = proofmark(&["run", RULES, "--target", PROFILE, "--exec", &command]);
    check_output(&output, 0, "orders over HTTP");
    assert!(all_end(&written(&directory, 2)));
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn a_service_that_ends_at_once_is_told_with_what_it_said() {
    let (directory, profile, command) =
        script("exec-dies", "10s", "echo going >&2\necho 'down \x1b[31m'\nexit 7\n");
    let output = proofmark(&["run", RULES, "--target", &profile, "--exec", &command]);
    check_output(&output, 3, "the service was started, but it ended with exit code 7; it said last:");
    check_output(&output, 3, "| going");
    check_output(&output, 3, "| down");
    assert!(!String::from_utf8_lossy(&output.stderr).contains('\x1b'));
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn a_service_that_says_a_secret_is_not_quoted_with_it() {
    let (directory, profile, command) = script("exec-canary", "10s", "echo token=$TOKEN\nexit 1\n");
    let text = std::fs::read_to_string(&profile).expect("the profile");
    std::fs::write(&profile, text + "[auth]\nkind = \"bearer\"\ntoken = \"${secret:TOKEN}\"\n")
        .expect("a profile");
    let output = Command::new(env!("CARGO_BIN_EXE_proofmark"))
        .args(["run", RULES, "--target", &profile, "--exec", &command])
        .env("TOKEN", "hunter2-token")
        .output()
        .expect("it runs");
    check_output(&output, 3, "| token=[redacted]");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"));
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn a_service_that_does_not_want_to_end_is_ended_with_all_it_started() {
    let lines = "trap '' TERM\nsleep 1000 &\necho $! > DIR/pids\necho $$ >> DIR/pids\necho waiting\n\
                 while :; do sleep 1; done\n";
    let (directory, profile, command) = script("exec-stubborn", "2s", lines);
    let output = proofmark(&["run", RULES, "--target", &profile, "--exec", &command]);
    check_output(&output, 3, "it said last:\n  | waiting");
    assert!(all_end(&written(&directory, 2)));
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn nothing_outlives_a_run_that_is_killed() {
    let lines = "sleep 1000 &\necho $! > DIR/pids\necho $$ >> DIR/pids\nwait\n";
    for signal in ["KILL", "TERM"] {
        let (directory, profile, command) = script(&format!("exec-{signal}"), "60s", lines);
        let mut run = Command::new(env!("CARGO_BIN_EXE_proofmark"))
            .args(["run", RULES, "--target", &profile, "--exec", &command])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let pids = written(&directory, 2);
        assert!(pids.iter().all(|pid| lives(pid)));
        let sent = Command::new("kill").args(["-s", signal, &run.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
        run.wait().expect("it ends");
        assert!(all_end(&pids), "{signal}");
        std::fs::remove_dir_all(directory).expect("the directory");
    }
}

#[test]
fn command_lines_that_make_no_sense_are_refused() {
    let run = |more: &[&str]| {
        let mut args = vec!["run", RULES, "--target", PROFILE];
        args.extend(more);
        proofmark(&args)
    };
    check_output(&run(&["--exec", "./a 'b {port}"]), 64, "a quote that is not closed");
    check_output(&run(&["--exec", " ", "--url", "http://127.0.0.1:9"]), 64, "is empty");
    check_output(
        &run(&["--exec", "./a {port}", "--url", "http://127.0.0.1:9"]),
        64,
        "no URL can be given beside it",
    );
    check_output(&run(&["--exec", "./a"]), 64, "a URL has to be given");
    check_output(
        &run(&["--exec", "./no-such-service {port}"]),
        3,
        "`./no-such-service` can't be started: No such file",
    );
    check_output(&run(&["--exec", "no-such-service {port}"]), 3, "can't be started: No such file");
    check_output(&run(&["--exec", "./README.md {port}"]), 3, "can't be started: Permission denied");
    check_output(&proofmark(&["run", RULES, "--exec", "./a {port}"]), 64, "--target");
}

#[test]
fn lint_says_what_a_profile_claims() {
    let output = proofmark(&["lint", PROFILE]);
    check_output(&output, 0, "temporal; it does not claim seed-events, reset, actors, restart");
}

/// Numbers of the processes that have a word in their command line.
#[cfg(target_os = "linux")]
fn with_word(word: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").expect("the list of processes").filter_map(Result::ok);
    let has_it = |process: &std::fs::DirEntry| {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(word)
    };
    processes.filter(has_it).map(|process| process.file_name().to_string_lossy().into_owned()).collect()
}

/// The word stands in the command line of the run, so of whatever it forks, and of the service: once nobody has it, nobody
/// is left who could start one who has.
#[cfg(target_os = "linux")]
#[track_caller]
fn nobody_is_left(word: &str, when: &str) {
    for _ in 0..1_000 {
        if with_word(word).is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let left = with_word(word);
    for pid in &left {
        let _ = Command::new("kill").args(["-s", "KILL", pid]).status();
    }
    panic!("{left:?} are left of a run that was killed {when}");
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_outlives_a_run_that_is_killed_as_its_service_starts() {
    let (directory, profile, _) = script("exec-patricide", "60s", "");
    for time in 0..30 {
        let word = format!("patricide-{}-{time}", std::process::id());
        let command = format!("/bin/sh -c 'kill -s KILL $PPID; sleep 1000; : {word} {{port}}'");
        let output = proofmark(&["run", RULES, "--target", &profile, "--exec", &command]);
        assert_eq!(output.status.code(), None, "{output:?}");
        nobody_is_left(&word, "by its service");
    }
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_outlives_a_run_that_is_killed_at_any_time() {
    let (directory, profile, _) = script("exec-any", "60s", "");
    let mut drawn = u64::from(std::process::id());
    for time in 0..30 {
        let word = format!("any-time-{}-{time}", std::process::id());
        let command = format!("/bin/sh -c 'sleep 1000; : {word} {{port}}'");
        let mut run = Command::new(env!("CARGO_BIN_EXE_proofmark"))
            .args(["run", RULES, "--target", &profile, "--exec", &command])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        // Marsaglia's xorshift: a moment of the first 60 ms, while files are read, and the service is started.
        drawn ^= drawn << 13;
        drawn ^= drawn >> 7;
        drawn ^= drawn << 17;
        let moment = Duration::from_micros(drawn % 60_000);
        std::thread::sleep(moment);
        run.kill().expect("it is killed");
        run.wait().expect("it ends");
        nobody_is_left(&word, &format!("after {moment:?}"));
    }
    std::fs::remove_dir_all(directory).expect("the directory");
}
