//! HTTP, as far as a small service needs it: requests one after the other over connections that are kept.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Longer requests are not read.
const MOST_BYTES: usize = 1 << 20;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    /// Each part decoded.
    pub(super) path: Vec<String>,
    pub(super) parameters: Vec<(String, String)>,
    /// Names in small letters.
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// Answers whatever comes, until the runtime ends. Who is idle for so long is hung up on.
pub(super) async fn serve<F>(
    listener: TcpListener,
    idle: Duration,
    handle: impl Fn(Request) -> F + Clone + Send + 'static,
) where
    F: Future<Output = Response> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, idle, handle.clone()));
    }
}

async fn converse<F>(mut stream: TcpStream, idle: Duration, handle: impl Fn(Request) -> F + Send)
where
    F: Future<Output = Response> + Send + 'static,
{
    let _ = stream.set_nodelay(true);
    let mut read = Vec::new();
    while let Ok(Some(request)) = timeout(idle, next(&mut stream, &mut read)).await {
        let response = handle(request).await;
        let mut head = format!("HTTP/1.1 {} -\r\n", response.status);
        for (name, value) in &response.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if response.status != 204 {
            head += &format!("content-length: {}\r\n", response.body.len());
        }
        let bytes = [head.as_bytes(), b"\r\n", response.body.as_bytes()].concat();
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// The next request; nothing once there is none, or none that can be read.
async fn next(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Request> {
    let mut buffer = [0; 8192];
    loop {
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let (mut request, length) = head(&String::from_utf8_lossy(&read[..end]))?;
            if read.len() >= end + 4 + length {
                request.body = read[end + 4..end + 4 + length].to_vec();
                read.drain(..end + 4 + length);
                return Some(request);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(more @ 1..) if read.len() + more <= MOST_BYTES => read.extend_from_slice(&buffer[..more]),
            _ => return None,
        }
    }
}

/// A request without its body, and how long that is.
fn head(text: &str) -> Option<(Request, usize)> {
    let mut lines = text.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, parameters) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let pairs = parameters.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let request = Request {
        method,
        path: path.split('/').filter(|part| !part.is_empty()).map(decoded).collect(),
        parameters: pairs.map(|(name, value)| (decoded(name), decoded(value))).collect(),
        headers,
        body: Vec::new(),
    };
    let length = request.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
    Some((request, length))
}

/// Without percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        let hex = more.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            _ => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
