//! How fast scenarios run in-process: steps a second, everything included (expressions, commands, matching, the
//! history on disk, the order system itself).

use std::fmt::Write as _;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use proofmark::contract::Contract;
use proofmark::language::{parse_contract, parse_scenarios};
use proofmark::plan::{Plan, plan};
use proofmark::run::{Runner, Seed};
use proofmark::suite::Suite;
use proofmark::target::Reference;
use proofmark::text::Source;

const SCENARIOS: usize = 100;
const ROUNDS: usize = 20;

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

/// What `--watch` does behind a change: reads everything again, and runs the one scenario that was touched.
fn watch(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let runner = Runner::new(Reference::strong()).seed(Seed(1));
    criterion.bench_function("one changed scenario, read and run", |bencher| {
        bencher.iter(|| {
            let suite = Suite::load(["scenarios"]).expect("the scenarios");
            let plans = &suite.plans().expect("no mistakes")[..1];
            let summary = runtime.block_on(runner.run(plans, |_| ())).expect("a run");
            assert!(summary.all_passed());
        });
    });
}

criterion_group!(benches, in_process, watch);
criterion_main!(benches);
