//! How many commands a second the HTTP API takes at 16 connections over loopback, in strong mode. The
//! client is hyper's bare connection, in the same process and on the same two threads as the server.

#![allow(missing_docs, reason = "criterion's macros generate public items without documentation")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use reference_impl::OrderSystem;
use reference_impl::http::{Api, Server};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use uuid::Uuid;

const CONNECTIONS: u64 = 16;
/// How many commands a measured round sends over one connection.
const COMMANDS_EACH: u64 = 500;
/// One in so many commands creates the order that the others add to.
const COMMANDS_PER_ORDER: u64 = 10;
const ADD: &[u8] = br#"{"product":"p-2","quantity":1,"price":"5.00"}"#;

static NEXT_ORDER: AtomicU64 = AtomicU64::new(0);

type Client = SendRequest<Full<Bytes>>;

/// A server with clients connected to it. It ends when this is dropped.
struct Round {
    clients: Vec<Client>,
    _stop: oneshot::Sender<()>,
}

async fn connect(address: SocketAddr) -> Client {
    let stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("an option that every socket has");
    let (client, connection) = handshake(TokioIo::new(stream)).await.expect("a handshake");
    tokio::spawn(connection);
    client
}

async fn set_up() -> Round {
    let system = OrderSystem::builder().build().expect("strong mode needs nothing");
    let server = Server::bind(Server::ANY_PORT, Api::open(system)).await.expect("a port");
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(server.run(async move {
        let _ = stopped.await;
    }));
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(connect(address).await);
    }
    Round { clients, _stop: stop }
}

async fn send(client: &mut Client, method: Method, path: &str, body: Bytes) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "localhost")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body))
        .expect("a request");
    let response = client.send_request(request).await.expect("an answer");
    assert!(response.status().is_success(), "{}", response.status());
    response.into_body().collect().await.expect("a body");
}

async fn commands(mut client: Client) -> Client {
    for _ in 0..COMMANDS_EACH / COMMANDS_PER_ORDER {
        let order = Uuid::from_u128(NEXT_ORDER.fetch_add(1, Ordering::Relaxed).into());
        let create = format!(
            r#"{{"id":"{order}","customer":"c-1","items":[{{"product":"p-1","quantity":2,"price":"29.99"}}]}}"#
        );
        send(&mut client, Method::POST, "/orders", create.into()).await;
        let items = format!("/orders/{order}/items");
        for _ in 1..COMMANDS_PER_ORDER {
            send(&mut client, Method::POST, &items, Bytes::from_static(ADD)).await;
        }
    }
    client
}

async fn health(mut client: Client) -> Client {
    for _ in 0..COMMANDS_EACH {
        send(&mut client, Method::GET, "/health", Bytes::new()).await;
    }
    client
}

async fn all<F: Future<Output = Client> + Send + 'static>(mut round: Round, work: fn(Client) -> F) -> Round {
    let mut tasks: JoinSet<_> = round.clients.drain(..).map(work).collect();
    while let Some(client) = tasks.join_next().await {
        round.clients.push(client.expect("a task that doesn't panic"));
    }
    round
}

fn measure<F: Future<Output = Client> + Send + 'static>(
    criterion: &mut Criterion,
    runtime: &Runtime,
    name: &str,
    work: fn(Client) -> F,
) {
    let mut group = criterion.benchmark_group("http");
    group.throughput(Throughput::Elements(CONNECTIONS * COMMANDS_EACH));
    group.measurement_time(Duration::from_secs(8)).sample_size(20);
    group.bench_function(name, |bencher| {
        bencher.iter_batched(
            || runtime.block_on(set_up()),
            |round| runtime.block_on(async { tokio::spawn(all(round, work)).await.expect("a round") }),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn http(criterion: &mut Criterion) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    measure(criterion, &runtime, "commands/16 connections", commands);
    // What the wire alone costs, to compare with.
    measure(criterion, &runtime, "health/16 connections", health);
}

criterion_group!(benches, http);
criterion_main!(benches);
