//! The verdicts that a restructuring must not change: of each built-in defect, and of none, in each mode, by three seeds.
//!
//! Three jobs are run by the binary, as a user runs them, so that this file survives any change of the library:
//! `conform` (which clauses failed), `generate` (which failures were written down) and `run` on the shipped scenarios
//! (which of them failed). `verdicts.txt` holds for each how many of the seeds came to it. Only verdicts are compared,
//! never texts.
//!
//! ```sh
//! cargo test --release --test frozen                          # compares; exit code 1 where a firm verdict differs
//! cargo test --release --test frozen -- conform/strong lost   # only the rows whose name holds one of these
//! cargo test --release --test frozen -- --record              # writes `verdicts.txt` anew
//! PROOFMARK_BINARY=/path/to/another/build cargo test …       # asks another build of the command
//! ```
//!
//! It takes a quarter of an hour and more on two cores, so it is no part of `cargo test`. Races and lags have a part in many
//! verdicts: a verdict is *firm* if all seeds or none came to it. Firm verdicts that turn into their opposite are
//! failures; everything else that differs is listed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;

const VERDICTS: &str = "tests/frozen/verdicts.txt";
/// Rows side by side: most of their time is waiting.
const LANES: usize = 3;
const SEEDS: std::ops::RangeInclusive<usize> = 1..=3;
const LAGGING: [&str; 4] = ["--sync", "eventual", "--lag", "20ms"];

/// What the three seeds came to: a verdict, and how many of them came to it.
type Row = BTreeMap<String, usize>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let record = args.iter().any(|arg| arg == "--record");
    let wanted: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let scratch = std::env::temp_dir().join(format!("proofmark-frozen-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a directory for reports");
    let mut rows = BTreeMap::new();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    let waiting: Mutex<Vec<_>> = Mutex::new(jobs().into_iter().filter(|(name, _)| wants(name)).collect());
    let found = Mutex::new(&mut rows);
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                while let Some((name, job)) = next(&waiting) {
                    let row = job.row(&scratch.join(name.replace('/', "-")));
                    print!("{}", line(&name, &row));
                    found.lock().expect("no panic").insert(name, row);
                }
            });
        }
    });
    std::fs::remove_dir_all(&scratch).expect("the directory for reports");
    if record {
        let mut kept = if wanted.is_empty() { BTreeMap::new() } else { recorded() };
        kept.extend(rows);
        let text = kept.iter().fold(String::new(), |text, (name, row)| text + &line(name, row));
        std::fs::write(VERDICTS, text).expect("the verdicts are written");
        return ExitCode::SUCCESS;
    }
    compare(&recorded(), &rows)
}

fn next<T>(waiting: &Mutex<Vec<T>>) -> Option<T> {
    waiting.lock().expect("no panic").pop()
}

/// Lists what differs; a failure if something firm turned into its opposite, or if nothing was compared.
fn compare(before: &BTreeMap<String, Row>, now: &BTreeMap<String, Row>) -> ExitCode {
    let (mut firm, mut loose) = (0, 0);
    for (name, row) in now {
        let Some(old) = before.get(name) else {
            println!("NEW    {name}: nothing is recorded for it");
            firm += 1;
            continue;
        };
        let verdicts: std::collections::BTreeSet<_> = old.keys().chain(row.keys()).collect();
        for verdict in verdicts {
            let count = |row: &Row| row.get(verdict).copied().unwrap_or(0);
            let (was, is) = (count(old), count(row));
            if was.abs_diff(is) == SEEDS.count() {
                println!("FIRM   {name}: {verdict} was {was} of 3, is {is}");
                firm += 1;
            } else if was != is {
                println!("loose  {name}: {verdict} was {was} of 3, is {is}");
                loose += 1;
            }
        }
    }
    println!("{} rows compared, {firm} firm differences, {loose} loose ones", now.len());
    if firm == 0 && !now.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn line(name: &str, row: &Row) -> String {
    let mut line = format!("{name}:");
    for (verdict, count) in row {
        let _ = write!(line, " {verdict}×{count}");
    }
    line + "\n"
}

fn recorded() -> BTreeMap<String, Row> {
    let text = std::fs::read_to_string(VERDICTS).expect("recorded verdicts");
    let rows = text.lines().map(|line| {
        let (name, verdicts) = line.split_once(':').expect("a name");
        let counted = verdicts.split_whitespace().map(|verdict| {
            let (verdict, count) = verdict.rsplit_once('×').expect("a count");
            (verdict.to_owned(), count.parse().expect("a number"))
        });
        (name.to_owned(), counted.collect())
    });
    rows.collect()
}

/// One command line whose verdicts are kept.
struct Job {
    kind: Kind,
    args: Vec<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Conform,
    Generate,
    Run,
}

/// All rows: job, mode and defect.
fn jobs() -> Vec<(String, Job)> {
    let mut jobs = Vec::new();
    for defect in std::iter::once("none".to_owned()).chain(defects()) {
        let with = |mode: &[&str]| {
            let defect = if defect == "none" { vec![] } else { vec!["--defect".to_owned(), defect.clone()] };
            mode.iter().map(|arg| (*arg).to_owned()).chain(defect).collect::<Vec<_>>()
        };
        for (mode, args) in [("strong", &[][..]), ("lagging", &LAGGING[..])] {
            for (word, kind) in [("conform", Kind::Conform), ("generate", Kind::Generate), ("run", Kind::Run)]
            {
                jobs.push((format!("{word}/{mode}/{defect}"), Job { kind, args: with(args) }));
            }
        }
        let binary = proofmark();
        let serve = [&[&*binary, "serve", "--port", "{port}"], &LAGGING[..]].concat();
        let args = ["--target", "scenarios/orders/reference.toml", "--exec"].map(str::to_owned);
        let args = args.into_iter().chain([with(&serve).join(" ")]).collect();
        jobs.push((format!("conform/http/{defect}"), Job { kind: Kind::Conform, args }));
    }
    jobs
}

fn proofmark() -> String {
    std::env::var("PROOFMARK_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_proofmark").to_owned())
}

