//! How fast scenario and contract files become trees: `cargo bench --bench parse`.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use proofmark::contract::Contract;
use proofmark::language::{parse_contract, parse_scenarios};
use proofmark::suite::Suite;
use proofmark::text::Source;

const TARGET_BYTES: usize = 1024 * 1024;

/// Scenarios as people write them, one after the other under changing names, about a megabyte of them.
fn scenarios() -> Source {
    let kinds: [&str; 4] = [
        r#"
@EC-1 @smoke
scenario "NAME: a confirmed order shows in its summary, and stays"
  let   $o = new Order                       # who chooses the id is the profile's business
  given CreateOrder on $o { customer: $customer, items: [{ product: "p-1", quantity: 2, price: 29.99 }] }
  when  ConfirmOrder on $o
  then  accepted
  and   eventually within 5s GetOrderDetails on $o shows { status: "confirmed", total: 59.98 }
          unless { status: "cancelled" }
  and   consistently for 500ms GetOrderDetails on $o shows { status: "confirmed" }
"#,
        r#"
@ID-1
scenario "NAME: a retry applies once"
  let   $o = new Order
  when  CreateOrder on $o { customer: $customer, items: [{ product: "p-1", quantity: 1, price: 1 }] } key unique "k"
  when  repeat last
  then  same outcome
  and   eventually ListCustomerOrders { customer: $customer } shows count 1
  and   never ListCustomerOrders { customer: $customer } shows count > 1
"#,
        r#"
@BR-1 @BR-5
scenario "NAME: no item goes into a confirmed order"
  let   $o = new Order
  given CreateOrder on $o {
    customer: $customer,
    items: [
      { product: "p-1", quantity: 1, price: 5.00 },
      { product: "p-2", quantity: 3, price: 0.10 },
    ],
  } -> $version = version
  given ConfirmOrder on $o at version $version
  when  AddItem on $o { product: "p-2", quantity: 1, price: 5.00 }
  then  rejected OrderNotPending | ConcurrencyConflict { detail: ~/confirmed/ }
  and   GetOrderDetails on $o shows { items: unordered [{ product: "p-2" }, { product: "p-1" }], total: 5 + 3 * 0.10 }
"#,
        r#"
scenario "NAME: paging walks the list from the newest"
  let   $a = new Order
  let   $b = new Order
  given CreateOrder on $a { customer: $customer, items: [{ product: "p-1", quantity: 1, price: 1 }] }
  and   CreateOrder on $b { customer: $customer, items: [{ product: "p-1", quantity: 1, price: 2 }] }
  when  ConfirmOrder on $b
  then  accepted
  and   settled within 2s
  and   ListCustomerOrders { customer: $customer, page: 1, page_size: 1 } shows [{ order: $b, total: >= 1 }]
  and   ListCustomerOrders { customer: $customer, page: 3 } shows []
  and   GetOrderDetails on $a shows { status: "pending", note: absent, customer: present }
"#,
    ];
    let mut text =
        String::from("feature \"Orders\"\nuse orders\n\nbackground\n  let $customer = unique \"cust\"\n");
    for number in 0.. {
        if text.len() >= TARGET_BYTES {
            break;
        }
        let kind = kinds[number % kinds.len()];
        let _ = write!(text, "{}", kind.replace("NAME", &number.to_string()));
    }
    Source::new("bench.scenario", text)
}

/// What `proofmark lint` does with a file of a hundred thousand lines: reading from the disk, parsing, planning, and
/// looking for contradictions in the contract that it speaks.
fn lint(c: &mut Criterion) {
    let directory = std::env::temp_dir().join(format!("proofmark-bench-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    std::fs::copy("scenarios/orders/orders.contract", directory.join("orders.contract"))
        .expect("the contract");
    let file = directory.join("long.scenario");
    std::fs::write(&file, long()).expect("a file");
    let check = || {
        let suite = Suite::load([file.as_path()]).expect("the file");
        assert_eq!(suite.mistakes().errors(), 0, "{}", suite.mistakes());
        (suite.contradictions(), suite)
    };
    let mut group = c.benchmark_group("lint");
    group.throughput(Throughput::Elements(LINES as u64)).sample_size(10);
    group.bench_function("100,000 lines", |b| b.iter(|| black_box(check())));
    group.finish();
    // Its part in that: it is the same however many scenarios speak the contract.
    let suite = Suite::load([directory.join("orders.contract").as_path()]).expect("the contract");
    c.bench_function("lint/contradictions of a contract", |b| b.iter(|| black_box(suite.contradictions())));
    std::fs::remove_dir_all(directory).expect("the directory");
}

const LINES: usize = 100_000;

fn long() -> String {
    let mut text = String::from("use orders\n");
    for number in 0..LINES / 10 {
        let _ = write!(
            text,
            r#"
scenario "order {number}"
  let   $o = new Order
  given CreateOrder on $o {{ customer: "c", items: [{{ product: "p-1", quantity: 2, price: 29.99 }}] }}
  when  ConfirmOrder on $o
  then  accepted
  and   eventually GetOrderDetails on $o shows {{ status: "confirmed", total: 59.98 }}
  when  AddItem on $o {{ product: "p-2", quantity: 1, price: 5.00 }}
  then  rejected OrderNotPending
  and   GetOrderDetails on $o shows {{ items: [{{ product: "p-1" }}] }}
"#
        );
    }
    text
}

fn parse(c: &mut Criterion) {
    let source = scenarios();
    assert_eq!(parse_scenarios(&source).diagnostics, []);
    let mut group = c.benchmark_group("parse");
    group.throughput(Throughput::Bytes(source.text().len() as u64));
    group.bench_function("scenarios", |b| b.iter(|| black_box(parse_scenarios(black_box(&source)))));
    let contract = include_str!("../tests/language/valid/orders.contract");
    let contract = Source::new("orders.contract", contract);
    group.throughput(Throughput::Bytes(contract.text().len() as u64));
    group.bench_function("contract", |b| b.iter(|| black_box(parse_contract(black_box(&contract)))));
    group.bench_function("contract, resolved", |b| {
        b.iter(|| black_box(Contract::resolve(&parse_contract(black_box(&contract)).tree)));
    });
    group.finish();
}

criterion_group!(benches, parse, lint);
criterion_main!(benches);
