//! Small servers for one test each: what comes over the socket is written by hand, so that it may be as broken as needed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What a server does with one request.
#[derive(Clone)]
pub(crate) enum Reaction {
    /// Writes these bytes and closes.
    Bytes(Vec<u8>),
    /// Writes these bytes and says nothing more.
    Hang(Vec<u8>),
    /// Closes so that the client sees a reset.
    Reset,
    /// Writes these bytes, and closes like that behind them.
    ResetAfter(Vec<u8>),
}

type Handler = Arc<dyn Fn(&Request) -> Reaction + Send + Sync>;

/// A server; what it was asked is kept.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    accepts: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) async fn start(handler: impl Fn(&Request) -> Reaction + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (handler, seen): (Handler, _) = (Arc::new(handler), requests.clone());
        let accepts = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, handler.clone(), seen.clone()));
            }
        });
        Self { url, requests, accepts: Some(accepts) }
    }

    /// One that reacts to whatever is asked of it in this order, and to the rest as to the last.
    pub(crate) async fn script(reactions: Vec<Reaction>) -> Self {
        let reactions = Mutex::new(VecDeque::from(reactions));
        Self::start(move |_| {
            let mut reactions = reactions.lock().expect("no panic");
            if reactions.len() > 1 { reactions.pop_front() } else { reactions.front().cloned() }
                .expect("a reaction")
        })
        .await
    }

    /// Nobody listens any more.
    pub(crate) async fn stop(&mut self) {
        if let Some(accepts) = self.accepts.take() {
            accepts.abort();
            let _ = accepts.await;
        }
    }

    /// What it was asked, but for the first look at whether it is there.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let requests = self.requests.lock().expect("no panic");
        requests.iter().filter(|request| request.target != "/").cloned().collect()
    }
}

async fn converse(mut stream: TcpStream, handler: Handler, seen: Arc<Mutex<Vec<Request>>>) {
    let Some(request) = read(&mut stream).await else { return };
    seen.lock().expect("no panic").push(request.clone());
    // The first look is at whether anybody answers.
    let reaction = if request.target == "/" { answer(204, "") } else { handler(&request) };
    match reaction {
        Reaction::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reaction::Hang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending::<()>().await;
        }
        Reaction::Reset => {
            let _ = stream.set_zero_linger();
        }
        Reaction::ResetAfter(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.set_zero_linger();
        }
    }
}

pub(super) async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let mut words = lines.next()?.split(' ');
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
                .collect();
            let request = Request {
                method: words.next()?.to_owned(),
                target: words.next()?.to_owned(),
                headers,
                body: body.to_owned(),
            };
            let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return Some(request);
            }
        }
        let read = stream.read(&mut buffer).await.ok()?;
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(&buffer[..read]);
    }
}

/// An answer with a JSON body.
pub(crate) fn answer(status: u16, body: &str) -> Reaction {
    with(status, "content-type: application/json\r\n", body.as_bytes())
}

/// An answer with these header lines.
pub(crate) fn with(status: u16, headers: &str, body: &[u8]) -> Reaction {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status} -\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n")
            .into_bytes();
    bytes.extend_from_slice(body);
    Reaction::Bytes(bytes)
}

/// The address of a port that nobody listens on.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    format!("http://{}", listener.local_addr().expect("an address"))
}
