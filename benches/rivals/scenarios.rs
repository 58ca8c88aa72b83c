//! The same scenarios, step for step, by cucumber-rs and by Proofmark: from files on the disk to a verdict, against the
//! same system in the same process. `cargo bench --bench scenarios` in this folder; the ratio is what counts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cucumber::{Event, World as _, cli, event, given, parser, then, when};
use proofmark::run::{Runner, Seed};
use proofmark::suite::Suite;
use proofmark::adapter::Reference;
use reference_impl::OrderSystem;
use reference_impl::application::{GetOrderDetails, ListCustomerOrders};
use reference_impl::domain::{AddItem, ConfirmOrder, CreateOrder, CustomerId, OrderCommand, RemoveItem};
use rivals::{item, order, send, system};
use rust_decimal::Decimal;

/// How often each scenario stands in its file, under another name.
const COPIES: usize = 250;

/// Each scenario as Proofmark and as Gherkin have it: one line a step in both.
const SCENARIOS: [(&str, &str, &str); 4] = [
    (
        "nothing goes into a confirmed order",
        r#"  given CreateOrder on $o { customer: $customer, items: [{ product: "tea", quantity: 1, price: 4.50 }] }
  and   ConfirmOrder on $o
  when  AddItem on $o { product: "cup", quantity: 1, price: 8 }
  then  rejected OrderNotPending
  and   GetOrderDetails on $o shows { status: "confirmed", total: 4.50 }
"#,
        r#"    Given an order of 1 "tea" at 4.50
    And it is confirmed
    When 1 "cup" at 8 is added
    Then that is refused as OrderNotPending
    And the order is confirmed with a total of 4.50
"#,
    ),
    (
        "an order isn't opened without items",
        r#"  when  CreateOrder on $o { customer: $customer, items: [] }
  then  rejected OrderHasNoItems
  and   ListCustomerOrders { customer: $customer } shows count 0
"#,
        r#"    When an order of nothing is opened
    Then that is refused as OrderHasNoItems
    And the customer has 0 orders
"#,
    ),
    (
        "the last item can't be removed",
        r#"  given CreateOrder on $o { customer: $customer, items: [{ product: "tea", quantity: 1, price: 4.50 }] }
  when  RemoveItem on $o { product: "tea" }
  then  rejected OrderHasNoItems
  when  AddItem on $o { product: "cup", quantity: 2, price: 8 }
  then  accepted
  and   GetOrderDetails on $o shows { status: "pending", total: 20.50 }
"#,
        r#"    Given an order of 1 "tea" at 4.50
    When "tea" is removed
    Then that is refused as OrderHasNoItems
    When 2 "cup" at 8 is added
    Then that is accepted
    And the order is pending with a total of 20.50
"#,
    ),
    (
        "what isn't in the order can't be removed",
        r#"  given CreateOrder on $o { customer: $customer, items: [{ product: "tea", quantity: 1, price: 4.50 }] }
  when  RemoveItem on $o { product: "cup" }
  then  rejected ItemNotFound
  and   GetOrderDetails on $o shows { status: "pending", total: 4.50 }
  and   ListCustomerOrders { customer: $customer } shows count 1
"#,
        r#"    Given an order of 1 "tea" at 4.50
    When "cup" is removed
    Then that is refused as ItemNotFound
    And the order is pending with a total of 4.50
    And the customer has 1 orders
"#,
    ),
];

/// Where one scenario of cucumber's is.
#[derive(Debug, cucumber::World)]
#[world(init = Self::new)]
struct Shop {
    system: OrderSystem,
    outcome: Result<(), &'static str>,
}

impl Shop {
    fn new() -> Self {
        Self { system: system(1), outcome: Ok(()) }
    }

    async fn send(&mut self, command: OrderCommand) {
        self.outcome = send(&self.system, order(1), command).await;
    }

    async fn open(&mut self, items: Vec<reference_impl::domain::Item>) {
        self.send(OrderCommand::CreateOrder(CreateOrder { customer: customer(), items })).await;
    }
}

fn customer() -> CustomerId {
    CustomerId::new("cust-1")
}

fn price(written: &str) -> Decimal {
    written.parse().expect("a price")
}

#[given(expr = "an order of {int} {string} at {word}")]
async fn opened(shop: &mut Shop, quantity: i64, product: String, each: String) {
    shop.open(vec![item(&product, quantity, price(&each))]).await;
    assert_eq!(shop.outcome, Ok(()));
}

#[given("it is confirmed")]
async fn confirmed(shop: &mut Shop) {
    shop.send(OrderCommand::ConfirmOrder(ConfirmOrder {})).await;
    assert_eq!(shop.outcome, Ok(()));
}

