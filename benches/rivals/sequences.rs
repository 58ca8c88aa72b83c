//! Random sequences of commands, made up, run against the same system in the same process and judged: by a model that
//! is written for proptest-state-machine, and by Proofmark from the contract. `cargo bench --bench sequences` in this
//! folder; the ratio is what counts.
//!
//! Both make sequences of 1 to 12 steps on three orders, compare every outcome, and read each order and list behind the
//! last command. Proofmark reads in between, too, repeats commands with keys and demands versions; those reads are not
//! counted as commands.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use proofmark::contract::Contract;
use proofmark::generate::{Random, Settings, Weave};
use proofmark::step::Source as _;
use proofmark::language::parse_contract;
use proofmark::contract::rules::Interpreted;
use proofmark::protocol::Verdict;
use proofmark::run::{Seed, TrialSummary, Trials};
use proofmark::adapter::Reference;
use proofmark::text::Source;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use reference_impl::OrderSystem;
use reference_impl::application::{GetOrderDetails, ListCustomerOrders};
use reference_impl::domain::{
    AddItem, CancelOrder, ConfirmOrder, CreateOrder, CustomerId, Item, OrderCommand, OrderStatus, RemoveItem,
    ReplaceItem,
};
use rivals::{item, order, send, system};
use rust_decimal::Decimal;
use tokio::runtime::Runtime;

const SEQUENCES: u32 = 1000;
const LONGEST: usize = 12;
const ORDERS: u8 = 3;
const CUSTOMERS: [&str; 2] = ["ann", "bob"];

/// Commands that proptest-state-machine's tests have sent.
static SENT: AtomicU64 = AtomicU64::new(0);

/// What the rules say of three orders.
#[derive(Clone, Debug, Default)]
struct Shop {
    orders: [Order; ORDERS as usize],
    /// The orders in which they were opened.
    opened: Vec<u8>,
    /// The codes with which the last command may be refused; if there are none, it is accepted.
    refusals: Vec<&'static str>,
}

#[derive(Clone, Debug, Default)]
struct Order {
    status: OrderStatus,
    customer: Option<CustomerId>,
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
struct Sent {
    order: u8,
    command: OrderCommand,
}

impl Order {
    fn has(&self, product: &str) -> bool {
        self.items.iter().any(|item| item.product.as_str() == product)
    }

    fn lines_of(&self, product: &str) -> usize {
        self.items.iter().filter(|item| item.product.as_str() == product).count()
    }

    fn total(&self) -> Decimal {
        self.items.iter().map(|item| Decimal::from(item.quantity) * item.price).sum()
    }

    fn refusals(&self, command: &OrderCommand) -> Vec<&'static str> {
        let mut codes = Vec::new();
        let mut say = |applies: bool, code| codes.extend(applies.then_some(code));
        match (command, self.status) {
            (OrderCommand::CreateOrder(create), status) => {
                say(status != OrderStatus::Absent, "OrderAlreadyExists");
                say(create.items.is_empty(), "OrderHasNoItems");
                say(create.items.iter().any(|item| item.quantity < 1), "InvalidQuantity");
                say(create.items.iter().any(|item| item.price <= Decimal::ZERO), "InvalidPrice");
                return codes;
            }
            (_, status) => {
                say(status == OrderStatus::Absent, "OrderNotFound");
                say(matches!(status, OrderStatus::Confirmed | OrderStatus::Cancelled), "OrderNotPending");
            }
        }
        let there = self.status != OrderStatus::Absent;
        match command {
            OrderCommand::AddItem(AddItem { quantity, price, .. }) => {
                say(*quantity < 1, "InvalidQuantity");
                say(*price <= Decimal::ZERO, "InvalidPrice");
            }
            OrderCommand::RemoveItem(RemoveItem { product }) => {
                say(there && !self.has(product.as_str()), "ItemNotFound");
                let left = self.items.iter().any(|item| item.product != *product);
                say(there && !left, "OrderHasNoItems");
                say(self.lines_of(product.as_str()) > 10, "TooManyLines");
            }
            OrderCommand::ReplaceItem(ReplaceItem { product, quantity, price, .. }) => {
                say(there && !self.has(product.as_str()), "ItemNotFound");
                say(self.lines_of(product.as_str()) > 3, "TooManyLines");
                say(*quantity < 1, "InvalidQuantity");
                say(*price <= Decimal::ZERO, "InvalidPrice");
            }
            _ => {}
        }
        codes
    }