fn defects() -> Vec<String> {
    let listed = Command::new(proofmark()).args(["list", "defects"]).output().expect("it runs").stdout;
    let listed = String::from_utf8(listed).expect("text");
    listed.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

impl Job {
    /// What all seeds came to.
    fn row(&self, scratch: &Path) -> Row {
        std::fs::create_dir_all(scratch).expect("a directory");
        SEEDS.fold(Row::new(), |mut row, seed| {
            for verdict in self.run(seed, scratch) {
                *row.entry(verdict).or_default() += 1;
            }
            row
        })
    }

    /// The verdicts by one seed: names of clauses, of written failures, or of scenarios with their line.
    fn run(&self, seed: usize, scratch: &Path) -> Vec<String> {
        let report = scratch.join("report.json");
        let written = scratch.join("written");
        let json = format!("json={}", report.display());
        let mut command = Command::new(proofmark());
        match self.kind {
            Kind::Conform => command.args(["conform", "--allow", "destructive", "--report", &json]),
            Kind::Run => command.args(["run", "scenarios", "--report", &json]),
            Kind::Generate => command.args(["generate", "--cases", "400", "--regressions"]).arg(&written),
        };
        let status = command
            .args(["--seed", &seed.to_string()])
            .args(&self.args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let exit = status.expect("it runs").code().expect("an exit code");
        let mut verdicts = match self.kind {
            Kind::Conform => failed(&report, "clauses", |clause| text(&clause["id"])),
            Kind::Run => failed(&report, "scenarios", |scenario| {
                let file = PathBuf::from(text(&scenario["file"]));
                let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
                format!("{stem}:{}", scenario["line"])
            }),
            Kind::Generate => {
                let files = std::fs::read_dir(&written).into_iter().flatten();
                let names = files.map(|entry| entry.expect("an entry").file_name());
                let kinds: std::collections::BTreeSet<String> =
                    names.map(|name| kind_of(&name.to_string_lossy())).collect();
                kinds.into_iter().collect()
            }
        };
        verdicts.push(format!("exit-{exit}"));
        for leftover in [&report, &written] {
            let _ = std::fs::remove_file(leftover).or_else(|_| std::fs::remove_dir_all(leftover));
        }
        verdicts
    }
}

/// The message and the kind of a failure, of all that its file's name says of the cause: `CONTRACT-MESSAGE-WORDS-NUMBER.scenario`.
fn kind_of(file: &str) -> String {
    let mut words = file.split('-');
    let message = words.nth(1).unwrap_or_default();
    let kinds = ["immediate-read-differs", "settled-read-differs", "read-not-explained"];
    let kind = kinds.into_iter().find(|kind| file.contains(kind)).unwrap_or("outcome-not-allowed");
    format!("{message}-{kind}.scenario")
}

/// Whatever of the report's list failed, by name.
fn failed(report: &Path, list: &str, name: impl Fn(&serde_json::Value) -> String) -> Vec<String> {
    let text = std::fs::read_to_string(report).expect("a report");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let all = report[list].as_array().expect("a list");
    all.iter().filter(|one| one["verdict"] == "fail").map(name).collect()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().expect("a text").to_owned()
}
