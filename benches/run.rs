//! How fast scenarios run in-process: steps a second, everything included (expressions, commands, matching, the
//! history on disk, the order system itself). And how soon `--watch` answers. `cargo bench --bench run`

#![allow(clippy::disallowed_methods, reason = "what is measured is the time of the wall")]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use proofmark::adapter::Reference;
use proofmark::contract::Contract;
use proofmark::language::{parse_contract, parse_scenarios};
use proofmark::run::{Runner, Seed};
use proofmark::scenario::{Plan, plan};
use proofmark::text::Source;

const SCENARIOS: usize = 100;
const ROUNDS: usize = 20;
/// Longer than any round takes: a bench that hangs says so.
const PATIENCE: Duration = Duration::from_secs(60);

/// Scenarios of many short steps: each round a command that is accepted, one that is refused, and two reads.
fn plans() -> Vec<Arc<Plan>> {
    let contract = std::fs::read_to_string("scenarios/orders/orders.contract").expect("the contract");
    let contract =
        Contract::resolve(&parse_contract(&Source::new("orders.contract", contract)).tree).contract;
    let mut text = String::from("use orders\n");
    for scenario in 0..SCENARIOS {
        let _ =
            write!(text, "scenario \"number {scenario}\"\n  let $c = unique \"c\"\n  let $o = new Order\n");
        text += "  given CreateOrder on $o { customer: $c, items: [{ product: \"p-0\", quantity: 1, price: 1 }] }\n";
        for round in 1..=ROUNDS {
            let _ = write!(
                text,
                "  when AddItem on $o {{ product: \"p-{round}\", quantity: 2, price: 0.50 }}\n  then accepted\n  \
                 and eventually GetOrderDetails on $o shows {{ status: \"pending\", total: {} }}\n  \
                 when AddItem on $o {{ product: \"p\", quantity: 0, price: 1 }}\n  then rejected InvalidQuantity\n  \
                 and ListCustomerOrders {{ customer: $c }} shows count 1\n",
                round + 1,
            );
        }
    }
    let source = Arc::new(Source::new("bench.scenario", text));
    let file = parse_scenarios(&source);
    let (plans, mistakes) = plan(&source, &file.tree, &contract);
    assert!(file.diagnostics.is_empty() && mistakes.is_empty(), "{:?} {mistakes:?}", file.diagnostics);
    plans.into_iter().map(Arc::new).collect()
}

fn in_process(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let plans = plans();
    let runner = Runner::new(Reference::strong()).seed(Seed(1));
    let steps = runtime.block_on(runner.run(&plans, |_| ())).expect("a run").steps;
    let mut group = criterion.benchmark_group("run");
    group.throughput(Throughput::Elements(steps));
    group.sample_size(20);
    group.bench_function("steps in-process", |bencher| {
        bencher.iter(|| {
            let summary = runtime.block_on(runner.run(&plans, |_| ())).expect("a run");
            assert!(summary.all_passed());
        });
    });
    group.finish();
}

/// `proofmark run --watch` of the shipped scenarios and one more, as an editor meets it: the clock runs from the file that
/// is written until the result is told.
fn watch(criterion: &mut Criterion) {
    let mut watching = Watching::start();
    let mut group = criterion.benchmark_group("watch");
    group.sample_size(20);
    group.bench_function("from a changed scenario to its result", |bencher| {
        bencher.iter_custom(|rounds| (0..rounds).map(|_| watching.round()).sum());
    });
    group.finish();
    watching.end();
}

/// A watching run, and what it prints.
struct Watching {
    child: Child,
    lines: Receiver<String>,
    directory: PathBuf,
    rounds: usize,
}

impl Watching {
    fn start() -> Self {
        let directory = std::env::temp_dir().join(format!("proofmark-watch-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory");
        for entry in std::fs::read_dir("scenarios/orders").expect("the scenarios") {
            let path = entry.expect("a file").path();
            let name = path.file_name().expect("a name");
            std::fs::copy(&path, directory.join(name)).expect("a copy");
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_proofmark"))
            .args(["run", "--watch"])
            .arg(&directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let (told, lines) = channel();
        pass_on(child.stdout.take().expect("a pipe"), told.clone());
        pass_on(child.stderr.take().expect("a pipe"), told);
        let watching = Self { child, lines, directory, rounds: 0 };
        watching.until(&["passed", "Watching for changes"]);
        watching
    }

    /// Writes a scenario anew and waits for its result. It is written when a look has just been taken, so that the wait
    /// for the next one is never cut short.
    fn round(&mut self) -> Duration {
        self.rounds += 1;
        let text = format!(
            "use orders\nscenario \"changed {} times\"\n  let $o = new Order\n  when ConfirmOrder on $o\n  \
             then rejected OrderNotFound\n",
            self.rounds
        );
        let began = Instant::now();
        std::fs::write(self.directory.join("changed.scenario"), text).expect("a file");
        let took = self.until(&["1 passed", "Watching for changes"]);
        took.duration_since(began)
    }

    /// Waits until each of these has been seen, in whatever order; when the first one was.
    fn until(&self, parts: &[&str]) -> Instant {
        let mut waiting: Vec<&str> = parts.to_vec();
        let mut first = None;
        while !waiting.is_empty() {
            let line = self.lines.recv_timeout(PATIENCE).expect("a line in time");
            waiting.retain(|part| !line.contains(part));
            if first.is_none() && waiting.first() != parts.first() {
                first = Some(Instant::now());
            }
        }
        first.expect("it was seen")
    }

    fn end(mut self) {
        self.child.kill().expect("it runs until then");
        self.child.wait().expect("it ends");
        std::fs::remove_dir_all(&self.directory).expect("the directory");
    }
}

fn pass_on(from: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        let lines = BufReader::new(from).lines().map_while(Result::ok);
        lines.into_iter().try_for_each(|line| to.send(line))
    });
}

criterion_group!(benches, in_process, watch);
criterion_main!(benches);