#[when("an order of nothing is opened")]
async fn opened_empty(shop: &mut Shop) {
    shop.open(Vec::new()).await;
}

#[when(expr = "{int} {string} at {word} is added")]
async fn added(shop: &mut Shop, quantity: i64, product: String, each: String) {
    let added = AddItem { product: product.as_str().into(), quantity, price: price(&each) };
    shop.send(OrderCommand::AddItem(added)).await;
}

#[when(expr = "{string} is removed")]
async fn removed(shop: &mut Shop, product: String) {
    shop.send(OrderCommand::RemoveItem(RemoveItem { product: product.as_str().into() })).await;
}

#[then("that is accepted")]
async fn accepted(shop: &mut Shop) {
    assert_eq!(shop.outcome, Ok(()));
}

#[then(expr = "that is refused as {word}")]
async fn refused(shop: &mut Shop, code: String) {
    assert_eq!(shop.outcome, Err(code.as_str()));
}

#[then(expr = "the order is {word} with a total of {word}")]
async fn shown(shop: &mut Shop, status: String, total: String) {
    let answer = shop.system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer");
    let shown = answer.value.expect("an order");
    assert_eq!((shown.status.as_str(), shown.total), (status.as_str(), price(&total)));
}

#[then(expr = "the customer has {int} orders")]
async fn listed(shop: &mut Shop, orders: usize) {
    let answer = shop.system.ask(ListCustomerOrders::new(customer())).await.expect("an answer");
    assert_eq!(answer.value.rows.len(), orders);
}

/// Counts steps and prints nothing: no report is part of what is measured.
#[derive(Default)]
struct Tally {
    passed: usize,
    others: usize,
}

/// Counting does not ask for an order.
impl cucumber::writer::Normalized for Tally {}

impl cucumber::Writer<Shop> for Tally {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, told: parser::Result<Event<event::Cucumber<Shop>>>, _: &Self::Cli) {
        let Ok(told) = told else {
            self.others += 1;
            return;
        };
        let event::Cucumber::Feature(_, event::Feature::Scenario(_, scenario)) = &*told else { return };
        match &scenario.event {
            event::Scenario::Step(_, event::Step::Passed(..)) => self.passed += 1,
            event::Scenario::Step(_, event::Step::Skipped | event::Step::Failed(..)) => self.others += 1,
            _ => {}
        }
    }
}

/// The folder with both files; and how many steps each has.
fn written() -> (PathBuf, usize) {
    let folder = std::env::temp_dir().join(format!("rivals-scenarios-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/orders/orders.contract");
    std::fs::copy(contract, folder.join("orders.contract")).expect("the contract");
    let mut ours =
        String::from("use orders\n\nbackground\n  let $customer = unique \"cust\"\n  let $o = new Order\n");
    let mut theirs = String::from("Feature: The rules of an order\n");
    let mut steps = 0;
    for copy in 0..COPIES {
        for (name, scenario, gherkin) in SCENARIOS {
            assert_eq!(scenario.lines().count(), gherkin.lines().count(), "{name}");
            steps += scenario.lines().count();
            let _ = write!(ours, "\nscenario \"{name} ({copy})\"\n{scenario}");
            let _ = write!(theirs, "\n  Scenario: {name} ({copy})\n{gherkin}");
        }
    }
    std::fs::write(folder.join("orders.scenario"), ours).expect("a file");
    std::fs::write(folder.join("orders.feature"), theirs).expect("a file");
    (folder, steps)
}

fn scenarios(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (folder, steps) = written();
    let mut group = criterion.benchmark_group("steps, from files to a verdict");
    group.throughput(Throughput::Elements(steps as u64)).sample_size(10);
    group.bench_function("proofmark", |bencher| {
        bencher.iter(|| {
            let suite = Suite::load([folder.join("orders.scenario")]).expect("the file");
            let plans = suite.plans().expect("no mistakes");
            let runner = Runner::new(Reference::strong()).seed(Seed(1));
            let summary = runtime.block_on(runner.run(plans, |_| ())).expect("a run");
            assert!(summary.all_passed() && plans.len() == COPIES * SCENARIOS.len());
        });
    });
    group.bench_function("cucumber-rs", |bencher| {
        bencher.iter(|| {
            let silent = cli::Opts::<_, _, _, cli::Empty>::default();
            let tests = Shop::cucumber().with_writer(Tally::default()).with_cli(silent);
            let tally = runtime.block_on(tests.run(folder.join("orders.feature")));
            assert_eq!((tally.passed, tally.others), (steps, 0));
        });
    });
    group.finish();
    std::fs::remove_dir_all(folder).expect("the folder");
}

criterion_group!(benches, scenarios);
criterion_main!(benches);
