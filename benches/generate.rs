//! How fast sequences are made up, run and judged in-process: commands a second, all together and each part for itself.
//! `cargo bench --bench generate`

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use proofmark::adapter::{Reference, Target as _};
use proofmark::contract::Contract;
use proofmark::contract::rules::{Decision, Interpreted, Model as _, World};
use proofmark::generate::{Random, Settings, Weave};
use proofmark::history::{Act, Operation};
use proofmark::judge::judge;
use proofmark::language::parse_contract;
use proofmark::protocol::Verdict;
use proofmark::run::{RunEvent, Seed, Trials};
use proofmark::step::{Sequence, Source as _};
use proofmark::text::Source;
use tokio::runtime::Runtime;

/// As in the `proofmark` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sequences of one round of all together.
const SEQUENCES: usize = 3000;
/// Of those, the first that each part is measured with.
const PARTS: usize = 300;

struct Prepared {
    contract: Arc<Contract>,
    model: Arc<Interpreted>,
    sequences: Vec<Sequence>,
}

fn prepared() -> Prepared {
    let source = Source::read("scenarios/orders/orders.contract").expect("the contract");
    let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
    let model = Arc::new(Interpreted::read(&source).expect("no mistakes"));
    let mut prepared = Prepared { contract, model, sequences: Vec::new() };
    prepared.sequences = prepared.woven(PARTS).collect();
    prepared
}

impl Prepared {
    /// Sequences as `proofmark generate` makes them up, one when it is asked for.
    fn woven(&self, cases: usize) -> impl Iterator<Item = Sequence> {
        let mut random = Random::new(self.model.clone(), Settings { seed: 1, max_len: 12, cases });
        std::iter::from_fn(move || random.next()).zip(0..).map(|(sequence, number)| {
            let weave = Weave { contract: &self.contract, knows: &|_| true, keys: true, versions: true };
            weave.weave(&sequence, number)
        })
    }

    /// Makes sequences up, runs and judges them; how many commands that sent.
    fn all(&self, runtime: &Runtime) -> u64 {
        let summary = runtime.block_on(trials(self).run(self.woven(SEQUENCES), |_| ())).expect("a run");
        assert_eq!(summary.verdict(), Verdict::Pass);
        summary.coverage.sent()
    }
}

fn trials(prepared: &Prepared) -> Trials<Interpreted> {
    Trials::new(Reference::strong(), prepared.contract.clone(), prepared.model.clone())
        .seed(Seed(1))
        .budget(Duration::from_secs(3600))
}

fn generate(criterion: &mut Criterion) {
    let prepared = prepared();
    let runtime = Runtime::new().expect("a runtime");
    let mut histories: Vec<Vec<Operation>> = Vec::new();
    let run = trials(&prepared);
    let summary = runtime.block_on(run.run(prepared.sequences.clone().into_iter(), |event| {
        if let RunEvent::Sequence(trial) = event {
            histories.push(trial.ran.operations.clone());
        }
    }));
    let commands = summary.expect("a run").coverage.sent();
    let mut group = criterion.benchmark_group("generate");
    group.sample_size(10);
    group.throughput(Throughput::Elements(prepared.all(&runtime)));
    group.bench_function("commands made up, run and judged in-process", |bencher| {
        bencher.iter(|| prepared.all(&runtime));
    });
    group.throughput(Throughput::Elements(commands));
    group.bench_function("commands decided", |bencher| {
        bencher.iter(|| {
            for history in &histories {
                let mut world = World::new();
                for operation in history {
                    if let Act::Submit { command, outcome, .. } = &operation.act {
                        let decisions = prepared.model.decide(&world, command).expect("a decision");
                        let fits = decisions.into_iter().find(|decision| decision.allows(outcome));
                        if let Some(Decision::Accepted(acceptance)) = fits {
                            world = acceptance.world;
                        }
                    }
                }
            }
        });
    });
    for matrix in [false, true] {
        let promises = Reference::strong().describe().promises.clone();
        let settings = proofmark::judge::Settings { matrix, promises, ..Default::default() };
        let name = if matrix { "commands judged, with the matrix" } else { "commands judged" };
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for history in &histories {
                    assert_eq!(judge(&*prepared.model, &settings, history).verdict(), Verdict::Pass);
                }
            });
        });
    }
    group.bench_function("commands run and judged in-process", |bencher| {
        bencher.iter(|| {
            let run = trials(&prepared);
            let summary = runtime.block_on(run.run(prepared.sequences.clone().into_iter(), |_| ()));
            assert_eq!(summary.expect("a run").verdict(), Verdict::Pass);
        });
    });
    group.bench_function("commands made up", |bencher| {
        bencher.iter(|| prepared.woven(PARTS).count());
    });
    group.finish();
}

criterion_group!(benches, generate);
criterion_main!(benches);
