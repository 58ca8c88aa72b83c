//! `run --watch`, driven as an editor and a person would.

use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::{BAD, GOOD, workspace};

/// Long enough for the busiest machine; a test that passes never waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watching run, and what it prints.
struct Watching {
    child: Child,
    lines: Receiver<String>,
    directory: PathBuf,
}

impl Watching {
    fn start(name: &str, scenarios: &str) -> Self {
        let directory = workspace(name, scenarios.as_bytes());
        let mut child = Command::new(env!("CARGO_BIN_EXE_proofmark"))
            .args(["run", "--watch", directory.to_str().expect("a path")])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let (told, lines) = channel();
        pass_on(child.stdout.take().expect("a pipe"), told.clone());
        pass_on(child.stderr.take().expect("a pipe"), told);
        Self { child, lines, directory }
    }

    /// Waits for a line with this in it; answers with all lines up to it.
    fn until(&self, part: &str) -> String {
        let mut seen = String::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("{part:?} never came:\n{seen}"));
            seen.push_str(&line);
            seen.push('\n');
            if line.contains(part) {
                return seen;
            }
        }
    }

    /// Both outputs of one round: the pipes are read side by side, so their order is open.
    fn round(&self, part: &str) {
        let seen = self.until("Watching for changes");
        if !seen.contains(part) {
            self.until(part);
        }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.join(name), text).expect("a file");
    }

    /// Ctrl-C.
    fn interrupt(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().expect("kill is there");
        assert!(sent.success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn pass_on(from: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
}

#[test]
fn a_changed_file_runs_again_and_only_it() {
    let watching = Watching::start("watch", GOOD);
    watching.round("1 passed");
    watching.write("other.scenario", &GOOD.replace("is opened", "is opened elsewhere"));
    let seen = watching.until("to run");
    assert!(seen.contains("other.scenario") && seen.contains("1 scenario to run"), "{seen}");
    watching.round("1 passed");
    // A mistake is told, and the next change mends it.
    watching.write("mine.scenario", "use orders\nscenario \"s\"\n  when ConfrimOrder on new Order\n");
    watching.until("did you mean");
    watching.until("Watching for changes");
    watching.write("mine.scenario", BAD);
    watching.round("rejected OrderNotFound");
    assert_eq!(watching.interrupt(), Some(1), "the last run failed");
}

#[test]
fn a_contract_touches_all_that_speak_it() {
    let watching = Watching::start("watch-contract", GOOD);
    watching.round("1 passed");
    let contract = std::fs::read_to_string("scenarios/orders/orders.contract").expect("the contract");
    watching.write("orders.contract", &format!("{contract}\n# a remark\n"));
    watching.until("1 scenario to run");
    watching.round("1 passed");
    watching.write("unused.contract", "contract unused\n");
    watching.until("No chosen scenario rests on it.");
    watching.until("Watching for changes");
    assert_eq!(watching.interrupt(), Some(0));
}

#[test]
fn an_included_file_touches_what_includes_it() {
    let watching = Watching::start("watch-include", GOOD);
    watching.round("1 passed");
    watching.write("rows.csv", "quantity\n1\n");
    let uses = "use orders\ninclude \"shared.scenario\"\noutline \"o\"\n  \
                when CreateOrder on $o { customer: \"c\", items: [{ product: \"p\", quantity: <quantity>, price: 1 }] }\n  \
                examples from \"rows.csv\"\n";
    // What it includes isn't there yet.
    watching.write("uses.scenario", uses);
    watching.until("can't include");
    watching.until("Watching for changes");
    watching.write("shared.scenario", "background\n  let $o = new Order\n");
    watching.until("1 scenario to run");
    watching.round("1 passed");
    watching.write("rows.csv", "quantity\n1\n2\n");
    watching.until("2 scenarios to run");
    watching.round("2 passed");
    assert_eq!(watching.interrupt(), Some(0));
}

#[test]
fn a_mistake_in_one_file_hides_no_change_of_another() {
    let typo = "use orders\nscenario \"s\"\n  when ConfrimOrder on new Order\n";
    let watching = Watching::start("watch-typo", GOOD);
    watching.round("1 passed");
    watching.write("mine.scenario", typo);
    watching.until("did you mean");
    watching.until("Watching for changes");
    watching.write("other.scenario", &GOOD.replace("is opened", "is opened elsewhere"));
    watching.until("other.scenario");
    watching.until("Watching for changes");
    watching.write("mine.scenario", GOOD);
    watching.until("2 scenarios to run");
    watching.round("2 passed");
    assert_eq!(watching.interrupt(), Some(0));
}
