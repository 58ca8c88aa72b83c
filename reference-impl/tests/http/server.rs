//! The server on its socket: where it listens, how it stops, and what it makes of what is no HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use reference_impl::http::{Api, Limits, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::client::uuid;
use crate::flaky::Flaky;
use crate::support::{builder, system};

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<bool>,
}

async fn start(api: Api) -> Running {
    let server = Server::bind(Server::ANY_PORT, api).await.expect("a port");
    let address = server.address();
    assert_eq!(server.url(), format!("http://{address}"));
    assert!(address.ip().is_loopback() && address.port() != 0);
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(server.run(async move {
        let _ = stopped.await;
    }));
    Running { address, stop, ended }
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("a connection")
}

/// What the server says before it closes the connection.
async fn told(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset after the answer is a way to close, too.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn ask(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address).await;
    stream.write_all(bytes).await.expect("sent");
    told(stream).await
}

const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

fn create_request() -> String {
    let id = uuid(1);
    let body =
        format!(r#"{{"id":"{id}","customer":"c","items":[{{"product":"p","quantity":1,"price":"1"}}]}}"#);
    let length = body.len();
    format!(
        "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn it_answers_and_stops() {
    let running = start(Api::open(system())).await;
    assert!(ask(running.address, HEALTH).await.ends_with(r#"{"status":"ok"}"#));
    // Idle connections don't hold it up.
    let idle = connect(running.address).await;
    running.stop.send(()).expect("it runs");
    assert!(running.ended.await.expect("no panic"));
    drop(idle);
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_it_stops() {
    let store = Flaky::new();
    let permits = store.permits.forget_permits(usize::MAX);
    let running = start(Api::open(builder().store(store.clone()).build().expect("a system"))).await;
    let mut stream = connect(running.address).await;
    stream.write_all(create_request().as_bytes()).await.expect("sent");
    while store.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    running.stop.send(()).expect("it runs");
    store.permits.add_permits(permits);
    let answer = told(stream).await;
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    assert!(running.ended.await.expect("no panic"));
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_off() {
    let store = Flaky::new();
    store.permits.forget_permits(usize::MAX);
    let limits = Limits { shutdown_timeout: Duration::from_millis(20), ..Limits::default() };
    let system = builder().store(store.clone()).build().expect("a system");
    let running = start(Api::open(system).limits(limits)).await;
    let mut stream = connect(running.address).await;
    stream.write_all(create_request().as_bytes()).await.expect("sent");
    while store.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    running.stop.send(()).expect("it runs");
    assert!(!running.ended.await.expect("no panic"));
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_the_next_is_answered() {
    let running = start(Api::open(system())).await;
    let header = |line: &str| format!("GET /health HTTP/1.1\r\nhost: x\r\n{line}\r\n\r\n").into_bytes();
    for (bytes, expected) in [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), "HTTP/1.1 400"),
        (b"GARBAGE\r\n\r\n".to_vec(), "HTTP/1.1 400"),
        (b"GET / HTTP/9.9\r\n\r\n".to_vec(), "HTTP/1.1 400"),
        (header("no colon"), "HTTP/1.1 400"),
        (header("connection: close"), "HTTP/1.1 200"),
        (header(&"a: b\r\n".repeat(200)), "HTTP/1.1 431"),
        (b"GET /% HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(), "HTTP/1.1 404"),
        (b"OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(), "HTTP/1.1 404"),
        (b"CONNECT a:1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(), "HTTP/1.1 404"),
        (
            b"GET http://other/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(),
            "HTTP/1.1 200",
        ),
        (b"POST /orders HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n".to_vec(), "HTTP/1.1 413"),
    ] {
        let mut stream = connect(running.address).await;
        stream.write_all(&bytes).await.expect("sent");
        stream.shutdown().await.expect("half closed");
        let answer = told(stream).await;
        assert!(answer.starts_with(expected), "{}: {answer}", String::from_utf8_lossy(&bytes));
    }
    assert!(ask(running.address, HEALTH).await.starts_with("HTTP/1.1 200"));
}

/// The head of a body can be there and the rest never come; that costs nobody else anything.
#[tokio::test]
async fn a_slow_body_is_given_up_on() {
    let limits = Limits { body_timeout: Duration::from_millis(20), ..Limits::default() };
    let running = start(Api::open(system()).limits(limits)).await;
    let mut stream = connect(running.address).await;
    let request = create_request();
    stream.write_all(&request.as_bytes()[..request.len() - 5]).await.expect("sent");
    let answer = told(stream).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains(r#""code":"BodyTimeout""#), "{answer}");
    drop(running);
}
