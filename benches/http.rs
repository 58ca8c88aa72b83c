//! What judging costs beside sending: a thousand scenarios of five requests over loopback, and a bare `reqwest` loop that
//! sends the same requests, as many at a time, to the same server. `cargo bench --bench http`; the ratio of the two is
//! what counts, since the server runs in the same process, on the same cores.

#![allow(missing_docs, reason = "criterion's macros generate public items without documentation")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use proofmark::adapter::Http;
use proofmark::contract::Contract;
use proofmark::language::{parse_contract, parse_scenarios};
use proofmark::run::{Runner, Seed};
use proofmark::scenario::{Plan, plan};
use proofmark::suite::ProfileFile;
use proofmark::text::Source;
use reference_impl::OrderSystem;
use reference_impl::http::{Api, Server};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const SCENARIOS: usize = 1000;
const REQUESTS_EACH: usize = 5;
const AT_A_TIME: usize = 64;

/// Five requests each, with two expectations of most of them.
fn plans() -> Vec<Arc<Plan>> {
    let contract = std::fs::read_to_string("scenarios/orders/orders.contract").expect("the contract");
    let contract =
        Contract::resolve(&parse_contract(&Source::new("orders.contract", contract)).tree).contract;
    let mut text = String::from("use orders\n");
    for number in 0..SCENARIOS {
        let _ = write!(
            text,
            r#"
scenario "number {number}"
  let $c = unique "c"
  let $o = new Order
  given CreateOrder on $o {{ customer: $c, items: [{{ product: "p-0", quantity: 1, price: 1 }}] }}
  when AddItem on $o {{ product: "p-1", quantity: 2, price: 0.50 }}
  then accepted
  when AddItem on $o {{ product: "p-2", quantity: 0, price: 1 }}
  then rejected InvalidQuantity
  and GetOrderDetails on $o shows {{ status: "pending", total: 2 }}
  and ListCustomerOrders {{ customer: $c }} shows count 1
"#
        );
    }
    let source = Arc::new(Source::new("bench.scenario", text));
    let file = parse_scenarios(&source);
    let (plans, mistakes) = plan(&source, &file.tree, &contract);
    assert!(file.diagnostics.is_empty() && mistakes.is_empty(), "{:?} {mistakes:?}", file.diagnostics);
    plans.into_iter().map(Arc::new).collect()
}

/// The order system behind HTTP; the URL. It runs for as long as the runtime does.
async fn serve() -> String {
    let system = OrderSystem::builder().build().expect("strong mode needs nothing");
    let server = Server::bind(Server::ANY_PORT, Api::open(system)).await.expect("a port");
    let url = server.url();
    tokio::spawn(server.run(std::future::pending()));
    url
}

async fn send(client: &Client, method: Method, url: String, body: Option<String>, status: u16) {
    let mut request = client.request(method, url);
    if let Some(body) = body {
        request = request.header(CONTENT_TYPE, "application/json").body(body);
    }
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), status);
    answer.bytes().await.expect("a body");
}

/// What a scenario sends, without any of its meaning.
async fn five(client: Client, url: Arc<str>) {
    let (order, customer) = (uuid::Uuid::from_u128(rand()), format!("c-{:016x}", rand()));
    let create = format!(
        r#"{{"id":"{order}","customer":"{customer}","items":[{{"product":"p-0","quantity":1,"price":"1"}}]}}"#
    );
    send(&client, Method::POST, format!("{url}/orders"), Some(create), 201).await;
    let items = format!("{url}/orders/{order}/items");
    let add = r#"{"product":"p-1","quantity":2,"price":"0.50"}"#.to_owned();
    send(&client, Method::POST, items.clone(), Some(add), 200).await;
    let none = r#"{"product":"p-2","quantity":0,"price":"1"}"#.to_owned();
    send(&client, Method::POST, items, Some(none), 422).await;
    send(&client, Method::GET, format!("{url}/orders/{order}"), None, 200).await;
    send(&client, Method::GET, format!("{url}/customers/{customer}/orders?page=1&page_size=20"), None, 200)
        .await;
}

/// A number nobody else draws in this process.
fn rand() -> u128 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Spread over all bits, as ids are (Knuth's multiplicative constant).
    u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835
}

async fn bare(client: Client, url: Arc<str>) {
    let room = Arc::new(Semaphore::new(AT_A_TIME));
    let mut tasks = JoinSet::new();
    for _ in 0..SCENARIOS {
        let turn = room.clone().acquire_owned().await.expect("it is never closed");
        let (client, url) = (client.clone(), url.clone());
        tasks.spawn(async move {
            five(client, url).await;
            drop(turn);
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a task that doesn't panic");
    }
}

fn over_http(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let url: Arc<str> = runtime.block_on(serve()).into();
    let file = ProfileFile::load(Path::new("scenarios/orders/reference.toml"));
    let (profile, equipment) = file.equip(true, &|name| std::env::var(name).ok()).expect("a sound profile");
    let runner =
        Runner::new(Http::new(profile, equipment, Some(&url)).expect("a URL")).jobs(AT_A_TIME).seed(Seed(1));
    let plans = plans();
    // A client wants to know how it would speak TLS, though nothing here does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().build().expect("a client");

    let mut group = criterion.benchmark_group("http");
    group.throughput(Throughput::Elements((SCENARIOS * REQUESTS_EACH) as u64));
    group.sample_size(10);
    group.bench_function("requests, bare reqwest", |bencher| {
        bencher.iter(|| runtime.block_on(async { tokio::spawn(bare(client.clone(), url.clone())).await }));
    });
    group.bench_function("requests, scenarios", |bencher| {
        bencher.iter(|| {
            let summary = runtime.block_on(runner.run(&plans, |_| ())).expect("a run");
            assert!(summary.all_passed());
        });
    });
    group.finish();
}

criterion_group!(benches, over_http);
criterion_main!(benches);
