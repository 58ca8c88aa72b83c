//! How fast rules are evaluated: one command decided and one query answered, by the contract as it is read and by the
//! same rules written in Rust. `cargo bench --bench model`; the commands are those that generation makes up.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use proofmark::contract::rules::{Decision, Interpreted, Model, World};
use proofmark::generate::{Random, Settings};
use proofmark::protocol::{Command, Query};
use proofmark::step::{Source as _, Step, Submit};
use proofmark::text::Source;
use proofmark::value::{Name, Value};

#[path = "../tests/model/native.rs"]
mod native;

/// As in the `proofmark` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So few that they stay in a core's own memory, as the commands of a trial do that are judged right behind it: with hundreds,
/// fetching the worlds takes nearly as long as deciding.
const SEQUENCES: usize = 40;
const LONGEST: usize = 12;

/// Sequences of steps, with ids as long as real ones in the place of names.
fn sequences(model: &Arc<Interpreted>) -> Vec<Vec<Step>> {
    let mut random = Random::new(model.clone(), Settings { seed: 1, max_len: LONGEST, cases: SEQUENCES });
    let id = |name: &Name| Some(Value::from(format!("{:0>36}", name.as_str())));
    std::iter::from_fn(|| random.next()).map(|sequence| sequence.bind(id)).collect()
}

/// Messages, each with the world that it comes upon.
type Met<S, T> = Vec<(World<S>, T)>;

/// What `model` meets in the course of the sequences.
fn met<M: Model>(model: &M, sequences: &[Vec<Step>]) -> (Met<M::State, Command>, Met<M::State, Query>) {
    let (mut commands, mut queries) = (Vec::new(), Vec::new());
    for sequence in sequences {
        let mut world = World::new();
        for step in sequence {
            match step {
                Step::Submit(Submit { command, .. }) => {
                    commands.push((world.clone(), command.clone()));
                    for decision in model.decide(&world, command).expect("a decision") {
                        if let Decision::Accepted(acceptance) = decision {
                            world = acceptance.world;
                        }
                    }
                }
                Step::Ask(query) => queries.push((world.clone(), query.clone())),
                Step::Settle => {}
            }
        }
    }
    (commands, queries)
}

fn evaluated<M: Model>(criterion: &mut Criterion, (name, model): (&str, &M), sequences: &[Vec<Step>]) {
    let (commands, queries) = met(model, sequences);
    let mut group = criterion.benchmark_group("model");
    let mut next = commands.iter().cycle();
    group.bench_function(format!("a command decided, {name}"), |bencher| {
        bencher.iter(|| next.next().map(|(world, command)| model.decide(black_box(world), command)));
    });
    let mut next = queries.iter().cycle();
    group.bench_function(format!("a query answered, {name}"), |bencher| {
        bencher.iter(|| next.next().map(|(world, query)| model.answer(black_box(world), query)));
    });
    group.finish();
}

fn models(criterion: &mut Criterion) {
    let source = Source::read("scenarios/orders/orders.contract").expect("the contract");
    let interpreted = Arc::new(Interpreted::read(&source).expect("no mistakes"));
    let sequences = sequences(&interpreted);
    evaluated(criterion, ("interpreted", &*interpreted), &sequences);
    evaluated(criterion, ("native", &native::Orders), &sequences);
}

criterion_group!(benches, models);
criterion_main!(benches);
