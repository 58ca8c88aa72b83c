//! How fast long histories are judged, and how that grows: operations a second of histories of 10,000, 100,000 and a million. `cargo bench
//! --bench judge`
//!
//! What doesn't grow with the square has about the same figure for each length of a shape.

use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use proofmark::contract::rules::Interpreted;
use proofmark::history::{Act, Operation, Stamp};
use proofmark::judge::{Settings, judge};
use proofmark::protocol::{Answer, Command, Expected, Outcome, Query, Receipt, Seen, Verdict, Version};
use proofmark::text::Source;
use proofmark::value::{Number, Record, Value};

/// As in the `proofmark` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Operations of a history.
const LENGTHS: [usize; 3] = [10_000, 100_000, 1_000_000];
/// So many states behind what is the case a read may be.
const LAG: usize = 3;
/// Orders of one customer.
const OF_CUSTOMER: usize = 5;

/// A history in the making: every operation is over before the next one begins.
#[derive(Default)]
struct History {
    operations: Vec<Operation>,
    index: u64,
}

impl History {
    fn stamp(&mut self) -> Stamp {
        self.index += 1;
        Stamp { index: self.index, at: Duration::from_micros(self.index) }
    }

    fn push(&mut self, act: Act) {
        let (call, end) = (self.stamp(), Some(self.stamp()));
        self.operations.push(Operation { client: 0, call, end, act });
    }

    fn accepted(&mut self, name: &str, on: &Value, version: u64, fields: Record) {
        let command = Command {
            name: name.into(),
            on: Some(on.clone()),
            fields,
            key: None,
            expected: Expected::Any,
            id: format!("c-{}", self.index).into(),
        };
        let receipt = Receipt { version: Some(Version::Number(version)), ..Receipt::default() };
        self.push(Act::Submit {
            command: Arc::new(command),
            attempt: 0,
            outcome: Outcome::Accepted(receipt),
        });
    }

    fn shown(&mut self, name: &str, on: Option<&Value>, fields: Record, answer: Value) {
        let query = Query { name: name.into(), on: on.cloned(), fields };
        self.push(Act::Ask { query: Arc::new(query), answer: Answer::new(Seen::Found(answer)) });
    }
}

/// One order: a line of it comes and goes, each time with another quantity.
struct Order {
    id: Value,
    customer: Value,
    /// The quantities of its second line, one for each state so far; 0 where it has none.
    states: Vec<u64>,
}

fn item(product: &str, quantity: u64) -> Record {
    let price = Number::parse("1.00").expect("a number");
    Record::from([("product", Value::from(product)), ("quantity", quantity.into()), ("price", price.into())])
}

fn lines(second: u64) -> Value {
    let more = (second > 0).then(|| item("p-2", second));
    std::iter::once(item("p-1", 1)).chain(more).map(Value::from).collect()
}

impl Order {
    fn created(history: &mut History, number: usize) -> Self {
        let id = Value::from(format!("order-{number}"));
        let customer = Value::from(format!("customer-{}", number / OF_CUSTOMER));
        let fields = Record::from([("customer", customer.clone()), ("items", lines(0))]);
        history.accepted("CreateOrder", &id, 1, fields);
        Self { id, customer, states: vec![0] }
    }

    fn version(&self) -> u64 {
        self.states.len() as u64
    }

    fn changes(&mut self, history: &mut History) {
        let quantity = if self.states.last() == Some(&0) { self.version() } else { 0 };
        self.states.push(quantity);
        let (name, fields) = match quantity {
            0 => ("RemoveItem", Record::from([("product", "p-2")])),
            quantity => ("AddItem", item("p-2", quantity)),
        };
        history.accepted(name, &self.id, self.version(), fields);
    }

    /// What it was so many states ago.
    fn state(&self, lag: usize) -> u64 {
        self.states[self.states.len().saturating_sub(lag + 1)]
    }

    fn is_read(&self, history: &mut History, lag: usize) {
        let second = self.state(lag);
        let row = Record::from([
            ("order", self.id.clone()),
            ("customer", self.customer.clone()),
            ("customer_name", Value::Null),
            ("customer_email", Value::Null),
            ("status", "pending".into()),
            ("items", lines(second)),
            ("total", (1 + second).into()),
            ("item_count", (1 + u64::from(second > 0)).into()),
            ("created_at", "2026-01-02T03:04:05Z".into()),
        ]);
        history.shown("GetOrderDetails", Some(&self.id), Record::new(), row.into());
    }

    fn row(&self, lag: usize) -> Value {
        let told = [
            ("order", self.id.clone()),
            ("status", "pending".into()),
            ("total", (1 + self.state(lag)).into()),
        ];
        Record::from(told).into()
    }
}

/// One order for all: its course is as long as the history.
fn long(length: usize) -> Vec<Operation> {
    let mut history = History::default();
    let mut order = Order::created(&mut history, 0);
    while history.operations.len() < length {
        order.changes(&mut history);
        let lag = history.operations.len() % (LAG + 1);
        order.is_read(&mut history, lag);
    }
    history.operations
}

/// Many orders with a few operations each, and a list of each customer's.
fn wide(length: usize) -> Vec<Operation> {
    let mut history = History::default();
    let mut number = 0;
    while history.operations.len() < length {
        let mut orders: Vec<Order> =
            (0..OF_CUSTOMER).map(|at| Order::created(&mut history, number + at)).collect();
        number += OF_CUSTOMER;
        for order in &mut orders {
            order.changes(&mut history);
            order.is_read(&mut history, 1);
            order.changes(&mut history);
            order.is_read(&mut history, 0);
        }
        let rows: Value = orders.iter().rev().map(|order| order.row(1)).collect();
        let fields = Record::from([("customer", orders[0].customer.clone())]);
        history.shown("ListCustomerOrders", None, fields, rows);
    }
    history.operations
}

fn judged(criterion: &mut Criterion) {
    let source = Source::read("scenarios/orders/orders.contract").expect("the contract");
    let model = Interpreted::read(&source).expect("no mistakes");
    let settings = Settings { matrix: false, ..Settings::default() };
    let mut group = criterion.benchmark_group("judge");
    group.sample_size(10).warm_up_time(Duration::from_millis(500));
    for (shape, make) in [("one order", long as fn(usize) -> _), ("many orders", wide)] {
        for length in LENGTHS {
            let history = make(length);
            group.throughput(Throughput::Elements(history.len() as u64));
            group.bench_function(BenchmarkId::new(shape, length), |bencher| {
                bencher.iter(|| {
                    let judgement = judge(&model, &settings, &history);
                    assert_eq!(judgement.verdict(), Verdict::Pass, "{:?}", judgement.mismatches);
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, judged);
criterion_main!(benches);