    fn evolve(&mut self, command: &OrderCommand) {
        match command {
            OrderCommand::CreateOrder(CreateOrder { customer, items }) => {
                self.status = OrderStatus::Pending;
                self.customer = Some(customer.clone());
                self.items = items.clone();
            }
            OrderCommand::AddItem(AddItem { product, quantity, price }) => {
                self.items.push(item(product.as_str(), *quantity, *price));
            }
            OrderCommand::RemoveItem(RemoveItem { product }) => {
                self.items.retain(|item| item.product != *product);
            }
            OrderCommand::ReplaceItem(ReplaceItem { product, replacement, quantity, price }) => {
                self.items.retain(|item| item.product != *product);
                self.items.push(item(replacement.as_str(), *quantity, *price));
            }
            // Not among the transitions: queries of the model have nothing of it.
            OrderCommand::RequestDelivery(_) => {}
            OrderCommand::ConfirmOrder(_) => self.status = OrderStatus::Confirmed,
            OrderCommand::CancelOrder(_) => self.status = OrderStatus::Cancelled,
        }
    }
}

fn items() -> impl Strategy<Value = Item> {
    let price = prop::sample::select(vec![0, 1, 10, 2999]);
    ("[pq]", 0..4_i64, price)
        .prop_map(|(product, quantity, cents)| item(&product, quantity, Decimal::new(cents, 2)))
}

impl ReferenceStateMachine for Shop {
    type State = Self;
    type Transition = Sent;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Sent> {
        let customer = prop::sample::select(&CUSTOMERS[..]).prop_map(CustomerId::new);
        let create = (customer, prop::collection::vec(items(), 0..3))
            .prop_map(|(customer, items)| OrderCommand::CreateOrder(CreateOrder { customer, items }));
        let add = items().prop_map(|Item { product, quantity, price }| {
            OrderCommand::AddItem(AddItem { product, quantity, price })
        });
        let remove = "[pq]"
            .prop_map(|product| OrderCommand::RemoveItem(RemoveItem { product: product.as_str().into() }));
        let replace = ("[pq]", items()).prop_map(|(replaced, Item { product, quantity, price })| {
            let product_ = replaced.as_str().into();
            OrderCommand::ReplaceItem(ReplaceItem {
                product: product_,
                replacement: product,
                quantity,
                price,
            })
        });
        let cancel = Just(OrderCommand::CancelOrder(CancelOrder { reason: "why".into() }));
        let command = prop_oneof![
            4 => create,
            4 => add,
            2 => remove,
            2 => replace,
            1 => Just(OrderCommand::ConfirmOrder(ConfirmOrder {})),
            1 => cancel,
        ];
        (0..ORDERS, command).prop_map(|(order, command)| Sent { order, command }).boxed()
    }

    fn apply(mut shop: Self, Sent { order, command }: &Sent) -> Self {
        let known = &mut shop.orders[usize::from(*order)];
        shop.refusals = known.refusals(command);
        if shop.refusals.is_empty() {
            if known.status == OrderStatus::Absent {
                shop.opened.push(*order);
            }
            known.evolve(command);
        }
        shop
    }
}

/// The system, and what drives it.
struct Driven {
    system: OrderSystem,
    runtime: Arc<Runtime>,
}

struct Test;

thread_local! {
    static RUNTIME: Arc<Runtime> = Arc::new(
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
    );
}

impl StateMachineTest for Test {
    type SystemUnderTest = Driven;
    type Reference = Shop;

    fn init_test(_: &Shop) -> Driven {
        Driven { system: system(1), runtime: RUNTIME.with(Arc::clone) }
    }

    fn apply(driven: Driven, shop: &Shop, sent: Sent) -> Driven {
        SENT.fetch_add(1, Ordering::Relaxed);
        let sending = send(&driven.system, order(sent.order), sent.command);
        match driven.runtime.block_on(sending) {
            Ok(()) => assert!(shop.refusals.is_empty(), "{:?}", shop.refusals),
            Err(code) => assert!(shop.refusals.contains(&code), "{code}, not {:?}", shop.refusals),
        }
        driven
    }

