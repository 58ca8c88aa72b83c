//! `--target` and `--url`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use super::{check_output, proofmark, remove_histories, workspace};

const PROFILE: &str = "scenarios/orders/reference.toml";

/// `proofmark serve`, until it is dropped.
struct Served(Child, String);

impl Served {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_proofmark"))
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut url = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut url).expect("its URL");
        Self(child, url.trim().to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that answers everything alike, for as long as the tests run.
fn always(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[test]
fn scenarios_run_against_a_service() {
    let served = Served::start();
    let rules = "scenarios/orders/commands.scenario";
    check_output(&proofmark(&["run", rules, "--target", PROFILE, "--url", &served.1]), 0, "orders over HTTP");
    let bad = workspace(
        "service-bad",
        b"use orders\nscenario \"s\"\n  when ConfirmOrder on new Order\n  then accepted\n",
    );
    let path = bad.join("mine.scenario");
    let failed = proofmark(&["run", path.to_str().expect("a path"), "--target", PROFILE, "--url", &served.1]);
    check_output(&failed, 1, &format!("--target {PROFILE} --url {}", served.1));
    check_output(&failed, 1, &format!("curl -i -X POST '{}/orders/", served.1));
    remove_histories(&[failed]);
    std::fs::remove_dir_all(bad).expect("the directory");
}

/// With `proofmark.toml` in the folder nothing has to be said of the service, but where it is.
#[test]
fn a_folder_has_a_profile() {
    let served = Served::start();
    let folder = workspace("service-folder", super::GOOD.as_bytes());
    let here = |args: &[&str]| super::init::proofmark(&folder, args);
    check_output(&here(&["run", "--url", &served.1]), 64, "proofmark.toml in this folder");
    std::fs::copy(PROFILE, folder.join("proofmark.toml")).expect("a profile");
    check_output(&here(&["run", "--url", &served.1]), 0, "orders over HTTP");
    check_output(&here(&["conform", "--url", &served.1, "--clause", "QS-2"]), 0, "orders over HTTP");
    let generate = ["generate", "--url", &served.1, "--cases", "2", "--contract", "orders.contract"];
    check_output(&here(&generate), 0, "orders over HTTP");
    // Whoever asks for the built-in order system gets it, and a place that is named is that place.
    check_output(&here(&["run", "mine.scenario", "--sync", "strong"]), 0, "reference orders, strong");
    check_output(&here(&["run", "nowhere", "--url", &served.1]), 2, "nowhere");
    std::fs::remove_dir_all(folder).expect("the directory");
}

#[test]
fn a_service_that_is_not_there_is_told_from_one_that_fails() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let quick = workspace("service-none", b"use orders\n");
    let profile = quick.join("p.toml");
    std::fs::write(
        &profile,
        "schema = 1\ncontract = \"orders\"\n[base]\nready = \"GET /health\"\n[limits]\nready = \"200ms\"\n",
    )
    .expect("a profile");
    let profile = profile.to_str().expect("a path");
    let file = "scenarios/orders/commands.scenario";
    check_output(&proofmark(&["run", file, "--target", profile, "--url", &url]), 3, "can't be reached");
    let not_ready = always(NOT_FOUND);
    check_output(
        &proofmark(&["run", file, "--target", profile, "--url", &not_ready]),
        3,
        "GET /health answers 404",
    );
    std::fs::remove_dir_all(quick).expect("the directory");
}

#[test]
fn a_mistyped_url_proves_nothing() {
    let url = always(NOT_FOUND);
    let steps = b"use orders\nscenario \"s\"\n  then GetOrderDetails on new Order absent\n";
    let directory = workspace("service-404", steps);
    let profile = directory.join("p.toml");
    let text = std::fs::read_to_string(PROFILE).expect("the profile").replace("ready = ", "# ");
    std::fs::write(&profile, text).expect("a profile");
    let (file, profile) = (directory.join("mine.scenario"), profile.to_str().expect("a path"));
    let output = proofmark(&["run", file.to_str().expect("a path"), "--target", profile, "--url", &url]);
    check_output(&output, 4, "Nothing was ever accepted");
    std::fs::remove_dir_all(directory).expect("the directory");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let with = |more: &[&str]| {
        let mut args = vec!["run", "scenarios/orders/commands.scenario"];
        args.extend(more);
        proofmark(&args)
    };
    for (option, value) in
        [("--sync", "strong"), ("--lag", "5ms"), ("--jitter", "5ms"), ("--defect", "ignore-key")]
    {
        check_output(&with(&["--target", PROFILE, "--url", "http://localhost:1", option, value]), 64, option);
    }
    check_output(&with(&["--url", "http://localhost:1"]), 64, "--target");
    check_output(&with(&["--target", PROFILE]), 64, "a URL has to be given");
    check_output(&with(&["--target", PROFILE, "--url", "localhost:1"]), 64, "no URL of a service");
    check_output(&with(&["--target", PROFILE, "--url", "http://a:b@localhost:1"]), 64, "[auth]");
    check_output(&with(&["--target", "no-such.toml", "--url", "http://localhost:1"]), 2, "[unreadable-file]");
}

#[test]
fn lint_reads_profiles() {
    check_output(&proofmark(&["lint", PROFILE]), 0, "no mistakes");
    let directory = workspace("lint-profile", b"use orders\n");
    let profile = directory.join("p.toml");
    let text =
        "schema = 1\ncontract = \"orders\"\n[auth]\nkind = \"bearer\"\ntoken = \"${secret:NOT_SET}\"\n";
    std::fs::write(&profile, text).expect("a profile");
    let path = profile.to_str().expect("a path");
    check_output(&proofmark(&["lint", path]), 0, "CreateOrder is not covered");
    std::fs::write(&profile, format!("{text}[command.ConfrimOrder]\n")).expect("a profile");
    check_output(&proofmark(&["lint", path]), 2, "did you mean `ConfirmOrder`?");
    let run = proofmark(&["run", "scenarios", "--target", path, "--url", "http://localhost:1"]);
    check_output(&run, 2, "did you mean `ConfirmOrder`?");
    std::fs::write(&profile, "name = \"a\"\n").expect("a profile");
    check_output(&proofmark(&["lint", path]), 2, "a profile needs `contract`");
    std::fs::remove_dir_all(directory).expect("the directory");
}

/// What may do harm is tried where it is allowed, and its being left out is told, and no lack.
#[test]
fn what_was_not_allowed_leaves_the_exit_code_alone() {
    let served = Served::start();
    let reports = workspace("service-allowed", b"use orders\n");
    let (junit, json) = (reports.join("a.xml"), reports.join("a.json"));
    let report = format!("junit={},json={}", junit.display(), json.display());
    let args = ["conform", "--target", PROFILE, "--url", &served.1, "--report", &report, "--clause"];
    let with = |clauses: &str| proofmark(&[&args[..], &[clauses, "--seed", "3"]].concat());
    check_output(&with("CH-6,EC-6,SE-2"), 0, "SE-2 MUST not allowed: it may do harm");
    let read = |file| std::fs::read_to_string(file).expect("a report");
    let (junit, json) = (read(&junit), read(&json));
    assert!(junit.contains("errors=\"0\"") && junit.contains("<skipped type=\"not allowed\""), "{junit}");
    for verdict in ["offered", "not allowed", "pass"] {
        assert!(json.contains(&format!("\"verdict\": \"{verdict}\"")), "{verdict}: {json}");
    }
    // Where nothing else was asked for, nothing is proved.
    check_output(&with("SE-2"), 4, "SE-2 MUST not allowed");
    std::fs::remove_dir_all(reports).expect("the directory");
}