    fn teardown(driven: Driven, shop: Shop) {
        driven.runtime.block_on(async {
            for (number, known) in (0..).zip(&shop.orders) {
                let asked = driven.system.ask(GetOrderDetails { order: order(number) }).await;
                let shown = asked.expect("an answer").value;
                assert_eq!(shown.is_some(), known.status != OrderStatus::Absent);
                if let Some(shown) = shown {
                    assert_eq!(shown.status, known.status);
                    assert_eq!(Some(&shown.customer), known.customer.as_ref());
                    assert_eq!((&shown.items, shown.item_count), (&known.items, known.items.len()));
                    assert_eq!(shown.total, known.total());
                }
            }
            for customer in CUSTOMERS.map(CustomerId::new) {
                let asked = driven.system.ask(ListCustomerOrders::new(customer.clone())).await;
                let rows = asked.expect("an answer").value.rows;
                let theirs = shop.opened.iter().rev();
                let theirs = theirs
                    .filter(|number| shop.orders[usize::from(**number)].customer.as_ref() == Some(&customer));
                let shown: Vec<_> = rows.iter().map(|row| (row.order, row.status, row.total)).collect();
                let known: Vec<_> = theirs
                    .map(|number| {
                        let known = &shop.orders[usize::from(*number)];
                        (order(*number), known.status, known.total())
                    })
                    .collect();
                assert_eq!(shown, known);
            }
        });
    }
}

/// Runs sequences with proptest-state-machine; how many commands that sent.
fn theirs() -> u64 {
    let before = SENT.load(Ordering::Relaxed);
    let config = Config { cases: SEQUENCES, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config.clone(), rng);
    let sequences = Shop::sequential_strategy(1..=LONGEST);
    let outcome = runner.run(&sequences, |(shop, sent, seen)| {
        Test::test_sequential(config.clone(), shop, sent, seen);
        Ok(())
    });
    outcome.expect("no disagreement");
    SENT.load(Ordering::Relaxed) - before
}

/// The contract, read and ready.
struct Ours {
    contract: Arc<Contract>,
    model: Arc<Interpreted>,
}

impl Ours {
    fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/orders/orders.contract");
        let source = Source::read(path).expect("the contract");
        let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
        Self { contract, model: Arc::new(Interpreted::read(&source).expect("no mistakes")) }
    }

    /// Runs sequences with Proofmark, `jobs` at a time; how many commands that sent.
    fn run(&self, runtime: &Runtime, jobs: usize) -> u64 {
        let settings = Settings { seed: 1, max_len: LONGEST, cases: SEQUENCES as usize };
        let mut random = Random::new(self.model.clone(), settings);
        let weave = Weave { contract: &self.contract, knows: &|_| true, keys: true, versions: true };
        let sequences = std::iter::from_fn(|| random.next()).zip(0..);
        let sequences = sequences.map(|(sequence, number)| weave.weave(&sequence, number));
        let trials = Trials::new(Reference::strong(), self.contract.clone(), self.model.clone())
            .seed(Seed(1))
            .jobs(jobs)
            .budget(Duration::from_secs(3600));
        let summary: TrialSummary = runtime.block_on(trials.run(sequences, |_| ())).expect("a run");
        assert_eq!(summary.verdict(), Verdict::Pass);
        summary.coverage.sent()
    }
}

fn sequences(criterion: &mut Criterion) {
    let several = Runtime::new().expect("a runtime");
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ours = Ours::read();
    let mut group = criterion.benchmark_group("commands made up, run and judged");
    group.sample_size(10).throughput(Throughput::Elements(theirs()));
    group.bench_function("proptest-state-machine", |bencher| bencher.iter(theirs));
    group.throughput(Throughput::Elements(ours.run(&one, 1)));
    group.bench_function("proofmark, one thread", |bencher| bencher.iter(|| ours.run(&one, 1)));
    group.throughput(Throughput::Elements(ours.run(&several, 32)));
    group.bench_function("proofmark, as it runs", |bencher| bencher.iter(|| ours.run(&several, 32)));
    group.finish();
}

criterion_group!(benches, sequences);
criterion_main!(benches);
